// A function that the model asks for: shown as the Python that would run, and nothing runs before a button is pressed.

/** A click this soon after a question came was meant for what stood there before, such as an earlier question. */
const SOON_MS = 700;

class Approving {
  constructor(panel) {
    this.panel = panel;
    this.key = "";
    this.code = make("pre", {className: "g4f-call", tabIndex: 0});
    this.words = make("input", {attrs: {autocomplete: "off"}, on: {keydown: event => {
      if (event.key === "Enter" && !event.isComposing) this.act();
      if (event.key === "Escape") this.write(null);
    }}});
    this.label = make("label", {className: "g4f-grow"}, make("span", {className: "g4f-unseen"}), this.words);
    this.sends = button("Send", () => this.act(), {className: "g4f-plain"});
    this.writing = make("div", {className: "g4f-answering", hidden: true}, this.label, this.sends,
      button("Back", () => this.write(null)));
    this.choices = make("div", {className: "g4f-answering"},
      button("Run it", () => this.answer("yes"), {className: "g4f-plain", title: "Run this call"}),
      button("No, because …", () => this.write("no", "Why not? The model is told your words.", "")),
      button("Always in this reply", () => this.answer("always"), {title: "Run this call, and further calls of this function in this reply"}),
      button("Edit", () => this.write("edit", "The call to run in its place", this.code.textContent)));
    this.node = make("div", {className: "g4f-approving", hidden: true, attrs: {role: "group", "aria-label": "The model asks to run a function"}},
      make("strong", {textContent: "The model asks to run"}), this.code, this.choices, this.writing);
  }

  told({key, name, code}) {
    const isNew = key && key !== this.key;
    this.key = key;
    this.node.hidden = !key;
    this.code.textContent = code;
    if (isNew) {
      this.write(null);
      this.choices.inert = true;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => (this.choices.inert = false), SOON_MS);
      this.panel.announce(`The model asks to run ${name}. It waits for your answer.`);
    }
  }

  /** Ask for words beside an answer: why not, or another call. */
  write(kind, title = "", text = "") {
    this.kind = kind;
    this.choices.hidden = kind !== null;
    this.writing.hidden = kind === null;
    this.label.firstChild.textContent = title;
    this.words.placeholder = title;
    this.words.value = text;
    if (kind !== null) this.words.focus();
  }

  act() {
    this.answer(`${this.kind} ${this.words.value}`);
  }

  answer(text) {
    this.panel.link.ask("answer", {name: this.key, text});
  }
}

/** The functions of the notebook, each with a switch, in place of a field for their names. */
class Functions {
  constructor(panel, field) {
    this.panel = panel;
    this.field = field;
    this.list = make("div", {className: "g4f-functions"});
    this.node = make("fieldset", {className: "g4f-field g4f-choosing"},
      make("legend", {textContent: "Functions that the model may ask for"}), this.list,
      make("div", {className: "g4f-hint", textContent: "You are asked before each call, unless a function is marked as harmless."}));
  }

  get chosen() {
    return this.field.value.split(",").map(name => name.trim()).filter(Boolean);
  }

  async show() {
    const text = await this.panel.link.answer("functions", {});
    const offers = text ? JSON.parse(text) : [];
    const names = offers.map(one => one.name);
    const gone = this.chosen.filter(name => !names.includes(name)).map(name => ({name, about: "not in the notebook now", is_possible: true}));
    this.list.replaceChildren(...[...offers, ...gone].map(one => this.row(one)));
    if (!this.list.childElementCount) this.list.textContent = "There are none yet: define one in a cell.";
  }

  row({name, about, is_possible: isPossible}) {
    const box = make("input", {type: "checkbox", checked: this.chosen.includes(name), disabled: !isPossible, attrs: {role: "switch"},
      on: {change: () => {
        const others = this.chosen.filter(one => one !== name);
        this.field.value = (box.checked ? [...others, name] : others).join(", ");
        this.field.dispatchEvent(new Event("change"));
      }}});
    return make("label", {className: "g4f-function", title: about}, box, make("code", {textContent: name}),
      make("span", {className: "g4f-hint", textContent: about}));
  }
}
