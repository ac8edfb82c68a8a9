// Slack's mrkdwn as DOM nodes (docs.slack.dev/messaging/formatting-message-text).

import { el, outwardLink } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { channelName, nameOf, workspace } from "./workspace.js";
import { slackDate } from "./zone.js";

const STYLES = { "*": "strong", _: "em", "~": "s" };
// The earliest of: `code`, <anything>, a bare address, an opening * _ or ~ that follows no letter or digit.
const TOKEN = /`([^`\n]+)`|<([^<>\n]+)>|(https?:\/\/[^\s<>]+[^\s<>.,;:!?'")\]])|(?<![\p{L}\p{N}*_~])([*_~])(?=\S)/u;

export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Text that is neither markup nor link: entities and emoji become characters. */
export function plain(text) {
  return withEmoji(unescape(text));
}

export function mention(id) {
  const mine = workspace.me && id === workspace.me.id;
  return el("span", { class: mine ? "mention mine" : "mention" }, `@${nameOf(id)}`);
}

export function channelMention(id, label) {
  return el("span", { class: "mention" }, `#${label || channelName(id)}`);
}

function special(body) {
  const [, kind, rest] = body.match(/^!([\w-]+)\^?(.*)$/s) || [];
  if (kind === "date") {
    const [head, fallback] = rest.split("|");
    const [epoch, pattern, link] = head.split("^");
    const told = slackDate(Number(epoch), pattern || "") || fallback || "";
    const time = el("time", { datetime: new Date(Number(epoch) * 1000 || 0).toISOString() }, told);
    return link ? outwardLink(unescape(link), time) : time;
  }
  const label = body.includes("|") ? body.split("|")[1].replace(/^@/, "") : kind;
  return el("span", { class: "mention mine" }, `@${label}`);
}

function angle(body) {
  const [target, label] = [body.split("|")[0], body.includes("|") ? body.slice(body.indexOf("|") + 1) : ""];
  if (/^@[UWB]/.test(target)) return mention(target.slice(1));
  if (/^#[CGD]/.test(target)) return channelMention(target.slice(1), label);
  if (target.startsWith("!")) return special(body);
  if (/^(https?:|mailto:|tel:)/i.test(target)) {
    return outwardLink(unescape(target), plain(label || target.replace(/^(mailto|tel):/, "")));
  }
  return plain(`<${body}>`);
}

function closing(text, from, mark) {
  for (let at = text.indexOf(mark, from); at !== -1; at = text.indexOf(mark, at + 1)) {
    const [before, after] = [text[at - 1], text[at + 1]];
    if (at > from && !/\s/.test(before) && (!after || !/[\p{L}\p{N}]/u.test(after))) return at;
  }
  return -1;
}

/** One line's inline markup as a list of nodes and strings. */
export function inline(text) {
  const nodes = [];
  let rest = text;
  let held = "";
  while (rest) {
    const found = rest.match(TOKEN);
    if (!found) break;
    const [whole, code, body, address, mark] = found;
    const end = mark ? closing(rest, found.index + 1, mark) : -1;
    held += rest.slice(0, found.index);
    if (mark && end === -1) {
      held += mark;
      rest = rest.slice(found.index + 1);
      continue;
    }
    if (held) nodes.push(plain(held));
    held = "";
    if (code !== undefined) nodes.push(el("code", {}, unescape(code)));
    else if (body !== undefined) nodes.push(angle(body));
    else if (address) nodes.push(outwardLink(unescape(address), unescape(address)));
    else nodes.push(el(STYLES[mark], {}, inline(rest.slice(found.index + 1, end))));
    rest = rest.slice(mark ? end + 1 : found.index + whole.length);
  }
  if (held + rest) nodes.push(plain(held + rest));
  return nodes;
}

function lines(text) {
  const nodes = [];
  let quote = null;
  const split = text.split("\n");
  split.forEach((line, index) => {
    const quoted = line.match(/^(?:>|&gt;)\s?(.*)$/s);
    if (quoted) {
      if (!quote) nodes.push((quote = el("blockquote", {})));
      else quote.append(el("br"));
      quote.append(...inline(quoted[1]));
      return;
    }
    if (index > 0 && !quote) nodes.push(el("br"));
    quote = null;
    nodes.push(...inline(line));
  });
  return nodes;
}

/** Whole mrkdwn text as a span of nodes. */
export function mrkdwn(text) {
  const box = el("span", { class: "mrkdwn" });
  String(text ?? "")
    .split(/```/)
    .forEach((piece, index, all) => {
      const fenced = index % 2 === 1 && index < all.length - 1;
      if (fenced) box.append(el("pre", {}, unescape(piece.replace(/^\n|\n$/g, ""))));
      else {
        const raw = index % 2 === 1 ? `\`\`\`${piece}` : piece;
        const trimmed = raw.replace(index > 0 ? /^\n/ : /^$/, "").replace(index < all.length - 1 ? /\n$/ : /$^/, "");
        if (trimmed) box.append(...lines(trimmed));
      }
    });
  return box;
}

/** A Block Kit text object, of either kind, as a node. */
export function textObject(object) {
  if (typeof object === "string") return mrkdwn(object);
  if (!object) return el("span");
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  const box = el("span", { class: "plain" });
  plain(object.text ?? "")
    .split("\n")
    .forEach((line, index) => box.append(...(index ? [el("br"), line] : [line])));
  return box;
}

/** The words of a text object, for names and labels. */
export function words(object) {
  return object ? (textObject(object).textContent || "").trim() : "";
}
