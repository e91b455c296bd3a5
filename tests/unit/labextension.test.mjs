// What of the front-end part needs no page. Run by node's own runner.

import assert from "node:assert/strict";
import { test } from "node:test";

const at = (name) => new URL(`../../g4f_magic/labextension/static/${name}`, import.meta.url).href;
const { chats, commandLine, chatIds } = await import(at("cells.js"));
const { shared } = await import(at("shared.js"));

test("a cell that begins with the magic chats", () => {
  for (const source of ["%%chat", "%%chat -p koala\nHi", "\n\n%%chat\nHi", "# a note\n#| tag\n%%chat\nHi", "  %%chat\nHi"]) {
    assert.ok(chats(source), source);
  }
});

test("another cell does not", () => {
  for (const source of ["", "x = 1", "%%chatty\nHi", "%chat", "x\n%%chat", "%%time\n%%chat", "'''\n%%chat\n'''", "# %%chat"]) {
    assert.ok(!chats(source), source);
  }
});

test("a long cell of comments takes no time that grows faster than it", () => {
  const source = "# note\n".repeat(50_000) + "x";
  assert.equal(chats(source), false);
  assert.equal(chats(" ".repeat(200_000)), false);
  assert.equal(chats("\n".repeat(200_000) + "x"), false);
});

test("the line of the command is counted from 1", () => {
  assert.equal(commandLine("%%chat\nHi"), 1);
  assert.equal(commandLine("# note\n\n%%chat\nHi"), 3);
  assert.equal(commandLine("Hi"), 0);
});

const model = (id, source, type = "code") => ({ id, type, sharedModel: { getSource: () => source } });
const panelOf = (models) => ({ content: { model: { cells: { length: models.length, get: (at) => models[at] } } } });

test("the code cells that speak of a chat are told in their order", () => {
  const models = [model("a", "%%chat\nHi"), model("b", "x = 1"), model("c", "%%chat", "markdown"), model("d", "Chat().ask(1)")];
  assert.deepEqual(chatIds(panelOf(models)), ["a", "d"]);
  assert.deepEqual(chatIds({ content: { model: null } }), []);
});

test("the highest version of a shared module is taken", async () => {
  const of = (name) => ({ get: async () => () => name });
  const scope = { x: { "4.9.1": of("old"), "4.10.0": of("new"), "4.2.0-beta.1": of("older") } };
  assert.equal(await shared(scope, "x"), "new");
  assert.equal(await shared(scope, "y"), null);
});

test("a shared module that cannot be loaded is left out", async () => {
  const broken = { x: { "1.0.0": { get: () => Promise.reject(new Error("no")) } } };
  assert.equal(await shared(broken, "x"), null);
});

const signal = () => {
  const calls = new Set();
  return { connect: (call) => calls.add(call), disconnect: (call) => calls.delete(call), emit: (...told) => calls.forEach((call) => call(...told)) };
};

function book({ metadata = {}, comms = {} } = {}) {
  const sent = [];
  const kernel = {
    status: "idle",
    handleComms: true,
    info: Promise.resolve({ language_info: { name: "python" } }),
    targets: {},
    registerCommTarget: (name, call) => (kernel.targets[name] = call),
    requestCommInfo: async () => ({ content: { comms } }),
    hasComm: () => false,
    createComm: (target, id) => ({ commId: id, target }),
    sendShellMessage: (message) => sent.push(message.content.data),
  };
  const models = [model("a", "%%chat\nHi")];
  const panel = {
    isDisposed: false,
    disposed: signal(),
    context: { path: "deep/book.ipynb", pathChanged: signal() },
    sessionContext: { session: { kernel }, kernelChanged: signal(), statusChanged: signal() },
    content: {
      modelChanged: signal(),
      model: {
        cells: { length: models.length, get: (at) => models[at], changed: signal() },
        getMetadata: (key) => metadata[key],
        setMetadata: (key, value) => (metadata[key] = value),
      },
    },
  };
  return { panel, kernel, sent, metadata, NotebookActions: { executionScheduled: signal() } };
}

globalThis.window ??= globalThis;
const { Link, PROTOCOL } = await import(at("link.js"));
const { keepId, ownId } = await import(at("cells.js"));
const made = async (one) => {
  const link = new Link(one.panel, one.NotebookActions, { createMessage: ({ content }) => ({ content }) });
  await new Promise(setImmediate);
  return link;
};
const opened = (one, data) => {
  const comm = { commId: "c" };
  one.kernel.targets.g4f_magic(comm, { content: { data } });
  return comm;
};
const ID = "0a1b2c3d-0000-4000-8000-000000000000";

test("a kernel that opened no comm is asked and told nothing", async () => {
  const one = book();
  const link = await made(one);
  one.NotebookActions.executionScheduled.emit(null, { notebook: one.panel.content });
  await assert.rejects(link.ask({ what: "panel" }), /has not loaded/);
  assert.deepEqual(one.sent, []);
});

test("both sides do what both know", async () => {
  for (const [theirs, common] of [[0, 0], [PROTOCOL, PROTOCOL], [99, PROTOCOL], [undefined, PROTOCOL], ["x", 0]]) {
    const one = book();
    const link = await made(one);
    opened(one, theirs === undefined ? {} : { protocol: theirs, unknown: 1 });
    assert.equal(link.protocol, theirs === undefined ? PROTOCOL : common);
    assert.equal(one.sent[0].protocol, PROTOCOL);
  }
});

