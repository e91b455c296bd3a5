// Who answers: the services, ready ones first, and the models of the one that is chosen; all are shown, and fewer as
// one types.

const GATHER = new Intl.Collator(undefined, {numeric: true});

class Chooser {
  constructor(panel) {
    this.panel = panel;
    this.model = panel.model;
    this.name = make("span", {className: "g4f-word"});
    this.opener = make("button", {type: "button", className: "g4f-opener"}, this.name, icon("fold"));
    this.list = make("div", {className: "g4f-options", id: newId("options"), attrs: {role: "listbox", "aria-label": "Models and services"}});
    this.field = make("input", {type: "text", attrs: {
      role: "combobox", "aria-expanded": "true", "aria-controls": this.list.id, "aria-autocomplete": "list",
      "aria-label": "Find a model or a service", autocomplete: "off", spellcheck: "false",
      placeholder: "Type to find a model or a service",
    }, on: {input: () => this.draw(true), keydown: event => this.press(event)}});
    this.about = make("div", {className: "g4f-hint g4f-words"});
    this.sheet = new Sheet(panel, {label: "Model and service", opener: this.opener, fill: () => {
      this.field.value = "";
      this.draw();
      return this.field;
    }});
    this.sheet.body.append(make("div", {className: "g4f-search"}, icon("find"), this.field), this.about, this.list);
    for (const name of ["provider", "_providers", "model", "_models"]) panel.on(`change:${name}`, () => this.show());
    this.show();
  }

  show() {
    const {provider, chosen, own} = this.chosen;
    const model = chosen || own;
    if (model && model !== provider) this.name.replaceChildren(make("span", {className: "g4f-service", textContent: `${provider} · `}), model);
    else this.name.textContent = provider;
    this.opener.setAttribute("aria-label", `Model and service: ${this.name.textContent}`);
    this.opener.title = `${this.name.textContent}: choose another model or service`;
    const words = this.services.find(one => one.name === provider)?.words ?? "";
    this.about.textContent = words && `${provider}: ${words}`;
    if (this.sheet.isOpen) this.draw();
  }

  get chosen() {
    return {provider: this.model.get("provider"), chosen: this.model.get("model"), own: this.model.get("_models").default ?? ""};
  }

  get services() {
    const {provider} = this.chosen;
    const all = this.model.get("_providers");
    return all.some(one => one.name === provider) ? all : [{name: provider, group: "Chosen", words: ""}, ...all];
  }

  /** What can be chosen: of each group its label, and its options. */
  groups() {
    const {provider, chosen, own} = this.chosen;
    const {names = [], is_fixed: isFixed = false, is_open: isOpen = true} = this.model.get("_models");
    const models = isFixed ? [] : [...names].sort(GATHER.compare).filter(name => name !== own);
    const usual = {kind: "model", value: "", text: own || "The service's own choice", words: "the default", isChosen: !chosen || chosen === own};
    const groups = [[`Models of ${provider}`, [usual, ...models.map(name =>
      ({kind: "model", value: name, text: name, words: "", isChosen: name === chosen}))]]];
    for (const {name, group, words} of this.services) {
      if (groups.at(-1)[0] !== group) groups.push([group, []]);
      groups.at(-1)[1].push({kind: "provider", value: name, text: name, words, isChosen: name === provider});
    }
    const typed = this.field.value.trim();
    if (typed && isOpen && !isFixed && !names.includes(typed)) {
      groups.push(["Not listed", [{kind: "model", value: typed, text: `Use “${typed}”`, words: `as a model of ${provider}`, isTyped: true}]]);
    }
    return groups;
  }

  draw(isTyping = false) {
    const sought = this.field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (one, group) => one.isTyped || sought.every(word => `${one.text} ${group}`.toLowerCase().includes(word));
    this.options = [];
    const groups = this.groups().map(([label, all]) => [label, all.filter(one => fits(one, label))]).filter(([, all]) => all.length);
    this.list.replaceChildren(...groups.map(([label, all]) => {
      const head = make("div", {className: "g4f-group", textContent: label, id: newId("group")});
      return make("div", {attrs: {role: "group", "aria-labelledby": head.id}}, head, ...all.map(one => this.option(one)));
    }));
    const at = this.options.findIndex(({one}) => one.isChosen);
    this.point(isTyping ? 0 : Math.max(0, at));
    if (!isTyping) this.list.scrollTop = 0;
  }

  option(one) {
    const node = make("div", {
      className: "g4f-option", id: newId("option"), attrs: {role: "option", "aria-selected": String(Boolean(one.isChosen))},
      on: {click: () => this.choose(one), pointerdown: event => event.preventDefault()},
    }, make("span", {className: "g4f-mark"}, ...(one.isChosen ? [icon("check")] : [])),
    make("span", {className: "g4f-name-of", textContent: one.text}),
    ...(one.words ? [make("span", {className: "g4f-hint", textContent: one.words, title: one.words})] : []));
    this.options.push({one, node});
    return node;
  }

  point(at) {
    this.options[this.at]?.node.classList.remove("g4f-pointed");
    this.at = this.options.length ? Math.min(Math.max(0, at), this.options.length - 1) : -1;
    const node = this.options[this.at]?.node;
    node?.classList.add("g4f-pointed");
    if (node) {
      const {offsetTop: top, offsetHeight: height} = node;
      const {scrollTop, clientHeight} = this.list;
      if (top < scrollTop) this.list.scrollTop = top - height;
      else if (top + height > scrollTop + clientHeight) this.list.scrollTop = top + height - clientHeight;
    }
    this.field.setAttribute("aria-activedescendant", node?.id ?? "");
  }

  press(event) {
    const step = {ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8}[event.key];
    if (step) {
      event.preventDefault();
      this.point(this.at + step);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      if (this.options[this.at]) this.choose(this.options[this.at].one);
    }
  }

  choose({kind, value}) {
    this.panel.link.ask("choose", {values: {[kind]: value}});
    this.field.value = "";
    if (kind === "model") {
      this.sheet.close({hasFocus: false});
      this.panel.composer.focus();
    } else if (value === this.chosen.provider) {
      this.draw();
    }
  }
}
