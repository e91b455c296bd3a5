// What a reply's output offers: copy it, take its code, ask again, page through older answers; and what an error's output offers.

import { bar, button, copied } from "./actions.js";
import { blocksHaveBars, insert, select, toCell } from "./blocks.js";
import { KEY, cellOf, chats, sourceOf } from "./cells.js";
import { textOf } from "./source.js";

/**
 * Keep the bars of a notebook's outputs as they should be.
 * @param {import("./link.js").Link} link
 */
export function repliesHaveActions(panel, link, NotebookActions) {
  /** @type {Book} */
  const book = { panel, link, NotebookActions, failed: null };
  const ran = (_, { notebook, cell, success }) => {
    if (notebook !== panel.content || (success && cell !== book.failed)) return;
    const before = book.failed;
    book.failed = success ? null : cell;
    for (const one of [before, book.failed]) if (one && !one.isDisposed) decorate(book, one);
  };
  NotebookActions.executed.connect(ran);
  panel.disposed.connect(() => NotebookActions.executed.disconnect(ran));
  panel.node.addEventListener("click", (event) => toCell(book, event), true);
  const seen = new WeakSet();
  const follow = (cell) => {
    if (seen.has(cell) || cell.model.type !== "code") return;
    seen.add(cell);
    let isDue = false;
    const soon = () => {
      if (isDue || !cell.outputArea.model.length) return; // most cells of a large notebook show nothing
      isDue = true;
      requestAnimationFrame(() => {
        isDue = false;
        if (!cell.isDisposed) decorate(book, cell);
      });
    };
    cell.outputArea.model.changed.connect(soon);
    cell.inViewportChanged?.connect(soon);
    cell.displayChanged?.connect(soon);
    cell.model.stateChanged.connect((_, /** @type {{name: string}} */ { name }) => /^execution/.test(name) && soon());
    soon();
  };
  const look = () => panel.content.widgets.forEach(follow);
  const later = () => requestAnimationFrame(look); // the cells' widgets are made after their models
  panel.content.modelChanged.connect(() => panel.content.model?.cells.changed.connect(later));
  panel.content.model?.cells.changed.connect(later);
  panel.content.activeCellChanged.connect(look);
  link.listeners.add(() => panel.content.widgets.forEach((cell) => cell.outputArea?.model.length && decorate(book, cell)));
  look();
}

/**
 * `failed` is the cell that failed last: what `%chat explain` and `%chat fix` look at.
 * @typedef {{panel: any, link: import("./link.js").Link, NotebookActions: any, failed: any}} Book
 */

/**
 * Put the bars over a cell's outputs, and take away those that stand no more.
 * @param {Book} book
 */
function decorate(book, cell) {
  const area = cell.outputArea;
  const isChat = chats(sourceOf(cell.model));
  const isOlder = book.link.older?.has(cell.model.id); // than what it builds on; undefined where nobody says
  cell.node.classList.toggle("g4f-stale", isOlder === true);
  cell.node.classList.toggle("g4f-fresh", isOlder === false);
  const outputs = Array.from({ length: area.model.length }, (_, at) => area.model.get(at));
  const last = outputs.findLastIndex((one) => isOurs(one));
  // A reply has its bars once it stands. Asked with each piece of it, a kernel that answers beside its cells
  // would also say that it is idle in the middle of this one.
  const isGrowing = isRunning(cell);
  area.widgets.forEach((widget, /** @type {number} */ at) => {
    const output = outputs[at];
    if (!output) return;
    if (isOurs(output)) {
      if (!isGrowing) reply(book, cell, widget.node, output, at === last && isChat);
      return;
    }
    if (output.type === "error" && !isChat && book.link.isOpen && cell === book.failed) failed(book, cell, widget.node);
    else widget.node.querySelector(":scope > .g4f-over")?.remove();
  });
}

/** @returns {boolean} JupyterLab 4.2 says it in the prompt alone */
function isRunning(cell) {
  const state = cell.model.executionState;
  return state === undefined ? /\*/.test(cell.promptNode?.textContent) : state === "running";
}

/** @returns {boolean} whether an output shows something of ours: one that was needed only meanwhile stays, and is empty */
function isOurs(output) {
  const [about, html] = [output.metadata?.[KEY], output.data?.["text/html"]];
  return typeof about === "object" && about !== null && typeof html === "string" && html !== "";
}

/**
 * Return the place for bars over an output, empty; null where those that stand there still fit `stamp`.
 * @param {HTMLElement} node
 * @param {string} stamp
 */
function over(node, stamp) {
  let place = /** @type {HTMLElement | null} */ (node.querySelector(":scope > .g4f-over"));
  if (place?.dataset.stamp === stamp) return null;
  place?.remove();
  place = document.createElement("div");
  place.className = "g4f-over";
  place.dataset.stamp = stamp;
  node.classList.add("g4f-output");
  node.append(place);
  return place;
}

/**
 * @param {Book} book
 * @param {HTMLElement} node
 * @param {boolean} isLast
 */
