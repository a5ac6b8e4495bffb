// What did a tenant use, what does it keep, and what may it use at most?

import { get } from "/console/api.js";
import { el, facts, table } from "/console/dom.js";
import { me } from "/console/session.js";
import { bytes, day, duration, number, t } from "/console/words.js";

export async function view({ main, title, signal }) {
  title(t("usage"));
  main.append(...usageOf(await get("/v1/usage", signal)), el("h2", {}, t("limits")), limitsOf(me.tenant.limits));
}

/** Sums, days and storage. */
export function usageOf({ totals, items, storage, from, to }) {
  const tile = (name, value) => el("div", { class: "tile" }, el("dt", {}, t(name)), el("dd", {}, value));
  return [
    el("p", { class: "faint" }, `${day(from)} – ${day(to)} (UTC)`),
    el("section", { class: "tiles" }, el("dl", {},
      tile("jobs", number(totals.jobs)), tile("failed", number(totals.failed)), tile("processing", duration(totals.processing_seconds)),
      tile("cpu", duration(totals.cpu_seconds)), tile("media", duration(totals.media_seconds)), tile("pages", number(totals.pages)))),
    stored(storage),
    days(items),
    kinds(items),
  ].flat();
}

function stored({ bytes: kept, limit_bytes: limit }) {
  const text = `${t("storage")}: ${bytes(kept)} / ${bytes(limit)}`;
  return el("p", {}, text, " ", limit ? el("meter", { value: Math.min(kept / limit, 1), high: 0.9, optimum: 0, "aria-label": t("storage") }) : null);
}

/** Seconds of work a day, as bars; a table says the same to those who do not see them. */
function days(items) {
  const sums = new Map();
  for (const { day: of, processing_seconds: seconds } of items) sums.set(of, (sums.get(of) ?? 0) + seconds);
  if (!sums.size) return el("p", { class: "faint" }, t("no_usage"));
  const most = Math.max(...sums.values()) || 1;
  const rows = [...sums].map(([of, seconds]) =>
    [day(of), el("meter", { class: "wide", value: seconds / most, "aria-hidden": "true" }), duration(seconds)]);
  return [el("h2", {}, t("by_day")), table(t("by_day"), [t("day"), `!${t("trend")}`, `#${t("processing")}`], rows)];
}

function kinds(items) {
  const rows = [...Map.groupBy(items.filter((item) => item.kind), (item) => item.kind)].map(([kind, some]) => {
    const sum = (name) => some.reduce((total, item) => total + item[name], 0);
    return [el("strong", {}, kind), number(sum("succeeded")), number(sum("failed")), number(sum("cancelled")),
      number(sum("attempts")), duration(sum("processing_seconds")), duration(sum("cpu_seconds"))];
  });
  const heads = ["succeeded", "failed", "cancelled", "attempts", "processing", "cpu"].map((head) => `#${t(head)}`);
  return rows.length ? [el("h2", {}, t("by_kind")), table(t("by_kind"), [t("kind"), ...heads], rows)] : [];
}

/** What a tenant may use. */
export function limitsOf(limits) {
  const days = (value) => (value === null ? t("as_settings") : value === "forever" ? t("forever") : number(value));
  return facts([
    [t("weight"), number(limits.weight, 3)], [t("max_running"), number(limits.max_running)], [t("max_queued"), number(limits.max_queued)],
    [t("max_storage"), bytes(limits.max_storage_bytes)], [t("requests"), number(limits.requests_per_minute)],
    [t("kinds"), limits.kinds?.join(", ") ?? t("all")], [t("buckets"), limits.s3_buckets.join(", ")],
    [t("retention"), days(limits.retention_days)], [t("upload_retention"), days(limits.upload_retention_days)],
  ]);
}
