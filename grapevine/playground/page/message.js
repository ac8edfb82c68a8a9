// One message as an article.

import { post } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { el, outwardLink, safeImage, safeLink } from "./dom.js";
import { emoji } from "./emoji.js";
import { face } from "./face.js";
import { menuButton } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { report } from "./notice.js";
import { Surface } from "./surface.js";
import { isApp, nameOf, workspace } from "./workspace.js";
import { clock } from "./zone.js";

export function author(message) {
  if (message.bot_id || message.app_id || isApp(message.user))
    return { id: workspace.app.bot_user_id, name: message.username || workspace.app.name, app: true };
  return { id: message.user, name: message.username || nameOf(message.user), app: false };
}

function attachment(one, surface, index) {
  if (one.blocks) return el("div", { class: "attachment" }, drawBlocks(one.blocks, surface, `attachment-${index}-`));
  return el(
    "div",
    { class: "attachment" },
    one.title ? el("strong", {}, one.title_link ? outwardLink(one.title_link, one.title) : one.title) : null,
    one.text || one.fallback ? el("div", {}, mrkdwn(one.text || one.fallback)) : null,
    safeImage(one.image_url) ? el("img", { src: safeImage(one.image_url), alt: one.title || "" }) : null,
  );
}

function file(one) {
  const address = one.url_private_download || one.url_private || one.permalink;
  const name = one.title || one.name || "File";
  const shown = String(one.mimetype || "").startsWith("image/") && safeImage(address);
  if (shown) return el("img", { class: "file-picture", src: shown, alt: name });
  const inner = [el("span", { class: "file-icon", "aria-hidden": "true" }, "📄"), name];
  return address && safeLink(address)
    ? el("a", { class: "file", href: safeLink(address), download: one.name || true }, inner)
    : el("span", { class: "file" }, inner);
}

function shortcuts(channel, message) {
  return workspace.shortcuts
    .filter(({ type }) => type === "message")
    .map((shortcut) => ({
      title: shortcut.name,
      note: workspace.app.name,
      pick: async () => {
        const answer = await post("/ui/shortcut", {
          user: workspace.me.id,
          callback_id: shortcut.callback_id,
          channel,
          message_ts: message.ts,
        });
        if (!answer.ok) report(answer.error || "The app did not answer. Try again in a moment.");
      },
    }));
}

function body(message, surface) {
  return [
    message.blocks && message.blocks.length
      ? drawBlocks(message.blocks, surface)
      : message.text
        ? el("div", { class: "text" }, mrkdwn(message.text))
        : null,
    (message.attachments || []).map((one, index) => attachment(one, surface, index)),
    (message.files || []).map(file),
    message.edited ? el("small", { class: "edited" }, "(edited)") : null,
    message.reactions
      ? el(
          "div",
          { class: "reactions" },
          message.reactions.map(({ name, count }) => el("span", {}, `${emoji(name) || name} ${count}`)),
        )
      : null,
  ];
}

/** compact: the same author went on writing, so face and name are left out. */
export function drawMessage(channel, message, { ephemeral = false, compact = false } = {}) {
  const { id, name, app } = author(message);
  const surface = new Surface({ type: "message", channel, message_ts: message.ts, is_ephemeral: ephemeral });
  const time = el("time", { datetime: new Date(Number(message.ts) * 1000).toISOString() }, clock(Number(message.ts)));
  const head = el(
    "div",
    { class: "message-head" },
    el("strong", {}, name),
    app ? el("span", { class: "app-mark" }, "APP") : null,
    time,
  );
  const more =
    ephemeral || !workspace.shortcuts.some(({ type }) => type === "message")
      ? null
      : el(
          "div",
          { class: "message-tools" },
          menuButton({ class: "button square", "aria-label": "More actions" }, "⋮", "Message shortcuts", () =>
            shortcuts(channel, message),
          ),
        );
  return el(
    "article",
    {
      class: ["message", compact && "compact", ephemeral && "ephemeral"].filter(Boolean).join(" "),
      "aria-label": `${name}, ${clock(Number(message.ts))}`,
      "data-ts": message.ts,
    },
    el(
      "div",
      { class: "message-side" },
      compact
        ? el("time", {}, clock(Number(message.ts)).replace(/\s?[AP]M$/i, ""))
        : face(id, message.icons && message.icons.image_url),
    ),
    el(
      "div",
      { class: "message-main" },
      ephemeral
        ? el("div", { class: "only-you" }, el("span", { "aria-hidden": "true" }, "👁 "), "Only visible to you")
        : null,
      compact ? null : head,
      message.thread_ts && message.thread_ts !== message.ts
        ? el("small", { class: "hint" }, "replied in a thread")
        : null,
      body(message, surface),
    ),
    more,
  );
}
