// A cell that chats is edited as text: Markdown's colours, lines that wrap, the browser's spelling; its first line is a command.

import { chats, commandLine, eachModel, sourceOf } from "./cells.js";

/** How the front end calls Markdown that a kernel's cell holds. */
const MARKDOWN = "text/x-ipythongfm";
/** What stands for a variable in a prompt. */
const NAME = /(?<!\\)\{\{[^{}\n]{1,200}\}\}/g;

/** Show the prompts of a notebook as text. */
export function promptsAreText(panel) {
  eachModel(panel, (model) => {
    if (model.type !== "code") return;
    let isOurs = false;
    const apply = () => {
      const isChat = chats(sourceOf(model));
      if (isChat && model.mimeType !== MARKDOWN) {
        isOurs = true;
        model.mimeType = MARKDOWN;
      } else if (!isChat && isOurs) {
        isOurs = false;
        model.mimeType = panel.content.codeMimetype;
      }
    };
    model.contentChanged.connect(apply);
    model.mimeTypeChanged.connect(apply); // a kernel that comes makes all cells its own language
    apply();
  });
}

/**
 * Return what the editor of such a cell has besides: for the registry of the editor's extensions.
 * @param {any} view CodeMirror's module of that name
 */
export function promptEditing({ EditorView, ViewPlugin, Decoration }) {
  const command = Decoration.line({ class: "g4f-command" });
  const comment = Decoration.line({ class: "g4f-comment" });
  const name = Decoration.mark({ class: "g4f-reference" });
  const head = (state) => state.doc.sliceString(0, 4096);
  const marks = ({ state, visibleRanges }) => {
    const number = commandLine(head(state));
    if (!number) return Decoration.none;
    const found = [];
    for (let at = 1; at <= number; at += 1) {
      found.push((at < number ? comment : command).range(state.doc.line(at).from));
    }
    for (const { from, to } of visibleRanges) {
      for (const one of state.doc.sliceString(from, to).matchAll(NAME)) {
        found.push(name.range(from + one.index, from + one.index + one[0].length));
      }
    }
    return Decoration.set(found, true);
  };
  const marked = ViewPlugin.fromClass(
    class {
      constructor(editor) {
        this.decorations = marks(editor);
      }
      update(update) {
        if (update.docChanged || update.viewportChanged) this.decorations = marks(update.view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
  const asText = EditorView.contentAttributes.of((editor) =>
    chats(head(editor.state)) ? { spellcheck: "true", autocorrect: "on", class: "cm-lineWrapping g4f-editor" } : null,
  );
  return [marked, asText];
}
