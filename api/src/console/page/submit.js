// How is a job submitted by hand? Its kind, its files and its input; checked without being submitted, or submitted.

import { at, call, get } from "/console/api.js";
import { el, field, tell } from "/console/dom.js";
import { bytes, duration, t } from "/console/words.js";

/** What stands for a file in the example of a kind. */
const PLACEHOLDER = /upload:\/\/[^"\\\s]*/g;

export async function view({ main, title, signal }) {
  title(t("new_job"));
  const kinds = (await get("/v1/kinds", signal)).items;
  const brought = new Set();
  const kind = el("select", { id: "kind", onchange: () => example() }, kinds.map(({ name }) => el("option", { value: name }, name)));
  const about = el("p", { class: "faint" });
  const input = el("textarea", { id: "input", rows: "16", spellcheck: "false", autocomplete: "off", required: true });
  const files = el("input", { id: "files", type: "file", multiple: true, onchange: () => bring().catch(refused) });
  const list = el("ul", { class: "files", "aria-live": "polite" });
  const answer = el("div", { id: "answer", "aria-live": "polite" });

  const example = () => {
    const chosen = kinds.find(({ name }) => name === kind.value);
    about.textContent = chosen?.title ?? "";
    input.value = JSON.stringify(chosen?.example ?? {}, null, 2);
    for (const uri of brought) name(uri);
  };
  /** Puts a file where the input names one that nobody has brought. */
  const name = (uri) => {
    const free = [...input.value.matchAll(PLACEHOLDER)].find(([text]) => !brought.has(text));
    if (free) input.value = input.value.slice(0, free.index) + uri + input.value.slice(free.index + free[0].length);
  };
  const bring = async () => {
    for (const file of files.files) {
      const line = el("li", {}, file.name, " ", t("loading"));
      list.append(line);
      const { uri, bytes: size } = await call("POST", at("/v1/files", { file_name: file.name }), { file, signal });
      brought.add(uri);
      line.replaceChildren(file.name, ` · ${bytes(size)} · `, el("code", {}, uri));
      name(uri);
    }
    files.value = "";
  };
  const refused = (error) => {
    const faults = (error.errors ?? []).map(({ pointer, message }) => el("li", {}, el("code", {}, pointer), ` ${message}`));
    answer.replaceChildren(el("div", { class: "fault", role: "alert" }, el("p", {}, error.message), el("ul", {}, faults)));
  };
  const sent = async (parameters) => {
    answer.replaceChildren();
    const body = { kind: kind.value, input: JSON.parse(input.value) };
    return call("POST", at("/v1/jobs", parameters), { body, signal });
  };
  const check = async () => {
    const { warnings, estimate } = await sent({ dry_run: "true" });
    const cost = estimate?.cpu_seconds;
    answer.replaceChildren(el("p", {}, t("fits"), cost ? ` ${t("costs", { cost: duration(cost) })}` : ""),
      el("ul", {}, (warnings ?? []).map((warning) => el("li", {}, warning))));
  };
  const submit = async (event) => {
    event.preventDefault();
    try {
      const job = await sent({});
      tell(t("submitted_job"));
      location.hash = `#/jobs/${job.id}`;
    } catch (error) {
      refused(error);
    }
  };

  main.append(el("form", { onsubmit: submit },
    field(t("kind"), kind), about, field(t("files"), files, t("files_hint")), list, field(t("input"), input),
    el("div", { class: "row" }, el("button", { id: "submit", class: "first" }, t("submit")),
      el("button", { id: "check", type: "button", onclick: () => check().catch(refused) }, t("check")))), answer);
  example();
}
