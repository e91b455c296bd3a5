// A question that is edited where it stands, in sight.

class Editor {
  constructor(message) {
    this.message = message;
    this.panel = message.panel;
  }

  open() {
    const {asked, entry} = this.message;
    if (asked.querySelector("textarea")) return;
    this.area = make("textarea", {value: entry.prompt, rows: 1, attrs: {"aria-label": "What to ask instead"},
      on: {keydown: event => this.press(event)}});
    const fit = growing(this.area);
    asked.replaceChildren(this.area, make("div", {className: "g4f-row"},
      button("Cancel", () => this.close(), {className: "g4f-plain"}),
      button("Ask this instead", () => this.send(), {className: "g4f-main"})));
    asked.classList.add("g4f-editing");
    this.panel.transcript.hold(); // else a reply that grows would pull it out of sight
    fit();
    this.area.focus({preventScroll: true});
    this.panel.transcript.reveal(asked);
  }

  close() {
    const {asked, prompt, askedBar} = this.message;
    asked.classList.remove("g4f-editing");
    asked.replaceChildren(prompt, askedBar);
    this.panel.composer.focus();
  }

  send() {
    const text = this.area.value;
    if (text.trim() && this.panel.again("edit", {turn: this.message.id, text})) this.close();
  }

  press(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    } else if (this.panel.sends(event)) {
      event.preventDefault();
      this.send();
    }
  }
}
