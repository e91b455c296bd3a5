"""Why a reply ended, in the words that services have for it, over real HTTP, up to what a person reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from g4f_magic import Chat
from g4f_magic.endings import Ending, ending_of, openai_name, words_of
from g4f_magic.errors import BrokenOffError, ServiceError
from g4f_magic.providers import plugins
from g4f_magic.providers.openai import OpenAI
from g4f_magic.renderers.provenance import provenance
from g4f_magic.settings import Settings
from tests.contract.providers.openai_server import Server, chunks_of, delta, events
from tests.contract.providers.turns import texts_of, turn_of, whole

PLAIN = [
    "stop",
    "STOP",
    "end_turn",
    "eos",
    "eos_token",
    "stop_sequence",
    "COMPLETE",
    "FinishReason.STOP",
    "stop_token",
]
LIMIT = [
    *("length", "max_tokens", "MAX_TOKENS", "max_output_tokens", "model_length", "FINISH_REASON_MAX_TOKENS"),
    *("maxTokens", "ERROR_LIMIT", "model_context_window_exceeded", "FinishReason.MAX_TOKENS"),
]
FILTER = [
    *("content_filter", "content-filter", "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"),
    *("sensitive", "guardrail_intervened", "content_filtered", "IMAGE_SAFETY", "ERROR_TOXIC"),
    "content_filter: PROHIBITED_CONTENT",
]
BROKEN = [
    *(
        "error",
        "ERROR",
        "insufficient_system_resource",
        "abort",
        "network_error",
        "timeout",
        "MALFORMED_RESPONSE",
    ),
    *("MALFORMED_FUNCTION_CALL", "cancelled"),
]
TOOL = ["tool_calls", "tool_use", "function_call", "TOOL_CALL", "tool-calls"]
UNKNOWN = ["OTHER", "pause_turn", "tired"]


def ended(reason: Any, *, field: str = "finish_reason") -> bytes:
    return events(delta("Hello"), {"choices": [{"index": 0, "delta": {}, field: reason}]})


@pytest.mark.parametrize("reason", PLAIN)
async def test_a_plain_end_in_any_spelling_is_not_told(reason: str) -> None:
    turn = await turn_of(ended(reason))
    assert (turn.status, turn.reply) == ("done", "Hello")
    assert provenance(turn).startswith("— live · via ") or "live · openai" in provenance(turn)
    assert words_of(turn.finish) == ""


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        (LIMIT, "cut at the length limit"),
        (FILTER, "held back by the service's filter"),
        (TOOL, "asked for a tool"),
    ],
)
async def test_an_end_that_is_not_plain_is_told_in_the_words_of_its_kind(
    reasons: list[str], words: str
) -> None:
    for reason in reasons:
        turn = await turn_of(ended(reason))
        assert (turn.status, turn.reply) == ("done", "Hello"), reason
        assert f"· {words} ·" in provenance(turn).replace("live ·", "live · ·"), reason


@pytest.mark.parametrize("reason", UNKNOWN)
async def test_an_unknown_reason_stands_as_the_service_wrote_it(reason: str) -> None:
    turn = await turn_of(ended(reason))
    assert (turn.status, turn.finish) == ("done", reason)
    assert f"ended with {reason}" in provenance(turn)


async def test_an_unknown_reason_is_bounded_and_steers_nothing() -> None:
    turn = await turn_of(ended("\x1b[2J·— live · mine " * 100))
    assert turn.finish is not None
    assert len(turn.finish) <= 60
    assert provenance(turn).isprintable()
    assert provenance(turn).count("·") < 12


@pytest.mark.parametrize("reason", BROKEN)
async def test_a_reply_that_the_service_broke_off_fails_and_is_kept(reason: str) -> None:
    turn = await turn_of(ended(reason))
    assert (turn.status, turn.reply, turn.finish) == ("broken", "Hello", reason)
    assert reason in turn.error


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"type": "length", "length": 5}, Ending.LIMIT),  # SGLang
        ({"type": "stop", "matched": 2}, Ending.PLAIN),
        ({"type": "abort", "message": "Aborted"}, Ending.BROKEN),
        ({"reason": "content_filter"}, Ending.FILTER),
    ],
)
async def test_an_object_in_place_of_a_reason_is_read(value: dict[str, Any], kind: Ending) -> None:
    turn = await turn_of(ended(value))
    assert ending_of(turn.finish) is kind
    assert turn.finish != ""


@pytest.mark.parametrize("field", ["finishReason", "stop_reason", "done_reason"])
async def test_other_names_of_the_field_are_read(field: str) -> None:
    assert (await turn_of(ended("length", field=field))).finish == "length"


@pytest.mark.parametrize(
    ("given", "native", "kept"),
    [
        ("stop", "MAX_TOKENS", "MAX_TOKENS"),
        ("stop", "end_turn", "stop"),
        ("stop", "weird", "stop"),
        ("length", "MAX_TOKENS", "length"),
        ("error", "network_error", "error"),
        (None, "refusal", "refusal"),
    ],
)
async def test_the_reason_of_the_service_behind_counts_where_only_it_says_more(
    given: str | None, native: str, kept: str
) -> None:
    choice = {"index": 0, "delta": {}, "finish_reason": given, "native_finish_reason": native}
    assert (await turn_of(events(delta("Hello"), {"choices": [choice]}))).finish == kept


async def test_what_is_sent_as_long_as_a_reply_goes_on_is_no_reason() -> None:
    body = events(*(delta(text, "null") for text in ("Hel", "lo")), delta(None, "stop"))
    assert (await turn_of(body)).finish == "stop"


async def test_a_stop_word_beside_the_reason_is_none() -> None:
    choice = {"index": 0, "delta": {}, "finish_reason": "stop", "stop_reason": "###"}
    assert (await turn_of(events(delta("Hello"), {"choices": [choice]}))).finish == "stop"


@pytest.mark.parametrize(
    ("reason", "words", "hint"),
    [
        ("content_filter", "the service's filter held the reply back (content_filter)", "other words"),
        ("length", "the length limit was reached before its first word", "--max-tokens"),
        ("tool_calls", "the model asked for a tool and said nothing", "Ask for words"),
        ("error", "the service broke the reply off (error)", "Try again"),
        ("refusal", "the model refused without a word", "other words"),
    ],
)
async def test_an_end_without_a_word_fails_and_says_why(reason: str, words: str, hint: str) -> None:
    for body in (events(delta(None, reason)), json.dumps(whole({"content": None}, reason)).encode()):
        async with Server(body).running() as address:
            chat = Chat("openai", settings=Settings(history="off"), base_url=f"{address}/v1", model="m")
            with pytest.raises(ServiceError) as caught:
                await chat.ask("Hello")
        assert words in str(caught.value)
        assert hint in caught.value.hint


async def test_a_chain_asks_the_next_where_nothing_was_said_and_no_other_where_words_came() -> None:
    async with (
        Server(events(delta(None, "content_filter"))).running() as held,
        Server(events(delta("No", "content_filter"))).running() as cut,
        Server(events(delta(None, refusal="No"), delta(None, "stop"))).running() as refused,
        Server(events(delta("Yes", "stop"))).running() as well,
    ):
        for first, said in ((held, "Yes"), (cut, "No"), (refused, "No")):
            with two_services(first, well) as chain:
                async with Chat(chain, settings=Settings(history="off")) as chat:
                    assert await chat.ask("Hello") == said


@contextmanager
def two_services(*addresses: str) -> Iterator[str]:
    names = ("one", "two")
    for name, address in zip(names, addresses, strict=True):
        made = OpenAI.at(f"{address}/v1")
        made.default_model = "m"
        plugins.register(f"ends_{name}", made)
    yield ",".join(f"ends_{name}" for name in names)
    for name in names:
        plugins.forget(f"ends_{name}")


async def test_the_words_before_the_service_broke_off_reach_who_reads_the_chunks() -> None:
    with pytest.raises(BrokenOffError, match="broke the reply off"):
        await chunks_of(ended("error"))
    assert texts_of(await chunks_of(ended("stop"))) == "Hello"


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("tool_use", "tool_calls"),
        ("end_turn", "stop"),
        (None, "stop"),
    ],
)
def test_a_reason_has_a_name_in_the_protocol_of_openai(reason: str | None, name: str) -> None:
    assert openai_name(reason) == name
