// Pictures of people and of the app.

import { el, safeImage, svg } from "./dom.js";
import { emoji } from "./emoji.js";
import { colourOf, displayName, isApp, person } from "./workspace.js";

const GRAPES = [
  [9, 11],
  [16, 11],
  [23, 11],
  [12.5, 17],
  [19.5, 17],
  [16, 23],
];

function grapes() {
  return svg(
    "svg",
    { viewBox: "0 0 32 32", "aria-hidden": "true" },
    svg("path", { d: "M16 8 C16 5 18 3.5 21 3 C21.5 6 19.5 8 16 8Z", fill: "#7bd389" }),
    GRAPES.map(([cx, cy]) => svg("circle", { cx, cy, r: 3.6, fill: "#d9c2ff" })),
  );
}

/** A decorative picture; the name always stands beside it. */
export function face(id, override) {
  const app = isApp(id);
  const known = app ? null : person(id);
  const wanted = override || (known && known.avatar) || "";
  const source = /^(https?:|data:|\/)/.test(wanted) && safeImage(wanted);
  const named = emoji(String(wanted).replaceAll(":", ""));
  if (source) return el("img", { class: "face", src: source, alt: "" });
  if (app) return el("span", { class: "face app", "aria-hidden": "true" }, grapes());
  const letter = named || (known ? displayName(known) : String(id || "?"))[0].toUpperCase();
  const box = el("span", { class: "face", "aria-hidden": "true" }, letter);
  box.style.background = colourOf(id || "?");
  return box;
}
