"""Messages in the forms that services take."""

from __future__ import annotations

from typing import Any

import pytest

from g4f_magic.context import estimated_tokens
from g4f_magic.messages import flatten_content, format_prompt
from g4f_magic.secret import Secret, redact
from g4f_magic.turn import Turn


def test_one_message_is_its_content_alone() -> None:
    assert format_prompt([{"role": "user", "content": "Hello"}]) == "Hello"


def test_several_messages_are_a_line_each_and_blank_ones_none() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "  "},
        {"role": "user", "content": "Hello"},
    ]
    assert format_prompt(messages) == "System: Be brief.\nUser: Hello\nAssistant:"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        (None, ""),
        (
            [
                {"type": "text", "text": "a"},
                {"type": "image_url", "image_url": {}},
                {"type": "text", "text": "b"},
            ],
            "a\nb",
        ),
        (["a", "b"], "a\nb"),
    ],
)
def test_content_is_flattened_to_its_text(content: Any, text: str) -> None:
    assert flatten_content(content) == text


def test_a_turn_without_an_answer_is_not_said() -> None:
    turn = Turn.plain(
        id="1", slot="1", prompt="Hi", provider="koala", model="", started_at=0.0, status="stopped"
    )
    assert not turn.is_said


def test_tokens_are_estimated_by_bytes() -> None:
    assert [estimated_tokens(text) for text in ("", "a", "abcd", "abcde", "ё" * 4)] == [0, 1, 1, 2, 2]


def test_a_secret_shows_nowhere() -> None:
    secret = Secret("sk-123")
    assert "sk-123" not in f"{secret} {secret!r} {[secret]} { ({'k': secret}) }"
    assert secret.reveal() == "sk-123"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("key sk-123 is wrong", "key *** is wrong"),
        ("http://anna:pass@proxy:8080/", "http://***@proxy:8080/"),
        ("nothing here", "nothing here"),
    ],
)
def test_secrets_and_passwords_in_urls_are_redacted(text: str, redacted: str) -> None:
    assert redact(text, [Secret("sk-123"), Secret("")]) == redacted
