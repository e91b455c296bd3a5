// Where the person writes: the field with what goes along, and Send and Stop.

class Composer {
  constructor(panel) {
    this.panel = panel;
    this.asked = -1; // which earlier question stands in the field, counted from the newest; -1: none
    this.area = make("textarea", {rows: 1, on: {
      paste: event => panel.attachments.paste(event),
      keydown: event => this.press(event),
      input: () => {
        this.asked = -1;
        this.show();
      },
    }});
    this.fit = growing(this.area);
    this.send_ = button("Send", event => {
      if (event.detail < 2) this.send(); // the second half of a double click has nothing to send
    }, {className: "g4f-main g4f-act", sign: "send"});
    this.stop_ = button("Stop", event => {
      if (event.detail < 2) this.stop(); // the second half of one would stop what the first has sent
    }, {className: "g4f-main g4f-stop g4f-act", title: "Stop", sign: "stop"});
    this.node = make("div", {className: "g4f-composer"},
      panel.attachments.list,
      labelled("Message", this.area, {hidden: true}),
      panel.attachments.row,
      make("div", {className: "g4f-actions"}, panel.attachments.toggle, make("span", {className: "g4f-hint g4f-keys"}), this.stop_, this.send_));
    this.keys = this.node.querySelector(".g4f-keys");
  }

  focus() {
    this.area.focus({preventScroll: true});
  }

  show() {
    const {isBusy, isLost} = this.panel;
    const hasText = Boolean(this.area.value.trim());
    const had = [this.stop_, this.send_].find(one => one === focused(this.node));
    this.stop_.hidden = !isBusy;
    this.send_.hidden = isBusy && !hasText;
    const word = isBusy ? "Send next" : "Send";
    this.send_.querySelector(".g4f-word").textContent = word;
    this.send_.title = isBusy ? "Send next: it waits for the reply" : "Send";
    this.send_.setAttribute("aria-label", word);
    this.send_.disabled = this.stop_.disabled = isLost;
    this.area.placeholder = isBusy ? "Ask the next thing…" : "Ask something…";
    const keys = this.panel.model.get("send_with") === "enter" ? "Enter" : "Ctrl+Enter";
    this.keys.textContent = isBusy ? "Esc stops the reply" : hasText ? `${keys} sends · Shift+Enter starts a line` : "";
    if (had?.hidden) this.focus();
  }

  press(event) {
    if (event.key === "Escape" && this.panel.isBusy) {
      event.preventDefault();
      this.stop();
    } else if (this.panel.sends(event)) {
      event.preventDefault();
      this.send();
    } else if (["ArrowUp", "ArrowDown"].includes(event.key) && !event.shiftKey && (this.asked >= 0 || !this.area.value)) {
      this.recall(event);
    }
  }

  // ↑ in an empty field brings the last question back, and again the one before; ↓ goes forth.
  recall(event) {
    const asked = [...this.panel.transcript.list.querySelectorAll(".g4f-prompt")].map(one => one.textContent).reverse();
    const at = this.asked + (event.key === "ArrowUp" ? 1 : -1);
    if (at < -1 || at >= asked.length) return;
    event.preventDefault();
    this.asked = at;
    this.area.value = asked[at] ?? "";
    this.fit();
    this.area.setSelectionRange(this.area.value.length, this.area.value.length);
    this.show();
  }

  send() {
    const text = this.area.value;
    if (this.panel.isLost) return;
    if (!text.trim()) {
      if (!this.panel.isBusy) this.panel.say("Write something to send first.");
      this.focus();
      return;
    }
    this.area.value = "";
    this.asked = -1;
    this.fit();
    const chips = this.panel.attachments.send();
    const key = this.panel.link.ask("send", {text, attached: [...chips.keys()]});
    this.panel.transcript.pend(key, text, chips);
    if (!this.panel.isBusy) this.panel.expect(key);
    this.show();
    this.focus();
  }

  stop() {
    this.panel.link.ask("stop");
    this.focus();
  }

  // An example: nothing is sent before the person does.
  take(text, attach) {
    this.area.value = text;
    this.fit();
    if (attach) this.panel.attachments.put(attach, {text: attach});
    this.show();
    this.focus();
  }

  // A request that failed before it was a turn: what was written comes back.
  restore({text, chips}) {
    this.panel.attachments.restore(chips);
    this.area.value = this.area.value.trim() ? `${text}\n${this.area.value}` : text;
    this.fit();
    this.show();
    this.focus();
  }
}
