// Where the person writes, and Send or Stop in one place.

class Composer {
  constructor(panel) {
    this.panel = panel;
    this.area = make("textarea", {rows: 1, placeholder: "Ask something", on: {
      keydown: event => {
        if (event.key === "Escape" && panel.isBusy) {
          event.preventDefault();
          this.stop();
        } else if (panel.sends(event)) {
          event.preventDefault();
          this.send();
        }
      },
    }});
    this.fit = growing(this.area);
    this.act = button("Send", event => {
      if (event.detail > 1) return; // the second half of a double click would stop what the first has sent
      if (panel.isBusy) this.stop();
      else this.send();
    }, {className: "g4f-main"});
    this.node = make("div", {className: "g4f-composer"}, labelled("Message", this.area, {hidden: true}), this.act);
  }

  focus() {
    this.area.focus({preventScroll: true});
  }

  show() {
    const label = this.panel.isBusy ? "Stop" : "Send";
    this.act.textContent = label;
    this.act.title = this.panel.isBusy ? "Stop the reply (Esc)" : "Send";
    this.act.setAttribute("aria-label", label);
    this.act.classList.toggle("g4f-stop", this.panel.isBusy);
    this.act.disabled = this.panel.isLost;
  }

  send() {
    const text = this.area.value;
    if (this.panel.isBusy || this.panel.isLost) return;
    if (!text.trim()) {
      this.panel.say("Write something to send first.");
      this.focus();
      return;
    }
    this.area.value = "";
    this.fit();
    const key = this.panel.link.ask("send", {text});
    this.panel.transcript.pend(key, text);
    this.panel.expect(key);
    this.focus();
  }

  stop() {
    this.panel.link.ask("stop");
    this.focus();
  }

  // A request that failed before it was a turn: what was written comes back.
  restore(text) {
    this.area.value = this.area.value.trim() ? `${text}\n${this.area.value}` : text;
    this.fit();
    this.focus();
  }
}
