// Small menus that open beside a button, above modals too (the popover API puts them into the top layer).

import { el, uniqueId } from "./dom.js";

function place(menu, button) {
  const spot = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = spot.bottom + 4 + size.height <= innerHeight;
  menu.style.top = `${Math.max(8, below ? spot.bottom + 4 : spot.top - size.height - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(spot.left, innerWidth - size.width - 8))}px`;
}

/** entries: [{title: string | Node, note?, danger?, pick()}]. */
export function openMenu(button, label, entries) {
  const items = entries.map(({ title, note, danger, pick }) => {
    const item = el(
      "button",
      { type: "button", role: "menuitem", tabindex: "-1", class: danger ? "danger" : null },
      el("span", {}, title),
      note ? el("small", {}, note) : null,
    );
    item.addEventListener("click", () => {
      menu.hidePopover();
      pick();
    });
    return item;
  });
  const menu = el(
    "div",
    { class: "menu", role: "menu", popover: "auto", "aria-label": label, id: uniqueId("menu") },
    items.length ? items : el("p", {}, "Nothing here yet."),
  );
  const step = { ArrowDown: 1, ArrowUp: -1 };
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    if (event.key === "Tab") menu.hidePopover();
    if (!(event.key in step) || !items.length) return;
    event.preventDefault();
    items[(at + step[event.key] + items.length) % items.length].focus();
  });
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    button.setAttribute("aria-expanded", "false");
    menu.remove();
    if (document.activeElement === document.body) button.focus();
  });
  button.parentElement.append(menu);
  button.setAttribute("aria-expanded", "true");
  menu.showPopover();
  place(menu, button);
  if (items.length) items[0].focus();
}

export function menuButton(attributes, face, label, entries) {
  const button = el(
    "button",
    { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", ...attributes },
    face,
  );
  button.addEventListener("click", () => openMenu(button, label, entries()));
  return button;
}
