// The stack of modals: one dialog that shows the topmost view.

import { post } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { el, uniqueId } from "./dom.js";
import { words } from "./mrkdwn.js";
import { noticesIn, report } from "./notice.js";
import { Surface } from "./surface.js";
import { workspace } from "./workspace.js";

const REQUIRED = "Please complete this required field.";
const TROUBLE = "The app did not answer in time. Nothing was lost: try once more.";

let stack = [];
let parts = null;
let clearing = false;
const surfaces = new Map();

function top() {
  return stack[stack.length - 1];
}

function surfaceOf(view) {
  if (!surfaces.has(view.id)) surfaces.set(view.id, new Surface({ type: "view", view_id: view.id }));
  return surfaces.get(view.id);
}

function open() {
  const title = el("h2", { id: uniqueId("title") });
  const form = el("form", { novalidate: true });
  const body = el("div", { class: "modal-body", tabindex: "-1" });
  const notices = el("div", { class: "modal-notices" });
  const dismiss = el("button", { type: "button", class: "quiet", "aria-label": "Dismiss" }, "✕");
  const cancel = el("button", { type: "button", class: "button" });
  const submit = el("button", { type: "submit", class: "button primary" });
  form.append(el("header", {}, title, dismiss), notices, body, el("footer", {}, cancel, submit));
  const dialog = el("dialog", { class: "modal", "aria-labelledby": title.id }, form);
  parts = { dialog, title, body, notices, cancel, submit, shown: null };
  dismiss.addEventListener("click", () => close(true));
  cancel.addEventListener("click", () => close(false));
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    close(false);
  });
  // A browser may close a dialog on a second Esc without asking.
  dialog.addEventListener("close", (event) => event.target === dialog && stack.length && parts && close(false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  document.body.append(dialog);
  noticesIn(notices);
  dialog.showModal();
}

function shut() {
  if (!parts) return;
  const { dialog } = parts;
  parts = null;
  noticesIn(null);
  surfaces.clear();
  dialog.close();
  dialog.remove();
}

/** The whole stack as the backend tells of it; an empty one closes the dialog. */
export function stackTold(views) {
  if (!clearing) showModals(views);
}

function showModals(views) {
  stack = views || [];
  if (!stack.length) {
    shut();
    return;
  }
  if (!parts) open();
  else if (!parts.dialog.open) parts.dialog.showModal();
  const view = top();
  const surface = surfaceOf(view);
  const other = parts.shown && parts.shown !== view.id;
  if (other) surfaces.get(parts.shown)?.keep();
  for (const id of surfaces.keys()) if (!stack.some((one) => one.id === id)) surfaces.delete(id);
  const fresh = parts.shown !== view.id;
  parts.shown = view.id;
  parts.title.textContent = words(view.title);
  parts.cancel.textContent = words(view.close) || (view.submit ? "Cancel" : "Close");
  parts.submit.textContent = words(view.submit) || "Submit";
  parts.submit.hidden = !view.submit;
  busy(false);
  if (fresh) parts.notices.replaceChildren();
  surface.redraw(parts.body, () => drawBlocks(view.blocks, surface));
  if (!fresh) return;
  parts.body.scrollTop = 0;
  const first =
    parts.body.querySelector("[data-focus]") ||
    parts.body.querySelector(
      ".input input:not([type=radio]):not([type=checkbox]), .input textarea, .input select, .input [role=combobox]",
    );
  (first || parts.body).focus();
}

function busy(yes) {
  parts.submit.disabled = yes;
  if (yes) parts.submit.setAttribute("aria-busy", "true");
  else parts.submit.removeAttribute("aria-busy");
}

/** X closes the whole stack, Cancel and Esc the topmost view, as in Slack. */
async function close(all) {
  const gone = all ? [...stack].reverse() : stack.slice(-1);
  showModals(stack.slice(0, stack.length - gone.length));
  // One after the other, topmost first; what the backend tells of the stack meanwhile is already old.
  clearing = gone.length > 1;
  for (const view of gone) await post("/ui/close", { user: workspace.me.id, view_id: view.id });
  clearing = false;
}

function complain(inputs, errors) {
  const wrong = inputs.filter((input) => errors[input.blockId]);
  for (const input of inputs) input.say(errors[input.blockId] || "");
  for (const [block, text] of Object.entries(errors))
    if (!inputs.some((input) => input.blockId === block)) report(text);
  if (wrong.length) wrong[0].focus();
}

function missing(inputs) {
  const errors = {};
  for (const input of inputs) {
    const text = input.empty() ? !input.optional && REQUIRED : input.problem();
    if (text) errors[input.blockId] = text;
  }
  return errors;
}

async function send() {
  const view = top();
  const surface = surfaceOf(view);
  const errors = missing(surface.inputs);
  complain(surface.inputs, errors);
  if (Object.keys(errors).length || parts.submit.disabled) return;
  parts.notices.replaceChildren();
  busy(true);
  const answer = await post("/ui/submit", { user: workspace.me.id, view_id: view.id, state: surface.state() });
  if (!parts || parts.shown !== view.id) return;
  busy(false);
  if (answer.errors && Object.keys(answer.errors).length) complain(surface.inputs, answer.errors);
  else if (!answer.ok) report(answer.error || TROUBLE);
}