test("the notebook is told once, and again when it is another", async () => {
  const one = book();
  await made(one);
  const comm = opened(one, {});
  const told = { path: "deep/book.ipynb", id: "", isShared: false, cells: ["a"] };
  assert.deepEqual(one.sent, [{ notebook: told, protocol: PROTOCOL }]);
  one.NotebookActions.executionScheduled.emit(null, { notebook: one.panel.content });
  assert.equal(one.sent.length, 1);
  comm.onMsg({ content: { data: { identify: ID, instead: "" } } });
  assert.deepEqual(one.sent[1], { notebook: { ...told, id: ID } });
  assert.deepEqual(one.metadata, { g4f_magic: { notebook: ID } });
});

test("what is asked is answered, or ends with the kernel", async () => {
  const one = book();
  const link = await made(one);
  const comm = opened(one, {});
  const first = link.ask({ what: "answers" });
  const second = link.ask({ what: "answers" });
  const [number, two] = one.sent.flatMap((sent) => sent.ask ?? []);
  comm.onMsg({ content: { data: { answer: two, error: "The kernel does not know that question." } } });
  comm.onMsg({ content: { data: { answer: number, count: 3 } } });
  assert.equal((await first).count, 3);
  await assert.rejects(second, /does not know/);
  const third = link.ask({ what: "answers" });
  one.panel.sessionContext.statusChanged.emit(null, "dead");
  await assert.rejects(third, /gone/);
  assert.equal(link.isOpen, false);
});

test("two views of a notebook share the way to its kernel, and each knows its own questions", async () => {
  const one = book();
  const [first, second] = [await made(one), await made(one)];
  const comm = opened(one, {});
  assert.ok(first.isOpen && second.isOpen);
  const asked = [first.ask({ what: "answers" }), second.ask({ what: "answers" })];
  const numbers = one.sent.flatMap((sent) => sent.ask ?? []);
  assert.equal(new Set(numbers).size, 2);
  comm.onMsg({ content: { data: { answer: numbers[1], count: 2 } } });
  comm.onMsg({ content: { data: { answer: numbers[0], count: 1 } } });
  assert.deepEqual((await Promise.all(asked)).map((found) => found.count), [1, 2]);
  const third = await made(one); // one that comes later
  assert.ok(third.isOpen);
  comm.onClose();
  assert.ok(!first.isOpen && !second.isOpen && !third.isOpen);
});

test("what a kernel speaks is known, of the one that the notebook has", async () => {
  const one = book();
  const link = await made(one);
  assert.equal(link.language, "python");
  one.panel.sessionContext.session.kernel = null;
  one.panel.sessionContext.kernelChanged.emit();
  assert.equal(link.language, "");
  assert.equal(link.isOpen, false);
});

test("an id takes the place of none, of junk, and of the one that it stands in for", () => {
  const kept = (metadata, instead = "") => {
    const one = book({ metadata });
    keepId(one.panel, ID, instead);
    return ownId(one.panel);
  };
  const other = "ffffffff-0000";
  assert.equal(kept({}), ID);
  for (const junk of [7, null, "text", ["a"], { notebook: 7 }, { notebook: "../x" }]) assert.equal(kept({ g4f_magic: junk }), ID);
  assert.equal(kept({ g4f_magic: { notebook: other, more: 1 } }, other), ID);
  assert.equal(kept({ g4f_magic: { notebook: other } }), other);
  const none = book();
  keepId(none.panel, "<script>", "");
  assert.deepEqual(none.metadata, {});
});

const { selected } = await import(at("about.js"));

test("what is asked about is what is marked, the output, or the cell", async () => {
  const outputs = [
    { output_type: "stream", text: ["a\n", "\u001b[31mred\u001b[0m"] },
    { output_type: "error", ename: "E", evalue: "x", traceback: ["\u001b[1mTraceback\u001b[0m", "E: x"] },
    { output_type: "display_data", data: { "image/png": "aGk=\n", "text/plain": "Figure" } },
    { output_type: "display_data", data: { "application/json": {} } },
  ];
  const nodes = outputs.map((_, at) => ({ at }));
  const node = (has) => ({ contains: (one) => has.includes(one) });
  const cell = {
    model: { ...model("a", "total = 1"), executionCount: 3 },
    node: node(nodes),
    outputArea: { widgets: nodes.map((one) => ({ node: node([one]) })), model: { get: (at) => ({ toJSON: () => outputs[at] }) } },
  };
  const panel = { content: { node: node([]), widgets: [cell], activeCell: cell } };
  window.getSelection = () => null;
  const told = async (target) => Promise.all(selected(panel, target).map(async (one) => [one.name, await one.text()]));
  assert.deepEqual(await told(nodes[0]), [["Output 3.txt", "a\nred"]]);
  assert.deepEqual(await told(nodes[1]), [["Error 3.txt", "Traceback\nE: x"]]);
  assert.deepEqual(await told(nodes[2]), [["Output 3.png", "hi"]]);
  assert.deepEqual(await told(nodes[3]), []);
  assert.deepEqual((await told(null)).map(([name]) => name), ["Cell 3.py", "Output 3.txt", "Error 3.txt", "Output 3.png"]);
  cell.editor = { getSelection: () => ({ start: 8, end: 0 }), getOffsetAt: (place) => place };
  assert.deepEqual(await told(null), [["selection.txt", "total = "]]);
  assert.deepEqual(selected({ content: { node: node([]), widgets: [], activeCell: null } }, null), []);
});
