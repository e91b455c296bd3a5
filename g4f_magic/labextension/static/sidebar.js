// "Chat" in the side bar: the panel of the notebook in front, on its conversation. No cell is made for it, and nothing runs by itself.

import { button } from "./actions.js";

const VIEW = "application/vnd.jupyter.widget-view+json";
const INSTALL = "%pip install g4f-magic";
const UPGRADE = "%pip install --upgrade g4f-magic";

/**
 * Return the side bar's widget; `linkOf` gives the link of a notebook that is open.
 * @param {{Widget: any, tracker: any, linkOf: (panel: any) => import("./link.js").Link, icon: any}} parts
 */
export function sideBar({ Widget, tracker, linkOf, icon }) {
  const widget = new Widget();
  widget.id = "g4f-magic-chat";
  widget.title.caption = "Chat about this notebook";
  if (icon) widget.title.icon = icon;
  else widget.title.label = "Chat";
  widget.addClass("g4f-side");
  /** What is shown for each notebook, kept while another one is in front. @type {WeakMap<any, Pane>} */
  const panes = new WeakMap();
  const paneOf = (panel) => {
    let pane = panes.get(panel);
    if (!pane) panes.set(panel, (pane = new Pane(panel, linkOf(panel))));
    return pane;
  };
  const show = () => {
    if (!widget.isVisible) return;
    const panel = tracker.currentWidget;
    if (!panel) return widget.node.replaceChildren(line("Open a notebook to chat about it."));
    const pane = paneOf(panel);
    widget.node.replaceChildren(pane.node);
    pane.look();
  };
  widget.onAfterShow = show;
  tracker.currentChanged.connect(show);
  /** Go on with the next message about a notebook: files, if any, go along with it. */
  widget.write = (panel, files) => panel && paneOf(panel).write(files);
  return widget;
}

/** What the side bar shows for one notebook. */
class Pane {
  /** @param {import("./link.js").Link} link */
  constructor(panel, link) {
    this.panel = panel;
    this.link = link;
    this.node = Object.assign(document.createElement("div"), { className: "g4f-pane", tabIndex: -1 });
    /** The way to the kernel by which the panel came. @type {any} */
    this.comm = null;
    /** What waits for the panel. @type {File[]} */
    this.files = [];
    new MutationObserver(() => this._hand()).observe(this.node, { childList: true, subtree: true });
    link.listeners.add(() => {
      if (this.node.isConnected) this.look();
    });
  }

  /** Show the panel where the kernel has one; else what to do. */
  async look() {
    const { comm } = this.link;
    if (comm && comm === this.comm) return;
    this.comm = comm;
    if (!comm) {
      const hindrance = this._hindrance();
      return this._offer(hindrance || "This notebook's kernel has not loaded the chat yet.", { canStart: !hindrance });
    }
    this._wait();
    try {
      const { model } = await this.link.ask({ what: "panel" });
      const renderer = this.panel.content.rendermime.createRenderer(VIEW);
      const data = { [VIEW]: { version_major: 2, version_minor: 0, model_id: String(model) } };
      await renderer.renderModel({ data, metadata: {}, trusted: true, setData: () => {} });
      if (this.comm === comm) this.node.replaceChildren(renderer.node);
    } catch (error) {
      if (this.comm !== comm) return; // another kernel has come, and was looked at
      this.comm = null;
      this._offer(error instanceof Error ? error.message : String(error));
    }
  }

  /** Say why no chat can be started in this kernel; empty where one can. */
  _hindrance() {
    const { kernel, language } = this.link;
    if (!kernel) return "This notebook has no kernel. Choose one to chat about it.";
    if (kernel.status === "dead") return "This notebook's kernel has ended. Restart it to chat.";
    return language && language !== "python" ? `The chat needs a Python kernel. This one speaks ${language}.` : "";
  }

  /** @param {File[]} files */
  write(files) {
    this.files.push(...files);
    this.node.focus();
    this._hand();
  }

  /** Give the panel what goes along, as soon as it is there; and the focus, unless that has gone elsewhere meanwhile. */
  _hand() {
    const isAwaited = document.activeElement === this.node;
    if (!isAwaited && !this.files.length) return;
    const root = this.node.querySelector(".g4f-panel");
    if (root) root.dispatchEvent(new CustomEvent("g4f-attach", { detail: this.files.splice(0) }));
    else if (isAwaited) this.node.querySelector("button")?.focus(); // that starts the chat
  }

  /** Say that a cell is in the way, if one is. */
  _wait() {
    if (this.link.isBusy) this.node.replaceChildren(line("The kernel runs a cell. The chat opens when that is done."));
  }

  /** @param {string} why */
  _offer(why, { canStart = true, code = "" } = {}) {
    this.node.replaceChildren(line(why));
    if (code) this.node.append(Object.assign(document.createElement("pre"), { textContent: code }));
    if (!canStart) return;
    const start = button("Start the chat", "Loads g4f_magic in this notebook's kernel", () => this._load());
    start.className = "jp-mod-styled jp-mod-accept";
    this.node.append(start);
  }

  /** Load the package in the kernel, as the person asked for by a click. */
  async _load() {
    const { kernel } = this.link;
    if (!kernel || this.link.isOpen) return this.look();
    this.node.focus();
    this._wait();
    const code = "%load_ext g4f_magic";
    const { content } = await kernel.requestExecute({ code, store_history: false, stop_on_error: false }).done;
    if (this.link.kernel !== kernel) return;
    const isMissing = content.ename === "ModuleNotFoundError" && content.evalue.includes("g4f_magic");
    if (content.status !== "ok" && !isMissing) {
      this._offer(`g4f_magic was not loaded. ${content.ename || ""}: ${content.evalue || content.status}`);
    } else if (isMissing) {
      const why = "This notebook's kernel does not have g4f_magic. Run this in a cell, then start the chat again:";
      this._offer(why, { code: INSTALL });
    } else if (!(await this.link.open())) {
      const why = "This notebook's kernel has an older g4f_magic. Run this in a cell, and restart the kernel:";
      this._offer(why, { code: UPGRADE });
    }
  }
}

/** @param {string} text */
function line(text) {
  return Object.assign(document.createElement("p"), { textContent: text });
}
