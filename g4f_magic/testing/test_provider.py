"""The promises. Each test runs on a loop of its own, so that no plugin for asynchronous tests is needed."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

import pytest

from g4f_magic.chunks import Citations, Finish, Named, Reasoning, Rethought, Text, Unshown
from g4f_magic.errors import ChatError, ChatTimeoutError
from g4f_magic.gateway import Gateway
from g4f_magic.gateway.actions import Action
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.dialects import dialect_named
from g4f_magic.messages import Usage
from g4f_magic.providers.base import AsyncResult
from g4f_magic.testing.script import SCRIPT_TEXT, ScriptEngine
from g4f_magic.testing.subject import Subject

_PATIENCE_SECONDS = 60.0


class _Endless:
    """An engine that talks until the one who asked has gone."""

    name = label = "endless"

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def models(self) -> list[str]:
        return ["endless"]

    async def reply(self, ask: ChatRequest) -> AsyncGenerator[Action]:
        try:
            while True:
                yield Text("more ")
                await asyncio.sleep(0.001)
        finally:
            self.gone.set()


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test to its end, and fail where it leaves something open or running."""
    unraisable: list[str] = []
    before, sys.unraisablehook = sys.unraisablehook, lambda args: unraisable.append(str(args.exc_value))

    async def whole() -> None:
        await asyncio.wait_for(work(), _PATIENCE_SECONDS)
        gc.collect()
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks are left running: {left}"

    try:
        asyncio.run(whole())
        gc.collect()
    finally:
        sys.unraisablehook = before
    assert not unraisable, f"something was left open: {unraisable}"


@pytest.fixture
def at_gateway(chat_subject: Subject) -> Subject:
    """Return the subject, if the gateway can play its service."""
    if not chat_subject.is_at_gateway:
        pytest.skip(
            "needs a service that misbehaves on demand: --chat-dialect names a protocol of the gateway"
        )
    return chat_subject


async def text_of(result: AsyncResult) -> str:
    """Return the whole reply."""
    async with aclosing(result):
        return "".join([text async for text in result])


async def text_and_error(result: AsyncResult) -> tuple[str, Exception | None]:
    """Return what came of a reply, and what ended it."""
    texts: list[str] = []
    async with aclosing(result):
        try:
            async for text in result:
                texts.append(text)
        except Exception as exc:
            return "".join(texts), exc
    return "".join(texts), None


def test_it_replies(chat_subject: Subject) -> None:
    async def work() -> None:
        async with Gateway(ScriptEngine()) as gateway:
            text = await text_of(chat_subject.ask(gateway, "Hello"))
        assert text.strip()
        assert not chat_subject.is_at_gateway or text == SCRIPT_TEXT

    run(work)


def test_its_chunks_are_of_the_known_kinds(chat_subject: Subject) -> None:
    async def work() -> None:
        async with Gateway(ScriptEngine()) as gateway:
            chunks = chat_subject.ask(gateway, "Hello").chunks()
            async with aclosing(chunks):
                kinds = [type(chunk) async for chunk in chunks]
        assert set(kinds) <= {Text, Reasoning, Usage, Finish, Named, Citations, Unshown, Rethought}
        assert Text in kinds

    run(work)


def test_nothing_is_sent_before_the_first_chunk_is_asked_for(at_gateway: Subject) -> None:
    async def work() -> None:
        async with Gateway(ScriptEngine()) as gateway:
            await at_gateway.ask(gateway, "Hello").aclose()
            assert gateway.requests == []

    run(work)


@pytest.mark.parametrize("behaviour", ["split-utf8", "byte-by-byte", "slow"])
def test_how_bytes_and_events_are_cut_does_not_matter(at_gateway: Subject, behaviour: str) -> None:
    async def work() -> None:
        async with Gateway(ScriptEngine()) as gateway:
            assert await text_of(at_gateway.ask(gateway, f"!{behaviour}")) == SCRIPT_TEXT

    run(work)


