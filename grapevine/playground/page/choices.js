// Elements that choose among options: selects of every kind, checkboxes, radio buttons.

import { confirmed } from "./confirm.js";
import { el, uniqueId } from "./dom.js";
import { changed, keepState, naming } from "./field.js";
import { textObject, words } from "./mrkdwn.js";
import { displayName, workspace } from "./workspace.js";

const typed = (text) => ({ type: "plain_text", text });
const people = () => workspace.users.map((user) => ({ text: typed(displayName(user)), value: user.id }));
const channels = () => workspace.channels.map((channel) => ({ text: typed(`# ${channel.name}`), value: channel.id }));

// type → [options, the state's key, the initial value's key]; ids instead of option objects where the third says so.
const SOURCES = {
  static_select: [null, "selected_option", "initial_option", false],
  multi_static_select: [null, "selected_options", "initial_options", false],
  checkboxes: [null, "selected_options", "initial_options", false],
  radio_buttons: [null, "selected_option", "initial_option", false],
  users_select: [people, "selected_user", "initial_user", true],
  multi_users_select: [people, "selected_users", "initial_users", true],
  channels_select: [channels, "selected_channel", "initial_channel", true],
  multi_channels_select: [channels, "selected_channels", "initial_channels", true],
  conversations_select: [() => [...channels(), ...people()], "selected_conversation", "initial_conversation", true],
  multi_conversations_select: [
    () => [...channels(), ...people()],
    "selected_conversations",
    "initial_conversations",
    true,
  ],
};

function setting(element) {
  const [source, name, first, ids] = SOURCES[element.type];
  const groups = element.option_groups || [{ label: null, options: source ? source() : element.options || [] }];
  const all = groups.flatMap((group) => group.options);
  const find = (entry) => entry && all.find((option) => option.value === (ids ? entry : entry.value));
  return { groups, all, name, initial: element[first], find, tell: (option) => (ids ? option.value : option) };
}

/** The initial choice of one-of elements and of many-of elements, as options. */
function initially({ initial, find }) {
  return (Array.isArray(initial) ? initial : [initial]).map(find).filter(Boolean);
}

async function choose(element, context, read, back) {
  if (await confirmed(context.inInput ? null : element.confirm)) changed(element, context, read());
  else back();
}

/** A select that takes one option: the browser's own, which phones and keyboards know. */
export function select(element, context) {
  const chosen = setting(element);
  const entry = (option) =>
    el(
      "option",
      { value: option.value },
      words(option.text) + (option.description ? ` — ${words(option.description)}` : ""),
    );
  const node = el(
    "select",
    { class: "field", ...naming(element, context) },
    el("option", { value: "" }, words(element.placeholder) || "Choose an option"),
    chosen.groups.map((group) =>
      group.label ? el("optgroup", { label: words(group.label) }, group.options.map(entry)) : group.options.map(entry),
    ),
  );
  const now = () => chosen.all.find((option) => option.value === node.value && node.value !== "") || null;
  const read = () => ({ [chosen.name]: now() && chosen.tell(now()) });
  const write = (option) => (node.value = option ? option.value : "");
  let before = initially(chosen)[0];
  write(before);
  keepState(element, context, read, (state) => {
    const kept = chosen.find(state[chosen.name]);
    if (kept || !state[chosen.name]) write((before = kept));
  });
  if (context.check)
    context.check(
      () => null,
      () => !now(),
    );
  node.addEventListener("change", () =>
    choose(element, context, read, () => write(before)).then(() => (before = now())),
  );
  return node;
}

