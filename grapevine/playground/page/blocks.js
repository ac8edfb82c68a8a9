// Block Kit blocks as DOM nodes (docs.slack.dev/reference/block-kit/blocks).

import { picture } from "./buttons.js";
import { chart } from "./chart.js";
import { el, outwardLink, uniqueId } from "./dom.js";
import { drawElement } from "./elements.js";
import { textObject, words } from "./mrkdwn.js";
import { markdown, richText } from "./richtext.js";

function section(block, surface, blockId) {
  const id = uniqueId("section");
  const body = el(
    "div",
    { class: "section-body" },
    block.text ? el("div", { id }, textObject(block.text)) : null,
    block.fields
      ? el(
          "div",
          { class: "fields" },
          block.fields.map((field) => el("div", {}, textObject(field))),
        )
      : null,
  );
  const accessory =
    block.accessory &&
    el(
      "div",
      { class: `accessory is-${block.accessory.type}` },
      drawElement(block.accessory, {
        surface,
        blockId,
        labelledBy: block.text && ["button", "overflow", "image"].indexOf(block.accessory.type) < 0 ? id : null,
      }),
    );
  return el("div", { class: "section" }, body, accessory);
}

function header(block) {
  const level = Math.min(Math.max(block.level || 1, 1), 4);
  return el(`h${level + 1}`, { class: `header level-${level}` }, words(block.text));
}

function context(block) {
  return el(
    "div",
    { class: "context" },
    (block.elements || []).map((element) => (element.type === "image" ? picture(element) : textObject(element))),
  );
}

function actions(block, surface, blockId) {
  return el(
    "div",
    { class: "actions" },
    (block.elements || []).map((element) => drawElement(element, { surface, blockId })),
  );
}

function image(block) {
  return el(
    "figure",
    { class: "image" },
    block.title ? el("figcaption", {}, words(block.title)) : null,
    picture(block),
  );
}

function input(block, surface, blockId) {
  const [label, hint, error] = [uniqueId("label"), uniqueId("hint"), uniqueId("error")];
  const complaint = el("p", { id: error, class: "error", role: "alert", hidden: true });
  const fault = {
    blockId,
    label: words(block.label),
    optional: Boolean(block.optional),
    problem: () => null,
    empty: () => false,
  };
  const node = drawElement(block.element, {
    surface,
    blockId,
    labelledBy: label,
    describedBy: `${hint} ${error}`,
    inInput: true,
    dispatch: Boolean(block.dispatch_action),
    check: (problem, empty) => Object.assign(fault, { problem, empty }),
  });
  const target = node.matches("input, textarea, select, [role]")
    ? node
    : node.querySelector("[role=combobox], input, [role]") || node;
  fault.focus = () =>
    (target.matches("[role=group], [role=radiogroup]") ? target.querySelector("input") : target).focus();
  fault.say = (text) => {
    complaint.hidden = !text;
    complaint.textContent = text || "";
    if (text) target.setAttribute("aria-invalid", "true");
    else target.removeAttribute("aria-invalid");
  };
  surface.inputs.push(fault);
  target.addEventListener("input", () => fault.say(""));
  if (block.element.focus_on_load) target.setAttribute("data-focus", "");
  if (target.matches("input, textarea, select")) target.id ||= uniqueId("field");
  return el(
    "div",
    { class: "input" },
    el(
      "label",
      { id: label, for: target.id || null },
      words(block.label),
      block.optional ? el("span", { class: "optional" }, " (optional)") : null,
    ),
    node,
    complaint,
    block.hint ? el("p", { id: hint, class: "hint" }, words(block.hint)) : null,
  );
}

function cell(content) {
  if (content.type === "rich_text") return richText(content);
  return String(content.text ?? content.value ?? "");
}

function table(block) {
  const [head, ...rows] = block.rows || [];
  const settings = block.column_settings || [];
  const side = (index) => ({ class: settings[index]?.align ? `align-${settings[index].align}` : null });
  return el(
    "div",
    { class: "table" },
    el(
      "table",
      {},
      block.caption
        ? el("caption", {}, words(typeof block.caption === "string" ? { text: block.caption } : block.caption))
        : null,
      head
        ? el(
            "thead",
            {},
            el(
              "tr",
              {},
              head.map((content, index) => el("th", { scope: "col", ...side(index) }, cell(content))),
            ),
          )
        : null,
      el(
        "tbody",
        {},
        rows.map((row) =>
          el(
            "tr",
            {},
            row.map((content, index) => el("td", side(index), cell(content))),
          ),
        ),
      ),
    ),
  );
}

function card(block, surface, blockId) {
  return el(
    "div",
    { class: "card" },
    block.hero_image ? el("div", { class: "hero" }, picture(block.hero_image)) : null,
    el(
      "div",
      { class: "card-head" },
      block.icon ? picture(block.icon) : null,
      el(
        "div",
        {},
        block.title ? el("strong", {}, textObject(block.title)) : null,
        block.subtitle ? el("div", { class: "subtitle" }, textObject(block.subtitle)) : null,
      ),
    ),
    block.body ? el("div", {}, textObject(block.body)) : null,
    block.actions
      ? el(
          "div",
          { class: "actions" },
          block.actions.map((element) => drawElement(element, { surface, blockId })),
        )
      : null,
  );
}

function container(block, surface, blockId) {
  const title = block.title ? words(block.title) : "";
  const inner = [
    block.subtitle ? el("div", { class: "subtitle" }, textObject(block.subtitle)) : null,
    drawBlocks(block.child_blocks, surface, `${blockId}.`),
  ];
  if (block.is_collapsible)
    return el("details", { class: "container", open: !block.default_collapsed }, el("summary", {}, title), inner);
  return el("div", { class: "container" }, title ? el("strong", {}, title) : null, inner);
}

const BLOCKS = {
  section,
  header,
  context,
  actions,
  image,
  input,
  table,
  card,
  container,
  divider: () => el("hr"),
  rich_text: richText,
  markdown: (block) => markdown(block.text),
  data_visualization: chart,
  data_table: table,
  carousel: (block, surface, blockId) =>
    el(
      "div",
      { class: "carousel", tabindex: "0", role: "group", "aria-label": "Cards" },
      (block.elements || []).map((one) => card(one, surface, blockId)),
    ),
  alert: (block) => el("div", { class: `alert ${block.level || "info"}`, role: "note" }, textObject(block.text)),
  video: (block) =>
    el(
      "div",
      { class: "card" },
      outwardLink(block.title_url || block.video_url, words(block.title)),
      block.description ? el("div", {}, textObject(block.description)) : null,
    ),
};

/** All blocks as one fragment; a block without an id gets one from its place. */
export function drawBlocks(blocks, surface, prefix = "") {
  const fragment = document.createDocumentFragment();
  (blocks || []).forEach((block, index) => {
    const draw = BLOCKS[block.type];
    const blockId = block.block_id || `${prefix}block-${index}`;
    const inner = draw
      ? draw(block, surface, blockId)
      : el("p", { class: "unknown" }, `The playground does not draw “${block.type}” blocks.`);
    fragment.append(el("div", { class: `block is-${block.type}`, "data-block": blockId }, inner));
  });
  return fragment;
}
