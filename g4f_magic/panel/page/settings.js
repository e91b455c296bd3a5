// How it is asked: the fields of the table of options, and which key sends.

class Settings {
  constructor(panel) {
    this.panel = panel;
    this.model = panel.model;
    const choose = values => panel.link.ask("choose", {values});
    this.fields = {};
    const fields = this.model.get("_fields").map(({name, label, hint, is_long: isLong}) => {
      const field = make(isLong ? "textarea" : "input", {on: {change: () => choose({parameters: this.parameters()})},
        attrs: {autocomplete: "off"}});
      if (isLong) field.rows = 2;
      this.fields[name] = field;
      if (name !== "tools") return labelled(label, field, {hint});
      this.functions = new Functions(panel, field);
      return this.functions.node;
    });
    this.sends = make("select", {on: {change: () => choose({send_with: this.sends.value})}},
      make("option", {value: "enter", textContent: "Enter (Shift+Enter starts a line)"}),
      make("option", {value: "ctrl+enter", textContent: "Ctrl+Enter (Enter starts a line)"}));
    this.opener = button("Settings", () => {}, {title: "Settings", sign: "settings", className: "g4f-quiet g4f-settings"});
    this.sheet = new Sheet(panel, {label: "Settings", opener: this.opener, side: "right", fill: () => {
      this.show();
      this.functions?.show();
      return Object.values(this.fields)[0] ?? this.sends;
    }});
    this.sheet.body.append(make("h3", {textContent: "Settings of this panel"}),
      make("div", {className: "g4f-fields"}, ...fields, labelled("What sends a message", this.sends)));
    for (const name of ["parameters", "send_with"]) panel.on(`change:${name}`, () => this.show());
    this.show();
  }

  parameters() {
    return Object.fromEntries(Object.entries(this.fields).map(([name, field]) => [name, field.value]));
  }

  show() {
    const active = focused(this.sheet.node);
    for (const [name, field] of Object.entries(this.fields)) {
      if (field !== active) field.value = this.model.get("parameters")[name] ?? "";
    }
    this.sends.value = this.model.get("send_with");
  }
}
