// The box to write messages into: slash commands with completion, and the ⚡ menu of global shortcuts.

import { post } from "./api.js";
import { el, uniqueId } from "./dom.js";
import { menuButton } from "./menu.js";
import { report } from "./notice.js";
import { channelName, workspace } from "./workspace.js";

const SILENT = "The app did not answer. Try again in a moment.";

export class Composer {
  /** tell(message) shows an ephemeral message of the page's own. */
  constructor(channel, tell) {
    this.channel = channel;
    this.tell = tell;
    this.highlighted = 0;
    this.list = el("ul", {
      class: "commands",
      role: "listbox",
      "aria-label": "Slash commands",
      id: uniqueId("commands"),
      hidden: true,
    });
    const place = channel === workspace.dm ? workspace.app.name : `#${channelName(channel)}`;
    this.box = el("textarea", {
      rows: 1,
      "aria-label": "Message",
      placeholder: `Message ${place}`,
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
    });
    this.send = el("button", { type: "submit", class: "send", "aria-label": "Send", disabled: true }, "➤");
    const bolt = menuButton(
      { class: "quiet bolt", "aria-label": "Shortcuts", title: "Shortcuts" },
      "⚡",
      "Shortcuts",
      () => this.shortcuts(),
    );
    const slash = el(
      "button",
      { type: "button", class: "quiet", "aria-label": "Slash commands", title: "Slash commands" },
      "/",
    );
    slash.addEventListener("click", () => this.put("/"));
    this.node = el(
      "form",
      { class: "composer" },
      this.list,
      this.box,
      el("div", { class: "composer-tools" }, bolt, slash, el("span", { class: "space" }), this.send),
    );
    this.box.addEventListener("input", () => this.typed());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("blur", () => setTimeout(() => (this.list.hidden = true), 150));
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  put(text) {
    this.box.value = text;
    this.box.focus();
    this.typed();
  }

  shortcuts() {
    return workspace.shortcuts
      .filter(({ type }) => type === "global")
      .map((shortcut) => ({
        title: shortcut.name,
        note: shortcut.description || workspace.app.name,
        pick: () =>
          this.answer(
            post("/ui/shortcut", { user: workspace.me.id, callback_id: shortcut.callback_id, channel: this.channel }),
          ),
      }));
  }

  async answer(request) {
    const answer = await request;
    if (!answer.ok) report(answer.error || SILENT);
  }

  typed() {
    this.send.disabled = !this.box.value.trim();
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 200)}px`;
    const text = this.box.value;
    const name = text.split(/\s/)[0];
    const fitting = !text.startsWith("/")
      ? []
      : workspace.commands.filter(({ command }) => (text.includes(" ") ? command === name : command.startsWith(text)));
    this.suggested = fitting;
    this.highlighted = Math.max(
      0,
      fitting.findIndex(({ command }) => command === text),
    );
    this.list.hidden = !fitting.length;
    this.list.replaceChildren(...fitting.map((one, index) => this.suggestion(one, index)));
    this.mark();
  }

  suggestion({ command, description, usage_hint: hint }, index) {
    const item = el(
      "li",
      { role: "option", id: `${this.list.id}-${index}`, "aria-selected": "false" },
      el("div", {}, el("b", {}, command), hint ? el("span", { class: "usage" }, ` ${hint}`) : null),
      description ? el("small", {}, description) : null,
    );
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.put(`${command} `);
    });
    return item;
  }

  mark() {
    [...this.list.children].forEach((item, index) =>
      item.setAttribute("aria-selected", String(index === this.highlighted)),
    );
    if (this.list.hidden) this.box.removeAttribute("aria-activedescendant");
    else this.box.setAttribute("aria-activedescendant", `${this.list.id}-${this.highlighted}`);
  }

  key(event) {
    if (event.isComposing) return;
    const choosing = !this.list.hidden && !this.box.value.includes(" ");
    const picked = choosing && this.suggested[this.highlighted];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (choosing && step) {
      event.preventDefault();
      this.highlighted = (this.highlighted + step + this.suggested.length) % this.suggested.length;
      this.mark();
    } else if (event.key === "Escape" && !this.list.hidden) {
      this.list.hidden = true;
      this.mark();
    } else if (picked && (event.key === "Tab" || (event.key === "Enter" && picked.command !== this.box.value))) {
      event.preventDefault();
      this.put(`${picked.command} `);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    }
  }

  async submit() {
    const text = this.box.value.trim();
    if (!text) return;
    this.put("");
    const [, command, rest] = text.match(/^(\/\S+)\s*([\s\S]*)$/) || [];
    const who = { user: workspace.me.id, channel: this.channel };
    if (!command) await this.answer(post("/ui/message", { ...who, text }));
    else if (workspace.commands.some((one) => one.command === command)) {
      this.node.setAttribute("aria-busy", "true");
      await this.answer(post("/ui/command", { ...who, command, text: rest }));
      this.node.removeAttribute("aria-busy");
    } else {
      const names = workspace.commands.map((one) => one.command).join(", ");
      this.tell({
        ts: String(Date.now() / 1000),
        username: "Playground",
        user: "playground",
        text: `\`${command}\` is not a command here.${names ? ` These are: ${names}.` : ""}`,
      });
    }
  }
}
