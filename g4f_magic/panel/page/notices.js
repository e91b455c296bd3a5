// What the session has to say that concerns more than the last thing done: it stands until the person has read it.

class Notices {
  constructor(panel) {
    this.panel = panel;
    this.node = make("div", {className: "g4f-notices", attrs: {role: "status", "aria-label": "Notices"}});
  }

  add(text) {
    if ([...this.node.querySelectorAll("p")].some(one => one.textContent === text)) return;
    const notice = make("div", {className: "g4f-notice"}, icon("error"), make("p", {textContent: text}),
      button("Dismiss", () => {
        notice.remove();
        this.panel.composer.focus();
      }, {title: "Dismiss this notice", sign: "close", isSignOnly: true}));
    this.node.append(notice);
  }
}

/** What stands over an answer that is older than what it builds on; `act` asks again. */
function olderNotice(act) {
  return make("div", {className: "g4f-old", hidden: true}, icon("clock"),
    make("span", {textContent: "Something above has changed since this was answered."}),
    button("Ask again", act, {className: "g4f-plain", title: "Ask again, after what stands above it now", sign: "retry"}));
}
