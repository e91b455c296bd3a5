// What opens over the transcript from a button of the head: one at a time, closed by Escape, by a press elsewhere,
// or as the focus goes elsewhere.

class Sheet {
  /** `fill` is called each time before it is shown, and returns what has the focus first. */
  constructor(panel, {label, opener, side = "left", fill}) {
    this.panel = panel;
    this.opener = opener;
    this.fill = fill;
    this.body = make("div", {className: "g4f-sheet-body"});
    this.node = make("div", {
      className: `g4f-sheet g4f-at-${side}`, hidden: true, id: newId("sheet"), attrs: {role: "dialog", "aria-label": label},
      on: {keydown: event => this.press(event), focusout: event => this.left(event)},
    }, this.body);
    opener.setAttribute("aria-haspopup", "dialog");
    opener.setAttribute("aria-expanded", "false");
    opener.setAttribute("aria-controls", this.node.id);
    opener.addEventListener("keydown", event => {
      if (this.isOpen && event.key === "Escape") this.press(event);
    });
    opener.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.elsewhere = event => {
      const path = event.composedPath();
      if (!path.includes(this.node) && !path.includes(opener)) this.close({hasFocus: false});
    };
  }

  get isOpen() {
    return !this.node.hidden;
  }

  open() {
    for (const sheet of this.panel.sheets) if (sheet !== this) sheet.close({hasFocus: false});
    this.node.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    this.panel.root.classList.add("g4f-covered");
    document.addEventListener("pointerdown", this.elsewhere, true);
    this.fill()?.focus({preventScroll: true});
  }

  close({hasFocus = true} = {}) {
    if (!this.isOpen) return;
    this.node.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    this.panel.root.classList.remove("g4f-covered");
    document.removeEventListener("pointerdown", this.elsewhere, true);
    if (!hasFocus) return;
    if (this.opener.offsetParent) this.opener.focus({preventScroll: true});
    else this.panel.composer.focus(); // a narrow panel has it in the menu alone
  }

  press(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && event.target.matches("button")) {
      event.preventDefault();
      const all = [...this.node.querySelectorAll("button:not([hidden], :disabled), input")].filter(one => one.offsetParent);
      const at = all.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
      all[(at + all.length) % all.length]?.focus();
    }
  }

  left(event) {
    const next = event.relatedTarget;
    if (next && !this.node.contains(next) && next !== this.opener) this.close({hasFocus: false});
  }
}
