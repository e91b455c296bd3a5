"""A history file that an earlier version wrote, and a new turn with everything that a turn can hold today."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from g4f_magic.ask import Ask, Attachment
from g4f_magic.history import History
from g4f_magic.turn import ReasoningStep, TextStep, ToolCall, ToolResult, Turn

FILES = Path(__file__).with_name("history_files")
BEFORE = json.loads((FILES / "of_0.1.0.json").read_text("utf-8"))
"""The turns of each conversation as that version read them, field by field, and the revisions of one cell."""


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    shutil.copyfile(FILES / "of_0.1.0.sqlite", tmp_path / "history.sqlite")
    history = History(tmp_path / "history.sqlite")
    yield history
    history.close()
    assert history.warnings == []


def as_before(turn: Turn) -> dict[str, Any]:
    """Return a turn in the form that it had then."""
    usage = turn.usage and [turn.usage.prompt_tokens, turn.usage.completion_tokens]
    return {name: getattr(turn, name) for name in BEFORE["main"][0] if name != "usage"} | {"usage": usage}


def then(turn: dict[str, Any]) -> dict[str, Any]:
    usage = turn["usage"]
    return turn | {"usage": usage and [usage["prompt_tokens"], usage["completion_tokens"]]}


def test_every_turn_of_the_version_before_is_there(history: History) -> None:
    (shelf,) = history.notebooks()
    for conversation in ("main", "aside", "kept"):
        turns = history.turns(shelf.notebook, conversation)
        assert list(map(as_before, turns)) == list(map(then, BEFORE[conversation]))
    revisions = history.revisions(shelf.notebook, "main", "c2")
    assert list(map(as_before, revisions)) == list(map(then, BEFORE["revisions"]))
    assert [hit.turn.id for hit in history.search("Roughly")] == ["a1"]


def test_what_was_undone_then_can_come_back(history: History) -> None:
    (shelf,) = history.notebooks()
    history.redo(shelf.notebook, "main")
    assert history.turns(shelf.notebook, "main")[-1].reply == "gone"


def test_a_turn_keeps_all_that_an_ask_and_its_steps_hold(history: History) -> None:
    (shelf,) = history.notebooks()
    ask = Ask(
        prompt="What of {{df}}?",
        sent="What of df?",
        system="Be brief.",
        attachments=(
            Attachment(name="df", text="| a |\n|---|\n| 1 |", omitted="9 of 10 rows"),
            Attachment(name="plot.png", media_type="image/png", digest="ab" * 32),
        ),
        provider="koala",
        model="m",
        parameters={"temperature": 0.5},
        tools=("lookup",),
        schema={"type": "object"},
    )
    steps = (
        ReasoningStep("Look it up."),
        ToolCall("1", "lookup", '{"key": 1}'),
        ToolResult("1", "one"),
        TextStep("It is one."),
    )
    turn = Turn(
        id="n", slot="n", ask=ask, provider="koala", model="m", started_at=1.0, steps=steps, status="done"
    )
    history.begin(shelf.notebook, "main", turn)
    history.settle(turn)
    assert history.turns(shelf.notebook, "main")[-1] == turn
