// Who answers and how: the row above the transcript, and the fields behind the fold.

const FIELDS = [
  ["system", "System prompt", "textarea", "Be brief."],
  ["temperature", "Temperature", "input", "the service's own"],
  ["max_tokens", "Longest reply, in tokens", "input", "the service's own"],
  ["context", "Earlier turns sent along", "input", "all; 6 turns, or 2000t tokens"],
  ["more", "Further parameters, a line each", "textarea", "top_p=0.9"],
];

class Choices {
  constructor(panel) {
    this.panel = panel;
    const {model, link} = panel;
    const choose = values => link.ask("choose", {values});
    this.provider = make("select", {on: {change: () => choose({provider: this.provider.value})}});
    this.modelBox = make("div", {className: "g4f-field"});
    this.conversation = make("select", {on: {change: () => this.switch()}});
    this.words = make("div", {className: "g4f-words"});
    const export_ = make("select", {
      attrs: {"aria-label": "Export"}, className: "g4f-quiet",
      on: {change: () => {
        link.ask("export", {text: export_.value});
        export_.value = "";
      }},
    }, make("option", {value: "", textContent: "Export …"}),
    ...[["md", "Markdown"], ["ipynb", "Notebook"], ["json", "JSON"], ["jsonl", "JSON lines"]].map(
      ([value, textContent]) => make("option", {value, textContent})));
    this.fields = {};
    const folded = FIELDS.map(([name, text, tag, placeholder]) => {
      const field = make(tag, {placeholder, on: {change: () => choose({parameters: this.parameters()})}});
      if (tag === "textarea") field.rows = 2;
      this.fields[name] = field;
      return labelled(text, field);
    });
    this.node = make("div", {className: "g4f-choices"},
      make("div", {className: "g4f-row"},
        labelled("Provider", this.provider), this.modelBox, labelled("Conversation", this.conversation),
        make("div", {className: "g4f-steer", attrs: {role: "group", "aria-label": "This conversation"}},
          button("Undo", () => link.ask("undo"), {title: "Take back the last change of the conversation"}),
          button("Redo", () => link.ask("redo"), {title: "Do again what was taken back"}),
          export_)),
      this.words,
      make("details", {className: "g4f-fold"}, make("summary", {textContent: "Parameters"}),
        make("div", {className: "g4f-fields"}, ...folded)));
    for (const name of ["provider", "_providers"]) panel.on(`change:${name}`, () => this.showProviders());
    for (const name of ["model", "_models"]) panel.on(`change:${name}`, () => this.showModels());
    for (const name of ["conversation", "_conversations"]) panel.on(`change:${name}`, () => this.showConversations());
    panel.on("change:parameters", () => this.showParameters());
    this.model = model;
    this.showProviders();
    this.showModels();
    this.showConversations();
    this.showParameters();
  }

  parameters() {
    return Object.fromEntries(Object.entries(this.fields).map(([name, field]) => [name, field.value]));
  }

  showParameters() {
    const active = this.panel.root?.getRootNode().activeElement;
    for (const [name, field] of Object.entries(this.fields)) {
      if (field !== active) field.value = this.model.get("parameters")[name] ?? "";
    }
  }

  showProviders() {
    const chosen = this.model.get("provider");
    const all = this.model.get("_providers");
    const known = all.some(one => one.name === chosen) ? all : [{name: chosen, group: "Chosen", words: ""}, ...all];
    const groups = Map.groupBy ? Map.groupBy(known, one => one.group) : groupBy(known, one => one.group);
    this.provider.replaceChildren(...[...groups].map(([label, ones]) => make("optgroup", {label},
      ...ones.map(one => make("option", {value: one.name, textContent: one.name, title: one.words})))));
    this.provider.value = chosen;
    const words = known.find(one => one.name === chosen)?.words ?? "";
    this.words.textContent = words && `${chosen}: ${words}`;
  }

  showModels() {
    const {names = [], default: own = "", is_open = true, is_fixed = false} = this.model.get("_models");
    const chosen = this.model.get("model");
    const usual = own ? `${own} (default)` : "the service's own";
    const set = event => this.panel.link.ask("choose", {values: {model: event.target.value}});
    let control;
    if (is_open && !is_fixed) {
      const list = make("datalist", {id: `g4f-models-${this.panel.page}`},
        ...names.map(value => make("option", {value})));
      control = make("input", {type: "text", value: chosen, placeholder: usual, on: {change: set}, attrs: {list: list.id}});
      this.modelBox.replaceChildren(...labelled("Model", control).childNodes, list);
      return;
    }
    control = make("select", {disabled: is_fixed, on: {change: set}},
      make("option", {value: "", textContent: is_fixed && !own ? "one, not to be chosen" : usual}),
      ...names.filter(name => name !== own).map(name => make("option", {value: name, textContent: name})));
    control.value = names.includes(chosen) && chosen !== own ? chosen : "";
    this.modelBox.replaceChildren(...labelled("Model", control).childNodes);
  }

  showConversations() {
    const chosen = this.model.get("conversation");
    const names = this.model.get("_conversations");
    const all = names.includes(chosen) ? names : [chosen, ...names];
    this.conversation.replaceChildren(
      ...all.map(name => make("option", {value: name, textContent: name})),
      make("option", {value: "\n", textContent: "New …"}));
    this.conversation.value = chosen;
  }

  switch() {
    const name = this.conversation.value;
    if (name !== "\n") {
      this.panel.link.ask("switch", {text: name});
      return;
    }
    const field = this.conversation.parentNode;
    const input = make("input", {type: "text", placeholder: "its name", attrs: {"aria-label": "Name of the new conversation"}});
    let isDone = false;
    const close = () => {
      if (isDone) return;
      isDone = true;
      input.replaceWith(this.conversation);
      if (input.value.trim()) this.panel.link.ask("switch", {text: input.value.trim()});
      this.showConversations();
    };
    input.addEventListener("blur", close);
    input.addEventListener("keydown", event => {
      if (event.key === "Escape") input.value = "";
      if (event.key === "Escape" || event.key === "Enter") {
        event.stopPropagation();
        close();
        this.conversation.focus();
      }
    });
    field.replaceChild(input, this.conversation);
    input.focus();
  }
}

function groupBy(items, of) {
  const groups = new Map();
  for (const item of items) groups.set(of(item), [...(groups.get(of(item)) ?? []), item]);
  return groups;
}
