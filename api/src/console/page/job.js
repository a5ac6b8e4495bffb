// What about one job? Where it stands, what happens to it as it happens, what it was given and what it has made.

import { call, get, send } from "/console/api.js";
import { ask } from "/console/ask.js";
import { artifacts } from "/console/artifacts.js";
import { attempt, el, facts, refresh, tell } from "/console/dom.js";
import { progress, state, took } from "/console/jobs.js";
import { every, follow } from "/console/live.js";
import { may } from "/console/session.js";
import { keep, timeline } from "/console/timeline.js";
import { duration, instant, number, t } from "/console/words.js";

/** Seconds between two looks at why a job waits. */
const EVERY = 3;
/** Milliseconds for which states that come together, as those of the past do, are gathered. */
const SOON = 100;
const FINAL = ["succeeded", "failed", "cancelled"];
const RETRYABLE = ["failed", "cancelled"];

export async function view({ main, title, signal, rest: [id] }) {
  let job = await get(`/v1/jobs/${encodeURIComponent(id)}`, signal);
  const buttons = el("div", { class: "row" });
  title(job.kind, buttons);
  const [now, files, told, given] = ["now", "files", "told", "given"].map((name) => el("section", { class: name }));
  main.append(now, files, told, given);
  const events = [];
  const known = new Set();
  let soon = null;
  let drawing = null;

  const draw = () => {
    refresh(buttons, [job.state, job.cancel_requested_at], () => actions(job, act));
    refresh(now, [{ ...job, artifacts: null }, took(job)], () => summary(job));
    refresh(files, job.artifacts, () => artifacts(job, signal));
    refresh(given, [job.input, job.output, job.metadata], () => payloads(job));
    refresh(told, events, () => timeline(events));
  };
  const look = async () => {
    job = await get(`/v1/jobs/${job.id}`, signal);
    draw();
  };
  const act = async (what) => {
    if (what === "cancel" && !(await ask(t("ask_cancel"), t("cancel")))) return;
    job = await call("POST", `/v1/jobs/${job.id}/${what}`);
    tell(t(`${what}_done`));
    draw();
    if (what === "retry") watch();
  };
  const take = (event) => {
    // The page asks for the job itself where that has become another one; progress is drawn as it comes.
    if (known.has(event.id)) return;
    known.add(event.id);
    keep(events, event);
    if (event.event === "state") {
      tell(t("is_now", { state: t(event.state) }));
      soon ??= setTimeout(() => { soon = null; look().catch(() => {}); }, SOON);
    } else if (event.event === "progress" && !FINAL.includes(job.state)) {
      job = { ...job, progress: event };
    }
    // The past of a long job comes as thousands of events at once: they are drawn together.
    drawing ??= setTimeout(() => { drawing = null; if (!signal.aborted) draw(); }, SOON);
  };
  const watch = () => follow(send, job.id, signal, take).catch((error) => tell(error.message));

  draw();
  watch();
  await every(EVERY, signal, async () => {
    if (["blocked", "scheduled", "queued"].includes(job.state)) {
      job = { ...job, why: await get(`/v1/jobs/${job.id}/why`, signal) };
      draw();
    } else if (job.state === "running") draw();
  });
}

function actions(job, act) {
  if (!may("jobs:write")) return [];
  const stopping = job.cancel_requested_at !== null;
  return [
    FINAL.includes(job.state) ? null : el("button", { id: "cancel", disabled: stopping, onclick: (event) => attempt(event.currentTarget, () => act("cancel")) }, stopping ? t("stopping") : t("cancel")),
    RETRYABLE.includes(job.state) ? el("button", { id: "retry", class: "first", onclick: (event) => attempt(event.currentTarget, () => act("retry")) }, t("retry")) : null,
  ];
}

function summary(job) {
  const shown = job.progress && !FINAL.includes(job.state) ? progress(job.progress) : null;
  const waits = (job.why?.waits_for ?? []).map((reason) => el("li", {}, why(reason)));
  const waited = job.waited_ms;
  return [
    el("p", { class: "standing" }, state(job.state), shown),
    job.error ? el("div", { class: "fault" }, el("strong", {}, job.error.code), el("p", {}, job.error.message)) : null,
    waits.length ? [el("h2", {}, t("waits_for")), el("ul", { class: "reasons" }, waits)] : null,
    facts([
      [t("id"), el("code", {}, job.id)],
      [t("attempt"), `${job.attempt} / ${job.max_attempts}`],
      [t("submitted"), instant(job.created_at)],
      [t("may_run"), job.started_at ? null : instant(job.run_at)],
      [t("started"), instant(job.started_at)],
      [t("finished"), instant(job.finished_at)],
      [t("took"), took(job)],
      [t("waited"), waited ? t("waited_split", { own: duration(waited.own_work / 1000), slot: duration(waited.slot / 1000) }) : null],
      [t("priority"), job.priority === 0 ? null : number(job.priority)],
      [t("batch"), job.batch_id ? el("a", { href: `#/jobs?batch_id=${job.batch_id}` }, el("code", {}, job.batch_id)) : null],
    ]),
  ];
}

/** What a job waits for, in the language of the page. */
function why({ reason, jobs, until, ...facts }) {
  return [t(`why_${reason}`, { ...facts, count: jobs?.length }), until ? [" ", instant(until)] : null];
}

function payloads(job) {
  const part = (name, value) => el("details", { id: `payload-${name}`, open: name === "input" }, el("summary", {}, t(name)),
    el("pre", { tabindex: "0" }, JSON.stringify(value, null, 2)));
  return [
    part("input", job.input),
    job.output === null ? null : part("output", job.output),
    Object.keys(job.metadata).length ? part("metadata", job.metadata) : null,
  ];
}
