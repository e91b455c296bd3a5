"""Whatever lies in a cassette's file, it is recorded turns, or refused or set aside in our own words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from g4f_magic.cassette import Asked, CassetteFile, Entry, OpenCassette
from g4f_magic.cassette import file as files
from g4f_magic.cassette.entry_line import from_line, outline, to_line
from g4f_magic.cassette.index import Index
from g4f_magic.chunks import Finish, Reasoning, Served, Text, Usage
from g4f_magic.errors import ChatError, InputError
from tests.examples import examples
from tests.fuzz.streams import json_values

ASKED = Asked(provider="koala", prompt="Hello")
FAILURE: Any = {"type": "RateLimitError", "message": "slow down", "hint": "Wait.", "status": 429}
WHOLE = Entry(
    asked=ASKED,
    chunks=(
        (1, Reasoning("Hm")),
        (2, Served("koala")),
        (3, Text("Hi 🦊")),
        (4, Usage(1, 2)),
        (5, Finish("stop")),
    ),
    answering="koala",
)
LINE = to_line(WHOLE).removesuffix(b"\n")
VALUES: dict[str, Any] = json.loads(LINE)
del VALUES["check"]
SEEDS = [
    LINE,
    json.dumps(VALUES).encode(),
    json.dumps({**VALUES, "error": FAILURE}).encode(),
    b"<<<<<<< HEAD",
]

fields = st.dictionaries(
    st.sampled_from([*VALUES, "error", "named", "citations", "unshown"]),
    json_values | st.integers(-9, 9),
    max_size=3,
)
pieces = st.lists(
    st.tuples(
        st.integers(-5, 5) | json_values, st.integers(-9, 9) | st.sampled_from(["usage", "finish", "served"])
    ),
    max_size=4,
)
changed = st.builds(
    lambda some, came: json.dumps({**VALUES, **some, **({} if came is None else {"pieces": came})}).encode(),
    fields,
    st.none() | pieces,
)
junk = changed | st.binary(max_size=60) | st.integers(0, len(LINE)).map(lambda end: LINE[:end])

FOUND: list[dict[str, Any]] = [
    {"usage": {"prompt_tokens": "many"}},
    {"usage": []},
    {"finish": {"a": 1}},
    {"served": {"provider": 5}},
    {"named": 5},
    {"citations": 5},
    {"citations": ["x"]},
    {"citations": [["https://a.example", 5]]},
    {"citations": [[1, 2, 3]]},
    {"unshown": 5},
    {"unshown": [5]},
    {"named": "b", "citations": [["https://a.example", "A"]], "unshown": ["1 image"]},
    {"skipped_lines": "1e999"},
    {"pieces": [[1e999, 3], [1, -2]]},
    {"pieces": [[1, True]]},
    {"pieces": [[1, 1.5]]},
    {"pieces": [[1, None]]},
    {"pieces": [[-5, 0]]},
    {"reply": None},
    {"reasoning": 5},
    {"context": 1e999},
    {"context": -1},
    {"parameters": [["a", 1]]},
    {"error": {"type": "RateLimitError", "message": "", "hint": "", "retry_after_seconds": "soon"}},
    {"error": {"type": "ResponseStatusError", "message": "", "hint": "", "status": "x"}},
    {"error": {"type": "ChatStopped", "message": "", "hint": ""}},
    {"error": {"type": "__name__", "message": "", "hint": ""}},
    {"error": []},
    {"error": "x"},
    {"format": True},
    {"format": -1},
    {"at": {}, "by": []},
]


@pytest.mark.parametrize("some", FOUND, ids=str)
def test_what_was_found_before_is_a_turn_or_an_error_of_ours(some: dict[str, Any]) -> None:
    assert_line_holds(json.dumps({**VALUES, **some}).encode())


@given(junk)
@example(b"[" * 100_000)
@example(b'{"format":1,"a":' + b'{"a":' * 50_000)
@examples(400)
def test_whatever_a_line_holds_it_is_a_turn_or_an_error_of_ours(line: bytes) -> None:
    assert_line_holds(line)


@given(st.lists(junk, max_size=4).map(b"\n".join))
@settings(deadline=None)
def test_whatever_a_file_holds_it_can_be_read_or_is_refused_and_can_be_written_after(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("x") / "a.chat.jsonl"
    path.write_bytes(content)
    file = CassetteFile(path)
    try:
        whole = file.read().whole
    except InputError as exc:
        assert exc.hint
        with pytest.raises(InputError):
            file.append(LINE + b"\n")
        assert path.read_bytes() == content
        return
    cassette = OpenCassette(path)
    try:
        cassette.find(ASKED, "")
        cassette.unused()
        cassette.keep(WHOLE, "")
    except InputError as exc:
        assert exc.hint
        file.append(LINE + b"\n")
    assert LINE in file.read().whole
    assert set(whole) <= {*file.read().whole, *_replaced(whole)}


def _replaced(lines: tuple[bytes, ...]) -> set[bytes]:
    """Return the lines that recording anew may take the place of: those that ask the same."""
    return {line for line in lines if ASKED.key.encode() in line}


def assert_lines_hold(data: bytes) -> None:
    """Check each line of a file by itself, and all of them as one."""
    lines, _ = files._split(data)
    for line in lines:
        assert_line_holds(line)
    try:
        Index("a.chat.jsonl", lines).all()
    except InputError as exc:
        assert exc.hint


def assert_line_holds(line: bytes) -> None:
    """Check that a line is refused in our words, or gives a turn that can be played and written again."""
    try:
        asked, reply = outline(line)
        entry = from_line(line)
    except InputError as exc:
        assert len(str(exc)) < 600
        assert str(exc).isprintable()
        assert exc.hint
        return
    assert (entry.asked, entry.reply) == (asked, reply)
    assert entry.seconds >= 0
    failure = entry.failure()
    assert failure is None or isinstance(failure, ChatError)
    if isinstance(failure, ChatError):
        assert all(isinstance(one, str) for one in failure._render_traceback_())
    for _, chunk in entry.chunks:
        match chunk:
            case Text(text) | Reasoning(text):
                assert isinstance(text, str)
            case Usage():
                assert {type(chunk.prompt_tokens), type(chunk.completion_tokens)} <= {int, type(None)}
            case Finish():
                assert isinstance(chunk.reason, (str, type(None)))
            case Served():
                assert isinstance(chunk.provider + chunk.model + chunk.via + chunk.after, str)
    assert from_line(to_line(entry).removesuffix(b"\n")).reply == reply


def test_the_line_of_these_tests_is_a_turn() -> None:
    assert_line_holds(LINE)
    assert Path(__file__).exists()
