// The messages in their order, and where the person looks.

class Transcript {
  constructor(panel) {
    this.panel = panel;
    this.messages = new Map();
    this.pending = new Map(); // what was sent and has not begun, by the request's key
    this.isAtEnd = true;
    this.more = button("", () => this.earlier(), {className: "g4f-more"});
    this.more.hidden = true;
    this.list = make("div", {className: "g4f-list"});
    this.empty = make("div", {className: "g4f-empty", textContent: "Ask something. Cells with %%chat are part of this conversation, too."});
    this.waiting = make("div", {className: "g4f-pending"});
    this.node = make("div", {
      className: "g4f-transcript", tabIndex: 0, attrs: {role: "region", "aria-label": `${panel.title}: conversation`},
      on: {scroll: () => this.look()},
    }, this.more, this.list, this.empty, this.waiting);
    this.seen = {top: 0, height: 0};
    this.sizes = new ResizeObserver(() => this.settle());
    this.sizes.observe(this.list);
    this.observer = new IntersectionObserver(seen => {
      if (seen.some(one => one.isIntersecting) && !this.isAtEnd) this.earlier(); // who scrolled up to here
    }, {root: this.node});
    this.observer.observe(this.more);
  }

  // Who scrolls up has left the end; a page that only grew has not been scrolled.
  look() {
    const {scrollTop: top, scrollHeight: height, clientHeight} = this.node;
    if (height - top - clientHeight < 32) this.isAtEnd = true;
    else if (height === this.seen.height && top < this.seen.top) this.isAtEnd = false;
    this.seen = {top, height};
  }

  close() {
    this.sizes.disconnect();
    this.observer.disconnect();
  }

  all({entries, left}) {
    this.messages.clear();
    this.list.replaceChildren();
    for (const entry of entries) this.add(entry);
    this.setLeft(left);
    this.isAtEnd = true;
    this.settle();
  }

  add(entry, before = null) {
    const message = new Message(this.panel, entry);
    this.messages.set(entry.id, message);
    this.list.insertBefore(message.node, before);
    this.unpend(entry.key);
    return message;
  }

  earlier() {
    const first = this.list.firstElementChild;
    if (this.isAsking || !first) return;
    this.isAsking = true;
    const [id] = [...this.messages].find(([, message]) => message.node === first);
    this.panel.link.ask("earlier", {turn: id, page: this.panel.page});
  }

  prepend({entries, left}) {
    this.isAsking = false;
    const {scrollHeight, scrollTop} = this.node;
    const first = this.list.firstElementChild;
    for (const entry of entries) if (!this.messages.has(entry.id)) this.add(entry, first);
    this.setLeft(left);
    this.node.scrollTop = scrollTop + this.node.scrollHeight - scrollHeight;
  }

  setLeft(left) {
    this.more.hidden = !left;
    this.more.textContent = `Show earlier messages (${left})`;
    this.more.setAttribute("aria-label", this.more.textContent);
  }

  change({removed, put}) {
    for (const id of removed) {
      this.messages.get(id)?.node.remove();
      this.messages.delete(id);
    }
    for (const {after, entry} of put) {
      const old = this.messages.get(entry.id);
      const previous = after === null ? null : this.messages.get(after);
      if (after !== null && !previous && !old && this.messages.size) continue; // among those not shown yet
      const before = old ? old.node.nextSibling : previous ? previous.node.nextSibling : this.list.firstChild;
      const hadFocus = old?.node.contains(this.panel.root.getRootNode().activeElement);
      old?.node.remove();
      const message = this.add(entry, before);
      if (entry.status === "open") {
        this.isAtEnd = message.node === this.list.lastElementChild;
        this.panel.announce("The reply begins");
      }
      if (hadFocus) this.panel.composer.focus();
    }
    this.settle();
  }

  piece(piece) {
    const message = this.messages.get(piece.turn);
    if (!message?.piece(piece)) return false;
    this.settle();
    return true;
  }

  settled({entry, at}) {
    const message = this.messages.get(entry.id);
    if (!message?.settled(entry, at)) return false;
    this.panel.announce(`The reply ${STATES[entry.status]}`);
    this.settle();
    return true;
  }

  // What was sent is seen at once, also while the kernel has other things to do.
  pend(key, text) {
    const node = make("article", {className: "g4f-turn g4f-open"},
      make("div", {className: "g4f-asked"}, make("div", {className: "g4f-prompt", textContent: text})),
      make("div", {className: "g4f-reply"}, make("div", {className: "g4f-wait", textContent: "sending …"})));
    this.pending.set(key, {node, text});
    this.waiting.append(node);
    this.isAtEnd = true;
    this.settle();
  }

  unpend(key) {
    const pending = this.pending.get(key);
    if (!pending) return null;
    this.pending.delete(key);
    pending.node.remove();
    return pending.text;
  }

  settle() {
    this.empty.hidden = this.messages.size > 0 || this.pending.size > 0;
    if (!this.isAtEnd || this.isScrolling) return;
    this.isScrolling = true;
    requestAnimationFrame(() => {
      this.isScrolling = false;
      this.node.scrollTop = this.node.scrollHeight;
    });
  }
}
