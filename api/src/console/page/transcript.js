// What is said in a recording? Every word at its second: a word that is chosen is played.

import { linkTo, play, textOf } from "/console/artifacts.js";
import { get, strays } from "/console/api.js";
import { el } from "/console/dom.js";
import { duration, t } from "/console/words.js";

export async function view(job, signal) {
  const { segments, duration: length } = JSON.parse(await textOf(job, "transcript.json", signal));
  const link = recording(job);
  const player = link ? el("audio", { id: "player", controls: true, preload: "metadata" }) : null;
  if (player) await play(player, link).catch(() => {});
  const words = [];
  const said = segments.map((segment) => el("p", { class: "segment" },
    el("span", { class: "faint" }, clock(segment.start), segment.speaker ? ` ${segment.speaker}` : "", " "),
    spoken(segment, player, words)));
  if (player) followed(player, words);
  return [
    player ?? el("p", { class: "faint" }, t("no_recording")),
    el("p", { class: "faint" }, duration(length)),
    el("div", { class: "spoken" }, said.length ? said : t("no_speech")),
  ];
}

/** Where the recording is, if the page can get at it: a file that the tenant brought, or that another job made. */
function recording(job) {
  const source = typeof job.input.source === "string" ? job.input.source : "";
  const [, upload] = /^upload:\/\/([0-9a-f-]{36})$/.exec(source) ?? [];
  if (upload) return async () => (await get(`/v1/uploads/${upload}/content?redirect=false`)).url;
  const [, other, name] = /^artifact:\/\/([0-9a-f-]{36})\/(.+)$/.exec(source) ?? [];
  return other && !strays(name) ? () => linkTo({ id: other }, name) : null;
}

function spoken(segment, player, words) {
  const parts = segment.words?.length ? segment.words : [segment];
  return parts.flatMap((word) => {
    if (!player) return [word.text, " "];
    const seek = () => { player.currentTime = word.start; player.play(); };
    const button = el("button", { class: "word", title: clock(word.start), onclick: seek }, word.text);
    words.push({ ...word, button });
    return [button, " "];
  });
}

/** Marks the word that is heard. */
function followed(player, words) {
  let marked = null;
  player.addEventListener("timeupdate", () => {
    const now = words.findLast((word) => word.start <= player.currentTime && player.currentTime <= word.end + 0.3);
    if (now?.button === marked) return;
    marked?.removeAttribute("aria-current");
    marked = now?.button ?? null;
    marked?.setAttribute("aria-current", "true");
  });
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
