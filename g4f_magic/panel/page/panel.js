// The panel as one page shows it. It holds no truth: see protocol.py, which both sides follow.

class Panel {
  constructor(model) {
    this.model = model;
    this.page = Math.random().toString(36).slice(2);
    // Several panels in one page go by their numbers: each is a landmark of its own.
    const others = document.querySelectorAll(".g4f-panel").length;
    this.title = others ? `Chat ${others + 1}` : "Chat";
    this.listeners = [];
    this.expected = "";
    this.isLost = false;
    this.link = new Link(this);
    this.transcript = new Transcript(this);
    this.composer = new Composer(this);
    this.choices = new Choices(this);
    this.status = make("div", {className: "g4f-status", attrs: {role: "status"}});
    this.log = make("div", {className: "g4f-unseen", attrs: {role: "log", "aria-label": "What happens"}});
    this.root = make("section", {
      className: "g4f-panel", attrs: {"aria-label": this.title, "data-lm-suppress-shortcuts": "true"},
    }, this.choices.node, this.transcript.node, this.status, this.composer.node, this.log);
    // JupyterLab takes every new line in a cell for a shortcut of its own, by a listener on the field itself.
    this.root.addEventListener("beforeinput", event => event.stopPropagation(), true);
    // The same conversation stands below for readers without a kernel.
    this.hidesKept = make("style", {textContent:
      `.jp-OutputArea-child:has(.g4f-kept-${model.get("_kept")}), .g4f-kept-${model.get("_kept")} { display: none !important; }`});
    document.head.append(this.hidesKept);
    this.on("msg:custom", message => this.hear(message));
    this.on("change:is_busy", () => this.showBusy());
    this.on("change:height", () => this.showHeight());
    this.showHeight();
    this.composer.show();
    this.hello();
  }

  get isBusy() {
    return Boolean(this.expected) || this.model.get("is_busy");
  }

  on(name, listener) {
    this.model.on(name, listener);
    this.listeners.push([name, listener]);
  }

  hello() {
    this.isGreeting = true;
    this.link.ask("hello", {page: this.page});
  }

  hear(message) {
    switch (message.kind) {
      case "ack": this.link.heard(message.key); break;
      case "all":
        if (message.page && message.page !== this.page) break;
        this.isGreeting = false;
        this.transcript.all(message);
        this.meet(message.entries);
        break;
      case "earlier":
        if (message.page === this.page) this.transcript.prepend(message);
        break;
      case "change":
        this.transcript.change(message);
        this.meet(message.put.map(({entry}) => entry));
        break;
      case "piece":
        if (!this.transcript.piece(message) && !this.isGreeting) this.hello();
        break;
      case "settled":
        if (!this.transcript.settled(message) && !this.isGreeting) this.hello();
        break;
      case "kept": keepOutput(this, message); break;
      case "source": this.link.answered(message); break;
      case "notice": this.tell(message); break;
    }
  }

  // From the click on, until the kernel says that it has begun: a second click sends nothing.
  expect(key) {
    this.expected = key;
    this.composer.show();
  }

  meet(entries) {
    if (this.expected && entries.some(entry => entry.key === this.expected)) this.expect("");
  }

  again(what, fields) {
    if (this.isBusy) {
      this.say("A reply is under way. Stop it first.");
      this.saysUntilIdle = true;
      return false;
    }
    this.expect(this.link.ask(what, fields));
    this.composer.focus();
    return true;
  }

  tell({key, is_error, text, hint}) {
    if (key && key === this.expected) this.expect("");
    const written = key ? this.transcript.unpend(key) : null;
    if (written !== null) {
      this.composer.restore(written);
      this.transcript.settle();
    }
    this.say(hint ? `${text}. ${hint}` : text, is_error);
  }

  say(text, isError = false) {
    this.saysUntilIdle = false;
    this.status.textContent = text;
    this.status.classList.toggle("g4f-is-error", isError);
  }

  announce(text) {
    this.log.append(make("div", {textContent: text}));
    while (this.log.childElementCount > 5) this.log.firstElementChild.remove();
  }

  wait(isWaiting) {
    if (this.isLost || isWaiting === Boolean(this.isWaiting)) return;
    this.isWaiting = isWaiting;
    this.say(isWaiting ? "The kernel is busy with a cell. What you asked for waits until it is free." : "");
  }

  lose() {
    this.isLost = true;
    this.expected = "";
    this.root.classList.add("g4f-lost");
    this.say("The kernel was restarted or has ended. Run this cell again to go on: the conversation is kept.", true);
    this.composer.show();
  }

  showBusy() {
    const isBusy = this.model.get("is_busy");
    if (isBusy || this.saysUntilIdle) this.say("");
    if (!isBusy && this.root.contains(this.root.getRootNode().activeElement)) this.composer.focus();
    this.composer.show();
  }

  showHeight() {
    this.root.style.setProperty("--g4f-height", this.model.get("height"));
  }

  sends(event) {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey) return false;
    return this.model.get("send_with") === "enter" || event.ctrlKey || event.metaKey;
  }

  close() {
    for (const [name, listener] of this.listeners) this.model.off(name, listener);
    this.link.close();
    this.transcript.close();
    this.hidesKept.remove();
  }
}

export default {
  render({model, el}) {
    const panel = new Panel(model);
    el.append(panel.root);
    return () => panel.close();
  },
};
