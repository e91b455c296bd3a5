// The parts, put together. A part whose needs this front end does not meet stays out, with a line in the console.

import { selected } from "./about.js";
import { questionsHaveButtons } from "./approving.js";
import { Link } from "./link.js";
import { promptEditing, promptsAreText } from "./prompts.js";
import { repliesHaveActions } from "./replies.js";
import { sideBar } from "./sidebar.js";
import { attempt, missing, shared } from "./shared.js";

export const NAME = "g4f-magic";
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161" ' +
  'd="M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm2 5v2h12V8zm0 4v2h8v-2z"/></svg>';

/**
 * Return the plugin.
 * @param {Record<string, any>} scope
 */
export async function extension(scope) {
  const names = ["notebook", "apputils", "codemirror", "services"];
  const found = await Promise.all(names.map((name) => shared(scope, `@jupyterlab/${name}`)));
  const [notebook, apputils, codemirror, services] = found;
  const view = await shared(scope, "@codemirror/view");
  if (!notebook || !services) {
    missing("notebooks");
    return [];
  }
  const [lumino, icons] = await Promise.all([shared(scope, "@lumino/widgets"), shared(scope, "@jupyterlab/ui-components")]);
  const optional = [codemirror?.IEditorExtensionRegistry, apputils?.ICommandPalette];
  return {
    id: `${NAME}:plugin`,
    description: "Chat as a native part of the notebook.",
    autoStart: true,
    requires: [notebook.INotebookTracker],
    optional: optional.filter(Boolean),
    activate(app, tracker, ...given) {
      loadStyle();
      const [registry, palette] = given;
      /** @type {WeakMap<any, Link>} */
      const links = new WeakMap();
      attempt("prompts that are edited as text", () => {
        if (registry && view) {
          registry.addExtension({
            name: `${NAME}:prompt`,
            factory: () => codemirror.EditorExtensionRegistry.createImmutableExtension(promptEditing(view)),
          });
        }
      });
      const linkOf = (panel) => links.get(panel) ?? follow(panel);
      const follow = (panel) => {
        const { NotebookActions } = notebook;
        const link = new Link(panel, NotebookActions, services.KernelMessage);
        links.set(panel, link);
        attempt("prompts in colours", () => promptsAreText(panel));
        attempt("buttons on questions", () => questionsHaveButtons(panel));
        attempt("buttons on replies", () => repliesHaveActions(panel, link, NotebookActions));
        return link;
      };
      tracker.forEach(linkOf);
      attempt("a side bar", () => {
        const icon = icons && new icons.LabIcon({ name: `${NAME}:chat`, svgstr: ICON });
        const chat = sideBar({ Widget: lumino.Widget, tracker, linkOf, icon });
        app.shell.add(chat, "right", { rank: 650 });
        const open = async (/** @type {File[]} */ files) => {
          if (!chat.isVisible) await app.shell.activateById(chat.id); // Notebook 7.2 closes one that is open
          chat.write(tracker.currentWidget, files);
        };
        app.commands.addCommand(`${NAME}:chat`, {
          label: "Chat about This Notebook",
          caption: "Open the chat panel of the notebook in front",
          icon,
          execute: () => open([]),
        });
        app.commands.addCommand(`${NAME}:ask-about`, {
          label: "Ask about This",
          caption: "Give what is marked, the output or the cell to the chat",
          icon,
          isEnabled: () => tracker.currentWidget !== null,
          execute: (/** @type {{isMenu?: boolean}} */ { isMenu }) => {
            const panel = tracker.currentWidget;
            const at = isMenu ? app.contextMenuHitTest((/** @type {Element} */ node) => panel.content.node.contains(node)) : null;
            return open(selected(panel, at ?? null));
          },
        });
        for (const name of ["chat", "ask-about"]) palette?.addItem({ command: `${NAME}:${name}`, category: "Notebook Operations" });
      });
      tracker.widgetAdded.connect((_, panel) => void linkOf(panel)); // unless it came to the front before
    },
  };
}

function loadStyle() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("style.css", import.meta.url).href;
  document.head.append(link);
}
