// The way to the kernel. Each request is acknowledged; what is not heard soon goes again by the control channel,
// which a running cell does not hold up. The kernel does it once.

const CONTROL_MS = 250;
const PATIENCE_MS = 1500;
const ANSWER_MS = 2000;
// What the person does not do, or what changes nothing: all else makes untrue what was said before.
const QUIET = ["hello", "earlier", "source", "sent", "models", "choose", "attach", "attachable", "find"];
const LOST = ["restarting", "autorestarting", "dead", "terminating"];

class Link {
  constructor(panel) {
    this.panel = panel;
    this.waits = new Map();
    this.answers = new Map();
    this.kernel = panel.model.widget_manager?.kernel;
    this.onStatus = (_, status) => {
      if (LOST.includes(status)) panel.lose();
    };
    this.kernel?.statusChanged?.connect(this.onStatus);
  }

  ask(what, fields = {}) {
    const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    const request = {do: what, key, ...fields};
    if (!QUIET.includes(what) && !this.panel.isWaiting && !this.panel.isLost) this.panel.say("");
    this.panel.model.send(request);
    this.waits.set(key, [
      setTimeout(() => this.again(request), CONTROL_MS),
      setTimeout(() => this.panel.wait(true), PATIENCE_MS),
    ]);
    return key;
  }

  // Return what the kernel says to a request, null where that takes too long.
  answer(what, fields) {
    const key = this.ask(what, fields);
    return new Promise(done => {
      this.answers.set(key, done);
      setTimeout(() => this.answered({key, text: null}), ANSWER_MS);
    });
  }

  answered({key, text}) {
    this.answers.get(key)?.(text);
    this.answers.delete(key);
  }

  again(request) {
    const kernel = this.kernel;
    if (!kernel?.sendControlMessage) return;
    kernel.sendControlMessage({
      channel: "control", buffers: [], metadata: {}, parent_header: {},
      header: {
        msg_id: `${request.key}-again`, msg_type: "comm_msg", session: kernel.clientId, username: "",
        version: "5.3", date: new Date().toISOString(),
      },
      content: {comm_id: this.panel.model.get("_comm_id"), data: {method: "custom", content: request}},
    }, false, true);
  }

  heard(key) {
    for (const timer of this.waits.get(key) ?? []) clearTimeout(timer);
    this.waits.delete(key);
    if (!this.waits.size) this.panel.wait(false);
  }

  close() {
    for (const timers of this.waits.values()) timers.forEach(clearTimeout);
    this.kernel?.statusChanged?.disconnect(this.onStatus);
  }
}