function reply(book, cell, node, output, isLast) {
  const shown = /** @type {HTMLElement | null} */ (node.querySelector(".jp-OutputArea-output"));
  if (!shown) return;
  const { link, panel, NotebookActions } = book;
  const html = String(output.data["text/html"]);
  const isKnown = Number(link.answers[cell.model.id]) > 1 || link.older?.has(cell.model.id); // to have more to say of itself
  const answers = Number(link.answers[cell.model.id]) || 0;
  const place = over(node, `${html.length} ${isLast} ${link.isOpen} ${cell.model.executionCount} ${answers} ${isKnown}`);
  if (!place) return;
  const again = () => (select(panel, cell), NotebookActions.run(panel.content, panel.sessionContext));
  const main = bar("Reply", [
    // What an output that is not trusted holds besides what it shows may be something else.
    // Of one that failed before anything came there is nothing to copy.
    !/^<div data-g4f-magic='(?![^'>]*"characters")[^'>]*"status":"(?:failed|stopped)"/.test(html) && { name: "Copy", title: "Copy the reply as Markdown", run: () => copied((output.trusted && textOf(output.data)) || shown.innerText) },
    isLast && link.isOpen && { name: "Ask again", title: "Run this cell again", run: again },
  ]);
  place.append(main);
  if (isLast && isKnown) turns(book, cell, main, shown);
  let isWhole = false;
  const complete = () => {
    if (isWhole || !place.isConnected) return;
    isWhole = true;
    if (isLast && link.isOpen && !isKnown) turns(book, cell, main, shown);
    blocksHaveBars(book, cell, place, shown);
  };
  // The rest comes when one turns to the output: a notebook of hundreds of replies asks and measures nothing for them.
  for (const event of ["pointermove", "focusin"]) node.addEventListener(event, complete, { once: true });
}

/**
 * Put into a reply's bar what the kernel's side knows of it: whether it is older than what stands above it, and its older answers.
 * @param {Book} book
 * @param {HTMLElement} main
 * @param {HTMLElement} shown
 */
async function turns(book, cell, main, shown) {
  const { link, panel, NotebookActions } = book;
  const found = await link.ask({ what: "answers", cell: cell.model.id }).catch(() => ({}));
  if (!main.isConnected) return;
  const from = [found.again].flat().map((id) => cellOf(panel, id)).filter(Boolean);
  if (from.length && NotebookActions.runCells) {
    const title = `Run this cell, and in their order those below that build on it: ${from.length} in all`;
    const run = () => void NotebookActions.runCells(panel.content, from, panel.sessionContext);
    main.prepend(button("Ask again from here", title, run)); // that it is older stands above it
  }
  const count = Number(found.count) || 0;
  if (count < 2) return;
  let at = count;
  const page = document.createElement("div");
  page.className = "g4f-older";
  page.hidden = true;
  shown.after(page);
  const says = text("");
  says.setAttribute("aria-live", "polite");
  const turn = async (/** @type {number} */ by) => {
    const next = Math.min(count, Math.max(1, at + by));
    if (next === at) return undefined;
    if (link.isBusy) return "The kernel is busy: try again when it is idle";
    const answer = next === count ? null : await link.ask({ what: "answer", cell: cell.model.id, number: next });
    at = next;
    says.textContent = `${at} of ${count}`;
    shown.hidden = at !== count;
    page.hidden = at === count;
    page.replaceChildren();
    if (answer) await fill(panel, page, answer);
    return undefined;
  };
  says.textContent = `${at} of ${count}`;
  main.append(
    button("‹", "The answer before this one", () => turn(-1)),
    says,
    button("›", "The answer after this one", () => turn(1)),
  );
}

/** @param {string} words */
function text(words) {
  return Object.assign(document.createElement("span"), { textContent: words });
}

/**
 * Show an older answer: rendered by the notebook as what is not trusted, whatever the kernel's side sent.
 * @param {HTMLElement} page
 */
async function fill(panel, page, answer) {
  const renderer = panel.content.rendermime.createRenderer("text/html");
  const data = { "text/html": String(answer.html) };
  await renderer.renderModel({ data, metadata: {}, trusted: false, setData: () => {} });
  const line = Object.assign(document.createElement("div"), { className: "g4f-when", textContent: String(answer.about || "") });
  page.append(line, renderer.node);
}

/**
 * Put what helps over the output of an error.
 * @param {Book} book
 * @param {HTMLElement} node
 */
function failed({ panel, link, NotebookActions }, cell, node) {
  const place = over(node, `error ${cell.model.executionCount} ${link.isOpen}`);
  if (!place) return;
  const run = (/** @type {string} */ source) => {
    insert(panel, cell, NotebookActions, source);
    NotebookActions.run(panel.content, panel.sessionContext);
  };
  place.append(
    bar("Error", [
      { name: "Explain", title: "Ask what went wrong: runs %chat explain below", run: () => run("%chat explain") },
      { name: "Fix", title: "Ask for a corrected cell: runs %chat fix below", run: () => run("%chat fix") },
    ]),
  );
}
