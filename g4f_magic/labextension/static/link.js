// The way between a notebook's page and its kernel: a comm that the kernel's side opens. Nothing is asked of a kernel that opened none.

import { chatIds, keepId, ownId } from "./cells.js";

const TARGET = "g4f_magic";
/** What both sides understand; a side that knows less says its number, and is asked for no more. */
export const PROTOCOL = 1;
const SETTLE_MS = 400;

/**
 * Return the one comm of a kernel, once there is one, and who uses it: two views of a notebook share it.
 * @returns {{comm: any, links: Set<Link>}}
 */
function wayTo(kernel) {
  const way = ways.get(kernel) ?? { comm: null, links: new Set() };
  if (!ways.has(kernel)) {
    ways.set(kernel, way);
    kernel.registerCommTarget(TARGET, (comm, message) => opened(way, comm, message.content.data));
  }
  return way;
}
const ways = new WeakMap();

function opened(way, comm, about = {}) {
  way.comm = comm;
  comm.onMsg = (message) => way.links.forEach((link) => link.hear(message.content.data || {}));
  comm.onClose = () => comm === way.comm && way.links.forEach((link) => link.end());
  way.links.forEach((link) => link.take(comm, about));
}

export class Link {
  /** @param {any} panel the notebook's */
  constructor(panel, NotebookActions, KernelMessage) {
    this.panel = panel;
    this._KernelMessage = KernelMessage;
    this.protocol = 0;
    /** The cells whose answers are older than what they build on. @type {Set<string> | null} */
    this.older = null;
    /** How many answers they had, where that is more than one. @type {Record<string, number>} */
    this.answers = {};
    /** What the kernel speaks, once it has said so. */
    this.language = "";
    /** Called when the kernel's side has come or gone. @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {any} */ this.comm = null;
    /** @type {any} */ this._way = null;
    this._told = "";
    this._asked = Math.floor(Math.random() * 2 ** 40); // the kernel answers all pages at once: each knows its own numbers
    /** @type {Map<number, {resolve: (answer: any) => void, reject: (why: Error) => void}>} */
    this._waiting = new Map();
    /** @type {number | undefined} */ this._timer = undefined;
    const soon = () => this._soon();
    panel.sessionContext.kernelChanged.connect(() => this._follow());
    panel.sessionContext.statusChanged.connect((_, /** @type {string} */ status) => {
      if (status === "restarting" || status === "autorestarting" || status === "dead") this.end();
    });
    panel.context.pathChanged.connect(soon);
    panel.content.modelChanged.connect(soon);
    panel.content.model?.cells.changed.connect(soon);
    const before = (_, { notebook }) => {
      if (notebook === panel.content) this._tell(); // the request for the cell is sent after that
    };
    NotebookActions.executionScheduled.connect(before);
    panel.disposed.connect(() => {
      NotebookActions.executionScheduled.disconnect(before);
      this._way?.links.delete(this);
    });
    this._follow();
  }

  /** @returns {boolean} whether the kernel's side is there */
  get isOpen() {
    return this.comm !== null;
  }

  /** @returns {any} the notebook's kernel, if it has one */
  get kernel() {
    return this.panel.sessionContext.session?.kernel;
  }

  /** @returns {boolean} whether a cell holds up what is asked */
  get isBusy() {
    return this.kernel?.status === "busy";
  }

  /**
   * Ask the kernel's side for something, and return its answer, which waits for the cell that runs.
   * @param {Record<string, unknown>} question
   * @returns {Promise<any>}
   */
  ask(question) {
    if (!this.comm) return Promise.reject(new Error("The kernel has not loaded g4f_magic."));
    this._asked += 1;
    const number = this._asked;
    return new Promise((resolve, reject) => {
      this._waiting.set(number, { resolve, reject });
      this._tell();
      this._send({ ...question, ask: number });
    });
  }

