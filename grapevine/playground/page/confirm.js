// The "Are you sure?" of a confirm object (docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object).

import { el, uniqueId } from "./dom.js";
import { textObject, words } from "./mrkdwn.js";

/** True at once without a confirm object, else what the person answered. */
export function confirmed(object) {
  if (!object) return Promise.resolve(true);
  return new Promise((settle) => {
    const [title, text] = [uniqueId("title"), uniqueId("text")];
    const yes = el(
      "button",
      { class: object.style === "danger" ? "button danger" : "button primary", type: "button" },
      words(object.confirm) || "Yes",
    );
    const no = el("button", { class: "button", type: "button" }, words(object.deny) || "Cancel");
    const dialog = el(
      "dialog",
      { class: "confirm", role: "alertdialog", "aria-labelledby": title, "aria-describedby": text },
      el("h2", { id: title }, words(object.title)),
      el("div", { id: text }, textObject(object.text)),
      el("footer", {}, no, yes),
    );
    let answer = false;
    yes.addEventListener("click", () => {
      answer = true;
      dialog.close();
    });
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      settle(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
}
