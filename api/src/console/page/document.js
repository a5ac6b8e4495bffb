// What does a document say? Page by page, the text beside the picture where the job has made one.

import { linkTo, textOf } from "/console/artifacts.js";
import { el } from "/console/dom.js";
import { number, t } from "/console/words.js";

export async function view(job, signal) {
  const { pages } = JSON.parse(await textOf(job, "document.json", signal));
  const pictures = new Map(job.artifacts.map((file) => [Number(/^pages\/(\d+)\./.exec(file.name)?.[1]), file.name]));
  const place = el("div", { class: "beside" });
  const count = el("output", { "aria-live": "polite" });
  let at = 0;
  const turn = async (to) => {
    at = Math.min(Math.max(to, 0), pages.length - 1);
    const page = pages[at];
    count.textContent = t("page_of", { page: number(at + 1), pages: number(pages.length) });
    const picture = pictures.get(page.number);
    const image = picture ? el("img", { src: await linkTo(job, picture), alt: t("picture_of", { page: page.number }) }) : null;
    place.replaceChildren(...(image ? [image] : []), el("article", { lang: page.language, tabindex: "0" }, page.name ? el("h4", {}, page.name) : null, page.blocks.map(block)));
  };
  if (!pages.length) return el("p", {}, t("no_text"));
  await turn(0);
  return [
    el("p", { class: "row" },
      el("button", { id: "page-before", onclick: () => turn(at - 1) }, t("page_before")), count,
      el("button", { id: "page-after", onclick: () => turn(at + 1) }, t("page_after"))),
    place,
  ];
}

/** A block, as what it is. Headings of documents lie below those of the page. */
function block({ type, level, text, cells }) {
  if (type === "heading") return el("p", { class: `heading level-${level ?? 1}`, role: "heading", "aria-level": Math.min(9, 3 + (level ?? 1)) }, text);
  if (type === "table" && cells) return grid(cells);
  if (type === "code") return el("pre", {}, text);
  if (type === "figure") return el("p", { class: "faint" }, text || t("figure"));
  return el("p", { class: type }, text);
}

function grid(cells) {
  const rows = [...Map.groupBy(cells, (cell) => cell.row)].sort(([a], [b]) => a - b);
  const cell = ({ header, text, row_span: down, column_span: right }) =>
    el(header ? "th" : "td", { rowspan: down > 1 ? down : null, colspan: right > 1 ? right : null }, text);
  return el("div", { class: "scroll", tabindex: "0" }, el("table", {}, rows.map(([, some]) => el("tr", {}, some.map(cell)))));
}
