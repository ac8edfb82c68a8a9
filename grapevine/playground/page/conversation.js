// The list of messages of one channel, with the box to write into.

import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { author, drawMessage } from "./message.js";
import { inOrder, loadHistory, markSeen } from "./messages.js";
import { channelName, workspace } from "./workspace.js";
import { dayTitle } from "./zone.js";

const PAUSE = 300; // seconds after which the same author gets a head again

export class Conversation {
  constructor(channel) {
    this.channel = channel;
    this.drawn = new Map();
    this.days = new Map();
    this.log = el("div", { class: "log", role: "log", "aria-label": "Messages", tabindex: "0" });
    this.composer = new Composer(channel, (message) => this.local(message));
    this.node = el("div", { class: "conversation" }, this.log, this.composer.node);
    this.locals = [];
  }

  async open() {
    await loadHistory(this.channel);
    this.draw();
    this.log.scrollTop = this.log.scrollHeight;
    this.seen();
  }

  /** Something only this page says, such as that a command does not exist. */
  local(message) {
    this.locals.push({ message, ephemeral: true });
    this.draw();
  }

  /** A changed message is drawn anew; all others keep their nodes, so that what is typed in them stays. */
  draw(changed) {
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 120;
    if (changed) this.drawn.delete(changed);
    const rows = [];
    let before = null;
    let day = null;
    const all = [...inOrder(this.channel), ...this.locals].sort(
      (one, other) => Number(one.message.ts) - Number(other.message.ts),
    );
    for (const { message, ephemeral } of all) {
      const title = dayTitle(Number(message.ts));
      if (title !== day) rows.push(this.dayRow(title));
      const compact =
        Boolean(before) &&
        title === day &&
        !ephemeral &&
        !before.ephemeral &&
        author(before.message).id === author(message).id &&
        author(before.message).name === author(message).name &&
        Number(message.ts) - Number(before.message.ts) < PAUSE;
      day = title;
      before = { message, ephemeral };
      const held = this.drawn.get(message.ts);
      if (held && held.compact === compact) rows.push(held.node);
      else {
        const node = drawMessage(this.channel, message, { ephemeral, compact });
        this.drawn.set(message.ts, { node, compact });
        rows.push(node);
      }
    }
    this.place(rows.length ? rows : [this.welcome()]);
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  /** Moves as few nodes as it can: a node that is taken out loses focus and open menus. */
  place(rows) {
    const wanted = new Set(rows);
    for (const node of [...this.log.childNodes]) if (!wanted.has(node)) node.remove();
    rows.forEach((row, index) => {
      if (this.log.childNodes[index] !== row) this.log.insertBefore(row, this.log.childNodes[index] || null);
    });
  }

  dayRow(title) {
    if (!this.days.has(title)) this.days.set(title, el("h2", { class: "day" }, el("span", {}, title)));
    return this.days.get(title);
  }

  welcome() {
    const direct = this.channel === workspace.dm;
    const first = workspace.commands[0];
    return el(
      "div",
      { class: "empty" },
      el(
        "h2",
        {},
        direct
          ? `This is your conversation with ${workspace.app.name}`
          : `This is the beginning of #${channelName(this.channel)}`,
      ),
      el("p", {}, first ? `Try typing ${first.command} below.` : "Write the first message below."),
    );
  }

  seen() {
    if (!document.hidden) markSeen(this.channel);
  }
}
