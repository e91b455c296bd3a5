"""Promises that every provider keeps, over real HTTP."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import psutil
import pytest

from g4f_magic.chunks import Finish
from g4f_magic.errors import (
    BrokenOffError,
    ChatTimeoutError,
    CloudflareError,
    InputError,
    MissingAuthError,
    RateLimitError,
    ResponseStatusError,
    UnreachableError,
    WireError,
)
from g4f_magic.gateway import Gateway
from g4f_magic.gateway.dialects import dialect_named
from g4f_magic.testing.script import SCRIPT_TEXT
from tests.contract.asking import Place, text_and_error, text_of
from tests.contract.conftest import raw_server
from tests.patience import PATIENCE_SECONDS


async def test_the_reply_arrives_whole(place: Place) -> None:
    assert await text_of(place.ask()) == SCRIPT_TEXT


async def test_it_can_be_awaited_first(place: Place) -> None:
    assert await text_of(await place.ask()) == SCRIPT_TEXT


@pytest.mark.parametrize(
    "behaviour",
    ["split-utf8", pytest.param("byte-by-byte", marks=pytest.mark.heavy), "slow", "bad-json-line"],
)
async def test_how_bytes_are_cut_does_not_matter(place: Place, behaviour: str) -> None:
    if behaviour == "bad-json-line" and not dialect_named(place.name).has_frames:
        pytest.skip("raw text has no lines that could be bad")
    assert await text_of(place.ask(f"!{behaviour}")) == SCRIPT_TEXT


async def test_a_line_that_is_no_json_is_counted(place: Place) -> None:
    if not dialect_named(place.name).has_frames:
        pytest.skip("raw text has no lines that could be bad")
    chunks = [chunk async for chunk in place.ask("!bad-json-line").chunks()]
    assert [chunk.skipped_lines for chunk in chunks if isinstance(chunk, Finish)] == [1]


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("401", MissingAuthError),
        ("402", RateLimitError),
        ("403-cloudflare", CloudflareError),
        ("429", RateLimitError),
        ("500", ResponseStatusError),
        ("504", ChatTimeoutError),
        ("html", WireError),
        ("redirect", ResponseStatusError),
    ],
)
async def test_a_status_becomes_its_error(place: Place, behaviour: str, error: type[Exception]) -> None:
    text, raised = await text_and_error(place.ask(f"!{behaviour}"))
    assert text == ""
    assert isinstance(raised, error), raised
    assert "<" not in str(raised)


@pytest.mark.parametrize("behaviour", ["402", "429"])
async def test_a_rate_limit_says_how_long_to_wait(place: Place, behaviour: str) -> None:
    _, raised = await text_and_error(place.ask(f"!{behaviour}"))
    assert isinstance(raised, RateLimitError)
    assert raised.retry_after_seconds is not None


async def test_a_reply_that_is_cut_off_keeps_its_text(place: Place) -> None:
    text, raised = await text_and_error(place.ask("!cut-off"))
    assert text
    assert SCRIPT_TEXT.startswith(text)
    assert isinstance(raised, BrokenOffError), raised


async def test_a_missing_end_mark_is_a_reply_broken_off(place: Place) -> None:
    text, raised = await text_and_error(place.ask("!no-end-mark"))
    assert SCRIPT_TEXT.startswith(text)
    if not dialect_named(place.name).has_end_mark:
        assert raised is None
    else:
        assert isinstance(raised, BrokenOffError), raised


async def test_an_error_inside_a_success_is_an_error(place: Place) -> None:
    if place.name == "aura" or place.name == "whiterabbitneo":
        pytest.skip("raw text has no place for an error")
    text, raised = await text_and_error(place.ask("!error-event"))
    assert isinstance(raised, BrokenOffError), raised
    assert SCRIPT_TEXT.startswith(text)


async def test_nothing_comes_of_an_empty_reply(place: Place) -> None:
    assert await text_of(place.ask("!empty")) == ""


@pytest.mark.parametrize("behaviour", ["silent", "silent-before"])
async def test_silence_ends_with_a_timeout(place: Place, behaviour: str) -> None:
    _, raised = await text_and_error(place.ask(f"!{behaviour}", timeout=0.2))
    assert isinstance(raised, ChatTimeoutError), raised


async def test_the_end_mark_ends_it_though_the_connection_stays_open(place: Place) -> None:
    if not dialect_named(place.name).has_end_mark:
        pytest.skip("it has no end mark")
    assert await asyncio.wait_for(text_of(place.ask("!hang-after-end")), PATIENCE_SECONDS) == SCRIPT_TEXT


async def test_leaving_early_closes_the_connection(place: Place, gateway: Gateway) -> None:
    async with aclosing(place.ask("!never-closing")) as result:
        async for _ in result:
            break
    await _until_no_connection_is_open(gateway)


async def test_dropping_the_result_closes_the_connection(place: Place, gateway: Gateway) -> None:
    async for _ in place.ask("!never-closing"):
        break
    await _until_no_connection_is_open(gateway)


async def test_cancelling_closes_the_connection(place: Place, gateway: Gateway) -> None:
    started = asyncio.Event()

    async def read() -> None:
        async for _ in place.ask("!never-closing"):
            started.set()

    task = asyncio.create_task(read())
    await asyncio.wait_for(started.wait(), PATIENCE_SECONDS)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await _until_no_connection_is_open(gateway)


async def test_closing_before_the_first_chunk_sends_nothing(place: Place, gateway: Gateway) -> None:
    await place.ask().aclose()
    assert gateway.requests == []


async def test_twenty_at_once_do_not_mix(place: Place) -> None:
    texts = await asyncio.gather(*(text_of(place.ask("!split-utf8")) for _ in range(20)))
    assert set(texts) == {SCRIPT_TEXT}


async def test_a_host_that_refuses_is_named(place: Place) -> None:
    refusing = Place(place.provider, place.name, "http://127.0.0.1:9")
    _, raised = await text_and_error(refusing.ask())
    assert isinstance(raised, UnreachableError)
    assert "127.0.0.1:9" in str(raised)


async def test_a_name_that_does_not_resolve_is_named(place: Place) -> None:
    nowhere = Place(place.provider, place.name, "http://no-such-host.invalid")
    _, raised = await text_and_error(nowhere.ask())
    assert isinstance(raised, UnreachableError)
    assert "no-such-host.invalid" in str(raised)


async def test_http_where_https_was_asked_for_is_said(place: Place) -> None:
    secure = Place(place.provider, place.name, place.base_url.replace("http:", "https:"))
    _, raised = await text_and_error(secure.ask())
    assert isinstance(raised, UnreachableError)


async def test_a_reset_before_the_headers_is_no_connection(place: Place) -> None:
    async with raw_server(b"") as address:
        _, raised = await text_and_error(Place(place.provider, place.name, address).ask())
    assert isinstance(raised, UnreachableError), raised


async def test_no_messages_are_refused_before_anything_is_sent(place: Place, gateway: Gateway) -> None:
    with pytest.raises(InputError):
        await text_of(place.send([]))
    assert gateway.requests == []


async def test_messages_are_not_changed(place: Place) -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "two"}]},
    ]
    before = [dict(message) for message in messages]
    await text_of(place.send(messages))
    assert messages == before


async def test_a_prompt_of_five_megabytes_arrives(place: Place, gateway: Gateway) -> None:
    prompt = "größer " * 750_000
    await text_of(place.ask(prompt))
    assert gateway.requests[-1].chat.prompt.strip() == prompt.strip()


async def test_a_connector_of_the_callers_is_used_and_left_open(place: Place) -> None:
    import aiohttp

    connector = aiohttp.TCPConnector()
    try:
        assert await text_of(place.ask(connector=connector)) == SCRIPT_TEXT
        assert not connector.closed
    finally:
        await connector.close()


async def test_a_connector_and_a_proxy_together_are_refused(place: Place, gateway: Gateway) -> None:
    import aiohttp

    connector = aiohttp.TCPConnector()
    try:
        with pytest.raises(InputError):
            await text_of(place.ask(connector=connector, proxy="http://127.0.0.1:9"))
    finally:
        await connector.close()
    assert gateway.requests == []


async def _until_no_connection_is_open(gateway: Gateway) -> None:
    """Wait until no connection to the gateway is left; the test's own time limit is the bound."""
    while any(
        connection.status == psutil.CONN_ESTABLISHED and connection.laddr.port == gateway.port
        for connection in psutil.Process().net_connections("tcp")
    ):
        await asyncio.sleep(0.01)
