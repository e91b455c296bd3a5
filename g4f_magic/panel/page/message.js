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
    this.asked = make("div", {className: "g4f-asked"}, this.prompt);
    this.thoughts = make("div", {className: "g4f-thoughts"});
    this.blocks = make("div", {className: "g4f-blocks"});
    this.tail = make("div", {className: "g4f-tail"});
    this.error = make("div", {className: "g4f-error"});
    this.line = make("div", {className: "g4f-line"});
    this.bar = make("div", {className: "g4f-bar", attrs: {role: "group"}});
    this.node = make("article", {className: "g4f-turn"},
      this.asked,
      make("div", {className: "g4f-reply"}, this.thoughts, this.blocks, this.tail, this.error),
      make("div", {className: "g4f-foot"}, this.line, this.bar));
    this.show(entry);
    this.append(entry.blocks, 0);
    this.setTail(entry.tail);
  }

  get isOpen() {
    return this.entry.status === "open";
  }

  show(entry) {
    this.entry = {...entry, blocks: null};
    this.prompt.textContent = entry.prompt;
    this.line.textContent = this.isOpen ? "" : entry.line;
    this.error.textContent = entry.error;
    this.error.hidden = !entry.error;
    this.node.setAttribute("aria-label", `You asked: ${entry.prompt.slice(0, 80)}`);
    this.node.setAttribute("aria-busy", String(this.isOpen));
    this.node.classList.toggle("g4f-open", this.isOpen);
    this.thoughts.replaceChildren();
    if (entry.reasoning.length) {
      this.thoughts.append(make("details", {}, make("summary", {textContent: "Reasoning"}),
        make("div", {html: entry.reasoning.join("")})));
    } else if (this.isOpen && !entry.blocks?.length && !entry.tail) {
      this.glimpse("", "");
    }
    this.showBar();
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
      button("‹", () => link.ask("revision", {turn, step: -1}), {title: "Earlier answer"}),
      make("span", {textContent: `${revision} of ${revisions}`}),
      button("›", () => link.ask("revision", {turn, step: 1}), {title: "Later answer"}))];
    if (pager.length) {
      const [before, , after] = pager[0].children;
      before.disabled = revision <= 1;
      after.disabled = revision >= revisions;
    }
    this.bar.replaceChildren(...pager,
      button("Copy", () => this.copy(), {title: "Copy this reply as Markdown"}),
      button("Regenerate", () => this.panel.again("regenerate", {turn}), {title: "Ask this again"}),
      button("Edit", () => this.edit(), {title: "Edit what was asked, and ask it again"}),
      button("Delete", () => {
        link.ask("delete", {turn});
        this.panel.say("Deleted. Undo brings it back.");
        this.panel.composer.focus();
      }, {title: "Delete this message; Undo brings it back"}));
  }

  append(blocks, at) {
    for (const html of blocks) {
      if (!html) continue;
      const block = make("div", {html});
      decorateCode(block, this.panel);
      this.blocks.append(block);
    }
    this.count = at + blocks.length;
    if (blocks.length) this.codeShown = 0;
  }

  setTail(html) {
    this.tail.innerHTML = html;
    this.codeShown = 0;
    if (html) this.thoughts.replaceChildren();
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
    if (piece.thinking || piece.note) this.glimpse(piece.thinking ?? "", piece.note ?? "");
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

  glimpse(thinking, note) {
    const words = note || (thinking ? "thinking …" : "waiting …");
    this.thoughts.replaceChildren(make("div", {className: "g4f-wait", textContent: words}));
    if (thinking) {
      this.thoughts.append(make("div", {
        className: "g4f-glimpse", textContent: `… ${thinking}`, attrs: {"aria-hidden": "true"},
      }));
    }
  }

  async copy() {
    const text = await this.panel.link.answer("source", {turn: this.id});
    await copyText(text ?? this.blocks.textContent); // innerText leaves out what is scrolled away
    this.panel.announce("Reply copied");
  }

  edit() {
    if (this.asked.querySelector("textarea")) return;
    const area = make("textarea", {value: this.entry.prompt, rows: 1, attrs: {"aria-label": "What to ask instead"}});
    const fit = growing(area);
    const close = () => {
      this.asked.replaceChildren(this.prompt);
      this.panel.composer.focus();
    };
    const send = () => {
      if (area.value.trim() && this.panel.again("edit", {turn: this.id, text: area.value})) close();
    };
    area.addEventListener("keydown", event => {
      if (event.key === "Escape") {
        event.stopPropagation();
        close();
      } else if (this.panel.sends(event)) {
        event.preventDefault();
        send();
      }
    });
    this.asked.replaceChildren(area, make("div", {className: "g4f-row"},
      button("Ask this instead", send, {className: "g4f-main"}), button("Cancel", close)));
    fit();
    area.focus();
  }
}
