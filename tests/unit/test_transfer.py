"""Conversations as files, and back."""

from __future__ import annotations

import json
from dataclasses import replace

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g4f_magic.errors import InputError
from g4f_magic.history import History
from g4f_magic.history.reading import read
from g4f_magic.history.transfer import to_json, to_json_lines, to_markdown, to_notebook, write
from g4f_magic.messages import Turn, Usage
from tests.unit.test_history import make_turn

SAID = [
    make_turn(
        "cell-1", prompt="What is it?", reply="A *koala*.\n\n— said so", status="done", usage=Usage(1, 2)
    ),
    make_turn(
        "cell 2", prompt="Show code\n", reply="```python\nprint(1)", status="stopped", reasoning="a\nb"
    ),
    make_turn(
        prompt="ünï\u2028code", status="failed", error="koala: HTTP 500", seconds=1.5, system="Be brief."
    ),
]


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".ipynb"])
def test_what_was_exported_comes_back_the_same(tmp_path, suffix):
    file = tmp_path / f"chat{suffix}"
    write(file, SAID)
    assert list(read(file)) == SAID


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.lists(st.tuples(TEXTS, TEXTS.map(lambda text: "%%chat\n\n— " + text) | TEXTS), min_size=1, max_size=4)
)
@settings(max_examples=50)
def test_any_text_comes_back_the_same(tmp_path_factory, said):
    turns = [make_turn(prompt=prompt, reply=reply, status="done") for prompt, reply in said]
    folder = tmp_path_factory.mktemp("x")
    for suffix in (".json", ".jsonl", ".ipynb"):
        write(folder / f"chat{suffix}", turns)
        assert list(read(folder / f"chat{suffix}")) == turns


def test_the_notebook_is_a_valid_one_and_can_be_run_again():
    twice = [*SAID, replace(SAID[0], id="other")]
    notebook = nbformat.reads(to_notebook(twice, html=lambda turn: f"<p>{turn.id}</p>"), as_version=4)
    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells][:2] == [
        "%load_ext g4f_magic",
        "%%chat --provider koala --model m\nWhat is it?",
    ]
    assert notebook.cells[1].id == "cell-1"
    assert notebook.cells[1].outputs[0].data["text/html"] == f"<p>{SAID[0].id}</p>"
    assert len({cell.id for cell in notebook.cells}) == 5


def test_the_markdown_reads_well_and_an_open_fence_swallows_nothing():
    assert to_markdown(SAID[1:], conversation="side") == (
        "# side\n\n## 1. You\n\nShow code\n\n## 1. koala · m · 1970-01-01 00:00 UTC\n\n> a\n> b\n\n"
        "```python\nprint(1)\n```\n\n*stopped*\n\n"
        "## 2. You\n\nünï\u2028code\n\n## 2. koala · m · 1970-01-01 00:00 UTC\n\n*failed: koala: HTTP 500*\n"
    )


@pytest.mark.parametrize("name", ["chat.txt", "chat", "missing folder/chat.json"])
def test_a_file_that_cannot_be_written_is_an_error(tmp_path, name):
    with pytest.raises(InputError):
        write(tmp_path / name, SAID)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_overwritten_only_when_asked(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        write(file, SAID)
    assert file.read_text() == "mine"
    write(file, SAID, overwrite=True)
    assert list(read(file)) == SAID


MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "One?"},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": [{"type": "text", "text": "Two?"}]},
    {"role": "user", "content": "Really?"},
    {"role": "assistant", "content": "No."},
    {"role": "user", "content": "Three?"},
]


def imported(tmp_path, text: str, name: str = "chat.json") -> tuple[Turn, ...]:
    (tmp_path / name).write_text(text)
    return read(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("chat.json", json.dumps(MESSAGES)),
        ("chat.json", "\ufeff" + json.dumps({"messages": MESSAGES})),
        ("chat.jsonl", "\n".join(json.dumps(message) for message in MESSAGES) + "\n\n"),
        ("chat.jsonl", json.dumps({"messages": MESSAGES})),
    ],
)
def test_lists_of_messages_become_turns(tmp_path, name, text):
    turns = imported(tmp_path, text, name)
    assert [(turn.prompt, turn.reply, turn.status) for turn in turns] == [
        ("One?", "Yes.", "done"),
        ("Two?\n\nReally?", "No.", "done"),
        ("Three?", "", "broken"),
    ]
    assert {turn.system for turn in turns} == {"Be brief."}


def test_a_list_that_begins_with_an_answer_keeps_it(tmp_path):
    greeting = [{"role": "assistant", "content": "Hello."}, {"role": "assistant", "content": "Ask."}]
    (turn,) = imported(tmp_path, json.dumps(greeting))
    assert (turn.prompt, turn.reply) == ("…", "Hello.\n\nAsk.")


def chat_cell(*texts: str, source: str = "%%chat -p koala\nWhy?", **details: object) -> nbformat.NotebookNode:
    outputs = [
        nbformat.v4.new_output(
            "display_data", {"text/plain": text}, metadata={"g4f_magic": {"format": 1, **details}}
        )
        for text in texts
    ]
    return nbformat.v4.new_code_cell(source, id="cell-1", outputs=outputs)


