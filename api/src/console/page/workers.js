// Who does the work? Every worker with its slots and what it runs; one can be taken out of service and put back.

import { call, get } from "/console/api.js";
import { ask } from "/console/ask.js";
import { attempt, el, refresh, table } from "/console/dom.js";
import { every } from "/console/live.js";
import { instant, number, t } from "/console/words.js";

const EVERY = 3;

export async function view({ main, title, signal }) {
  title(t("workers"), el("span", { class: "live" }, t("live")));
  const list = el("section");
  main.append(list);
  const look = async () => {
    const { items } = await get("/v1/workers", signal);
    refresh(list, items, () => (items.length ? workersTable(items, look) : el("p", { class: "faint" }, t("no_workers"))));
  };
  await every(EVERY, signal, look);
}

function workersTable(workers, look) {
  const rows = workers.map((worker) => {
    const slots = Object.entries(worker.slots);
    const all = slots.reduce((sum, [, count]) => sum + count, 0);
    return [
      el("span", { class: `state ${worker.state}` }, t(`worker_${worker.state}`)),
      [el("strong", {}, worker.host), ` · ${worker.pid}`], worker.version,
      `${number(worker.running)} / ${number(all)}`, slots.map(([kind, count]) => el("div", {}, `${kind}: ${number(count)}`)),
      instant(worker.started_at), instant(worker.lease_until), turn(worker, look),
    ];
  });
  return table(t("workers"), [t("state"), t("host"), t("version"), `#${t("busy")}`, t("slots"), t("started"), t("lease"), `!${t("actions")}`], rows);
}

/** Lets a worker claim no more, or again. */
function turn(worker, look) {
  if (worker.state === "lost") return "";
  const what = worker.draining_at ? "resume" : "drain";
  const act = async () => {
    if (what === "drain" && !(await ask(t("ask_drain", { host: worker.host }), t("drain")))) return;
    await call("POST", `/v1/workers/${worker.id}/${what}`);
    await look();
  };
  return el("button", { id: `turn-${worker.id}`, "aria-label": `${t(what)}: ${worker.host} ${worker.pid}`, onclick: (event) => attempt(event.currentTarget, act) }, t(what));
}
