// file_input: files from this device, handed to the playground at once, as Slack's own clients do.

import { upload } from "./api.js";
import { el } from "./dom.js";
import { keepState, naming } from "./field.js";
import { report } from "./notice.js";
import { workspace } from "./workspace.js";

export function fileInput(element, context) {
  const most = element.max_files || 10;
  let files = [];
  const list = el("ul", { class: "picked" });
  const node = el("input", {
    class: "field",
    type: "file",
    multiple: most > 1,
    accept: (element.filetypes || []).map((kind) => `.${kind}`).join(",") || null,
    ...naming(element, context),
  });
  const show = () =>
    list.replaceChildren(
      ...files.map((one) =>
        el(
          "li",
          {},
          `${one.name} `,
          el("button", { type: "button", class: "quiet", "aria-label": `Remove ${one.name}`, onclick: () => drop(one) }, "✕"),
        ),
      ),
    );
  const drop = (one) => {
    files = files.filter((other) => other !== one);
    show();
  };
  node.addEventListener("change", async () => {
    const chosen = [...node.files];
    node.value = "";
    if (files.length + chosen.length > most) return report(`At most ${most} files can be added here.`);
    for (const file of chosen) {
      const answer = await upload(workspace.me.id, file);
      if (!answer.ok) return report(answer.error);
      files.push(answer.file);
      show();
    }
  });
  keepState(
    element,
    context,
    () => ({ files }),
    (state) => {
      files = state.files || [];
      show();
    },
  );
  if (context.check)
    context.check(
      () => null,
      () => files.length === 0,
    );
  return el("div", {}, node, list);
}
