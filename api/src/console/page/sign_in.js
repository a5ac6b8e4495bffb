// How does somebody sign in? With an API key, or at the issuer that the operator trusts.

import { el, field } from "/console/dom.js";
import { forget, signIn } from "/console/session.js";
import { t } from "/console/words.js";

export async function view({ main, title, signedIn, signal, told }) {
  title(t("sign_in"));
  const key = el("input", { id: "key", type: "password", name: "key", required: true, autocomplete: "off", spellcheck: "false", placeholder: "est_…" });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const submit = async (event) => {
    event.preventDefault();
    fault.hidden = true;
    try {
      await signIn(key.value.trim());
      signedIn();
    } catch (error) {
      forget();
      fault.textContent = error.status === 401 ? t("key_refused") : error.message;
      fault.hidden = false;
    }
  };
  const form = el("form", { class: "narrow", onsubmit: submit },
    field(t("key"), key, t("key_hint")), el("button", { class: "first" }, t("sign_in")), fault);
  if (told) {
    fault.textContent = `${t("refused")} (${told})`;
    fault.hidden = false;
  }
  main.append(form);
  key.focus();

  const settings = await (await fetch("/console/settings.json", { signal })).json();
  main.append(el("p", { class: "faint" }, `Esteira ${settings.version} · `, el("a", { href: "/docs" }, t("api_docs"))));
  if (!settings.sign_in) return;
  const elsewhere = async () => (await import("/console/oidc.js")).begin(settings.sign_in);
  // Browsers have no `crypto.subtle` for pages that came over plain HTTP from another machine.
  const able = Boolean(crypto.subtle);
  form.after(el("p", {}, el("button", { id: "oidc", disabled: !able, onclick: elsewhere }, t("sign_in_oidc")),
    able ? null : el("small", {}, ` ${t("needs_https")}`)));
}
