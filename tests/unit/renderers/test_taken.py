"""What a variable holds of a reply that was shown in a format."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from g4f_magic.renderers import shown_value
from g4f_magic.reply import ReplyText
from g4f_magic.turn import Turn


def turn_of(reply: str) -> Turn:
    return Turn.plain(
        id="t", slot="t", prompt="p", provider="x", model="", started_at=1.0, reply=reply, status="done"
    )


@pytest.mark.parametrize(
    ("format", "reply", "held"),
    [
        ("json", '```json\n{"a": [1]}\n```', {"a": [1]}),
        ("json", 'Here:\n\n```json\n{"a": [1]}\n```\n\nDone.', {"a": [1]}),
        ("json", "null", None),
        ("json", "no JSON", "no JSON"),
        ("code", "Here:\n```python\nx = 1\n```\nand\n```python\ny = 2\n```", "x = 1\n\ny = 2"),
        ("code", "no code", "no code"),
        ("markdown", '{"a": 1}', '{"a": 1}'),
        ("text", "```\nx\n```", "```\nx\n```"),
    ],
)
def test_it_is_what_was_shown(format: str, reply: str, held: Any) -> None:  # noqa: A002
    turn = turn_of(reply)
    value = shown_value(ReplyText(turn), turn, format)
    assert value == held
    assert value is None or value.turn == turn


def test_a_reply_that_was_stopped_stays_its_text() -> None:
    turn = replace(turn_of("[1, 2]"), status="stopped")
    assert shown_value(ReplyText(turn), turn, "json") == "[1, 2]"
