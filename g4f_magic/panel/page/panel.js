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
    this.sheets = [];
    this.link = new Link(this);
    this.pictures = new Pictures();
    this.transcript = new Transcript(this);
    this.attachments = new Attachments(this);
    this.composer = new Composer(this);
    this.chooser = new Chooser(this);
    this.talks = new Talks(this);
    this.settings = new Settings(this);
    this.menu = new Menu(this);
    this.sheets = [this.chooser, this.talks, this.settings, this.menu].map(one => one.sheet);
    this.find = new Find(this);
    this.notices = new Notices(this);
    this.approving = new Approving(this);
    this.grip = new Grip(this);
    this.status = make("div", {className: "g4f-status", attrs: {role: "status"}});
    this.log = make("div", {className: "g4f-unseen", attrs: {role: "log", "aria-label": "What happens"}});
    this.head = make("div", {className: "g4f-top"}, this.chooser.opener, this.talks.opener,
      this.settings.opener, this.menu.opener, ...this.sheets.map(sheet => sheet.node));
    this.root = make("section", {
      className: "g4f-panel", attrs: {"aria-label": this.title, "data-lm-suppress-shortcuts": "true"},
      on: {keydown: event => this.press(event)},
    }, this.head, this.find.node, this.transcript.frame, this.approving.node, this.notices.node, this.status, this.composer.node, this.grip.node, this.log);
    this.root.classList.toggle("g4f-beside", model.get("_is_beside"));
    this.attachments.listen(this.root);
    // JupyterLab takes every new line in a cell for a shortcut of its own, by a listener on the field itself.
    this.root.addEventListener("beforeinput", event => event.stopPropagation(), true);
    // The same conversation stands below for readers without a kernel.
    this.hidesKept = make("style", {textContent:
      `.jp-OutputArea-child:has(.g4f-kept-${model.get("_comm_id")}), .g4f-kept-${model.get("_comm_id")} { display: none !important; }`});
    document.head.append(this.hidesKept);
    this.on("msg:custom", message => this.hear(message));
    this.on("change:is_busy", () => this.showBusy());
    this.on("change:height", () => this.grip.show());
    this.on("change:send_with", () => this.composer.show());
    this.grip.show();
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
      case "earlier": if (message.page === this.page) this.transcript.prepend(message); break;
      case "change":
        this.transcript.change(message);
        this.meet(message.put.map(({entry}) => entry));
        break;
      case "older": this.transcript.markOlder(message.turns); break;
      case "piece":
        if (!this.transcript.piece(message) && !this.isGreeting) this.hello();
        break;
      case "settled":
        if (!this.transcript.settled(message) && !this.isGreeting) this.hello();
        break;
      case "kept": keepOutput(this, message); break;
      case "source": this.link.answered(message); break;
      case "attached": this.attachments.attached(message); break;
      case "waiting": this.transcript.waiting.told(message); break;
      case "approve": this.approving.told(message); break;
      case "examples": this.transcript.showExamples(message); break;
      case "notice": this.tell(message); break;
    }
  }

  // From the click on, until the kernel says that it has begun: a second click sends nothing.
  expect(key) {
    this.expected = key;
    this.composer.show();
  }

  // The kernel lets it wait: what is under way is something else.
  queued(key) {
    if (this.expected === key) this.expect("");
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

  tell({key, is_error, stays, text, hint}) {
    if (stays) {
      this.notices.add(text);
      return;
    }
    if (key && key === this.expected) this.expect("");
    if (key && is_error) this.attachments.take(key);
    const written = key ? this.transcript.waiting.take(key) : null;
    if (written !== null) {
      this.composer.restore(written);
      this.transcript.settle();
    }
    this.say(hint ? `${text}. ${hint}` : text, is_error);
  }

  /** Below the transcript, until something else is done; `todo` is a button beside it. */
  say(text, isError = false, todo = null) {
    this.saysUntilIdle = false;
    this.status.replaceChildren(text, ...(todo ? [button(todo.label, () => {
      todo.act();
      this.composer.focus();
    }, {className: "g4f-plain"})] : []));
    this.status.classList.toggle("g4f-is-error", isError);
  }

  press(event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "f") {
      event.preventDefault();
      event.stopPropagation();
      this.find.open();
    }
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
    this.composer.show();
  }

  sends(event) {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey) return false;
    return this.model.get("send_with") === "enter" || event.ctrlKey || event.metaKey;
  }

  close() {
    for (const [name, listener] of this.listeners) this.model.off(name, listener);
    this.link.close();
    this.pictures.close();
    this.transcript.close();
    for (const sheet of this.sheets) sheet.close({hasFocus: false});
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
