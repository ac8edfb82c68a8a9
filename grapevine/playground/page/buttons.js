// Elements that are pressed: button, overflow, and the image that stands beside them.

import { confirmed } from "./confirm.js";
import { el, safeImage, safeLink } from "./dom.js";
import { menuButton } from "./menu.js";
import { textObject, words } from "./mrkdwn.js";

async function send(element, context, value) {
  return context.surface.act({ type: element.type, block_id: context.blockId, action_id: element.action_id, ...value });
}

// What Slack itself opens (docs.slack.dev/interactivity/deep-linking): a tab of the app.
const DEEP = /^slack:\/\/app\?.*\btab=(home|messages|about)\b/;

function follow(address) {
  const [, tab] = DEEP.exec(address || "") || [];
  if (tab) {
    location.hash = tab;
    return;
  }
  const href = address && safeLink(address);
  if (href) window.open(href, "_blank", "noopener");
}

export function button(element, context) {
  const node = el(
    "button",
    {
      type: "button",
      class: ["button", element.style].filter(Boolean).join(" "),
      "aria-label": element.accessibility_label || null,
      "data-spot": `${context.blockId}/${element.action_id}`,
    },
    textObject(element.text),
    element.url ? el("span", { class: "outward", "aria-hidden": "true" }, "↗") : null,
  );
  node.addEventListener("click", async () => {
    if (node.getAttribute("aria-busy") || !(await confirmed(element.confirm))) return;
    follow(element.url);
    node.setAttribute("aria-busy", "true");
    await send(element, context, {
      text: element.text,
      ...(element.value === undefined ? {} : { value: element.value }),
    });
    node.removeAttribute("aria-busy");
  });
  return node;
}

export function overflow(element, context) {
  const entries = () =>
    (element.options || []).map((option) => ({
      title: textObject(option.text),
      note: option.description && words(option.description),
      pick: async () => {
        if (!(await confirmed(element.confirm))) return;
        follow(option.url);
        await send(element, context, { selected_option: option });
      },
    }));
  const face = element.accessibility_label || "More options";
  return menuButton(
    { class: "button square", "aria-label": face, "data-spot": `${context.blockId}/${element.action_id}` },
    "⋯",
    face,
    entries,
  );
}

export function picture(element) {
  const source = safeImage(element.image_url || (element.slack_file || {}).url);
  if (!source) return el("span", { class: "no-picture" }, element.alt_text || "Picture");
  return el("img", { src: source, alt: element.alt_text || "", loading: "lazy" });
}
