// What every interactive element has in common: its names, its place in the state, and telling the app.

/** Attributes that name an element for screen readers and find it again after a redraw. */
export function naming(element, context) {
  const { blockId, labelledBy, describedBy, name } = context;
  const own = element.accessibility_label || (element.placeholder && element.placeholder.text) || name;
  return {
    "data-spot": `${blockId}/${element.action_id}`,
    "aria-labelledby": labelledBy || null,
    "aria-label": labelledBy ? null : own || element.action_id || element.type,
    "aria-describedby": describedBy || null,
  };
}

/** Puts a control into the state of its surface; read() and write(value) speak Slack's state objects. */
export function keepState(element, context, read, write) {
  context.surface.add({ blockId: context.blockId, actionId: element.action_id, type: element.type, read, write });
}

/** Tells the app of a change, unless the element stands in an input block that does not dispatch. */
export function changed(element, context, value) {
  if (context.inInput && !context.dispatch) return Promise.resolve({ ok: true });
  return context.surface.act({ type: element.type, block_id: context.blockId, action_id: element.action_id, ...value });
}
