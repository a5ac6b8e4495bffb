// How does a view stay up to date? It asks again, as often as it may cost, and not while nobody looks.

import { outage } from "/console/dom.js";

/** An answer that took long is asked for more rarely: what is spent on it stays below a twentieth of the time. */
const SPARING = 20;

const pause = (ms, signal) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  signal.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
});

const seen = (signal) => new Promise((done) => {
  if (!document.hidden || signal.aborted) return done();
  const look = () => {
    if (document.hidden && !signal.aborted) return;
    document.removeEventListener("visibilitychange", look);
    done();
  };
  document.addEventListener("visibilitychange", look);
  signal.addEventListener("abort", look, { once: true });
});

/** Does `step` every some seconds until the view is left. The first failure is the caller's; later ones are told and borne. */
export async function every(seconds, signal, step) {
  for (let first = true; !signal.aborted; first = false) {
    const began = performance.now();
    try {
      await step();
      outage("view", false);
    } catch (error) {
      if (signal.aborted || error.status === 401) return;
      if (first || error.status === 403 || error.status === 404) throw error;
      outage("view", true);
    }
    await pause(Math.max(seconds * 1000, (performance.now() - began) * SPARING), signal);
    await seen(signal);
  }
}

/** Follows what happens to a job, over as many streams as it takes, until it is over or the view is left. */
export async function follow(send, job, signal, take) {
  let lastEvent;
  let again = 1000;
  while (!signal.aborted) {
    try {
      const answer = await send("GET", `/v1/jobs/${job}/events`, { accept: "text/event-stream", signal, lastEvent });
      outage("events", false);
      if (answer.status === 204) return;
      for await (const [field, value] of fields(answer.body)) {
        if (field === "retry") again = Number(value) || again;
        if (field !== "data") continue;
        const event = JSON.parse(value);
        lastEvent = event.id;
        take(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.status && error.status < 500 && error.status !== 429) throw error;
      outage("events", true);
    }
    await pause(again, signal);
  }
}

/** The lines of a stream of events, as field and value. */
async function* fields(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (text + value).split("\n");
    text = lines.pop();
    for (const line of lines) {
      const colon = line.indexOf(": ");
      if (colon > 0) yield [line.slice(0, colon), line.slice(colon + 2)];
    }
  }
}
