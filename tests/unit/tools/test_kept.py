"""Turns with calls, kept: in files of every kind, and in recordings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from g4f_magic.ask import Ask
from g4f_magic.cassette import Asked
from g4f_magic.cassette.recorded_chunks import chunks_from_json, chunks_to_json
from g4f_magic.chunks import Finish, Reasoning, Text, ToolCall, ToolResult, Usage
from g4f_magic.context import answered
from g4f_magic.files import exporting, importing
from g4f_magic.tools import toolbox_of
from g4f_magic.turn import Step, TextStep, closed
from g4f_magic.turn_json import step_from_json, step_to_json
from tests.turns import changed, make_turn

STEPS: tuple[Step, ...] = (
    TextStep("I look."),
    ToolCall("1", "lookup", '{"item": "tea"}', '{"google": {"thought_signature": "s"}}'),
    ToolCall("2", "lookup", '{"item": "milk"}'),
    ToolResult("1", "3", seconds=0.5, printed="looked", picture="image/png;base64,iVBORw0KGgo="),
    ToolResult("2", "refused", "refused", edited='{"item": "x"}'),
    TextStep("\n\nIt costs 3."),
)


@pytest.mark.parametrize("ending", ["json", "jsonl", "ipynb"])
def test_an_exported_turn_comes_back_with_its_steps(tmp_path: Path, ending: str) -> None:
    turn = changed(make_turn(), steps=STEPS, status="done")
    path = tmp_path / f"talk.{ending}"
    exporting.write(path, [turn])
    (back,) = importing.read(path)
    assert back.steps == STEPS


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "result", "id": "1", "text": "x", "status": "sure"},
        {"kind": "result", "id": "1", "text": "x", "seconds": -1},
        {"kind": "result", "id": "1", "text": "x", "seconds": "1"},
        {"kind": "result", "id": "1"},
        {"kind": "call", "id": 1, "name": "x"},
        {"kind": "call", "id": "1", "name": "x" * 100_000},
        {"kind": "run", "id": "1"},
    ],
)
def test_a_step_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    from g4f_magic.files.turn_fields import _is_step

    assert not _is_step(wrong)


def test_steps_are_json_and_back() -> None:
    for step in STEPS:
        assert step_from_json(json.loads(json.dumps(step_to_json(step)))) == step
    assert step_from_json({"kind": "call", "id": "1", "name": "f", "of a later version": 1}) == ToolCall(
        "1", "f"
    )


def test_a_recording_holds_calls_at_their_places() -> None:
    chunks = (
        (5, Reasoning("Hm.")),
        (1, Text("I look.")),
        (2, ToolCall("1", "lookup", "{}")),
        (3, ToolResult("1", "3", seconds=0.5)),
        (4, Text("\n\nIt is 3.")),
        (0, Usage(1, 2)),
        (0, Finish("stop")),
    )
    record = json.loads(json.dumps(chunks_to_json(chunks)))
    assert chunks_from_json(record) == chunks
    # Who reads by the first rules sees pieces of no length.
    assert all(type(what) is int or what in ("usage", "finish") for _, what in record["pieces"])
    record["steps"][0]["at"] = 99
    with pytest.raises(LookupError):
        chunks_from_json(record)


def test_the_key_of_a_recording_covers_what_the_model_is_told() -> None:
    def lookup(item: str) -> int:
        """Look up."""
        return 1

    def other(item: str) -> int:
        """Look up more."""
        return 1

    def key(function: object) -> str:
        toolbox = toolbox_of(["lookup"], {"lookup": function})
        return Asked.of(Ask(prompt="x", tools=("lookup",), toolbox=toolbox)).key

    assert key(lookup) != key(other)
    assert key(lookup) == key(lookup)


def test_each_open_call_is_closed() -> None:
    left = closed(STEPS[:3])
    assert [step.id for step in left if isinstance(step, ToolResult)] == ["1", "2"]
    assert closed(STEPS) == STEPS
    assert closed((ToolCall("1", "f"), ToolResult("1", "x"))) == (ToolCall("1", "f"), ToolResult("1", "x"))


def test_the_messages_of_steps_are_what_services_take() -> None:
    told = answered((*STEPS, ToolCall("3", "no.name", "no json")))
    assert [one["role"] for one in told] == ["assistant", "tool", "tool", "assistant", "tool"]
    assert told[0]["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": "s"}}
    assert told[3]["tool_calls"][0]["function"] == {"name": "no_name", "arguments": "{}"}


def test_pictures_stand_behind_the_results_that_gave_them() -> None:
    told = answered(STEPS, with_pictures=True)
    assert [one["role"] for one in told] == ["assistant", "tool", "tool", "user", "assistant"]
    assert told[3]["content"][1]["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgo="
    assert [one["role"] for one in answered(STEPS[:5], with_pictures=True)][-1] == "user"


@pytest.mark.parametrize(
    "picture", ["image/svg+xml;base64,PHN2Zy8+", 'image/png;base64,x"><script>', "https://a.example/x.png"]
)
def test_what_is_no_picture_has_no_address(picture: str) -> None:
    assert ToolResult("1", "x", picture=picture).picture_address == ""
