// What waits, what runs, and for how long? Of one's own tenant, or of all for an operator.

import { call, get } from "/console/api.js";
import { ask } from "/console/ask.js";
import { attempt, drawn, el, refresh, table } from "/console/dom.js";
import { every } from "/console/live.js";
import { me } from "/console/session.js";
import { duration, instant, number, t } from "/console/words.js";
import { jobsTable } from "/console/jobs.js";

/** Seconds between two looks, and the looks that a curve remembers. */
const EVERY = 2;
const REMEMBERED = 60;

export async function view({ main, title, signal }) {
  title(t("overview"), el("span", { class: "live" }, t("live")));
  const [tiles, kinds, waits, recent] = ["tiles", "", "", ""].map((name) => el("section", { class: name }));
  main.append(tiles, kinds, waits, recent);
  const history = new Map();
  const all = me.operator;
  const look = async () => {
    const queue = await get(all ? "/v1/queues" : "/v1/queue", signal);
    for (const item of queue.items) remember(history, item);
    refresh(tiles, queue.items, sums);
    refresh(kinds, [queue, Object.fromEntries(history)], () => [el("h2", {}, t("by_kind")), kindsTable(queue, history, look)]);
    if (all) return refresh(waits, queue.pauses, pauses);
    const jobs = (await get("/v1/jobs?limit=50", signal)).items;
    refresh(waits, jobs.map((job) => [job.kind, job.waited_ms]), () => waitsOf(jobs));
    refresh(recent, jobs.slice(0, 8), (some) => [el("h2", {}, t("newest")), jobsTable(some)]);
  };
  await every(EVERY, signal, look);
}

function remember(history, { kind, queued }) {
  history.set(kind, [...(history.get(kind) ?? []), queued].slice(-REMEMBERED));
}

function sums(items) {
  const sum = (name) => items.reduce((total, item) => total + item[name], 0);
  const oldest = Math.max(-1, ...items.map((item) => item.oldest_ready_seconds ?? -1));
  const cap = me.tenant?.limits.max_running;
  const running = cap === null || cap === undefined ? number(sum("running")) : `${number(sum("running"))} / ${number(cap)}`;
  const tile = (name, value) => el("div", { class: "tile" }, el("dt", {}, t(name)), el("dd", {}, value));
  return el("dl", {}, tile("running", running), tile("queued", number(sum("queued"))),
    tile("oldest", oldest < 0 ? "–" : duration(oldest)), tile("scheduled", number(sum("scheduled"))), tile("blocked", number(sum("blocked"))));
}

function kindsTable({ items, pauses: held }, history, look) {
  const heads = ["kind", "#queued", "trend", "#oldest", "#running", "#longest", "#scheduled", "#blocked", "#slots"].map(translated);
  if (me.operator) heads.push(`!${t("actions")}`);
  return table(t("by_kind"), heads, items.map((item) => [
    [el("strong", {}, item.kind), item.paused ? [" ", el("span", { class: "state paused" }, t("paused"))] : null],
    number(item.queued), curve(history.get(item.kind), item.kind), duration(item.oldest_ready_seconds), number(item.running),
    duration(item.oldest_running_seconds), number(item.scheduled), number(item.blocked), number(item.slots),
    ...(me.operator ? [holdButton(item, held, look)] : []),
  ]));
}

const translated = (head) => (head.startsWith("#") ? `#${t(head.slice(1))}` : t(head));

/** Pauses a kind for everybody, or takes exactly that pause away. */
function holdButton({ kind }, held, look) {
  const paused = held.some((pause) => pause.kind === kind && pause.tenant === null);
  const what = paused ? "resume" : "pause";
  const act = async () => {
    if (!(await ask(t(`ask_${what}`, { kind }), t(what)))) return;
    await call("POST", `/v1/queues/${what}`, { body: { kind } });
    await look();
  };
  return el("button", { id: `hold-${kind}`, "aria-label": `${t(what)}: ${kind}`, onclick: (event) => attempt(event.currentTarget, act) }, t(what));
}

/** How many jobs waited at the last looks, as a line. */
function curve(counts, kind) {
  const most = Math.max(1, ...counts);
  const points = counts.map((count, at) => `${at * 2},${23 - (count / most) * 22}`).join(" ");
  const text = t("trend_of", { kind, now: number(counts.at(-1)), most: number(Math.max(...counts)) });
  return drawn("svg", { class: "curve", viewBox: `0 0 ${REMEMBERED * 2} 24`, role: "img", "aria-label": text },
    drawn("polyline", { points }));
}

function pauses(items) {
  if (!items.length) return [];
  const rows = items.map((pause) => [pause.kind ?? t("every_kind"), pause.tenant ?? t("every_tenant"), instant(pause.paused_at)]);
  return [el("h2", {}, t("pauses")), table(t("pauses"), [t("kind"), t("tenant"), t("since")], rows)];
}

/** How long the newest jobs waited, by kind, split as the queue splits it. */
function waitsOf(jobs) {
  const waited = Map.groupBy(jobs.filter((job) => job.waited_ms), (job) => job.kind);
  if (!waited.size) return [];
  const middle = (values) => duration(values.sort((a, b) => a - b)[Math.floor(values.length / 2)] / 1000);
  const longest = (values) => duration(Math.max(...values) / 1000);
  const rows = [...waited].map(([kind, some]) => {
    const own = some.map((job) => job.waited_ms.own_work);
    const slot = some.map((job) => job.waited_ms.slot);
    return [el("strong", {}, kind), number(some.length), middle(own), longest(own), middle(slot), longest(slot)];
  });
  const heads = [t("kind"), `#${t("jobs")}`, `#${t("own_median")}`, `#${t("own_longest")}`, `#${t("slot_median")}`, `#${t("slot_longest")}`];
  return [el("h2", {}, t("waits")), table(t("waits"), heads, rows)];
}
