// The sidebar and the top bar.

import { el, outwardLink } from "./dom.js";
import { face } from "./face.js";
import { unreadIn } from "./messages.js";
import { displayName, workspace } from "./workspace.js";

export function badge(count) {
  return count ? el("span", { class: "badge", "aria-label": `${count} unread` }, String(count)) : null;
}

function place(hash, current, ...face) {
  return el("li", {}, el("a", { href: `#${hash}`, "aria-current": current === hash ? "page" : null }, ...face));
}

/** current: the place shown now ("home", "messages", "about" or a channel's id). */
export function sidebar(current, connected, openCrowd) {
  const { channels, networks, app, dm, transport } = workspace;
  const inApp = ["home", "messages", "about"].includes(current);
  const mark = el("span", { class: connected ? "dot on" : "dot", "aria-hidden": "true" });
  return [
    el("h2", {}, "Channels"),
    el(
      "ul",
      {},
      channels.map(({ id, name }) =>
        place(
          id,
          current,
          el("span", { class: "hash", "aria-hidden": "true" }, "#"),
          el("span", {}, name),
          badge(unreadIn(id)),
        ),
      ),
    ),
    el("h2", {}, "Apps"),
    el(
      "ul",
      {},
      el(
        "li",
        {},
        el(
          "a",
          { href: unreadIn(dm) ? "#messages" : "#home", "aria-current": inApp ? "page" : null },
          face(app.bot_user_id),
          el("span", {}, app.name),
          badge(unreadIn(dm)),
        ),
      ),
    ),
    networks.length
      ? [
          el("h2", {}, "Networks"),
          el(
            "ul",
            {},
            networks.map(({ title, name, url }) => {
              const link = outwardLink(
                url,
                el("span", { class: "hash", "aria-hidden": "true" }, "↗"),
                el("span", {}, title || name),
              );
              return el("li", {}, link);
            }),
          ),
        ]
      : null,
    el("h2", {}, "Readers"),
    el(
      "ul",
      {},
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", onclick: openCrowd },
          el("span", { class: "hash", "aria-hidden": "true" }, "👥"),
          el("span", {}, "Crowd"),
        ),
      ),
    ),
    el(
      "p",
      { class: "transport" },
      mark,
      connected
        ? `${app.name} is connected (${transport === "http" ? "HTTP" : "Socket Mode"})`
        : `${app.name} is not connected`,
    ),
  ];
}

export function topBar(menu) {
  const { team, users, me } = workspace;
  return [
    menu,
    el(
      "span",
      { class: "brand" },
      el("span", { class: "brand-letter", "aria-hidden": "true" }, (team.name || "?")[0]),
      el("span", { class: "brand-name" }, team.name),
    ),
    el(
      "nav",
      { class: "people", "aria-label": "You are" },
      el("span", { class: "people-label" }, "You are:"),
      users
        .filter((user) => !user.is_bot)
        .map((user) => {
          const link = el(
            "a",
            {
              href: `/?user=${encodeURIComponent(user.id)}${location.hash}`,
              "aria-current": user.id === me.id ? "true" : null,
              title: `${displayName(user)}${user.is_admin ? ", workspace admin" : ""}`,
            },
            face(user.id),
            el("span", {}, displayName(user).split(" ")[0]),
          );
          // The place is kept; it may have changed since the bar was drawn.
          link.addEventListener("click", () => (link.href = `/?user=${encodeURIComponent(user.id)}${location.hash}`));
          return link;
        }),
    ),
  ];
}
