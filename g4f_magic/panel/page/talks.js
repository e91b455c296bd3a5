// The conversations of the notebook: to go to one, begin one, rename and delete.

class Talks {
  constructor(panel) {
    this.panel = panel;
    this.model = panel.model;
    this.name = make("span", {className: "g4f-word"});
    this.opener = make("button", {type: "button", className: "g4f-opener"}, icon("talk"), this.name, icon("fold"));
    this.list = make("ul", {className: "g4f-talks", attrs: {"aria-label": "Conversations"}});
    this.fresh = make("input", {type: "text", attrs: {autocomplete: "off", maxlength: "200"}});
    const row = make("div", {className: "g4f-new-talk"},
      make("button", {type: "submit", className: "g4f-plain"}, icon("attach"), make("span", {className: "g4f-word", textContent: "New"})));
    this.form = make("form", { on: {submit: event => {
      event.preventDefault();
      this.go(this.fresh.value.trim());
    }}}, labelled("New conversation", this.fresh, {hint: "A name for it, if you like."}));
    this.fresh.replaceWith(row);
    row.prepend(this.fresh);
    this.sheet = new Sheet(panel, {label: "Conversations", opener: this.opener, fill: () => {
      this.fresh.value = "";
      this.draw();
      return this.list.querySelector("[aria-current]") ?? this.fresh;
    }});
    this.sheet.body.append(this.list, this.form);
    for (const name of ["conversation", "_conversations"]) panel.on(`change:${name}`, () => this.show());
    this.show();
  }

  show() {
    this.name.textContent = this.model.get("conversation");
    this.opener.setAttribute("aria-label", `Conversation: ${this.name.textContent}`);
    this.opener.title = `Conversation “${this.name.textContent}”: go to another, rename, delete`;
    if (this.sheet.isOpen) this.draw();
  }

  // What is typed next belongs into the field of the new conversation.
  go(name) {
    this.panel.link.ask("switch", {text: name});
    this.sheet.close({hasFocus: false});
    this.panel.composer.focus();
  }

  draw() {
    const chosen = this.model.get("conversation");
    const hadFocus = this.list.contains(focused(this.list));
    this.list.replaceChildren(...this.model.get("_conversations").map(one => this.row(one, one.name === chosen)));
    if (hadFocus) (this.list.querySelector("[aria-current]") ?? this.fresh).focus({preventScroll: true});
  }

  row(one, isChosen) {
    const {name, turns, is_main: isMain} = one;
    const row = make("li", {className: "g4f-talk"});
    const go = make("button", {type: "button", className: "g4f-item", on: {click: () => this.go(name)}},
      make("span", {className: "g4f-mark"}, ...(isChosen ? [icon("check")] : [])),
      make("span", {className: "g4f-name-of", textContent: name}),
      make("span", {className: "g4f-hint", textContent: `${turns} ${turns === 1 ? "turn" : "turns"}`}));
    if (isChosen) go.setAttribute("aria-current", "true");
    row.append(go);
    if (isMain) {
      if (isChosen && turns) row.append(button("Empty", () => this.empty(), {title: `Empty ${name}; Undo brings it back`, sign: "empty"}));
      return row;
    }
    row.append(
      button("Rename", () => this.rename(row, name), {title: `Rename ${name}`, sign: "edit"}),
      button("Delete", () => this.confirm(row, one), {title: `Delete ${name}`, sign: "empty"}));
    return row;
  }

  empty() {
    this.panel.link.ask("empty");
    this.sheet.close({hasFocus: false});
    this.panel.say("Emptied.", false, {label: "Undo", act: () => this.panel.link.ask("undo")});
    this.panel.composer.focus();
  }

  rename(row, name) {
    const field = make("input", {type: "text", value: name, attrs: {"aria-label": `New name of ${name}`, maxlength: "200", autocomplete: "off"},
      on: {keydown: event => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        this.draw();
      }}});
    row.replaceChildren(make("form", {className: "g4f-row", on: {submit: event => {
      event.preventDefault();
      const text = field.value.trim();
      if (text && text !== name) this.panel.link.ask("rename", {name, text});
      this.draw();
      this.list.querySelector("[aria-current]")?.focus({preventScroll: true});
    }}}, field, make("button", {type: "submit", className: "g4f-plain", textContent: "Rename"})));
    field.select();
    field.focus({preventScroll: true});
  }

  // It is for good: asked once more, where it stands.
  confirm(row, {name, turns}) {
    const keep = button("Keep", () => this.draw(), {className: "g4f-plain"});
    row.replaceChildren(make("span", {className: "g4f-question",
      textContent: `Delete “${name}” with its ${turns} ${turns === 1 ? "turn" : "turns"} for good?`}),
    button("Delete for good", () => {
      this.panel.link.ask("forget", {text: name});
      this.list.querySelector("button")?.focus({preventScroll: true});
    }, {className: "g4f-plain g4f-alarm"}), keep);
    keep.focus({preventScroll: true});
  }
}
