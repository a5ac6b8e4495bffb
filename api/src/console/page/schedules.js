// What runs at which times? The schedules of a tenant with their next due times, and what became of the last ones.

import { at, call, get } from "/console/api.js";
import { ask } from "/console/ask.js";
import { attempt, el, facts, refresh, table, tell } from "/console/dom.js";
import { every } from "/console/live.js";
import { may } from "/console/session.js";
import { instant, number, t } from "/console/words.js";

const EVERY = 5;

export async function view({ rest, ...page }) {
  await (rest.length ? one({ ...page, id: rest[0] }) : all(page));
}

async function all({ main, title, signal }) {
  title(t("schedules"));
  const list = el("section");
  const more = el("p");
  main.append(list, more);
  let pages = 1;
  const button = el("button", { id: "more", onclick: (event) => attempt(event.currentTarget, () => { pages += 1; return look(); }) }, t("further"));
  const look = async () => {
    const items = [];
    let cursor = null;
    for (let page = 0; page < pages; page += 1) {
      const next = await get(at("/v1/schedules", { limit: 50, cursor }), signal);
      items.push(...next.items);
      cursor = next.next_cursor;
      if (!cursor) break;
    }
    refresh(list, items, () => (items.length ? schedulesTable(items) : el("p", { class: "faint" }, t("no_schedules"))));
    more.replaceChildren(...(cursor ? [button] : []));
  };
  await every(EVERY, signal, look);
}

function schedulesTable(items) {
  const rows = items.map((schedule) => [
    el("a", { id: `schedule-${schedule.id}`, href: `#/schedules/${schedule.id}` }, schedule.name),
    enabled(schedule), el("code", {}, schedule.cron), schedule.timezone, schedule.kind, instant(schedule.next_runs[0]) || "–",
  ]);
  return table(t("schedules"), [t("name"), t("state"), t("cron"), t("timezone"), t("kind"), t("next_run")], rows);
}

const enabled = (schedule) => el("span", { class: `state ${schedule.enabled ? "succeeded" : "paused"}` }, t(schedule.enabled ? "enabled" : "paused"));

async function one({ main, title, signal, id }) {
  const path = `/v1/schedules/${encodeURIComponent(id)}`;
  let schedule = await get(path, signal);
  const buttons = el("div", { class: "row" });
  title(schedule.name, buttons);
  const [now, runs, given] = ["now", "runs", "given"].map((name) => el("section", { class: name }));
  main.append(now, runs, given);
  const turn = async () => {
    await call("PATCH", path, { body: { enabled: !schedule.enabled } });
    await look();
  };
  const run = async () => {
    if (!(await ask(t("ask_run"), t("run_now")))) return;
    await call("POST", `${path}/run`);
    tell(t("run_done"));
    await look();
  };
  const look = async () => {
    schedule = await get(path, signal);
    const past = (await get(`${path}/runs?limit=20`, signal)).items;
    refresh(buttons, schedule.enabled, () => (may("schedules:write") ? [
      el("button", { id: "turn", onclick: (event) => attempt(event.currentTarget, turn) }, t(schedule.enabled ? "pause" : "resume")),
      el("button", { id: "run", class: "first", onclick: (event) => attempt(event.currentTarget, run) }, t("run_now"))] : []));
    refresh(now, schedule, () => summary(schedule));
    refresh(runs, past, () => [el("h2", {}, t("past_runs")), runsTable(past)]);
    refresh(given, schedule.input, () => el("details", { id: "payload-input" }, el("summary", {}, t("input")), el("pre", { tabindex: "0" }, JSON.stringify(schedule.input, null, 2))));
  };
  await every(EVERY, signal, look);
}

function summary(schedule) {
  return [
    el("p", { class: "standing" }, enabled(schedule)),
    facts([
      [t("cron"), el("code", {}, schedule.cron)], [t("timezone"), schedule.timezone], [t("kind"), schedule.kind],
      [t("overlap"), t(`overlap_${schedule.overlap}`)], [t("catch_up"), t(`catch_up_${schedule.catch_up}`)],
      [t("jitter"), schedule.jitter_seconds ? `${number(schedule.jitter_seconds)} s` : null],
    ]),
    el("h2", {}, t("next_runs")),
    schedule.next_runs.length ? el("ol", { class: "reasons" }, schedule.next_runs.map((time) => el("li", {}, instant(time)))) : el("p", { class: "faint" }, "–"),
  ];
}

function runsTable(runs) {
  if (!runs.length) return el("p", { class: "faint" }, t("no_runs"));
  const rows = runs.map((run) => [
    [instant(run.due_at), run.through ? [" – ", instant(run.through)] : null, run.by_hand ? ` ${t("by_hand")}` : null],
    el("span", { class: `state ${run.state}` }, t(`run_${run.state}`)),
    run.message ?? (run.reason ? t(`reason_${run.reason}`) : ""),
    run.job_id ? el("a", { id: `run-${run.id}`, href: `#/jobs/${run.job_id}` }, el("code", {}, run.job_id.slice(-8))) : "",
  ]);
  return table(t("past_runs"), [t("due"), t("state"), t("reason"), t("job")], rows);
}
