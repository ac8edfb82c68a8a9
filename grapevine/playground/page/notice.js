// Errors and news that a person is to see, wherever they are looking.

import { el } from "./dom.js";

const LINGER = 9000;
let place = null;

/** Where notices stand while a modal covers the page; null gives them back to the page. */
export function noticesIn(node) {
  place = node;
}

export function report(text) {
  const box = place || document.getElementById("notices");
  for (const shown of box.children) if (shown.dataset.text === text) return;
  const close = el("button", { type: "button", class: "quiet", "aria-label": "Dismiss this notice" }, "✕");
  const notice = el("div", { class: "notice", role: "alert", "data-text": text }, el("span", {}, text), close);
  close.addEventListener("click", () => notice.remove());
  box.append(notice);
  setTimeout(() => notice.remove(), LINGER);
}
