// How do elements come to be? Of names, attributes and texts. Nothing here takes markup, so no text can act.

import { t } from "/console/words.js";

/** An element. A function under `onclick` and its like listens; children are elements, texts, or lists of both. */
export function el(name, attributes, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same for a drawing. */
export function drawn(name, attributes, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const shown = new WeakMap();

/** Fills a place anew where `data` differ from those that it shows; whoever works in it keeps the focus, and what was opened. */
export function refresh(place, data, make) {
  const text = JSON.stringify(data);
  if (shown.get(place) === text) return;
  shown.set(place, text);
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  const opened = new Map([...place.querySelectorAll("details[id]")].map((part) => [part.id, part.open]));
  place.replaceChildren(...[make(data)].flat(3).filter(Boolean));
  for (const part of place.querySelectorAll("details[id]")) part.open = opened.get(part.id) ?? part.open;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

/** A table with its name for those who do not see it; a head starting with `#` is of numbers, one with `!` is not seen. */
export function table(caption, heads, rows) {
  const numbers = (head) => (head?.startsWith("#") ? "number" : null);
  const cell = (content, at) => el("td", { class: numbers(heads[at]) }, content);
  const head = (text) => el("th", { scope: "col", class: numbers(text) },
    text.startsWith("!") ? el("span", { class: "unseen" }, text.slice(1)) : text.replace("#", ""));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {},
      el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, heads.map(head))),
      el("tbody", {}, rows.map((row) => (row instanceof Node ? row : el("tr", {}, row.map(cell)))))));
}

/** Names and values, one below the other. */
export function facts(pairs) {
  return el("dl", { class: "facts" }, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

/** A field of a form under its name. */
export function field(name, input, hint) {
  return el("label", { class: "field" }, el("span", {}, name), input, hint ? el("small", {}, hint) : null);
}

/** Does what a button is there for; what goes wrong is told beside it, where it can be read and heard. */
export async function attempt(button, act) {
  if (button.nextElementSibling?.matches("output.fault")) button.nextElementSibling.remove();
  try {
    await act();
  } catch (error) {
    if (error.status !== 401 && button.isConnected) button.after(el("output", { class: "fault", role: "alert" }, error.message));
  }
}

const away = new Set();

/** Says above the view that its server does not answer, for as long as one of those who ask has no answer. */
export function outage(who, begins) {
  if (begins) away.add(who);
  else away.delete(who);
  const banner = document.getElementById("outage");
  if (banner.hidden === (away.size === 0)) return;
  document.body.classList.toggle("stale", away.size > 0);
  banner.hidden = away.size === 0;
  banner.textContent = banner.hidden ? "" : t("away");
}

/** Tells those who do not see the page what has changed on it. */
export function tell(text) {
  const news = document.getElementById("news");
  if (news.textContent !== text) news.textContent = text;
}
