// The blocks of code in a reply: copy one, put it into a new cell below, or in place of this cell's question.

import { bar, copied } from "./actions.js";

/** More blocks of code than this in one reply have no bars. */
const MOST_BLOCKS = 200;
/** The styles in a block of code of ours: `renderers/code_blocks.py` has them. */
const OURS = /^(|background: ?none;? ?white-space: ?pre;?|font-weight: ?bold;?|color: ?#(777|a62|95d|285|b62|18a|37d|d43|286);?( ?font-style: ?italic;?)?)$/;

/**
 * Put bars beside the blocks of a reply.
 * @param {import("./replies.js").Book} book
 * @param {HTMLElement} place
 * @param {HTMLElement} shown
 */
export function blocksHaveBars(book, cell, place, shown) {
  const isActing = shown.querySelector("[onclick]") !== null; // a trusted output's code has Copy and "To a cell" itself
  const blocks = [...shown.querySelectorAll("pre")].slice(0, MOST_BLOCKS).filter(isAsSeen);
  const bars = new Map(blocks.map((block) => [block, codeBar(book, cell, block, isActing)]));
  place.append(...[...bars.values()].filter((one) => one.childElementCount));
  keepBeside(place, bars);
}

/**
 * Return the bar of a block of code.
 * @param {import("./replies.js").Book} book
 * @param {HTMLElement} block
 */
function codeBar({ panel, NotebookActions }, cell, block, isActing) {
  const code = () => codeOf(block);
  const isLocked = cell.model.getMetadata("editable") === false;
  return bar("Code", [
    !isActing && { name: "Copy", title: "Copy the code", run: () => copied(code()) },
    !isActing && { name: "To a cell", title: "Into a new cell below", run: () => void insert(panel, cell, NotebookActions, code()) },
    !isLocked && { name: "Replace", title: "In place of this cell's question; undo brings it back", run: () => cell.model.sharedModel.setSource(code()) },
  ]);
}

/**
 * Keep the bars beside their blocks; all are measured before one is moved.
 * @param {HTMLElement} place
 * @param {Map<Element, HTMLElement>} bars
 */
function keepBeside(place, bars) {
  const sizes = new ResizeObserver((changed) => {
    if (!place.isConnected) return sizes.disconnect();
    const whole = place.getBoundingClientRect();
    // In the head of a block that has buttons, the bar stands before them.
    const measured = changed.map(({ target }) => /** @type {const} */ ([bars.get(target), target.getBoundingClientRect(),
      target.previousElementSibling?.querySelector("[role=button]")?.getBoundingClientRect()]));
    for (const [element, at, button] of measured) {
      if (!element) continue;
      element.style.top = `${(button ? button.top - 3 : at.top) - whole.top}px`;
      element.style.right = `${Math.max(0, whole.right - (button?.left ?? at.right))}px`;
    }
  });
  for (const block of bars.keys()) sizes.observe(block); // which tells of each at once
}

/**
 * Return whether a block holds nothing that is not seen: of an output that the page does not trust, plain code in our colours alone.
 * @param {Element} block
 */
function isAsSeen(block) {
  const isPlain = (/** @type {Element} */ one) => /^(CODE|SPAN)$/.test(one.tagName) && !one.className && OURS.test(one.getAttribute("style") ?? "");
  return block.closest("[onclick]") !== null || (block.getClientRects().length > 0 && [...block.querySelectorAll("*")].every(isPlain));
}

/** @param {Element} block */
function codeOf(block) {
  return (block.textContent || "").replace(/\n$/, "");
}

/**
 * Do what the button of a block itself asks for, "To a cell": by the front end's commands, as elsewhere, JupyterLab 4.2 leaves the cell empty.
 * @param {import("./replies.js").Book} book
 * @param {MouseEvent} event
 */
export function toCell({ panel, NotebookActions }, event) {
  const asked = /** @type {Element} */ (event.target).closest(".jp-OutputArea-output .g4f-cell");
  const cell = asked && panel.content.widgets.find((one) => one.node.contains(asked));
  const block = asked?.closest(".g4f-code")?.querySelector("pre");
  if (!cell || !block || !isAsSeen(block)) return;
  event.stopPropagation();
  insert(panel, cell, NotebookActions, codeOf(block));
  asked.classList.add("g4f-did");
  window.setTimeout(() => asked.classList.remove("g4f-did"), 2000);
}

export function select(panel, cell) {
  panel.content.activeCellIndex = panel.content.widgets.indexOf(cell);
  panel.content.deselectAll();
}

/**
 * Make a cell below another one, with that source, and return it.
 * @param {string} source
 */
export function insert(panel, cell, NotebookActions, source) {
  select(panel, cell);
  NotebookActions.insertBelow(panel.content);
  const made = panel.content.activeCell;
  made.model.sharedModel.setSource(source);
  made.node.classList.add("g4f-new");
  return made;
}
