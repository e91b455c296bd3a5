// How high the transcript is: what the person pulls it to, by mouse or by keys.

const STEP_PX = 32;
const LEAST_PX = 120;

class Grip {
  constructor(panel) {
    this.panel = panel;
    this.node = make("div", {className: "g4f-grip", tabIndex: 0, title: "Pull to change the height; a double click sets it back", attrs: {
      role: "separator", "aria-orientation": "horizontal", "aria-label": "Height of the conversation",
      "aria-valuemin": String(LEAST_PX), "aria-valuemax": "2000", "aria-valuenow": "400",
    }, on: {
      pointerdown: event => this.begin(event),
      keydown: event => this.press(event),
      dblclick: () => this.set(""),
    }});
  }

  get height() {
    return this.panel.transcript.node.offsetHeight;
  }

  begin(event) {
    const from = {y: event.clientY, height: this.height};
    this.node.setPointerCapture(event.pointerId);
    const move = to => this.set(from.height + to.clientY - from.y, false);
    this.node.addEventListener("pointermove", move);
    this.node.addEventListener("lostpointercapture", () => {
      this.node.removeEventListener("pointermove", move);
      if (this.height !== from.height) this.set(this.height);
    }, {once: true});
  }

  press(event) {
    const step = {ArrowDown: STEP_PX, ArrowUp: -STEP_PX}[event.key];
    if (!step) return;
    event.preventDefault();
    this.set(this.height + step);
  }

  /** Pixels; without any as high as there is room. It is told once the person has let go. */
  set(height, isLast = true) {
    const {root, transcript} = this.panel;
    const pixels = height === "" ? "" : `${Math.round(Math.min(2000, Math.max(LEAST_PX, height)))}px`;
    root.classList.toggle("g4f-sized", Boolean(pixels));
    root.style.setProperty("--g4f-height", pixels || this.panel.model.get("height"));
    this.node.setAttribute("aria-valuenow", String(this.height));
    transcript.settle();
    if (pixels && isLast) this.panel.link.ask("choose", {values: {height: pixels}});
  }

  /** What the kernel says: pixels are what somebody pulled it to. */
  show() {
    const height = this.panel.model.get("height");
    this.panel.root.classList.toggle("g4f-sized", /^\d+px$/.test(height));
    this.panel.root.style.setProperty("--g4f-height", height);
  }
}
