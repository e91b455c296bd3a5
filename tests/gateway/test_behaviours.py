"""Every behaviour of the script engine, as it shows on the wire."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from g4f_magic.errors import InputError
from g4f_magic.gateway import Gateway
from g4f_magic.testing.behaviours import behaviours
from g4f_magic.testing.script import SCRIPT_TEXT, ScriptEngine
from tests.gateway.raw import ask, talk, text_in

ALL = ["koala", "darkai", "freenetfly", "aura", "whiterabbitneo", "openai"]
MARKED = {"darkai": b"stream-end", "freenetfly": b"[DONE]", "openai": b"[DONE]"}
TEXT = SCRIPT_TEXT.encode()


@pytest.mark.parametrize("dialect", ALL)
@pytest.mark.parametrize("behaviour", ["plain", "slow", "split-utf8", "byte-by-byte", "reasoning"])
async def test_a_whole_reply_is_the_text(dialect: str, behaviour: str) -> None:
    async with Gateway(ScriptEngine("größer 懒狗 🦊")) as gateway:
        reply = await ask(gateway, dialect, f"!{behaviour}")
    assert text_in(dialect, reply.body) == "größer 懒狗 🦊"
    assert reply.ending == "whole"
    assert MARKED.get(dialect, b"") in reply.body


@pytest.mark.parametrize("dialect", ALL)
async def test_split_utf8_cuts_inside_characters(dialect: str) -> None:
    async with Gateway(ScriptEngine(behaviour="split-utf8")) as gateway:
        reply = await ask(gateway, dialect)
    assert [piece for piece in reply.pieces if piece[0] & 0xC0 == 0x80]


@pytest.mark.parametrize("dialect", ALL)
async def test_byte_by_byte_writes_single_bytes(dialect: str) -> None:
    async with Gateway(ScriptEngine("Hi", "byte-by-byte")) as gateway:
        reply = await ask(gateway, dialect)
    assert {len(piece) for piece in reply.pieces} == {1}


@pytest.mark.parametrize("dialect", ALL)
@pytest.mark.parametrize(("behaviour", "ending"), [("cut-off", "cut"), ("reset", "reset")])
async def test_cut_off_ends_the_connection_in_the_middle(dialect: str, behaviour: str, ending: str) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        reply = await ask(gateway, dialect, f"!{behaviour}")
    assert (reply.status, reply.ending) == (200, ending)
    assert b"quic" in reply.body
    assert MARKED.get(dialect, b"no mark") not in reply.body


@pytest.mark.parametrize("dialect", ALL)
async def test_cut_off_before_sends_nothing(dialect: str) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        reply = await ask(gateway, dialect, "!cut-off-before")
    assert (reply.status_line, reply.ending) == ("", "cut")


@pytest.mark.parametrize("dialect", MARKED)
async def test_no_end_mark_ends_the_body_alone(dialect: str) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        reply = await ask(gateway, dialect, "!no-end-mark")
    assert reply.ending == "whole"
    assert text_in(dialect, reply.body) == SCRIPT_TEXT
    assert MARKED[dialect] not in reply.body


@pytest.mark.parametrize("dialect", ALL)
@pytest.mark.parametrize(
    ("behaviour", "status", "header"),
    [
        ("401", 401, {}),
        ("402", 402, {"retry-after": "60"}),
        ("403-cloudflare", 403, {"server": "cloudflare", "content-type": "text/html; charset=UTF-8"}),
        ("429", 429, {"retry-after": "7"}),
        ("500", 500, {}),
        ("504", 504, {}),
        ("html", 200, {"content-type": "text/html; charset=UTF-8"}),
        ("redirect", 302, {"location": "/elsewhere"}),
    ],
)
async def test_a_refusal_has_its_status_and_headers(
    dialect: str, behaviour: str, status: int, header: dict[str, str]
) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        reply = await ask(gateway, dialect, f"!{behaviour}")
    assert reply.status == status
    assert header.items() <= reply.headers.items()


@pytest.mark.parametrize("dialect", ["koala", "darkai", "freenetfly", "openai"])
async def test_a_bad_line_stands_between_whole_ones(dialect: str) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        reply = await ask(gateway, dialect, "!bad-json-line")
    bad = [line for line in reply.body.decode().splitlines() if line == 'data: {"half": ']
    assert len(bad) == 1
    assert text_in(dialect, reply.body.replace(b'data: {"half": ', b"")) == SCRIPT_TEXT


@pytest.mark.parametrize("dialect", ALL)
async def test_silent_sends_the_headers_and_no_text(dialect: str) -> None:
    async with Gateway(ScriptEngine(behaviour="silent")) as gateway:
        task_reply = await _until_silent(gateway, dialect, 0.1)
    assert task_reply.status == 200
    assert b"text-chunk" not in task_reply.body
    assert b"fox" not in task_reply.body


@pytest.mark.parametrize("dialect", ALL)
async def test_silent_before_sends_nothing_at_all(dialect: str) -> None:
    async with Gateway(ScriptEngine(behaviour="silent-before"), ping_seconds=0.02) as gateway:
        reply = await _until_silent(gateway, dialect, 0.1)
    assert reply.status_line == ""


@pytest.mark.parametrize("dialect", MARKED)
async def test_hang_after_end_keeps_the_connection_open(dialect: str) -> None:
    async with Gateway(ScriptEngine(behaviour="hang-after-end")) as gateway:
        reply = await _until_silent(gateway, dialect, 0.2)
    assert MARKED[dialect] in reply.body
    assert reply.ending == "cut"


@pytest.mark.parametrize("dialect", ALL)
async def test_empty_ends_without_text(dialect: str) -> None:
    async with Gateway(ScriptEngine(behaviour="empty")) as gateway:
        reply = await ask(gateway, dialect)
    assert reply.ending == "whole"
    assert MARKED.get(dialect, b"") in reply.body
    assert text_in(dialect, reply.body) == ""


@pytest.mark.parametrize("dialect", ["koala", "darkai", "freenetfly", "openai"])
@pytest.mark.parametrize("behaviour", ["error-event", "error-event-first"])
async def test_an_error_event_stands_in_a_200_stream(dialect: str, behaviour: str) -> None:
    async with Gateway(ScriptEngine(behaviour=behaviour)) as gateway:
        reply = await ask(gateway, dialect)
    assert (reply.status, reply.ending) == (200, "whole")
    assert b'"error"' in reply.body
    assert MARKED.get(dialect, b"no mark") not in reply.body


@pytest.mark.parametrize("dialect", ["aura", "whiterabbitneo"])
async def test_raw_text_has_no_words_for_an_error_and_is_cut_off(dialect: str) -> None:
    async with Gateway(ScriptEngine(behaviour="error-event")) as gateway:
        reply = await ask(gateway, dialect)
    assert reply.ending == "cut"


@pytest.mark.parametrize("dialect", ALL)
async def test_never_closing_goes_on_until_one_leaves(dialect: str) -> None:
    async with Gateway(ScriptEngine(behaviour="never-closing")) as gateway:
        reply = await ask(gateway, dialect, until=lambda reply: len(reply.body) > 5 * len(TEXT))
    assert reply.ending == "open"


async def test_echo_tells_what_arrived() -> None:
    query = "System: Be brief\nUser: a\nAssistant: A\nUser: !echo\nAssistant:"
    async with Gateway(ScriptEngine()) as gateway:
        reply = await talk(gateway, "/chat", {"query": query, "model": "gpt-4o"})
    received: Any = json.loads(text_in("darkai", reply.body))
    assert [message["content"] for message in received["messages"]] == ["Be brief", "a", "A", "!echo"]
    assert received["model"] == "gpt-4o"


@pytest.mark.parametrize(
    ("prompt", "size"),
    [
        ("!long 3", 3072),
        pytest.param("!long 1000", 1_024_000, marks=pytest.mark.heavy),
        ("!long", 102_400),
    ],
)
async def test_long_has_the_size_that_was_asked_for(prompt: str, size: int) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        reply = await ask(gateway, "aura", prompt)
    assert len(reply.body) == size


async def test_a_behaviour_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        ScriptEngine(behaviour="cut-of")
    assert "Did you mean cut-off?" in caught.value.hint


async def test_a_prompt_with_a_behaviour_that_does_not_exist_is_refused() -> None:
    async with Gateway(ScriptEngine()) as gateway:
        reply = await ask(gateway, "openai", "!nonsense")
    assert reply.status == 400


async def test_all_the_promised_behaviours_are_there() -> None:
    promised = (
        "slow cut-off no-end-mark 401 402 403-cloudflare 429 500 504 html redirect split-utf8 silent empty"
    )
    promised += (
        " byte-by-byte bad-json-line silent-before error-event hang-after-end never-closing echo long plain"
    )
    assert set(promised.split()) <= set(behaviours())


async def _until_silent(gateway: Gateway, dialect: str, seconds: float) -> Any:
    """Return what came before the gateway was stopped; it is stopped after `seconds`."""
    reply = asyncio.create_task(ask(gateway, dialect))
    await asyncio.sleep(seconds)
    assert not reply.done()
    await gateway.stop()
    return await reply
