// What has a job made? Its files, and each in the way in which it can be looked at.
//
// A file is its tenant's and may be hostile. Pictures and recordings come from the bucket, where nothing in them can run;
// everything else comes as bytes and is shown as text, or in a frame that may do nothing.

import { fileOf, get, send } from "/console/api.js";
import { attempt, el, table } from "/console/dom.js";
import { bytes, t } from "/console/words.js";

/** The most characters of a text that are shown; a browser does not like to lay out more. */
const CHARACTERS = 200_000;
/** The most bytes of which the page makes a frame or a view of its own; the API shows as many. */
const BYTES = 16 * 1024 * 1024;

/** Views that know several files of a kind together, by what has to be there. */
const TOGETHER = [
  { name: "document", needs: "document.json", module: "document" },
  { name: "transcript", needs: "transcript.json", module: "transcript" },
];
/** What is looked at first, where there is no such view. */
const FIRST = ["video.mp4", "report.pdf"];

/** The list of files, with the one that matters most opened. */
export function artifacts(job, signal) {
  if (!job.artifacts.length) return [];
  const preview = el("div", { id: "preview", class: "preview", "aria-live": "polite" });
  // What was asked for last is shown, whichever comes last.
  let asked = 0;
  const open = async (name, make) => {
    const turn = ++asked;
    const put = (...parts) => { if (turn === asked && !signal.aborted) preview.replaceChildren(...parts); };
    put(el("p", { class: "faint" }, t("loading")));
    try {
      put(el("h3", {}, name), ...[await make()].flat());
    } catch (error) {
      put(el("p", { class: "fault", role: "alert" }, error.message));
    }
  };
  const together = TOGETHER.filter((view) => small(job, view.needs));
  const show = (file) => open(file.name, () => shown(job, file, signal));
  const showTogether = (view) => open(t(view.name), async () => (await import(`/console/${view.module}.js`)).view(job, signal));
  const first = job.artifacts.find((file) => FIRST.includes(file.name)) ?? job.artifacts.find((file) => viewer(file));
  if (together.length) showTogether(together[0]);
  else if (first) show(first);
  const rows = job.artifacts.map((file) => [
    el("code", {}, file.name), file.media_type, bytes(file.bytes),
    [viewer(file) ? el("button", { id: `show-${file.name}`, "aria-label": `${t("show")}: ${file.name}`, onclick: () => show(file) }, t("show")) : null, " ",
      el("button", { id: `get-${file.name}`, "aria-label": `${t("download")}: ${file.name}`, onclick: (event) => attempt(event.currentTarget, () => download(job, file)) }, t("download"))],
  ]);
  return [
    el("h2", {}, t("artifacts")),
    together.length ? el("p", { class: "row" }, together.map((view) => el("button", { id: `view-${view.name}`, onclick: () => showTogether(view) }, t(view.name)))) : null,
    table(t("artifacts"), [t("name"), t("media_type"), `#${t("size")}`, `!${t("actions")}`], rows),
    preview,
  ];
}

const small = (job, name) => job.artifacts.some((file) => file.name === name && file.bytes <= BYTES);

/** How a file is shown; none for what a page can make nothing of. */
function viewer({ media_type: type, bytes: size }) {
  const [essence] = type.split(";");
  if (essence.startsWith("video/") || essence.startsWith("audio/")) return recording;
  if (essence.startsWith("image/")) return picture;
  if (size > BYTES) return null;
  if (essence === "application/pdf") return pdf;
  if (essence === "text/html") return framed;
  if (essence.startsWith("text/") || /[/+](json|xml|x-subrip|ndjson)$/.test(essence)) return text;
  return null;
}

const shown = (job, file, signal) => viewer(file)(job, file, signal);

/** A link into the bucket, good for a quarter of an hour. */
export async function linkTo(job, name) {
  return (await get(`${fileOf(job.id, "artifacts", name)}?redirect=false`)).url;
}

/** The beginning of a file, as a blob of the type that we give it. */
async function blobOf(job, name, type, signal) {
  const answer = await send("GET", fileOf(job.id, "previews", name), { accept: "application/octet-stream", signal });
  return new Blob([await answer.arrayBuffer()], { type });
}

/** The same, as text. */
export async function textOf(job, name, signal) {
  return (await blobOf(job, name, "text/plain", signal)).text();
}

async function download(job, file) {
  // The bucket answers with a name and as an attachment, so the page stays where it is.
  location.assign(await linkTo(job, file.name));
}

async function recording(job, file, signal) {
  const sort = file.media_type.startsWith("video/") ? "video" : "audio";
  const poster = job.artifacts.find((one) => one.name === "poster.jpg");
  const player = el(sort, { id: "player", controls: true, preload: "metadata", poster: sort === "video" && poster ? await linkTo(job, poster.name) : null });
  await play(player, () => linkTo(job, file.name));
  const captions = job.artifacts.find((one) => one.media_type.startsWith("text/vtt"));
  if (captions) {
    const blob = await blobOf(job, captions.name, "text/vtt", signal);
    player.append(el("track", { kind: "captions", label: t("captions"), src: held(blob, signal) }));
  }
  return player;
}

/** Plays what a link leads to. Links end: a player that lost its one gets another and goes on where it was. */
export async function play(player, link) {
  let renewed = Date.now();
  player.src = await link();
  player.addEventListener("error", async () => {
    if (Date.now() - renewed < 60_000) return;
    renewed = Date.now();
    const { currentTime, paused } = player;
    player.src = await link();
    player.currentTime = currentTime;
    if (!paused) player.play();
  });
}

async function picture(job, file) {
  // A drawing (SVG) that is a picture runs no script and fetches nothing.
  return el("img", { src: await linkTo(job, file.name), alt: file.name, loading: "lazy", referrerpolicy: "no-referrer" });
}

async function pdf(job, file, signal) {
  const blob = await blobOf(job, file.name, "application/pdf", signal);
  return el("iframe", { class: "pages", title: file.name, src: held(blob, signal) });
}

/** A page that somebody else wrote: no script, no form, no address of its own, and under our policy, so it fetches nothing. */
async function framed(job, file, signal) {
  const blob = await blobOf(job, file.name, "text/html", signal);
  return [el("p", { class: "faint" }, t("framed")), el("iframe", { class: "pages", sandbox: "", title: file.name, src: held(blob, signal) })];
}

async function text(job, file, signal) {
  const whole = await textOf(job, file.name, signal);
  const cut = whole.length > CHARACTERS;
  return [cut ? el("p", { class: "faint" }, t("cut")) : null, el("pre", { tabindex: "0" }, whole.slice(0, CHARACTERS))].filter(Boolean);
}

/** An address for a blob, as long as the view is open. */
function held(blob, signal) {
  const url = URL.createObjectURL(blob);
  signal.addEventListener("abort", () => URL.revokeObjectURL(url), { once: true });
  return url;
}