/** A select that takes several: the chosen ones as chips, the list opens beneath. */
export function multiSelect(element, context) {
  const chosen = setting(element);
  let picked = initially(chosen);
  const list = el("ul", {
    class: "options",
    role: "listbox",
    "aria-multiselectable": "true",
    id: uniqueId("list"),
    hidden: true,
    ...pickName(element, context),
  });
  const face = el("button", {
    type: "button",
    class: "field multi",
    role: "combobox",
    "aria-haspopup": "listbox",
    "aria-expanded": "false",
    "aria-controls": list.id,
    ...naming(element, context),
  });
  const read = () => ({ [chosen.name]: picked.map(chosen.tell) });
  const show = () => {
    face.replaceChildren(
      ...(picked.length
        ? picked.map((option) => el("span", { class: "chip" }, words(option.text)))
        : [el("span", { class: "hollow" }, words(element.placeholder) || "Choose options")]),
    );
    for (const item of list.querySelectorAll("[role=option]"))
      item.setAttribute("aria-selected", String(picked.some((option) => option.value === item.dataset.value)));
  };
  const open = (yes) => {
    list.hidden = !yes;
    face.setAttribute("aria-expanded", String(yes));
  };
  const toggle = (option) => {
    const before = picked;
    const had = picked.includes(option);
    if (!had && element.max_selected_items && picked.length >= element.max_selected_items) return;
    picked = had ? picked.filter((one) => one !== option) : [...picked, option];
    show();
    choose(element, context, read, () => {
      picked = before;
      show();
    });
  };
  for (const group of chosen.groups) {
    if (group.label) list.append(el("li", { class: "group", role: "presentation" }, words(group.label)));
    for (const option of group.options) {
      const item = el(
        "li",
        { role: "option", tabindex: "-1", "data-value": option.value, onclick: () => toggle(option) },
        textObject(option.text),
        option.description ? el("small", {}, words(option.description)) : null,
      );
      item.addEventListener("keydown", (event) => {
        if (![" ", "Enter"].includes(event.key)) return;
        event.preventDefault();
        toggle(option);
      });
      list.append(item);
    }
  }
  const box = el("div", { class: "multi-select" }, face, list);
  face.addEventListener("click", () => open(list.hidden));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      open(false);
      face.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    open(true);
    const items = [...list.querySelectorAll("[role=option]")];
    if (items.length) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  });
  box.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !box.contains(event.relatedTarget)) open(false);
  });
  show();
  keepState(element, context, read, (state) => {
    picked = (state[chosen.name] || []).map(chosen.find).filter(Boolean);
    show();
  });
  if (context.check)
    context.check(
      () => null,
      () => !picked.length,
    );
  return box;
}

function pickName(element, context) {
  const names = naming(element, context);
  return {
    "aria-labelledby": names["aria-labelledby"],
    "aria-label": names["aria-label"] && `${names["aria-label"]}: options`,
  };
}

/** checkboxes and radio_buttons. */
export function ticks(element, context) {
  const chosen = setting(element);
  const one = element.type === "radio_buttons";
  const group = uniqueId("ticks");
  const first = new Set(initially(chosen));
  const boxes = chosen.all.map((option, index) => {
    const node = el("input", {
      type: one ? "radio" : "checkbox",
      name: group,
      id: `${group}-${index}`,
      "data-spot": `${context.blockId}/${element.action_id}/${option.value}`,
    });
    node.checked = first.has(option);
    return { option, node };
  });
  const now = () => boxes.filter(({ node }) => node.checked).map(({ option }) => option);
  const read = () => ({ [chosen.name]: one ? now()[0] || null : now() });
  const set = (options) => boxes.forEach(({ option, node }) => (node.checked = options.includes(option)));
  let before = now();
  keepState(element, context, read, (state) => {
    set([state[chosen.name]].flat().map(chosen.find).filter(Boolean));
    before = now();
  });
  if (context.check)
    context.check(
      () => null,
      () => !now().length,
    );
  const names = naming(element, context);
  return el(
    "div",
    {
      role: one ? "radiogroup" : "group",
      class: "ticks",
      "aria-labelledby": names["aria-labelledby"],
      "aria-label": names["aria-label"],
      "aria-describedby": names["aria-describedby"],
    },
    boxes.map(({ option, node }) => {
      node.addEventListener("change", () =>
        choose(element, context, read, () => set(before)).then(() => (before = now())),
      );
      const note = option.description && el("small", { id: `${node.id}-note` }, textObject(option.description));
      if (note) node.setAttribute("aria-describedby", note.id);
      return el(
        "div",
        { class: "tick" },
        node,
        el("div", {}, el("label", { for: node.id }, textObject(option.text)), note),
      );
    }),
  );
}
