// Is this really meant? A dialog that Escape closes and that says in its button what will be done.

import { el } from "/console/dom.js";
import { t } from "/console/words.js";

/** Whether the user says yes. */
export function ask(question, yes) {
  const id = "ask-question";
  const dialog = el("dialog", { "aria-labelledby": id }, el("p", { id }, question),
    el("div", { class: "row" },
      el("button", { id: "ask-yes", class: "first", onclick: () => dialog.close("yes") }, yes),
      el("button", { id: "ask-no", onclick: () => dialog.close("no") }, t("no"))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => {
    dialog.remove();
    done(dialog.returnValue === "yes");
  }));
}