def test_the_turns_in_the_outputs_of_a_notebook_are_read(tmp_path):
    cells = [
        nbformat.v4.new_markdown_cell("# Title"),
        nbformat.v4.new_code_cell("print(1)", outputs=[nbformat.v4.new_output("stream", text="1")]),
        chat_cell(
            "Part one,\n\n",
            "part two.\n\n— koala · live · 1.0 s",
            provider="koala",
            status="done",
            seconds=1.0,
            usage={"prompt_tokens": 3, "completion_tokens": None},
            characters=20,
        ),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    (turn,) = read(tmp_path / "a.ipynb")
    assert (turn.prompt, turn.reply) == ("Why?", "Part one,\n\npart two.")
    assert (turn.slot, turn.provider, turn.status, turn.seconds) == ("cell-1", "koala", "done", 1.0)
    assert turn.usage == Usage(3, None)


OURS = json.loads(to_json(SAID))
BAD = {
    "no JSON": ("a.json", "{"),
    "neither turns nor messages": ("a.json", "3"),
    "no turns in it": ("a.json", "[]"),
    "message 1 has no role": ("a.json", "[3]"),
    "role 'tool'": ("a.json", '[{"role": "tool", "content": "x"}]'),
    "other than text": ("a.json", '[{"role": "user", "content": [{"type": "image_url"}]}]'),
    "message 2 holds something": (
        "a.json",
        '[{"role":"user","content":"x"},{"role":"assistant","content":null}]',
    ),
    "'messages' is no list": ("a.json", '{"messages": {}}'),
    "newer version": ("a.json", json.dumps({**OURS, "version": 2})),
    "turn 1 has no 'prompt'": ("a.json", json.dumps({**OURS, "turns": [{"id": "x", "slot": "x"}]})),
    "turn 1: 'prompt' is 3": ("a.json", json.dumps({**OURS, "turns": [{**OURS["turns"][0], "prompt": 3}]})),
    "status 'fine'": ("a.json", json.dumps({**OURS, "turns": [{**OURS["turns"][0], "status": "fine"}]})),
    "'status' is": ("a.json", json.dumps({**OURS, "turns": [{**OURS["turns"][0], "status": ["done"]}]})),
    "'usage' holds": (
        "a.json",
        json.dumps({**OURS, "turns": [{**OURS["turns"][0], "usage": {"prompt_tokens": "x"}}]}),
    ),
    "line 2 is no JSON": ("a.jsonl", to_json_lines(SAID[:1]) + "{\n"),
    "line 2 is no object": ("a.jsonl", to_json_lines(SAID[:1]) + "3\n"),
    "mixes turns and messages": ("a.jsonl", to_json_lines(SAID[:1]) + json.dumps(MESSAGES[1]) + "\n"),
    "no notebook": ("a.ipynb", "{}"),
    "no %%chat cell": (
        "a.ipynb",
        json.dumps(nbformat.v4.new_notebook(cells=[chat_cell("x", source="print()")])),
    ),
    "'provider' is 3": ("a.ipynb", json.dumps(nbformat.v4.new_notebook(cells=[chat_cell("x", provider=3)]))),
    "nested too deeply": ("a.json", "[" * 200_000),
}


@pytest.mark.parametrize("reason", BAD)
def test_a_bad_file_is_named_with_what_is_wrong_with_it(tmp_path, reason):
    name, text = BAD[reason]
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        read(tmp_path / name)
    assert name in str(caught.value)
    assert reason in str(caught.value)


def test_a_file_that_is_missing_or_no_text_is_an_error(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xff\xfe\xff")
    for name in ("a.json", "missing.json", "."):
        with pytest.raises(InputError):
            read(tmp_path / name)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["turns", "messages", "role", "cells"]), inner)
    ),
)
FIELDS = st.sampled_from([*sorted(OURS["turns"][0]), "usage", "error", "seconds"])


@given(st.dictionaries(FIELDS, JSON), JSON)
def test_whatever_a_file_holds_it_is_turns_or_one_error(tmp_path_factory, fields, value):
    file = tmp_path_factory.mktemp("x") / "a.json"
    for text in (json.dumps(value), json.dumps({**OURS, "turns": [{**OURS["turns"][0], **fields}]})):
        file.write_text(text)
        try:
            turns = read(file)
        except InputError:
            continue
        history = History(None)
        history.add("kernel:1", "main", turns)  # and then can be kept
        assert [turn.prompt for turn in history.turns("kernel:1", "main")] == [turn.prompt for turn in turns]
        history.close()


def test_imported_turns_are_never_under_way(tmp_path):
    write(tmp_path / "a.json", [make_turn(status="open", reply="half")])
    (turn,) = read(tmp_path / "a.json")
    assert (turn.status, turn.reply) == ("broken", "half")


def test_what_is_for_reading_is_not_taken_for_broken_json(tmp_path):
    (tmp_path / "a.md").write_text("# main")
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.md")
    assert "a .md file is for reading" in str(caught.value)
    assert all(suffix in caught.value.hint for suffix in (".json", ".jsonl", ".ipynb"))
