// What has happened to a job? Its attempts, each with its states, its stages and what its kind had to say.

import { el } from "/console/dom.js";
import { state } from "/console/jobs.js";
import { duration, instant, number, t } from "/console/words.js";

/** The events by attempt, the newest attempt first and open. A retry by hand counts attempts anew, but not claims. */
export function timeline(events) {
  if (!events.length) return [];
  const claims = [...Map.groupBy(events, claimOf)].sort(([a], [b]) => b - a);
  return [el("h2", {}, t("timeline")), claims.map(([claim, some], at) => attemptOf(claim, some, at === 0))];
}

function attemptOf(claim, events, open) {
  const { attempt } = events[0];
  const began = events.find((event) => event.state === "running")?.at;
  const ended = events.findLast((event) => event.event === "state" && event.state !== "running")?.at;
  const took = began && ended && ended > began ? ` · ${duration((Date.parse(ended) - Date.parse(began)) / 1000)}` : "";
  const warnings = events.filter((event) => event.level === "warn").length;
  const name = attempt > 0 ? t("attempt_no", { attempt }) : t(claim === 0 ? "before" : "by_hand_again");
  return el("details", { id: `claim-${claim}`, open, class: "attempt" },
    el("summary", {}, name, took, warnings ? ` · ${t("warnings", { count: number(warnings) })}` : ""),
    el("ol", {}, events.map((event) => el("li", { class: `event-${event.event}` }, instant(event.at), " ", told(event)))));
}

/** Adds an event. Of the reports of one stage of an attempt only the newest stays: the list shows stages and not every step. */
export function keep(events, event) {
  if (event.event === "progress") {
    const before = events.findLastIndex((known) =>
      known.event === "progress" && known.stage === event.stage && claimOf(known) === claimOf(event));
    if (before >= 0) events.splice(before, 1);
  }
  events.push(event);
}

const claimOf = (event) => Number(event.id.split(".")[0]);

function told(event) {
  if (event.event === "state") {
    return [state(event.state), event.error ? [" ", el("strong", {}, event.error.code), ` ${event.error.message}`] : null];
  }
  if (event.event === "progress") {
    return [el("strong", {}, event.stage), ` ${number(event.fraction * 100)} % ${event.message}`];
  }
  return [el("span", { class: `level ${event.level}` }, t(event.level)), ` ${event.message}`];
}
