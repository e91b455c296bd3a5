// New cells of the notebook, where the front end lets us at it; and what of the panel is kept in it.

/** The notebook as JupyterLab and Notebook 7 share it; VS Code has something of the name that does nothing. */
function sharedNotebook(panel) {
  const shared = panel.model.widget_manager?.context?.model?.sharedModel;
  return shared?.insertCell ? shared : null;
}

function canInsert(panel) {
  return Boolean(sharedNotebook(panel));
}

/** Below the panel's cell; where that is not in the notebook, at its end. */
async function insertCode(panel, code, control) {
  const notebook = sharedNotebook(panel);
  const cells = () => [...notebook.cells ?? []];
  const count = cells().length;
  const own = cells().findIndex(one => (one.id ?? one.getId?.()) === panel.model.get("_cell"));
  const at = own < 0 ? count : own + 1;
  // In VS Code the widgets' notebook is none, whatever comes into it.
  if (!isVSCode()) notebook.insertCell(at, {cell_type: "code", source: code, metadata: {}});
  if (cells().length === count) {
    const isCopied = await copyText(code);
    panel.say(isCopied ? "This notebook takes no cell from a panel: the code is copied. Paste it into a cell."
      : "This notebook takes no cell from a panel. Select the code and press Ctrl+C.", !isCopied);
    if (isCopied) answers(control, "Copied");
    return;
  }
  answers(control, "Inserted");
  panel.announce("Inserted as a cell below");
  // The notebook draws the cell in its next frames.
  requestAnimationFrame(() => requestAnimationFrame(() => flash(panel, at)));
}

function flash(panel, at) {
  const books = [panel.root.closest(".jp-Notebook"), ...document.querySelectorAll(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook")];
  const cell = books.find(Boolean)?.querySelector(`.jp-Cell[data-windowed-list-index="${at}"]`);
  if (!cell) return;
  cell.scrollIntoView({block: "nearest"});
  cell.classList.add("g4f-new-cell");
  setTimeout(() => cell.classList.remove("g4f-new-cell"), DID_MS);
}

/** A page that was loaded after the static outputs were made: the kernel's updates do not find them there. */
function keepOutput(panel, {number, html, plain}) {
  const cells = panel.model.widget_manager?.context?.model?.cells;
  const mark = `g4f-kept-${panel.model.get("_comm_id")}`;
  for (const cell of cells ?? []) {
    const all = cell.id === panel.model.get("_cell") ? (cell.outputs?.toJSON() ?? []) : [];
    const kept = all.map((output, at) => ({output, at, html: [output.data?.["text/html"] ?? ""].flat().join("")}))
      .filter(one => one.html.includes(mark));
    if (kept[number] && kept[number].html !== html) {
      const data = {"text/html": html, "text/plain": plain};
      cell.outputs.set(kept[number].at, {...kept[number].output, data});
    }
  }
}
