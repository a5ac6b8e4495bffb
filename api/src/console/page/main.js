// Which view is shown? The one that the address names, to whoever has signed in.

import { el, outage, tell } from "/console/dom.js";
import { forget, may, me, signIn, token } from "/console/session.js";
import { language, learn, switchLanguage, t } from "/console/words.js";

/** The views by the first word of the address: its module, its name, and who sees it. */
const VIEWS = {
  "": { module: "overview", name: "overview", to: () => me.operator || may("jobs:read") },
  jobs: { module: "jobs", name: "jobs", to: () => me.tenant && may("jobs:read") },
  new: { module: "submit", name: "new_job", to: () => me.tenant && may("jobs:write") && may("jobs:read") },
  schedules: { module: "schedules", name: "schedules", to: () => me.tenant && (may("jobs:read") || may("schedules:write")) },
  usage: { module: "usage", name: "usage", to: () => me.tenant && may("jobs:read") },
  tenants: { module: "tenants", name: "tenants", to: () => me.operator },
  workers: { module: "workers", name: "workers", to: () => me.operator },
};

/** Where the details of one thing have a module of their own. */
const DETAILS = { jobs: "job" };

const THEME = "esteira.theme";
const THEMES = ["", "light", "dark"];

const main = document.getElementById("main");
/** Why signing in at the issuer did not work, for the view in which one does that. */
let refused = null;
let leaving = new AbortController();

function decoded(word) {
  try {
    return decodeURIComponent(word);
  } catch {
    // Somebody has typed it: it stands for itself.
    return word;
  }
}

/** The address after `#/`: its words, and its parameters. */
function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [first = "", ...rest] = path.split("/").map(decoded);
  return { first, rest, query: new URLSearchParams(query) };
}

function bar() {
  const { first } = place();
  const link = ([path, view]) =>
    el("a", { href: `#/${path}`, "aria-current": path === first ? "page" : null }, t(view.name));
  const views = me ? Object.entries(VIEWS).filter(([, view]) => view.to()) : [];
  const who = me ? el("span", { class: "who", title: me.scopes.join(" ") }, me.tenant?.slug ?? t("operator")) : null;
  document.getElementById("skip").textContent = t("skip");
  document.getElementById("bar").replaceChildren(
    el("a", { class: "name", href: "#/" }, el("img", { src: "/console/icon.svg", alt: "" }), "Esteira"),
    el("nav", { "aria-label": t("views") }, views.map(link)),
    el("div", { class: "tools" },
      ...(who ? [who] : []),
      el("button", { id: "theme", class: "quiet", title: t("theme_hint"), onclick: turnTheme }, t(`theme_${localStorage.getItem(THEME) || "auto"}`)),
      el("button", { id: "language", class: "quiet", lang: language === "pt" ? "en" : "pt-BR", onclick: otherLanguage },
        language === "pt" ? "English" : "Português"),
      ...(me ? [el("button", { id: "sign-out", class: "quiet", onclick: forget }, t("sign_out"))] : [])));
}

function theme() {
  document.documentElement.dataset.theme = localStorage.getItem(THEME) ?? "";
}

function turnTheme() {
  localStorage.setItem(THEME, THEMES[(THEMES.indexOf(localStorage.getItem(THEME) ?? "") + 1) % THEMES.length]);
  theme();
  bar();
  document.getElementById("theme").focus();
}

async function otherLanguage() {
  await switchLanguage();
  await go();
  document.getElementById("language").focus();
}

/** Shows the view of the address; whatever the former one still does is called off. */
async function go() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const { first, rest, query } = place();
  const view = VIEWS[first];
  for (const who of ["view", "events"]) outage(who, false);
  if (!me && token()) {
    try {
      await signIn(token());
    } catch (error) {
      if (signal.aborted) return;
      bar();
      if (token()) {
        title(t("sign_in"));
        return fail(error.status < 500 ? error : new Error(t("not_now")), signal);
      }
    }
    if (signal.aborted) return;
  }
  bar();
  if (!me) {
    const told = refused;
    refused = null;
    return open("sign_in", { signal, rest, query, told });
  }
  if (!view?.to()) return first === "" ? fail(new Error(t("nothing_to_see")), signal) : location.replace("#/");
  await open(rest.length && DETAILS[first] ? DETAILS[first] : view.module, { signal, rest, query });
}

async function open(module, page) {
  try {
    const { view } = await import(`/console/${module}.js`);
    if (page.signal.aborted) return;
    await view({ ...page, main, title, signedIn });
  } catch (error) {
    fail(error, page.signal);
  }
}

/** Names the view, and puts whoever uses a screen reader or a keyboard at its beginning. */
function title(text, ...beside) {
  document.title = `${text} · Esteira`;
  const heading = el("h1", { tabindex: "-1" }, text);
  main.replaceChildren(el("div", { class: "head" }, heading, ...beside));
  heading.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function fail(error, signal) {
  if (signal.aborted || error.status === 401) return;
  const text = error.status === 404 ? t("not_there") : error.message;
  main.append(el("div", { class: "fault", role: "alert" }, el("p", {}, text),
    el("button", { onclick: () => go() }, t("again"))));
}

function signedIn() {
  return location.hash === "" || location.hash === "#/" ? go() : location.replace("#/");
}

async function start() {
  theme();
  const words = learn();
  addEventListener("hashchange", () => go());
  addEventListener("signed-out", () => { tell(t("signed_out")); go(); });
  const answer = new URLSearchParams(location.search);
  if (answer.has("code") || answer.has("error")) {
    await (await import("/console/oidc.js")).finish().catch((error) => { refused = error.message; });
  }
  // The words and the user come at the same time: on a slow line every turn counts.
  if (token()) await signIn(token()).catch(() => {});
  await words;
  await go();
}

start();
