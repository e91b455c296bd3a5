// One turn: what was asked, and the reply as it comes.

const STATES = {
  open: "is answering", done: "has answered", stopped: "was stopped", broken: "broke off", failed: "failed",
};

class Message {
  constructor(panel, entry) {
    this.panel = panel;
    this.id = entry.id;
    this.count = 0; // of blocks, those without content too
    this.codeShown = 0;
    this.prompt = make("div", {className: "g4f-prompt"});
    this.editor = new Editor(this);
    this.askedBar = make("div", {className: "g4f-bar", attrs: {role: "group", "aria-label": "This question"}},
      button("Edit", () => this.editor.open(), {title: "Edit what was asked, and ask it again", sign: "edit"}));
    this.asked = make("div", {className: "g4f-asked"}, this.prompt, this.askedBar);
    this.who = make("div", {className: "g4f-who"});
    this.thoughts = make("div", {className: "g4f-thoughts"});
    this.waits = new WaitLine();
    this.blocks = make("div", {className: "g4f-blocks"});
    this.tail = make("div", {className: "g4f-tail"});
    this.calls = make("div", {className: "g4f-calls"});
    this.links = make("div", {className: "g4f-links"});
    this.error = make("div", {className: "g4f-error", hidden: true});
    this.line = make("div", {className: "g4f-line"});
    this.older = olderNotice(() => this.askAgain());
    this.sent = make("details", {className: "g4f-sent", on: {toggle: () => this.showSent()}},
      make("summary", {textContent: "What was sent"}), make("pre", {tabIndex: 0}));
    this.bar = make("div", {className: "g4f-bar", attrs: {role: "group"}});
    this.node = make("article", {className: "g4f-turn"},
      this.asked, this.who, this.older,
      make("div", {className: "g4f-reply"}, this.thoughts, this.calls, this.blocks, this.tail, this.links, this.error),
      make("div", {className: "g4f-foot"}, this.line, this.bar), this.sent);
    this.entry = {...entry, blocks: null};
    this.append(entry.blocks, 0);
    this.setTail(entry.tail);
    this.show(entry);
  }

  get isOpen() {
    return this.entry.status === "open";
  }

  show(entry) {
    this.entry = {...entry, blocks: null};
    this.prompt.textContent = entry.prompt;
    this.line.textContent = this.isOpen ? "" : entry.line;
    this.links.innerHTML = entry.links;
    this.calls.innerHTML = entry.calls;
    this.sent.hidden = !entry.is_told;
    this.askedBar.classList.toggle("g4f-idle", this.isOpen); // it keeps its room, so that nothing jumps
    this.node.setAttribute("aria-label", `You asked: ${entry.prompt.slice(0, 80)}`);
    this.node.setAttribute("aria-busy", String(this.isOpen));
    this.node.classList.toggle("g4f-open", this.isOpen);
    this.node.classList.toggle("g4f-grows", this.isOpen && Boolean(entry.tail || this.count));
    this.thoughts.replaceChildren();
    if (entry.reasoning.length) {
      this.thoughts.append(make("details", {}, make("summary", {textContent: "Reasoning"}),
        make("div", {html: entry.reasoning.join("")})));
    } else if (this.isOpen && !entry.blocks?.length && !entry.tail) {
      this.glimpse({});
    }
    this.showWho();
    this.showError();
    this.showBar();
  }

  showWho() {
    const {who, model, at} = this.entry;
    const when = new Date(at * 1000);
    const isToday = when.toDateString() === new Date().toDateString();
    const shown = when.toLocaleString([], isToday ? {timeStyle: "short"} : {dateStyle: "medium", timeStyle: "short"});
    this.who.replaceChildren(
      make("strong", {textContent: who || "Answer"}),
      ...(model ? [make("span", {textContent: model})] : []),
      make("time", {dateTime: when.toISOString(), textContent: shown, title: when.toLocaleString()}));
  }

  // What went wrong, once, where it went wrong.
  showError() {
    const {error, hint} = this.entry;
    this.error.hidden = !error;
    if (!error) return;
    this.error.replaceChildren(icon("error"), make("div", {},
      make("div", {className: "g4f-what", textContent: error}),
      ...(hint ? [make("div", {textContent: hint})] : [])),
    button("Try again", () => this.askAgain(), {title: "Try again", className: "g4f-plain", sign: "retry"}));
  }

