// The messages in their order, and where the person looks.

const AT_END_PX = 32;

class Transcript {
  constructor(panel) {
    this.panel = panel;
    this.messages = new Map();
    this.older = new Set(); // which answers are older than what they build on
    this.isAtEnd = true;
    this.more = button("", () => this.earlier(), {className: "g4f-more"});
    this.more.hidden = true;
    this.list = make("div", {className: "g4f-list"});
    this.examples = make("ul", {className: "g4f-examples"});
    this.empty = make("div", {className: "g4f-empty"},
      make("h3", {textContent: "Ask about this notebook"}),
      make("p", {textContent: "Cells with %%chat are part of this conversation, too."}),
      this.examples);
    this.waiting = new Waiting(this);
    this.node = make("div", {
      className: "g4f-transcript", tabIndex: 0, attrs: {role: "region", "aria-label": `${panel.title}: conversation`},
      on: {scroll: () => this.look()},
    }, this.more, this.list, this.empty, this.waiting.node);
    this.newest = button("Newest", () => this.toEnd(), {className: "g4f-newest", title: "Jump to the newest message", sign: "down"});
    this.newest.hidden = true;
    this.frame = make("div", {className: "g4f-frame"}, this.node, this.newest);
    this.seenTop = 0;
    this.sizes = new ResizeObserver(() => this.settle());
    this.sizes.observe(this.list);
    this.observer = new IntersectionObserver(seen => {
      if (seen.some(one => one.isIntersecting) && !this.isAtEnd) this.earlier(); // who scrolled up to here
    }, {root: this.node});
    this.observer.observe(this.more);
  }

  // Who scrolls up has left the end; one that only grew has not been scrolled, and one that shrank is at its end.
  look() {
    const {scrollTop: top, scrollHeight: height, clientHeight} = this.node;
    if (height - top - clientHeight < AT_END_PX) this.isAtEnd = true;
    else if (top < this.seenTop) this.isAtEnd = false;
    this.seenTop = top;
    this.showNewest();
  }

  showNewest() {
    const {scrollTop: top, scrollHeight: height, clientHeight} = this.node;
    const isAway = !this.isAtEnd && height - top - clientHeight >= AT_END_PX;
    if (!isAway && this.newest.contains(focused(this.node))) this.panel.composer.focus();
    this.newest.hidden = !isAway;
  }

  toEnd() {
    this.isAtEnd = true;
    this.settle();
    this.panel.composer.focus();
  }

  /** Stay where the person looks, whatever comes at the end. */
  hold() {
    this.isAtEnd = false;
  }

  /** Scroll so that something of a message is in sight, in the transcript and in the page. */
  reveal(node) {
    const view = this.node.getBoundingClientRect();
    const place = node.getBoundingClientRect();
    const gap = 12;
    if (place.top < view.top + gap) this.node.scrollTop += place.top - view.top - gap;
    else if (place.bottom > view.bottom) this.node.scrollTop += Math.min(place.bottom - view.bottom + gap, place.top - view.top - gap);
    node.scrollIntoView({block: "nearest"});
    this.isAtEnd = false;
    this.showNewest();
  }

  close() {
    this.sizes.disconnect();
    this.observer.disconnect();
    for (const message of this.messages.values()) message.close();
  }

  all({entries, left}) {
    for (const message of this.messages.values()) message.close();
    this.messages.clear();
    this.list.replaceChildren();
    this.older.clear();
    for (const entry of entries) this.add(entry);
    this.setLeft(left);
    this.isAtEnd = true;
    this.settle();
  }

  add(entry, before = null) {
    const message = new Message(this.panel, entry);
    this.messages.set(entry.id, message);
    message.older.hidden = !this.older.has(entry.id);
    this.list.insertBefore(message.node, before);
    this.waiting.take(entry.key);
    return message;
  }

  earlier() {
    const first = this.list.firstElementChild;
    if (this.arriving || !first) return this.arriving;
    this.arriving = new Promise(done => {
      this.arrived = done;
    });
    const [id] = [...this.messages].find(([, message]) => message.node === first);
    this.panel.link.ask("earlier", {turn: id, page: this.panel.page});
    return this.arriving;
  }

  prepend({entries, left}) {
    const {scrollHeight, scrollTop} = this.node;
    const first = this.list.firstElementChild;
    for (const entry of entries) if (!this.messages.has(entry.id)) this.add(entry, first);
    this.setLeft(left);
    this.node.scrollTop = scrollTop + this.node.scrollHeight - scrollHeight;
    this.arriving = null;
    this.arrived?.();
  }

  setLeft(left) {
    this.more.hidden = !left;
    this.more.querySelector(".g4f-word").textContent = `Show earlier messages (${left})`;
    this.more.setAttribute("aria-label", this.more.textContent);
  }

  change({removed, put}) {
    for (const id of removed) {
      this.messages.get(id)?.close();
      this.messages.get(id)?.node.remove();
      this.messages.delete(id);
    }
    for (const {after, entry} of put) {
      const old = this.messages.get(entry.id);
      const previous = after === null ? null : this.messages.get(after);
      if (after !== null && !previous && !old && this.messages.size) continue; // among those not shown yet
      const before = old ? old.node.nextSibling : previous ? previous.node.nextSibling : this.list.firstChild;
      const hadFocus = old?.node.contains(focused(this.node));
      old?.close();
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

  markOlder(turns) {
    this.older = new Set(turns);
    for (const [id, message] of this.messages) message.older.hidden = !this.older.has(id);
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
    this.panel.announce([`The reply ${STATES[entry.status]}`, entry.error, entry.hint].filter(Boolean).join(". "));
    this.settle();
    return true;
  }

  pend(key, text, chips) {
    this.waiting.add(key, text, chips);
    this.isAtEnd = true;
    this.settle();
  }

  showExamples({examples}) {
    this.examples.replaceChildren(...examples.map(({text, attach}) => make("li", {},
      button(text, () => this.panel.composer.take(text, attach), {className: "g4f-example", title: attach ? `${text} (with ${attach})` : text}))));
  }

  settle() {
    this.empty.hidden = this.messages.size > 0 || this.waiting.size > 0;
    if (!this.isAtEnd) this.showNewest();
    if (!this.isAtEnd || this.isScrolling) return;
    this.isScrolling = true;
    requestAnimationFrame(() => {
      this.isScrolling = false;
      if (!this.isAtEnd) return; // scrolled up in this very frame
      this.node.scrollTop = this.node.scrollHeight;
      this.seenTop = this.node.scrollTop;
      this.showNewest();
    });
  }
}
