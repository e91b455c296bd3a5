"""Conversations out of files: ours, lists of messages, notebooks, and whatever is none."""

from __future__ import annotations

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import InputError
from g4f_magic.files.exporting import to_json, to_json_lines, write
from g4f_magic.files.importing import read
from g4f_magic.history import History
from g4f_magic.messages import Usage
from g4f_magic.renderers.portable import portable
from g4f_magic.turn import Turn
from tests.turns import make_turn
from tests.unit.files.said import SAID

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


def test_a_reply_that_is_held_as_markdown_alone_is_read_as_it_came(tmp_path):
    cell = chat_cell("")
    text = "## Title\n- 2 * 3\n\nTwo_words."
    cell.outputs[0].data = {"text/markdown": portable(f"{text}\n\n— koala · live · 1.0 s")}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "a.ipynb")
    (turn,) = read(tmp_path / "a.ipynb")
    assert turn.reply == text


OURS = json.loads(to_json(SAID))


BAD = {
    "not JSON": ("a.json", "{"),
    "neither turns nor messages": ("a.json", "3"),
    "no turns in it": ("a.json", "[]"),
    "message 1 has no role": ("a.json", "[3]"),
    "role 'tool'": ("a.json", '[{"role": "tool", "content": "x"}]'),
    "other than text": ("a.json", '[{"role": "user", "content": [{"type": "image_url"}]}]'),
    "message 2 holds something": (
        "a.json",
        '[{"role":"user","content":"x"},{"role":"assistant","content":null}]',
    ),
    "'messages' is not a list": ("a.json", '{"messages": {}}'),
    "newer version": ("a.json", json.dumps({**OURS, "version": 2})),
    "turn 1 has no 'prompt'": ("a.json", json.dumps({**OURS, "turns": [{"id": "x", "slot": "x"}]})),
    "turn 1: 'prompt' is 3": ("a.json", json.dumps({**OURS, "turns": [{**OURS["turns"][0], "prompt": 3}]})),
    "status 'fine'": ("a.json", json.dumps({**OURS, "turns": [{**OURS["turns"][0], "status": "fine"}]})),
    "'status' is": ("a.json", json.dumps({**OURS, "turns": [{**OURS["turns"][0], "status": ["done"]}]})),
    "'usage' holds": (
        "a.json",
        json.dumps({**OURS, "turns": [{**OURS["turns"][0], "usage": {"prompt_tokens": "x"}}]}),
    ),
    "line 2 is not JSON": ("a.jsonl", to_json_lines(SAID[:1]) + "{\n"),
    "line 2 is not an object": ("a.jsonl", to_json_lines(SAID[:1]) + "3\n"),
    "mixes turns and messages": ("a.jsonl", to_json_lines(SAID[:1]) + json.dumps(MESSAGES[1]) + "\n"),
    "not a notebook": ("a.ipynb", "{}"),
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


def one_field(**changed: object) -> str:
    return json.dumps({**OURS, "turns": [OURS["turns"][0], {**OURS["turns"][1], **changed}]})


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"started_at": 1e300}, "turn 2: 'started_at' is 1e+300, which is out of range"),
        ({"started_at": -1}, "out of range"),
        ({"started_at": 253_402_300_800}, "out of range"),  # the year 10000
        ({"started_at": float("nan")}, "out of range"),
        ({"started_at": float("inf")}, "out of range"),
        ({"started_at": "1"}, "'started_at' is \"1\""),
        ({"started_at": True}, "'started_at' is true"),
        ({"started_at": 10**400}, "out of range"),
        ({"seconds": -1.0}, "out of range"),
        ({"seconds": 1e300}, "out of range"),
        ({"context_messages": -1}, "out of range"),
        ({"context_messages": 10**30}, "out of range"),
        ({"omitted_turns": 1.5}, "'omitted_turns' is 1.5"),
        ({"usage": {"prompt_tokens": -1}}, "'usage' holds"),
        ({"usage": {"prompt_tokens": 10**30}}, "'usage' holds"),
        ({"usage": {"prompt_tokens": True}}, "'usage' holds"),
        ({"guess": {"prompt_tokens": "x"}}, "'guess' holds"),
        ({"dollars": -1.0}, "out of range"),
        ({"dollars": "1"}, "'dollars' is"),
        ({"repaired": 3}, "'repaired' is 3"),
        ({"id": ""}, "'id' is empty"),
        ({"slot": "x" * 501}, "'slot' has 501 characters"),
        ({"provider": "a\n!touch F"}, "'provider' holds a line end"),
        ({"model": "\x1b]0;x\x07"}, "'model' holds"),
        ({"model": "m" * 100_000}, "'model' has 100,000 characters"),
        ({"via": "a\u202eb"}, "'via' holds"),
        ({"status": "d" * 10_000}, "is not known"),
        ({"source": "elsewhere"}, "the source 'elsewhere' is not known"),
        ({"citations": [["javascript:alert(1)", "x"]]}, "'citations' holds"),
        ({"citations": [["https://a"]]}, "'citations' holds"),
        ({"citations": "https://a"}, "'citations' is"),
        ({"unshown": [3]}, "'unshown' holds"),
        ({"parameters": [["a", "{"]]}, "'parameters' holds"),
        ({"parameters": [["a\nb", "1"]]}, "'parameters' holds"),
        ({"parameters": [["a", "[" * 100_000]]}, "'parameters' holds"),
        ({"parameters": {}}, "'parameters' is"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_would_break_later_is_refused_with_its_place(tmp_path, changed, says):
    assert_refused(tmp_path, changed, says)


@pytest.mark.heavy
def test_a_reply_that_fills_the_memory_is_refused_with_its_place(tmp_path):
    assert_refused(tmp_path, {"reply": "x" * 50_000_001}, "'reply' has 50,000,001 characters")


def assert_refused(tmp_path, changed, says):
    with pytest.raises(InputError) as caught:
        imported(tmp_path, one_field(**changed))
    assert says in str(caught.value)
    assert len(str(caught.value)) < 300


def test_each_bad_line_is_named(tmp_path):
    good, bad = to_json_lines(SAID[:1]), json.dumps({**OURS["turns"][0], "started_at": 1e300}) + "\n"
    with pytest.raises(InputError) as caught:
        imported(tmp_path, good + bad + "{\n" + good + "3\n" + bad * 9, "a.jsonl")
    assert "line 2: 'started_at'" in str(caught.value)
    assert "line 3 is not JSON" in str(caught.value)
    assert "line 5 is not an object" in str(caught.value)
    assert "and 7 more" in str(caught.value)
    assert "line 1" not in str(caught.value).replace("line 1 column", "")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", "[" * 200_000),
        ("a.json", '{"messages": [{"role": "user", "content": "x"}], "model": {"a": [1]}}'),
        ("a.json", '{"cells": [{"cell_type": "code", "outputs": 5}, 3, null]}'),
        ("a.json", json.dumps([{"role": "r" * 10_000, "content": "x"}])),
        ("a.json", "9" * 5_000),
        ("a.json", json.dumps({**OURS, "version": "9" * 4_000})),
    ],
    ids=[
        "deep",
        "a model that is none",
        "outputs that are none",
        "a long role",
        "a long number",
        "version",
    ],
)
def test_a_hostile_file_is_turns_or_one_short_error(tmp_path, name, text):
    assert_turns_or_one_short_error(tmp_path, name, text)


@pytest.mark.heavy
def test_so_is_one_with_lists_without_end(tmp_path):
    assert_turns_or_one_short_error(tmp_path, "a.json", "[" + "[]," * 17_000_000 + "0]")


def assert_turns_or_one_short_error(tmp_path, name, text):
    try:
        turns = imported(tmp_path, text, name)
    except InputError as exc:
        assert len(str(exc)) < 300
        assert exc.hint
    else:
        assert [turn.model for turn in turns] == [""]


@pytest.mark.heavy
def test_many_messages_in_a_row_are_joined_once(tmp_path):
    messages = [{"role": "user", "content": "x" * 50}] * 100_000 + [{"role": "assistant", "content": "y"}]
    (turn,) = imported(tmp_path, json.dumps(messages))
    assert (len(turn.prompt), turn.reply) == (52 * 100_000 - 2, "y")