  askAgain() {
    return this.panel.again("regenerate", {turn: this.id});
  }

  showBar() {
    const {link} = this.panel;
    const turn = this.id;
    this.bar.setAttribute("aria-label", "This message");
    if (this.isOpen) {
      this.bar.replaceChildren();
      return;
    }
    const {revision, revisions} = this.entry;
    const pager = revisions < 2 ? [] : [make("span", {className: "g4f-pager"},
      button("Earlier answer", () => link.ask("revision", {turn, step: -1}), {sign: "left", isSignOnly: true}),
      make("span", {}, make("span", {className: "g4f-unit", textContent: "Answer "}), `${revision} of ${revisions}`),
      button("Later answer", () => link.ask("revision", {turn, step: 1}), {sign: "right", isSignOnly: true}))];
    if (pager.length) {
      const [before, , after] = pager[0].children;
      before.disabled = revision <= 1;
      after.disabled = revision >= revisions;
    }
    const copy = button("Copy", () => this.copy(copy), {title: "Copy this reply as Markdown", sign: "copy"});
    copy.hidden = !this.blocks.textContent;
    const again = button("Ask again", () => this.askAgain(), {title: "Ask again; this answer stays, to page back to", sign: "retry"});
    again.hidden = !this.error.hidden; // it is in the frame of the error
    this.bar.replaceChildren(...pager, copy, again,
      button("Delete", () => {
        link.ask("delete", {turn});
        this.panel.say("Deleted.", false, {label: "Undo", act: () => link.ask("undo")});
        this.panel.composer.focus();
      }, {title: "Delete this message; Undo brings it back", sign: "empty"}));
  }

  append(blocks, at) {
    for (const html of blocks.filter(Boolean)) {
      const block = make("div", {html});
      decorateCode(block, this.panel);
      this.blocks.append(block);
      typesetFormulas(block, this.panel);
      drawDiagrams(block, this.panel);
    }
    this.count = at + blocks.length;
    if (blocks.length) this.codeShown = 0;
  }

  setTail(html) {
    this.tail.innerHTML = html;
    this.codeShown = 0;
    if (!html) return;
    this.thoughts.replaceChildren();
    this.node.classList.toggle("g4f-grows", this.isOpen);
  }

  // Return whether the piece fits what is held; else something was missed.
  piece(piece) {
    if (piece.at !== this.count) return false;
    this.append(piece.blocks, piece.at);
    if (piece.tail !== undefined) {
      this.setTail(piece.tail);
    } else if (piece.code !== undefined) {
      const code = this.tail.querySelector("pre code");
      if (!code || (this.codeShown && this.codeShown !== piece.code_at)) return false;
      code.append(piece.code);
      this.codeShown = piece.code_at + piece.code.length;
    }
    if (piece.calls !== undefined) this.calls.innerHTML = piece.calls;
    if (piece.thinking || piece.note) this.glimpse(piece);
    return true;
  }

  settled(entry, at) {
    if (at > this.count) return false;
    if (at < this.count) {
      this.blocks.replaceChildren(); // a link that was defined late changes what went before
      if (at) return false;
    }
    this.append(entry.blocks, at);
    this.setTail("");
    this.show(entry);
    return true;
  }

  glimpse({thinking = "", note = "", note_seconds: seconds = 0}) {
    this.waits.show(note || (thinking ? "thinking …" : "waiting …"), seconds);
    this.thoughts.replaceChildren(this.waits.node);
    this.node.classList.remove("g4f-grows");
    if (thinking) {
      this.thoughts.append(make("div", {
        className: "g4f-glimpse", textContent: `… ${thinking}`, attrs: {"aria-hidden": "true"},
      }));
    }
  }

  // What went along is asked for when somebody wants to see it: it may be much.
  async showSent() {
    const [, text] = this.sent.children;
    if (!this.sent.open || text.textContent) return;
    text.textContent = (await this.panel.link.answer("sent", {turn: this.id})) ?? "The kernel is busy. Open this again later.";
  }

  async copy(control) {
    const text = await this.panel.link.answer("source", {turn: this.id});
    if (!(await copyText(text ?? this.blocks.textContent))) { // innerText leaves out what is scrolled away
      this.panel.say("The browser did not let the reply be copied. Select it and press Ctrl+C.", true);
      return;
    }
    answers(control, "Copied");
    this.panel.announce("Reply copied");
  }

  close() {
    this.waits.stop();
  }
}
