"use strict";
// Shows /openapi.json. Every text goes in as text, never as markup, so nothing in the description can act.

const METHODS = ["get", "post", "put", "patch", "delete"];

/** An element with attributes and children; children are elements or texts. */
function el(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Paragraphs, lists and `code` of Markdown; the rest of it is shown as it stands. */
function prose(text) {
  const blocks = (text ?? "").split(/\n\s*\n/).filter((block) => block.trim());
  return blocks.map((block) => {
    const lines = block.split("\n");
    if (lines.every((line) => line.startsWith("- "))) {
      return el("ul", {}, ...lines.map((line) => el("li", {}, ...inline(line.slice(2)))));
    }
    return el("p", {}, ...inline(block));
  });
}

function inline(text) {
  return text.split("`").map((part, index) => (index % 2 ? el("code", {}, part) : part));
}

const nameOf = (ref) => ref.split("/").pop();

/** A few words for the type of a schema, with links to the named ones. */
function typeOf(schema) {
  if (!schema || Object.keys(schema).length === 0) return ["anything"];
  if (schema.$ref) return [el("a", { href: `#schema-${nameOf(schema.$ref)}` }, nameOf(schema.$ref))];
  const any = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (any) return any.flatMap((part, index) => (index ? [" or ", ...typeOf(part)] : typeOf(part)));
  const types = [schema.type].flat();
  const words = types.flatMap((type, index) => {
    const word = type === "array" ? ["list of ", ...typeOf(schema.items)] : [type ?? "anything"];
    return index ? [" or ", ...word] : word;
  });
  if (schema.format) words.push(` (${schema.format})`);
  if (schema.enum) words.push(": ", schema.enum.map((value) => `“${value}”`).join(", "));
  const range = [["minimum", "≥ "], ["exclusiveMinimum", "> "], ["maximum", "≤ "]];
  for (const [key, sign] of range) if (schema[key] !== undefined) words.push(`, ${sign}${schema[key]}`);
  if (schema.default !== undefined) words.push(`, default ${JSON.stringify(schema.default)}`);
  return words;
}

function row(name, required, schema, text) {
  const mark = required ? el("span", { class: "required" }, " required") : null;
  const type = el("p", { class: "type" }, ...typeOf(schema));
  return el("tr", {}, el("td", {}, el("code", {}, name), mark), el("td", {}, ...prose(text), type));
}

function fields(schema) {
  const parts = schema.allOf ?? [schema];
  const rows = parts.flatMap((part) =>
    Object.entries(part.properties ?? {}).map(([name, field]) =>
      row(name, (part.required ?? []).includes(name), field, field.description)));
  const bases = parts.filter((part) => part.$ref).map((part) => el("p", {}, "All of ", ...typeOf(part), ", and:"));
  return [...bases, rows.length ? el("table", {}, ...rows) : el("p", { class: "type" }, ...typeOf(schema))];
}

/** What a body looks like; a file is no text. */
function example(content) {
  if (content.example === undefined || typeof content.example === "string") return [];
  return [el("pre", {}, JSON.stringify(content.example, null, 2))];
}

/** The codes that a refusal can have, each leading to its meaning. */
function codes(content) {
  const names = Object.keys(content.examples ?? {});
  const links = names.map((name) => el("a", { href: `#${name}` }, el("code", {}, name)));
  return links.length ? [el("p", {}, ...links.flatMap((link, index) => (index ? [", ", link] : [link])))] : [];
}

function operation(method, path, op) {
  const parts = [
    el("h3", {}, op.summary ?? op.operationId),
    el("div", { class: "route" }, el("span", { class: `method ${method}` }, method.toUpperCase()), el("code", {}, path)),
    ...prose(op.description),
  ];
  const scopes = (op.security ?? []).flatMap((one) => Object.values(one).flat());
  if (scopes.length) parts.push(el("p", {}, "Scope: ", ...inline(scopes.map((s) => `\`${s}\``).join(" or "))));
  if (op.parameters?.length) {
    parts.push(el("h4", {}, "Parameters"));
    parts.push(el("table", {}, ...op.parameters.map((p) => row(p.name, p.required, p.schema, p.description ?? p.schema?.description))));
  }
  for (const [type, content] of Object.entries(op.requestBody?.content ?? {})) {
    parts.push(el("h4", {}, "Body"), el("p", {}, el("code", {}, type), " ", ...typeOf(content.schema)), ...example(content));
  }
  parts.push(el("h4", {}, "Answers"));
  parts.push(el("table", {}, ...Object.entries(op.responses).map(([status, response]) => {
    const contents = Object.values(response.content ?? {});
    const types = contents.flatMap((content, index) => (index ? [" or ", ...typeOf(content.schema)] : typeOf(content.schema)));
    return el("tr", {}, el("td", {}, el("code", {}, status)),
      el("td", {}, ...prose(response.description), el("p", { class: "type" }, ...types),
        ...contents.flatMap(codes), ...contents.flatMap(example)));
  })));
  return el("section", { id: op.operationId }, ...parts);
}

function show(api) {
  const main = [el("h1", {}, `${api.info.title} ${api.info.version}`), ...prose(api.info.description)];
  const contents = [];
  const all = Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => [method, path, item[method]]));
  for (const tag of api.tags ?? []) {
    main.push(el("h2", {}, tag.name), ...prose(tag.description));
    contents.push(el("h2", {}, tag.name));
    for (const [method, path, op] of all.filter(([, , op]) => (op.tags ?? []).includes(tag.name))) {
      main.push(operation(method, path, op));
      contents.push(el("a", { href: `#${op.operationId}` }, op.summary ?? op.operationId));
    }
  }
  main.push(el("h2", {}, "schemas"));
  contents.push(el("h2", {}, "schemas"));
  for (const [name, schema] of Object.entries(api.components?.schemas ?? {})) {
    const codes = name === "ProblemCode" ? schema.enum.map((code) => el("span", { id: code })) : [];
    main.push(el("section", { id: `schema-${name}` }, ...codes, el("h3", {}, name), ...prose(schema.description), ...fields(schema)));
    contents.push(el("a", { href: `#schema-${name}` }, name));
  }
  document.getElementById("main").replaceChildren(...main);
  document.getElementById("contents").replaceChildren(...contents);
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

fetch("/openapi.json")
  .then((answer) => answer.json())
  .then(show)
  .catch((error) => document.getElementById("main").replaceChildren(el("p", {}, `The description did not load: ${error}`)));
