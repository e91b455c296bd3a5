// What was sent and has not begun: it is seen at once, and waits visibly. And the words while a reply is waited for.

const SILENT_SECONDS = 3; // after which it is said how long nothing has come

class Waiting {
  constructor(transcript) {
    this.transcript = transcript;
    this.panel = transcript.panel;
    this.sent = new Map(); // by the request's key
    this.node = make("div", {className: "g4f-pending"});
  }

  get size() {
    return this.sent.size;
  }

  /** `chips` are those that this page attached, so that they can come back. */
  add(key, text, chips) {
    const state = make("div", {className: "g4f-wait"});
    const bar = make("div", {className: "g4f-bar", attrs: {role: "group", "aria-label": "This question"}});
    const names = [...chips.values()].map(chip => chip.name);
    const node = make("article", {className: "g4f-turn g4f-open", attrs: {"aria-label": `To be asked: ${text.slice(0, 80)}`}},
      make("div", {className: "g4f-asked"}, make("div", {className: "g4f-prompt", textContent: text}), bar),
      make("div", {className: "g4f-reply"}, state));
    if (names.length) node.firstChild.append(make("div", {className: "g4f-hint", textContent: `with ${names.join(", ")}`}));
    this.sent.set(key, {node, text, chips, state, bar});
    this.node.append(node);
    this.say(key, false);
  }

  say(key, isQueued) {
    const one = this.sent.get(key);
    one.isQueued = isQueued;
    one.node.classList.toggle("g4f-queued", isQueued);
    one.state.textContent = isQueued ? "waits for the reply before it" : "sending …";
    one.bar.replaceChildren(...(isQueued ? [
      button("Edit", () => this.takeBack(key, true), {title: "Take it back into the field", sign: "edit"}),
      button("Remove", () => this.takeBack(key, false), {title: "Do not ask this", sign: "close"}),
    ] : []));
  }

  takeBack(key, isToEdit) {
    this.panel.link.ask("unqueue", {text: key});
    const one = this.take(key);
    if (one && isToEdit) this.panel.composer.restore(one);
    this.panel.composer.focus();
    this.transcript.settle();
  }

  /** Return what waited under the key, which waits no longer; null where nothing did. */
  take(key) {
    const one = this.sent.get(key) ?? null;
    this.sent.delete(key);
    one?.node.remove();
    return one;
  }

  /** What the kernel says that waits: also what another page sent, or this one before it was loaded anew. */
  told({prompts, next}) {
    const keys = prompts.map(one => one.key);
    for (const [key, one] of [...this.sent]) {
      if (one.isQueued && key === next) this.say(key, false);
      else if (one.isQueued && !keys.includes(key)) this.take(key);
    }
    for (const {key, prompt, attached} of prompts) {
      if (!this.sent.has(key)) this.add(key, prompt, new Map(attached.map(name => [`${key}-${name}`, {name, about: "", isOfOther: true}])));
      this.panel.queued(key);
      this.say(key, true);
      this.node.append(this.sent.get(key).node);
    }
    this.transcript.settle();
  }
}

/** The line that says what is waited for: it counts down where it is known how long, else up from some seconds on. */
class WaitLine {
  constructor() {
    this.node = make("div", {className: "g4f-wait"});
  }

  show(words, seconds = 0) {
    const isSame = this.words === words && this.seconds === seconds;
    this.words = words;
    this.seconds = seconds;
    if (isSame && this.timer) return;
    this.stop();
    const began = performance.now();
    const tick = () => {
      if (this.timer && !this.node.isConnected) return this.stop();
      const gone = Math.round((performance.now() - began) / 1000);
      const left = Math.max(0, Math.round(seconds) - gone);
      if (seconds) this.node.textContent = words.replace(`${Math.round(seconds)} s`, `${left} s`);
      else this.node.textContent = gone < SILENT_SECONDS ? words : `${words.replace(/ …$/, "")} · ${gone} s`;
    };
    tick();
    this.timer = setInterval(tick, 1000);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
  }
}