  /** Follow the kernel that the notebook has now. */
  async _follow() {
    this._way?.links.delete(this);
    [this._way, this.language] = [null, ""];
    this.end();
    const { kernel } = this;
    if (!kernel || kernel.handleComms === false) return;
    const way = (this._way = wayTo(kernel));
    way.links.add(this);
    kernel.info.then((info) => this._speaks(kernel, info), () => {}); // one that went away says nothing
    try {
      if (!way.comm) {
        const { content } = await kernel.requestCommInfo({ target_name: TARGET });
        const [id] = Object.keys(content.comms || {}); // it was opened before this page came
        if (id && !kernel.hasComm(id)) opened(way, kernel.createComm(TARGET, id));
      }
      if (way.comm && !this.comm && this._way === way) this.take(way.comm, {});
    } catch {
      // A kernel that went away meanwhile has none.
    }
  }

  _speaks(kernel, info) {
    if (this.kernel !== kernel) return;
    this.language = String(info.language_info?.name || "");
    for (const call of this.listeners) call();
  }

  /** Open the way from here, where the kernel's side was loaded this moment and expects it. Return whether it is open. */
  async open() {
    const { kernel } = this;
    if (!kernel || this.comm) return this.isOpen;
    const comm = kernel.createComm(TARGET);
    await comm.open({ protocol: PROTOCOL }).done;
    if (!comm.isDisposed && this.kernel === kernel) opened(wayTo(kernel), comm); // a kernel that expects none closes it
    return this.isOpen;
  }

  take(comm, about) {
    if (this.panel.isDisposed) return;
    this.comm = comm;
    this._told = "";
    this._tell(true);
    this.hear({ protocol: PROTOCOL, ...about });
  }

  hear(data) {
    if (typeof data.protocol === "number") this.protocol = Math.min(PROTOCOL, data.protocol);
    if (Array.isArray(data.older)) [this.older, this.answers] = [new Set(data.older), data.answers || {}];
    if (data.protocol || data.older) for (const call of this.listeners) call();
    if (typeof data.identify === "string") {
      keepId(this.panel, data.identify, data.instead);
      this._tell();
    }
    if (typeof data.answer === "number") this._settle(data.answer, data, data.error);
  }

  /**
   * @param {number} number
   * @param {string} [why]
   */
  _settle(number, answer, why) {
    const waiting = this._waiting.get(number);
    this._waiting.delete(number);
    if (why) waiting?.reject(new Error(why));
    else waiting?.resolve(answer);
  }

  end() {
    if (this._way) this._way.comm = null;
    [this.comm, this.older, this.answers] = [null, null, {}];
    this.protocol = 0;
    for (const number of [...this._waiting.keys()]) this._settle(number, null, "The kernel is gone.");
    for (const call of this.listeners) call();
  }

  /** Send by the way of the cells, not by a subshell as comms do: what is told before a cell is to be read before it. */
  _send(data) {
    const { kernel } = this;
    const about = { msgType: "comm_msg", channel: "shell", username: kernel.username, session: kernel.clientId };
    const message = this._KernelMessage.createMessage({ ...about, content: { comm_id: this.comm.commId, data } });
    kernel.sendShellMessage(message, false, true);
  }

  _soon() {
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => this._tell(), SETTLE_MS);
  }

  /** Tell the kernel's side where the notebook lies, its own id, and which cells chat, in order, and whether others have it open, unless it knows. */
  _tell(isFirst = false) {
    window.clearTimeout(this._timer);
    const { context, content, isDisposed } = this.panel;
    if (!this.comm || isDisposed || !content.model) return;
    const path = context.localPath || context.path;
    const isShared = content.model.collaborative === true;
    const facts = { path, id: ownId(this.panel), cells: chatIds(this.panel), isShared };
    const told = JSON.stringify(facts);
    if (told === this._told) return;
    this._told = told;
    this._send({ notebook: facts, ...(isFirst ? { protocol: PROTOCOL } : {}) });
  }
}
