// Small buttons that stand over an output. They are the page's own elements, beside what the output shows, and are never saved.

/**
 * Return a bar of buttons; `label` is what a screen reader calls it.
 * @param {string} label
 * @param {Array<{name: string, title: string, run: () => unknown} | null | false>} buttons
 */
export function bar(label, buttons) {
  const element = document.createElement("div");
  element.className = "g4f-toolbar";
  element.setAttribute("role", "toolbar");
  element.setAttribute("aria-label", label);
  element.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") /** @type {HTMLElement | null} */ (element.closest(".jp-Cell"))?.focus();
  });
  for (const one of buttons) if (one) element.append(button(one.name, one.title, one.run));
  return element;
}

/**
 * Return a button that says for a moment what it did, or why it could not.
 * @param {string} name
 * @param {string} title
 * @param {() => unknown} run
 */
export function button(name, title, run) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = name;
  element.title = title;
  if (!/\w/.test(name)) element.setAttribute("aria-label", title);
  element.addEventListener("mousedown", (event) => event.preventDefault()); // the cell stays as it is selected
  element.addEventListener("click", async (event) => {
    event.stopPropagation();
    let said;
    try {
      said = await run();
    } catch (error) {
      said = error instanceof Error ? error.message : String(error);
    }
    if (typeof said !== "string") return;
    element.textContent = said;
    element.setAttribute("aria-live", "polite");
    window.setTimeout(() => (element.textContent = name), 2500);
  });
  return element;
}

/** Put text into the clipboard, and return what to say. */
export async function copied(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return "Copied";
  }
  const field = document.createElement("textarea"); // a page over plain http has no clipboard
  field.value = text;
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  return isDone ? "Copied" : "Copy it by hand: this page has no clipboard";
}
