// Who works here, with which share, within which limits, and how much of it was used? For operators; no payloads.

import { at, get } from "/console/api.js";
import { el, refresh, table } from "/console/dom.js";
import { every } from "/console/live.js";
import { bytes, duration, instant, number, t } from "/console/words.js";
import { limitsOf, usageOf } from "/console/usage.js";

/** Tenants of a page: each one's usage is a request of its own. */
const PAGE = 20;
/** Requests for usage at the same time. */
const AT_ONCE = 4;
const EVERY = 5;

export async function view({ rest, ...page }) {
  await (rest.length ? one({ ...page, slug: rest[0] }) : all(page));
}

async function all({ main, title, signal, query }) {
  title(t("tenants"));
  const { items, next_cursor: next } = await get(at("/v1/tenants", { limit: PAGE, cursor: query.get("cursor") }), signal);
  const list = el("section");
  main.append(list);
  const used = new Map();
  const draw = () => refresh(list, [items, [...used]], () => tenantsTable(items, used));
  draw();
  if (next || query.get("cursor")) {
    main.append(el("p", { class: "row" },
      query.get("cursor") ? el("a", { href: "#/tenants" }, t("to_first")) : null, next ? el("a", { id: "more", href: at("#/tenants", { cursor: next }) }, t("further")) : null));
  }
  const left = items.map((tenant) => tenant.slug);
  const fetchNext = async () => {
    for (let slug = left.shift(); slug; slug = left.shift()) {
      used.set(slug, await get(`/v1/tenants/${slug}/usage`, signal));
      draw();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fetchNext));
}

function tenantsTable(items, used) {
  const most = Math.max(1, ...[...used.values()].map((usage) => usage.totals.processing_seconds));
  const rows = items.map(({ slug, state, limits }) => {
    const usage = used.get(slug);
    return [
      el("a", { id: `tenant-${slug}`, href: `#/tenants/${slug}` }, slug), el("span", { class: `state ${state}` }, t(state)),
      number(limits.weight, 3), number(limits.max_running), number(limits.max_queued),
      usage ? duration(usage.totals.processing_seconds) : "…",
      usage ? el("meter", { value: usage.totals.processing_seconds / most, "aria-hidden": "true" }) : "",
      usage ? number(usage.totals.jobs) : "…", usage ? bytes(usage.storage.bytes) : "…",
    ];
  });
  const heads = [t("tenant"), t("state"), `#${t("weight")}`, `#${t("max_running")}`, `#${t("max_queued")}`, `#${t("processing_30")}`, `!${t("trend")}`, `#${t("jobs_30")}`, `#${t("storage")}`];
  return table(t("tenants"), heads, rows);
}

async function one({ main, title, signal, slug }) {
  const path = `/v1/tenants/${encodeURIComponent(slug)}`;
  const tenant = await get(path, signal);
  title(tenant.slug);
  const queue = el("section");
  main.append(
    el("p", { class: "standing" }, el("span", { class: `state ${tenant.state}` }, t(tenant.state)), ` ${t("since")} `, instant(tenant.created_at)),
    el("h2", {}, t("queue_now")), queue, el("h2", {}, t("limits")), limitsOf(tenant.limits), el("h2", {}, t("usage")),
    ...usageOf(await get(`${path}/usage`, signal)));
  await every(EVERY, signal, async () => {
    const { items } = await get(at("/v1/queues", { tenant: slug }), signal);
    refresh(queue, items, () => table(t("queue_now"), [t("kind"), `#${t("queued")}`, `#${t("oldest")}`, `#${t("running")}`, `#${t("scheduled")}`, `#${t("blocked")}`],
      items.map((item) => [el("strong", {}, item.kind), number(item.queued), duration(item.oldest_ready_seconds), number(item.running), number(item.scheduled), number(item.blocked)])));
  });
}
