// Which cells chat, in which order, and what their notebook is: read from its model, saved or not.

/** Our key in the metadata of a notebook and of an output. */
export const KEY = "g4f_magic";
/** A cell that chats begins with `%%chat`; comments, `#|` options and empty lines may stand above it. */
const CHAT = /^(?:[^\S\n]*(?:#[^\n]*)?\n)*[^\S\n]*%%chat(?!\S)/;
const ID = /^[A-Za-z0-9-]{8,64}$/;

/** @param {string} source */
export function chats(source) {
  return CHAT.test(source);
}

/**
 * Return the number of the line, from 1, on which `%%chat` stands; 0 where the text is no chat.
 * @param {string} source
 */
export function commandLine(source) {
  const found = CHAT.exec(source);
  return found ? found[0].split("\n").length : 0;
}

/** @returns {string} */
export function sourceOf(model) {
  return model.sharedModel.getSource();
}

/** Return the models of a notebook's cells in their order. */
export function modelsOf(panel) {
  const cells = panel.content.model?.cells;
  return cells ? Array.from({ length: cells.length }, (_, at) => cells.get(at)) : [];
}

/** Return the ids of the code cells that may chat, in their order: those whose code speaks of a chat, as the kernel's side has it. */
export function chatIds(panel) {
  return modelsOf(panel)
    .filter((model) => model.type === "code" && /chat/i.test(sourceOf(model)))
    .map((model) => model.id);
}

/** Return the id that the notebook itself holds; empty where what stands there is none. */
export function ownId(panel) {
  const id = panel.content.model?.getMetadata?.(KEY)?.notebook;
  return typeof id === "string" && ID.test(id) ? id : "";
}

/** Write the id into the notebook's metadata, where none stands, or the one that it stands in for. */
export function keepId(panel, id, instead) {
  if (![id, instead, ""].includes(ownId(panel)) || ownId(panel) === id || !ID.test(id)) return;
  const ours = panel.content.model.getMetadata(KEY);
  panel.content.model.setMetadata(KEY, { ...(ours?.constructor === Object ? ours : {}), notebook: id });
}

/** Return the widget of the cell with that id. */
export function cellOf(panel, id) {
  return panel.content.widgets.find((cell) => cell.model.id === id);
}

/** Have `call` told of each cell's model, those that come later too. */
export function eachModel(panel, call) {
  const seen = new WeakSet();
  const look = () => {
    for (const model of modelsOf(panel)) {
      if (seen.has(model)) continue;
      seen.add(model);
      call(model);
    }
  };
  const follow = () => {
    panel.content.model?.cells.changed.connect(look);
    look();
  };
  panel.content.modelChanged.connect(follow);
  follow();
}
