// Looking for words in the whole conversation: the kernel says in which messages they stand, also in those that are
// not loaded yet.

const MOST_MARKS = 500;
const FIND_MS = 150;

class Find {
  constructor(panel) {
    this.panel = panel;
    this.found = [];
    this.at = -1;
    this.field = make("input", {type: "search", attrs: {"aria-label": "Find in the conversation", autocomplete: "off"},
      on: {input: () => this.soon(), keydown: event => this.press(event)}});
    this.count = make("span", {className: "g4f-hint", attrs: {role: "status"}});
    this.node = make("div", {className: "g4f-find", hidden: true, attrs: {role: "search"}},
      icon("find"), this.field, this.count,
      button("Earlier", () => this.step(-1), {title: "Earlier message with these words", sign: "up", isSignOnly: true}),
      button("Later", () => this.step(1), {title: "Later message with these words", sign: "fold", isSignOnly: true}),
      button("Close", () => this.close(), {title: "Close the search", sign: "close", isSignOnly: true}));
  }

  open() {
    this.node.hidden = false;
    this.field.focus({preventScroll: true});
    this.field.select();
    this.look();
  }

  close() {
    this.node.hidden = true;
    clearTimeout(this.waiting);
    this.mark(null);
    this.panel.composer.focus();
  }

  press(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.step(event.shiftKey ? 1 : -1);
    }
  }

  // Once a person has stopped typing for a moment.
  soon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.look(), FIND_MS);
  }

  async look() {
    const text = this.field.value;
    if (!text.trim()) {
      this.found = [];
      this.say("");
      this.mark(null);
      return;
    }
    const answer = await this.panel.link.answer("find", {text});
    if (text !== this.field.value) return;
    this.found = JSON.parse(answer ?? "[]");
    this.at = this.found.length; // the newest comes first
    if (this.found.length) await this.step(-1);
    else this.say(answer === null ? "The kernel is busy" : "Not found");
  }

  async step(by) {
    if (!this.found.length) return;
    this.at = (this.at + by + this.found.length) % this.found.length;
    const id = this.found[this.at];
    this.say(`${this.at + 1} of ${this.found.length}`);
    const {transcript} = this.panel;
    while (!transcript.messages.has(id) && !transcript.more.hidden) await transcript.earlier();
    const message = transcript.messages.get(id);
    if (!message || this.found[this.at] !== id) return;
    transcript.hold();
    this.mark(message);
  }

  say(text) {
    this.count.textContent = text;
  }

  // Mark the words in one message, and bring the first of them into sight.
  mark(message) {
    this.marked?.node.classList.remove("g4f-found");
    this.marked = message;
    CSS.highlights?.delete("g4f-found");
    if (!message) return;
    message.node.classList.add("g4f-found");
    const ranges = rangesOf([message.prompt, message.blocks], this.field.value.toLowerCase());
    if (ranges.length && CSS.highlights) CSS.highlights.set("g4f-found", new Highlight(...ranges));
    const [first] = ranges;
    this.panel.transcript.reveal(first?.startContainer.parentElement ?? message.node);
  }
}

function rangesOf(roots, words) {
  const ranges = [];
  for (const root of roots) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode() && ranges.length < MOST_MARKS) {
      const text = texts.currentNode.data.toLowerCase();
      for (let at = text.indexOf(words); at >= 0 && ranges.length < MOST_MARKS; at = text.indexOf(words, at + words.length)) {
        if (at + words.length > texts.currentNode.length) break; // letters that grow longer in lower case
        const range = document.createRange();
        range.setStart(texts.currentNode, at);
        range.setEnd(texts.currentNode, at + words.length);
        ranges.push(range);
      }
    }
  }
  return ranges;
}
