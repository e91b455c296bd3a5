// Buttons beside the question whether a function may run. They write what could be typed, and know nothing more.

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
  const code = asked.slice(0, -ENDING.length).replace(/^[^]*?to run\s+/, "").trim();
  /** @param {string} text */
  const answer = (text) => {
    field.value = text;
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  };
  /** @param {string} text */
  const begin = (text) => {
    field.value = text;
    field.focus();
  };
  const bar = document.createElement("div");
  bar.className = "g4f-answers";
  bar.append(
    choice("Run it", () => answer("yes")),
    choice("No, because …", () => begin("no, because ")),
    choice("Always in this cell", () => answer("always")),
    choice("Edit", () => begin(`edit ${code}`)),
  );
  question.append(bar);
}

/**
 * @param {string} label
 * @param {() => void} act
 */
function choice(label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", act);
  return button;
}
