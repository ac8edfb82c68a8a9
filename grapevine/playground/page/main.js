// Where everything comes together: the places of the workspace, and the events that change them.

import { get, listen, post } from "./api.js";
import { Conversation } from "./conversation.js";
import { crowd } from "./crowd.js";
import { el } from "./dom.js";
import { face } from "./face.js";
import { about, Home } from "./home.js";
import { allUnread, loadHistory, onUnread, received, removed, unreadIn } from "./messages.js";
import { stackTold } from "./modal.js";
import { report } from "./notice.js";
import { badge, sidebar, topBar } from "./sidebar.js";
import { channelName, workspace } from "./workspace.js";

const TABS = ["home", "messages", "about"];
const page = { place: null, home: null, talk: null, connected: true, reachable: true, crowd: null };
const box = (id) => document.getElementById(id);

function wanted() {
  const hash = decodeURIComponent(location.hash.slice(1));
  return TABS.includes(hash) || workspace.channels.some(({ id }) => id === hash) ? hash : "home";
}

function tabs() {
  const tab = (name) =>
    el(
      "a",
      {
        role: "tab",
        href: `#${name}`,
        id: `tab-${name}`,
        "aria-selected": String(page.place === name),
        tabindex: page.place === name ? "0" : "-1",
        "aria-controls": "panel",
      },
      name[0].toUpperCase() + name.slice(1),
      name === "messages" ? badge(unreadIn(workspace.dm)) : null,
    );
  const list = el("div", { role: "tablist", "aria-label": workspace.app.name }, TABS.map(tab));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    location.hash = TABS[(TABS.indexOf(page.place) + step + TABS.length) % TABS.length];
    page.focusTab = true;
  });
  return list;
}

function drawAround() {
  const link = document.activeElement && document.activeElement.closest("#sidebar a, #heading a");
  const kept =
    link && `#${link.closest("[id=sidebar], [id=heading]").id} a[href="${CSS.escape(link.getAttribute("href"))}"]`;
  box("sidebar").replaceChildren(
    ...sidebar(page.place, page.connected, () => toggleCrowd(true))
      .flat(Infinity)
      .filter(Boolean),
  );
  const inApp = TABS.includes(page.place);
  const title = inApp ? workspace.app.name : channelName(page.place);
  box("heading").replaceChildren(
    el(
      "h1",
      {},
      inApp ? face(workspace.app.bot_user_id) : el("span", { class: "hash", "aria-hidden": "true" }, "#"),
      title,
    ),
    ...(inApp ? [tabs()] : []),
  );
  if (kept) document.querySelector(kept)?.focus();
  const count = allUnread();
  document.title = `${count ? `(${count}) ` : ""}${title} · ${workspace.team.name}`;
  const banner = box("banner");
  banner.hidden = page.connected && page.reachable;
  banner.textContent = page.reachable
    ? `${workspace.app.name} is not connected, so commands and buttons go unanswered. Start it, or wait a moment if it is starting.`
    : "The playground itself stopped answering. This page goes on by itself as soon as it is back.";
}

function go() {
  page.place = wanted();
  page.home = page.talk = null;
  const panel = box("panel");
  const inApp = TABS.includes(page.place);
  if (inApp) {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", `tab-${page.place}`);
  } else {
    panel.removeAttribute("role");
    panel.removeAttribute("aria-labelledby");
  }
  if (page.place === "home") {
    page.home = new Home();
    panel.replaceChildren(page.home.node);
    page.home.open();
  } else if (page.place === "about") panel.replaceChildren(about());
  else {
    page.talk = new Conversation(page.place === "messages" ? workspace.dm : page.place);
    panel.replaceChildren(page.talk.node);
    page.talk.open();
    if (page.place === "messages") post("/ui/home/open", { user: workspace.me.id, tab: "messages" });
  }
  toggleMenu(false);
  drawAround();
  if (page.focusTab) box(`tab-${page.place}`)?.focus();
  page.focusTab = false;
}

function toggleMenu(open) {
  document.body.classList.toggle("menu-open", open);
  box("menu-button").setAttribute("aria-expanded", String(open));
}

function toggleCrowd(open) {
  toggleMenu(false);
  page.crowd ||= crowd(() => toggleCrowd(false));
  page.crowd.remove();
  if (open) {
    box("workspace").append(page.crowd);
    page.crowd.querySelector("input").focus();
  }
}

function talkOf(channel) {
  return page.talk && page.talk.channel === channel ? page.talk : null;
}

const EVENTS = {
  home: ({ view }) => page.home && page.home.show(view),
  message: ({ channel, message }) => {
    received(channel, message, false);
    talkOf(channel)?.draw(message.ts);
    talkOf(channel)?.seen();
  },
  ephemeral: ({ channel, message }) => {
    received(channel, message, true);
    talkOf(channel)?.draw(message.ts);
    talkOf(channel)?.seen();
  },
  message_changed: ({ channel, message }) => {
    received(channel, message, false);
    talkOf(channel)?.draw(message.ts);
  },
  message_deleted: ({ channel, ts }) => {
    removed(channel, ts);
    talkOf(channel)?.draw(ts);
  },
  modal: ({ stack }) => stackTold(stack),
  error: ({ text }) => report(text),
  app: ({ connected }) => {
    const back = connected && !page.connected;
    page.connected = connected;
    drawAround();
    if (back && page.home) page.home.open();
  },
};

async function start() {
  const answer = await get("/ui/bootstrap");
  if (!answer.users) {
    box("panel").replaceChildren(
      el(
        "div",
        { class: "empty" },
        el("h2", {}, "The playground does not answer"),
        el("p", {}, "Look whether it still runs, then reload this page."),
      ),
    );
    return;
  }
  Object.assign(workspace, answer);
  const asked = new URLSearchParams(location.search).get("user");
  workspace.me = answer.users.find(({ id }) => id === asked) || answer.users[0];
  document.documentElement.lang = "en";
  page.connected = answer.connected !== false;
  workspace.dm = (await get("/ui/dm", { user: workspace.me.id })).channel || null;
  const menu = el(
    "button",
    {
      type: "button",
      id: "menu-button",
      class: "quiet",
      "aria-label": "Menu",
      "aria-expanded": "false",
      "aria-controls": "sidebar",
      onclick: () => toggleMenu(!document.body.classList.contains("menu-open")),
    },
    "☰",
  );
  box("top").replaceChildren(...topBar(menu));
  onUnread(drawAround);
  page.place = wanted();
  await listen(workspace.me.id, {
    onEvent: (event) => EVENTS[event.type]?.(event),
    onLost: () => {
      page.reachable = false;
      drawAround();
    },
    onReturn: async () => {
      page.reachable = true;
      page.connected = (await get("/ui/bootstrap")).connected !== false;
      drawAround();
      if (page.talk) page.talk.open();
      if (page.home) page.home.show((await get("/ui/home", { user: workspace.me.id })).view);
    },
  });
  go();
  addEventListener("hashchange", go);
  box("veil").addEventListener("click", () => toggleMenu(false));
  addEventListener("keydown", (event) => event.key === "Escape" && toggleMenu(false));
  document.addEventListener("visibilitychange", () => page.talk?.seen());
  if (workspace.dm && page.place !== "messages") loadHistory(workspace.dm);
}

start();
