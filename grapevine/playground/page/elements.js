// Which drawing belongs to which Block Kit element (docs.slack.dev/reference/block-kit/block-elements).

import { button, overflow, picture } from "./buttons.js";
import { multiSelect, select, ticks } from "./choices.js";
import { el } from "./dom.js";
import { fileInput } from "./files.js";
import { dateInput, textInput } from "./inputs.js";

const ELEMENTS = {
  button,
  overflow,
  image: picture,
  workflow_button: button,
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: textInput,
  datepicker: dateInput,
  timepicker: dateInput,
  datetimepicker: dateInput,
  file_input: fileInput,
  static_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  multi_static_select: multiSelect,
  multi_users_select: multiSelect,
  multi_channels_select: multiSelect,
  multi_conversations_select: multiSelect,
  checkboxes: ticks,
  radio_buttons: ticks,
};

/** context: {surface, blockId, labelledBy?, describedBy?, name?, inInput?, dispatch?, check?}. */
export function drawElement(element, context) {
  const draw = ELEMENTS[element.type];
  return draw
    ? draw(element, context)
    : el("span", { class: "unknown" }, `The playground does not draw “${element.type}”.`);
}
