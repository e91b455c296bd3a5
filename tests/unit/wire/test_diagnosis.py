"""The cause of a failure from further bodies that services were seen to send: facts from public reports, retold."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from g4f_magic.causes import Cause
from g4f_magic.errors import ChatError, MissingAuthError, RateLimitError, ResponseStatusError, ServiceError
from g4f_magic.providers.g4f import error_of
from g4f_magic.wire.diagnosis import diagnose
from g4f_magic.wire.error_words import words_in
from g4f_magic.wire.json_values import value_of
from tests.named import named

FILE = Path(__file__).with_name("seen_errors.jsonl")
"""A case a line: the status, the name of the cause that it is, and the body, a text or what is sent as JSON. The first
four were said by llama.cpp's own server (xllamacpp 2026.10)."""
SEEN: list[tuple[int, Any, Cause | None]] = [
    (case["status"], case["body"], Cause[case["cause"]] if case["cause"] else None)
    for case in map(json.loads, FILE.read_text(encoding="utf-8").split("\n")[:-1])
]


def test_the_cause_is_told_from_the_words() -> None:
    for status, body, cause in SEEN:
        with named(body):
            if isinstance(body, str):
                with suppress(ValueError):
                    body = value_of(body)
            words = words_in(body)
            found = diagnose(words, status=status)
            assert found.cause is cause
            assert words.text
            assert bool(found.hint) is (cause is not None)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("[Errno 111] Connect call failed", "[Errno 111] Connect call failed"),
        ("{model} not found", "{model} not found"),
        ('[upstream]: {"error": {"message": "the model is gone"}}', "the model is gone"),
        *[
            ('["the model is gone"]', "the model is gone"),
            ('[{"message": "half a', ""),
            ("[]", ""),
            ("[1, 2", ""),
        ],
    ],
)
def test_words_behind_a_label_in_brackets_are_words(said: str, shown: str) -> None:
    assert words_in(said).text == words_in({"message": said}).text == shown


def test_every_cause_says_what_helps() -> None:
    assert all(cause.may_pass <= cause.moves_on for cause in Cause)
    assert {cause for cause in Cause if not cause.moves_on} == {Cause.PARAMETER, Cause.POLICY}


class MissingAuth(Exception):  # noqa: N818
    """As one of gpt4free's."""


class PaymentRequired(Exception):  # noqa: N818
    """As one of gpt4free's."""


@pytest.mark.parametrize(
    ("exc", "kind", "cause"),
    [
        (MissingAuth("add an api_key"), MissingAuthError, None),
        (PaymentRequired("no"), RateLimitError, Cause.NO_CREDIT),
        (Exception("Response 429: Rate limit reached"), RateLimitError, Cause.RATE_LIMITED),
        (Exception("Response 400: Your credit balance is too low"), RateLimitError, Cause.NO_CREDIT),
        (
            Exception('Response 500: {"error": {"message": "the model is overloaded"}}'),
            ResponseStatusError,
            Cause.OVERLOADED,
        ),
        (Exception("Response 404: The model `x` does not exist"), ResponseStatusError, Cause.UNKNOWN_MODEL),
        (Exception("something odd"), ServiceError, None),
    ],
)
def test_gpt4frees_errors_tell_their_cause_too(
    exc: Exception, kind: type[ChatError], cause: Cause | None
) -> None:
    error = error_of(exc, "Some", [])
    assert type(error) is kind
    assert error.cause is cause
    assert "\n" not in str(error)
