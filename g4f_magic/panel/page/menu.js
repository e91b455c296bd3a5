// What is wanted now and then: find, take back, settings, files.

const KINDS = [["md", "Markdown"], ["ipynb", "Notebook"], ["json", "JSON"], ["jsonl", "JSON lines"]];

class Menu {
  constructor(panel) {
    this.panel = panel;
    this.opener = button("Menu", () => {}, {title: "Menu", sign: "more", isSignOnly: true, className: "g4f-opener g4f-menu"});
    this.undo = this.item("Undo", "undo", () => panel.link.ask("undo"));
    this.redo = this.item("Redo", "redo", () => panel.link.ask("redo"));
    this.find = this.item("Find …", "find", () => panel.find.open(), "Ctrl+F");
    this.settings = this.item("Settings …", "settings", () => panel.settings.sheet.open());
    this.sheet = new Sheet(panel, {label: "Menu", opener: this.opener, side: "right", fill: () => {
      this.show();
      return [this.undo, this.redo, this.find].find(one => !one.hidden);
    }});
    this.sheet.body.append(this.undo, this.redo, this.find, this.settings,
      make("div", {className: "g4f-group", textContent: "Export as"}),
      ...KINDS.map(([kind, name]) => this.item(name, "file", () => panel.link.ask("export", {text: kind}))));
    panel.on("change:_steps", () => this.show());
    this.show();
  }

  item(label, sign, act, keys = "") {
    return make("button", {type: "button", className: "g4f-item", on: {click: () => {
      this.sheet.close({hasFocus: false});
      this.panel.composer.focus();
      act();
    }}}, icon(sign), make("span", {className: "g4f-name-of", textContent: label}),
    ...(keys ? [make("span", {className: "g4f-hint", textContent: keys})] : []));
  }

  show() {
    const {undo, redo} = this.panel.model.get("_steps");
    this.undo.hidden = !undo;
    this.redo.hidden = !redo;
  }
}
