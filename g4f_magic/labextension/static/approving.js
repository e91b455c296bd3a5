// Buttons beside the question whether a function may run. They write what could be typed, and know nothing more.

import { button } from "./actions.js";

/** A click this soon after a question came was meant for what stood there before, such as an earlier question. */
const SOON_MS = 700;
const ENDING = "yes / no, because … / always in this cell / edit: ";

/**
 * Watch for such questions in a notebook.
 * @param {any} panel
 */
export function questionsHaveButtons(panel) {
  const observer = new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        // What a growing reply paints is not looked through: a question comes as an output of its own.
        if (node instanceof HTMLElement && node.matches(".jp-OutputArea-child, .jp-Stdin")) decorate(node);
      }
    }
  });
  observer.observe(panel.node, { childList: true, subtree: true });
  panel.disposed.connect(() => observer.disconnect());
}

/** @param {Element} added */
function decorate(added) {
  const question = added.matches(".jp-Stdin") ? added : added.querySelector(".jp-Stdin");
  const asked = question?.querySelector(".jp-Stdin-prompt")?.textContent ?? "";
  const field = question?.querySelector("input");
  if (!question || !field || !asked.endsWith(ENDING) || question.querySelector(".g4f-answers")) return;
  if (question.parentElement?.closest(".jp-OutputArea-output")) return; // what an output shows may look like a question
  const code = asked.slice(0, -ENDING.length).replace(/^[^]*?to run\s+/, "").trim();
  /**
   * @param {string} text
   * @param {boolean} [isWhole]
   */
  const answer = (text, isWhole) => {
    field.value = text;
    if (isWhole) field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    else field.focus();
  };
  const bar = document.createElement("div");
  bar.className = "g4f-answers";
  bar.append(
    button("Run it", "Run this call", () => answer("yes", true)),
    button("No, because …", "Say why not", () => answer("no, because ")),
    button("Always in this cell", "Run this call, and further calls of this function in this cell", () => answer("always", true)),
    button("Edit", "Change the call", () => answer(`edit ${code}`)),
  );
  bar.inert = true;
  window.setTimeout(() => (bar.inert = false), SOON_MS);
  question.append(bar);
}
