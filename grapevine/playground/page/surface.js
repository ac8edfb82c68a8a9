// A surface is what carries blocks: a message, the Home tab, a modal. It knows the state of every control on it.

import { post } from "./api.js";
import { report } from "./notice.js";
import { workspace } from "./workspace.js";

const key = (control) => JSON.stringify([control.blockId, control.actionId, control.type]);

export class Surface {
  /** container: {type: "view", view_id} or {type: "message", channel, message_ts, is_ephemeral}. */
  constructor(container) {
    this.container = container;
    this.controls = new Map();
    this.inputs = []; // one entry for each input block: what is wrong with it, and where to say so
    this.kept = new Map();
  }

  /** Called by every stateful element as it is drawn; what was typed before comes back into it, as Slack does. */
  add(control) {
    const id = key(control);
    this.controls.set(id, control);
    if (this.kept.has(id)) control.write(this.kept.get(id));
  }

  /** Before drawing anew: keep what stands in the controls now. */
  keep() {
    for (const [id, control] of this.controls) this.kept.set(id, control.read());
    this.controls.clear();
    this.inputs.length = 0;
  }

  /** state.values as Slack sends it: every control, also the untouched ones. */
  state() {
    const values = {};
    for (const control of this.controls.values()) {
      (values[control.blockId] ||= {})[control.actionId] = { type: control.type, ...control.read() };
    }
    return { values };
  }

  async act(action) {
    const answer = await post("/ui/action", {
      user: workspace.me.id,
      container: this.container,
      action,
      state: this.state(),
    });
    if (!answer.ok) report(answer.error || "The app did not answer. Try again in a moment.");
    return answer;
  }

  /** Draws anew inside box, keeping typed values, focus, cursor and scroll position. */
  redraw(box, draw) {
    const active = box.contains(document.activeElement) ? document.activeElement : null;
    const held = active && { spot: active.dataset.spot, start: active.selectionStart, end: active.selectionEnd };
    const scroll = box.scrollTop;
    this.keep();
    box.replaceChildren(draw(this));
    box.scrollTop = scroll;
    if (!held || !held.spot) return;
    // A block without an id of its own gets a new one each time; its action's id stays.
    const action = held.spot.slice(held.spot.indexOf("/"));
    const again =
      box.querySelector(`[data-spot="${CSS.escape(held.spot)}"]`) ||
      box.querySelector(`[data-spot$="${CSS.escape(action)}"]`);
    if (!again) return;
    again.focus({ preventScroll: true });
    if (typeof held.start === "number" && again.setSelectionRange) again.setSelectionRange(held.start, held.end);
  }
}
