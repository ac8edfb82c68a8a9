// The crowd: people who click and react on command, so that there is something to count.

import { post } from "./api.js";
import { el, uniqueId } from "./dom.js";

function amount(label, value, max) {
  const id = uniqueId("amount");
  const field = el("input", { class: "field", type: "number", id, min: 1, max, value });
  return { field, node: [el("label", { for: id }, label), field] };
}

/** The panel, with a function to close it. */
export function crowd(close) {
  const link = el("input", { class: "field", type: "url", id: uniqueId("link"), placeholder: "The newest links" });
  const told = el("p", { class: "told", role: "status" });
  const [clicks, reactions] = [amount("People", 3, 500), amount("Reactions", 2, 500)];
  const row = (title, note, name, counted, body) => {
    const press = el("button", { type: "submit", class: "button" }, name);
    const form = el(
      "form",
      {},
      el("h3", {}, title),
      el("p", {}, note),
      el("div", { class: "crowd-row" }, counted ? counted.node : null, press),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      press.disabled = true;
      told.textContent = "…";
      const answer = await post("/ui/crowd", {
        clicks: 0,
        reactions: 0,
        bot: false,
        ...body(),
        ...(link.value ? { link: link.value } : {}),
      });
      told.textContent = answer.told || answer.error || "Nothing happened. Share something first.";
      press.disabled = false;
    });
    return form;
  };
  const dismiss = el(
    "button",
    { type: "button", class: "quiet", "aria-label": "Close the crowd panel", onclick: close },
    "✕",
  );
  return el(
    "aside",
    { class: "crowd", "aria-label": "Crowd" },
    el("header", {}, el("h2", {}, "Crowd"), dismiss),
    el("p", {}, "Nobody reads posts in a playground, so you send the readers."),
    told,
    row("They click", "Different people follow the short links.", "Follow links", clicks, () => ({
      clicks: Number(clicks.field.value),
    })),
    row("They react", "Likes and comments on the network pages.", "React", reactions, () => ({
      reactions: Number(reactions.field.value),
    })),
    row("A bot passes by", "A link previewer looks. It must not count.", "Send a bot", null, () => ({ bot: true })),
    el("div", { class: "crowd-link" }, el("label", { for: link.id }, "Only this short link"), link),
  );
}
