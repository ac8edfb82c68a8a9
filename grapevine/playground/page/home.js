// The app's Home tab and its About tab.

import { get, post } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { el } from "./dom.js";
import { face } from "./face.js";
import { Surface } from "./surface.js";
import { workspace } from "./workspace.js";

const PATIENCE = 3000; // how long the app may take to draw its first Home

export class Home {
  constructor() {
    this.surface = null;
    this.body = el("div", { class: "home-body" }, waiting());
    this.node = el("div", { class: "home" }, this.body);
  }

  async open() {
    const user = workspace.me.id;
    const [{ view }] = await Promise.all([get("/ui/home", { user }), post("/ui/home/open", { user, tab: "home" })]);
    if (this.surface) return;
    if (view) this.show(view);
    else setTimeout(() => this.surface || this.show(null), PATIENCE);
  }

  show(view) {
    if (!view) {
      this.body.replaceChildren(
        el(
          "div",
          { class: "empty" },
          el("h2", {}, "Nothing here yet"),
          el("p", {}, `${workspace.app.name} has not drawn this page for you. It does so when it is connected.`),
        ),
      );
      return;
    }
    const same = this.surface && this.surface.container.view_id === view.id;
    if (!same) this.surface = new Surface({ type: "view", view_id: view.id });
    this.surface.redraw(this.body, (surface) => drawBlocks(view.blocks, surface));
    this.body.dataset.hash = view.hash; // tells one drawing from the next
  }
}

function waiting() {
  return el(
    "div",
    { class: "skeleton", role: "status", "aria-label": "Loading" },
    Array.from({ length: 5 }, () => el("div")),
  );
}

function listing(title, rows) {
  if (!rows.length) return null;
  return el(
    "section",
    {},
    el("h3", {}, title),
    el(
      "dl",
      {},
      rows.map(([name, text]) => [el("dt", {}, name), el("dd", {}, text || "")]),
    ),
  );
}

export function about() {
  const { app, commands, shortcuts } = workspace;
  return el(
    "div",
    { class: "home about" },
    el(
      "div",
      { class: "home-body" },
      el(
        "div",
        { class: "about-head" },
        face(app.bot_user_id),
        el("div", {}, el("h2", {}, app.name), el("p", {}, app.description || "The app in this workspace.")),
      ),
      listing(
        "Slash commands",
        commands.map(({ command, usage_hint: hint, description }) => [
          hint ? `${command} ${hint}` : command,
          description,
        ]),
      ),
      listing(
        "Shortcuts",
        shortcuts.map(({ name, description, type }) => [
          name,
          [description, type === "message" ? "On any message: ⋮" : "In the message box: ⚡"]
            .filter(Boolean)
            .join(" · "),
        ]),
      ),
    ),
  );
}