@pytest.mark.parametrize("behaviour", ["401", "402", "403", "404", "429", "500", "503", "html"])
def test_a_failure_is_an_error_and_not_a_text(at_gateway: Subject, behaviour: str) -> None:
    async def work() -> None:
        async with Gateway(ScriptEngine()) as gateway:
            text, error = await text_and_error(at_gateway.ask(gateway, f"!{behaviour}"))
        assert text == ""
        assert isinstance(error, ChatError), error
        assert error.hint

    run(work)


@pytest.mark.parametrize("behaviour", ["cut-off", "reset", "error-event"])
def test_a_reply_that_breaks_off_keeps_its_text_and_says_so(at_gateway: Subject, behaviour: str) -> None:
    if not dialect_named(at_gateway.dialect).has_frames and behaviour == "error-event":
        pytest.skip("raw text has no place for an error")

    async def work() -> None:
        async with Gateway(ScriptEngine()) as gateway:
            text, error = await text_and_error(at_gateway.ask(gateway, f"!{behaviour}"))
        assert SCRIPT_TEXT.startswith(text)
        assert isinstance(error, ChatError), error

    run(work)


def test_a_missing_end_mark_is_noticed(at_gateway: Subject) -> None:
    if not dialect_named(at_gateway.dialect).has_end_mark:
        pytest.skip("the protocol has no end mark")

    async def work() -> None:
        async with Gateway(ScriptEngine()) as gateway:
            _, error = await text_and_error(at_gateway.ask(gateway, "!no-end-mark"))
        assert isinstance(error, ChatError), error

    run(work)


def test_an_empty_reply_is_no_text(at_gateway: Subject) -> None:
    async def work() -> None:
        async with Gateway(ScriptEngine()) as gateway:
            text, error = await text_and_error(at_gateway.ask(gateway, "!empty"))
        assert text == ""
        assert error is None or isinstance(error, ChatError)

    run(work)


@pytest.mark.parametrize("behaviour", ["silent-before", "silent"])
def test_silence_ends_with_a_timeout(at_gateway: Subject, behaviour: str) -> None:
    async def work() -> None:
        async with Gateway(ScriptEngine()) as gateway:
            _, error = await text_and_error(at_gateway.ask(gateway, f"!{behaviour}", timeout=0.2))
        assert isinstance(error, ChatTimeoutError), error

    run(work)


def test_leaving_early_closes_the_connection(at_gateway: Subject) -> None:
    async def work() -> None:
        engine = _Endless()
        async with Gateway(engine) as gateway:
            async with aclosing(at_gateway.ask(gateway, "Hello")) as result:
                async for _ in result:
                    break
            await engine.gone.wait()

    run(work)


def test_cancelling_closes_the_connection(at_gateway: Subject) -> None:
    async def work() -> None:
        engine, started = _Endless(), asyncio.Event()

        async def read() -> None:
            async with aclosing(at_gateway.ask(gateway, "Hello")) as result:
                async for _ in result:
                    started.set()

        async with Gateway(engine) as gateway:
            task = asyncio.create_task(read())
            await started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await engine.gone.wait()

    run(work)


def test_ten_at_once_do_not_mix(chat_subject: Subject) -> None:
    async def work() -> None:
        async with Gateway(ScriptEngine()) as gateway:
            asked = (text_of(chat_subject.ask(gateway, "Hello")) for _ in range(10))
            texts = await asyncio.gather(*asked)
        assert all(text.strip() for text in texts)
        assert not chat_subject.is_at_gateway or set(texts) == {SCRIPT_TEXT}

    run(work)


def test_the_messages_are_not_changed(chat_subject: Subject) -> None:
    async def work() -> None:
        messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
        before = [dict(message) for message in messages]
        async with Gateway(ScriptEngine()) as gateway:
            provider, options = chat_subject.placed(gateway)
            await text_of(provider.create_async_generator("", messages, **options))
        assert messages == before

    run(work)
