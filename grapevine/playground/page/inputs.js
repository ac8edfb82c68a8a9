// Elements that are typed into: text, address, number, date and time.

import { confirmed } from "./confirm.js";
import { el } from "./dom.js";
import { changed, keepState, naming } from "./field.js";
import { words } from "./mrkdwn.js";
import { epochOf, wallTime } from "./zone.js";

const KIND = {
  plain_text_input: "text",
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};

/** What is wrong with what was typed, null when nothing is. */
export function problem(element, value) {
  if (!value) return null;
  if (element.min_length && value.length < element.min_length)
    return `Please write at least ${element.min_length} characters.`;
  if (element.max_length && value.length > element.max_length)
    return `Please write at most ${element.max_length} characters; these are ${value.length}.`;
  if (element.type === "email_text_input" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value))
    return "Please enter an email address, such as name@example.com.";
  if (element.type === "url_text_input" && !/^https?:\/\/[^\s]+$/i.test(value))
    return "Please enter a full address, such as https://example.com.";
  if (element.type !== "number_input") return null;
  const parsed = Number(value);
  if (Number.isNaN(parsed) || (!element.is_decimal_allowed && !Number.isInteger(parsed)))
    return element.is_decimal_allowed ? "Please enter a number." : "Please enter a whole number.";
  if (element.min_value !== undefined && parsed < Number(element.min_value))
    return `Please enter ${element.min_value} or more.`;
  if (element.max_value !== undefined && parsed > Number(element.max_value))
    return `Please enter ${element.max_value} or less.`;
  return null;
}

function triggers(element) {
  return (element.dispatch_action_config || {}).trigger_actions_on || ["on_enter_pressed"];
}

/** plain_text_input, email_text_input, url_text_input and number_input. */
export function textInput(element, context) {
  const multiline = element.type === "plain_text_input" && element.multiline;
  const attributes = { class: "field", placeholder: words(element.placeholder) || null, ...naming(element, context) };
  const node = multiline
    ? el("textarea", { ...attributes, rows: 5 })
    : el("input", {
        ...attributes,
        type: element.type === "number_input" ? "text" : KIND[element.type],
        inputmode: element.type === "number_input" ? "decimal" : null,
        autocomplete: "off",
      });
  const read = () => ({ value: node.value === "" ? null : node.value });
  node.value = element.initial_value ?? "";
  keepState(element, context, read, ({ value }) => (node.value = value ?? ""));
  if (context.check)
    context.check(
      () => (node.value.trim() ? problem(element, node.value) : null),
      () => node.value.trim() === "",
    );
  if (context.dispatch && triggers(element).includes("on_enter_pressed")) {
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      changed(element, context, read());
    });
  }
  if (context.dispatch && triggers(element).includes("on_character_entered")) {
    let waiting;
    node.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => changed(element, context, read()), 300);
    });
  }
  return node;
}

const DATED = {
  datepicker: { name: "selected_date", from: (value) => value || "", to: (text) => text },
  timepicker: { name: "selected_time", from: (value) => value || "", to: (text) => text },
  datetimepicker: {
    name: "selected_date_time",
    from: (value) => (value ? wallTime(value) : ""),
    to: (text) => epochOf(text),
  },
};

/** datepicker, timepicker and datetimepicker; the last is in the person's own time zone. */
export function dateInput(element, context) {
  const { name, from, to } = DATED[element.type];
  const node = el("input", { class: "field", type: KIND[element.type], ...naming(element, context) });
  const initial = element.initial_date || element.initial_time || element.initial_date_time;
  node.value = from(initial);
  const read = () => ({
    [name]: node.value ? to(node.value) : null,
    ...(element.type === "timepicker" && element.timezone ? { timezone: element.timezone } : {}),
  });
  keepState(element, context, read, (state) => (node.value = from(state[name])));
  if (context.check)
    context.check(
      () => null,
      () => !node.value,
    );
  node.addEventListener("change", async () => {
    if (await confirmed(context.inInput ? null : element.confirm)) changed(element, context, read());
  });
  return node;
}
