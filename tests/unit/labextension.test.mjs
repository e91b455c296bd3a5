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
