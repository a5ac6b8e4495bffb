// Which jobs are there? Newest first, by filters that stand in the address, so that a list can be passed on.

import { at, get } from "/console/api.js";
import { attempt, el, field, refresh, table } from "/console/dom.js";
import { every } from "/console/live.js";
import { duration, instant, t } from "/console/words.js";

const EVERY = 3;
const STATES = ["blocked", "scheduled", "queued", "running", "succeeded", "failed", "cancelled"];

export async function view({ main, title, signal, query }) {
  title(t("jobs"), el("span", { class: "live" }, t("live")));
  const kinds = (await get("/v1/kinds", signal)).items.map((kind) => kind.name);
  const list = el("section");
  const more = el("p");
  main.append(filters(query, kinds), list, more);
  const filter = wanted(query);
  let pages = 1;
  const load = async () => {
    pages += 1;
    await look().catch((error) => { pages -= 1; throw error; });
  };
  const button = el("button", { id: "more", onclick: (event) => attempt(event.currentTarget, load) }, t("older"));
  const look = async () => {
    // Older pages too are asked for anew: what they show changes as well.
    const asked = pages;
    const jobs = [];
    let next = null;
    for (let page = 0; page < asked && (page === 0 || next); page += 1) {
      const answer = await get(at("/v1/jobs", { ...filter, limit: 50, cursor: next }), signal);
      jobs.push(...answer.items);
      next = answer.next_cursor;
    }
    if (asked !== pages) return;
    refresh(list, jobs, () => (jobs.length ? jobsTable(jobs) : el("p", { class: "faint" }, t("no_jobs"))));
    more.replaceChildren(...(next ? [button] : []));
  };
  await every(EVERY, signal, look);
}

/** The parameters of the API that the address asks for. */
function wanted(query) {
  const filter = { state: query.get("state"), kind: query.get("kind"), batch_id: query.get("batch_id") };
  for (const name of ["created_after", "created_before"]) {
    const local = query.get(name);
    if (local && !Number.isNaN(Date.parse(local))) filter[name] = new Date(local).toISOString();
  }
  const [key, ...value] = (query.get("metadata") ?? "").split("=");
  if (key && value.length) filter[`metadata.${key}`] = value.join("=");
  return filter;
}

function filters(query, kinds) {
  const choice = (name, values) => {
    const options = ["", ...values].map((value) =>
      el("option", { value, selected: value === (query.get(name) ?? "") }, value === "" ? t("any") : name === "state" ? t(value) : value));
    return field(t(name), el("select", { id: `filter-${name}`, name }, options));
  };
  const entry = (name, type, hint) =>
    field(t(name), el("input", { id: `filter-${name}`, name, type, value: query.get(name) ?? "", placeholder: hint }));
  const apply = (event) => {
    event.preventDefault();
    const given = [...new FormData(event.currentTarget)].filter(([, value]) => value);
    location.hash = at("#/jobs", Object.fromEntries(given));
  };
  return el("form", { class: "filters", role: "search", "aria-label": t("filters"), onsubmit: apply },
    choice("state", STATES), choice("kind", kinds), entry("created_after", "datetime-local"), entry("created_before", "datetime-local"),
    entry("metadata", "text", t("metadata_hint")), el("button", {}, t("filter")));
}

/** Jobs, one a line. */
export function jobsTable(jobs) {
  const rows = jobs.map((job) => [
    state(job.state),
    el("a", { id: `job-${job.id}`, href: `#/jobs/${job.id}` }, job.kind, " ", el("code", {}, job.id.slice(-8))),
    instant(job.created_at),
    job.state === "running" && job.progress ? progress(job.progress) : job.error ? el("code", {}, job.error.code) : "",
    job.waited_ms ? duration((job.waited_ms.own_work + job.waited_ms.slot) / 1000) : "",
    took(job),
  ]);
  return table(t("jobs"), [t("state"), t("job"), t("submitted"), t("progress"), `#${t("waited")}`, `#${t("took")}`], rows);
}

/** How long the last attempt took, or takes. */
export function took(job) {
  if (!job.started_at) return "";
  const end = job.finished_at ? Date.parse(job.finished_at) : job.state === "running" ? Date.now() : null;
  return end === null ? "" : duration(Math.max(0, end - Date.parse(job.started_at)) / 1000);
}

/** A state, in words and a colour. */
export const state = (name) => el("span", { class: `state ${name}` }, t(name));

/** How far a job is. */
export function progress({ fraction, stage, message }) {
  const percent = Math.round(fraction * 100);
  return el("span", { class: "progress" },
    el("progress", { value: fraction, max: 1, "aria-label": t("progress") }), ` ${percent} % `,
    el("span", { class: "faint" }, [stage, message].filter(Boolean).join(": ")));
}
