// rich_text blocks and the markdown block as DOM nodes.

import { el, outwardLink } from "./dom.js";
import { emoji, withEmoji } from "./emoji.js";
import { channelMention, mention } from "./mrkdwn.js";
import { slackDate } from "./zone.js";

function styled(node, style = {}) {
  let wrapped = node;
  for (const [name, tag] of [
    ["code", "code"],
    ["strike", "s"],
    ["italic", "em"],
    ["bold", "strong"],
  ]) {
    if (style[name]) wrapped = el(tag, {}, wrapped);
  }
  return wrapped;
}

function withBreaks(text) {
  return text.split("\n").flatMap((line, index) => (index ? [el("br"), line] : [line]));
}

function piece(element) {
  switch (element.type) {
    case "text":
      return styled(el("span", {}, withBreaks(element.text)), element.style);
    case "link":
      return styled(outwardLink(element.url, element.text || element.url), element.style);
    case "user":
      return mention(element.user_id);
    case "channel":
      return channelMention(element.channel_id);
    case "broadcast":
      return el("span", { class: "mention mine" }, `@${element.range}`);
    case "usergroup":
      return el("span", { class: "mention" }, `@${element.usergroup_id}`);
    case "emoji":
      return emoji(element.name) || `:${element.name}:`;
    case "date":
      return el("time", {}, slackDate(element.timestamp, element.format) || element.fallback || "");
    case "color":
      return el("code", {}, element.value);
    default:
      return element.text || "";
  }
}

function pieces(element) {
  return (element.elements || []).map(piece);
}

function part(element) {
  switch (element.type) {
    case "rich_text_section":
      return el("div", { class: "rich-section" }, pieces(element));
    case "rich_text_quote":
      return el("blockquote", {}, pieces(element));
    case "rich_text_preformatted":
      return el("pre", {}, pieces(element));
    case "rich_text_list":
      return el(
        element.style === "ordered" ? "ol" : "ul",
        { class: `indent-${Math.min(element.indent || 0, 8)}`, start: element.offset ? element.offset + 1 : null },
        (element.elements || []).map((item) => el("li", {}, pieces(item))),
      );
    default:
      return el("div");
  }
}

export function richText(block) {
  return el("div", { class: "rich-text" }, (block.elements || []).map(part));
}

const MARK =
  /`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|(\*\*|__|~~|\*|_)(?=\S)(.+?)(?<=\S)\4|(https?:\/\/[^\s<>]+[^\s<>.,;:!?)])/;
const TAGS = { "**": "strong", __: "strong", "~~": "s", "*": "em", _: "em" };

function spans(text) {
  const found = text.match(MARK);
  if (!found) return text ? [withEmoji(text)] : [];
  const [whole, code, label, address, mark, inner, bare] = found;
  const before = text.slice(0, found.index);
  let node;
  if (code) node = el("code", {}, code);
  else if (label) node = outwardLink(address, ...spans(label));
  else if (bare) node = outwardLink(bare, bare);
  else node = el(TAGS[mark], {}, spans(inner));
  return [...(before ? [withEmoji(before)] : []), node, ...spans(text.slice(found.index + whole.length))];
}

/** The markdown block: standard Markdown, as much of it as apps send. */
export function markdown(text) {
  const box = el("div", { class: "markdown" });
  let open = null;
  const inside = (tag) => {
    if (!open || open.localName !== tag) box.append((open = el(tag)));
    return open;
  };
  String(text ?? "")
    .split(/```\w*\n?/)
    .forEach((chunk, index) => {
      if (index % 2 === 1) {
        open = null;
        box.append(el("pre", {}, chunk.replace(/\n$/, "")));
        return;
      }
      for (const line of chunk.split("\n")) {
        const heading = line.match(/^(#{1,6})\s+(.*)$/);
        const bullet = line.match(/^\s*[-*+]\s+(.*)$/);
        const number = line.match(/^\s*\d+[.)]\s+(.*)$/);
        const quote = line.match(/^>\s?(.*)$/);
        if (heading) box.append(el(`h${Math.min(heading[1].length + 2, 6)}`, {}, spans(heading[2])));
        else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) box.append(el("hr"));
        else if (bullet) inside("ul").append(el("li", {}, spans(bullet[1])));
        else if (number) inside("ol").append(el("li", {}, spans(number[1])));
        else if (quote) inside("blockquote").append(el("div", {}, spans(quote[1])));
        else if (line.trim()) {
          const paragraph = inside("p");
          if (paragraph.childNodes.length) paragraph.append(el("br"));
          paragraph.append(...spans(line));
        }
        if (heading || !line.trim()) open = null;
      }
    });
  return box;
}
