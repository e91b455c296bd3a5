// Which cells chat, in which order, and where they lie: read from the notebook's model, saved or not. Nothing is changed here.

/** A cell that chats begins with `%%chat`; comments, `#|` options and empty lines may stand above it. */
const CHAT = /^(?:[^\S\n]*(?:#[^\n]*)?\n)*[^\S\n]*%%chat(?!\S)/;

/**
 * @param {string} source
 * @returns {boolean}
 */
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

/**
 * @param {any} model the model of a cell
 * @returns {string}
 */
export function sourceOf(model) {
  return model.sharedModel.getSource();
}

/**
 * Return the models of a notebook's cells in their order.
 * @returns {any[]}
 */
export function modelsOf(panel) {
  const cells = panel.content.model?.cells;
  return cells ? Array.from({ length: cells.length }, (_, at) => cells.get(at)) : [];
}

/**
 * Return the ids of the code cells that may chat, in their order: those whose code speaks of a chat, as the kernel's side has it.
 * @returns {string[]}
 */
export function chatIds(panel) {
  return modelsOf(panel)
    .filter((model) => model.type === "code" && /chat/i.test(sourceOf(model)))
    .map((model) => model.id);
}

/**
 * Return the widget of the cell with that id.
 * @param {string} id
 */
export function cellOf(panel, id) {
  return panel.content.widgets.find((cell) => cell.model.id === id);
}

/**
 * Have `call` told of each cell's model, those that come later too.
 * @param {(model: any) => void} call
 */
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
