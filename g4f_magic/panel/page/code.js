// What can be done with a block of code of a reply.

function decorateCode(root, panel) {
  for (const pre of root.querySelectorAll("pre")) {
    const code = () => pre.textContent.replace(/\n$/, "");
    const bar = make("div", {className: "g4f-codebar", attrs: {role: "group", "aria-label": "This code"}},
      button("Copy", async () => {
        await copyText(code());
        panel.announce("Code copied");
      }, {title: "Copy this code"}),
      button("Insert", () => insertCode(panel, code()), {title: "Insert this code as a new cell below"}),
      button("Variable", () => nameVariable(panel, bar, code()), {title: "Put this code into a variable"}),
    );
    // The colours suit paper; mixed with the theme's ink they can be read on any ground.
    for (const span of pre.querySelectorAll("span[style]")) {
      if (span.style.color) span.style.color = `color-mix(in srgb, ${span.style.color} 65%, var(--ink))`;
    }
    const frame = make("div", {className: "g4f-code"});
    pre.replaceWith(frame);
    pre.tabIndex = 0; // it may be wider than the panel
    pre.setAttribute("aria-label", "Code");
    pre.setAttribute("role", "group");
    frame.append(bar, pre);
  }
}

// Below the panel's cell where the front end lets us at the notebook; else the kernel puts it into the next input.
function insertCode(panel, code) {
  const notebook = panel.model.widget_manager?.context?.model?.sharedModel;
  if (!notebook?.insertCell) {
    panel.link.ask("insert", {text: code});
    return;
  }
  const cell = panel.model.get("_cell");
  const at = notebook.cells.findIndex(one => (one.id ?? one.getId?.()) === cell);
  notebook.insertCell(at < 0 ? notebook.cells.length : at + 1, {cell_type: "code", source: code, metadata: {}});
  panel.announce("Inserted as a cell below");
}

function nameVariable(panel, bar, code) {
  const input = make("input", {type: "text", value: "code", size: 12, attrs: {"aria-label": "Name of the variable"}});
  const close = () => form.remove();
  const form = make("form", {
    className: "g4f-name",
    on: {
      submit: event => {
        event.preventDefault();
        panel.link.ask("variable", {name: input.value, text: code});
        close();
        panel.composer.focus();
      },
      keydown: event => {
        if (event.key === "Escape") {
          event.stopPropagation();
          close();
        }
      },
    },
  }, input, make("button", {type: "submit", className: "g4f-quiet", textContent: "Set"}));
  bar.querySelector("form")?.remove();
  bar.append(form);
  input.select();
}

// A page that was loaded after the static outputs were made: the kernel's updates do not find them there.
function keepOutput(panel, {number, html, plain}) {
  const cells = panel.model.widget_manager?.context?.model?.cells;
  const mark = `g4f-kept-${panel.model.get("_kept")}`;
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
