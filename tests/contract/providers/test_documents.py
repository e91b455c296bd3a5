"""The examples of the providers' documents, as they stand, with only their imports and hosts changed.

Three examples cannot run anywhere and appear in the nearest form that can: a `ClientResponse(None, None)`
is refused by aiohttp, so its place is taken by a plain object with the same `content`; a proxy called
`your_proxy` is a real one here; and Aura's example defines its own generator, which is replaced by Aura's.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import AsyncGenerator, AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import BaseConnector, ClientSession

from g4f_magic.errors import ChatError, ModelNotSupportedError, RateLimitError, UnreachableError
from g4f_magic.gateway import Gateway
from g4f_magic.providers.aura import Aura as PublicAura
from g4f_magic.providers.darkai import DarkAI as PublicDarkAI
from g4f_magic.providers.freenetfly import FreeNetfly as PublicFreeNetfly
from g4f_magic.providers.koala import Koala
from g4f_magic.providers.whiterabbitneo import WhiteRabbitNeo as PublicWhiteRabbitNeo
from g4f_magic.testing.script import SCRIPT_TEXT
from tests.contract.wire.proxies import Proxy
from tests.patience import PATIENCE_SECONDS

logger = logging.getLogger(__name__)


async def test_darkai(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    DarkAI = PublicDarkAI.at(gateway.base_url)  # noqa: N806

    async def example() -> None:
        try:
            model = "gpt-4o"
            messages = [{"role": "user", "content": "Напиши стихотворение о весне."}]
            async for chunk in DarkAI.create_async_generator(model=model, messages=messages):
                print(chunk, end="")
        except Exception as ex:
            logger.error("Ошибка при вызове DarkAI", ex, exc_info=True)

    await example()
    assert capsys.readouterr().out == SCRIPT_TEXT


async def test_darkai_with_a_proxy(
    gateway: Gateway, proxy: Proxy, capsys: pytest.CaptureFixture[str]
) -> None:
    DarkAI = PublicDarkAI.at(gateway.base_url)  # noqa: N806

    async def example_with_proxy(proxy: str) -> None:
        try:
            model = "gpt-3.5-turbo"
            messages = [{"role": "user", "content": "Расскажи анекдот."}]
            async for chunk in DarkAI.create_async_generator(model=model, messages=messages, proxy=proxy):
                print(chunk, end="")
        except Exception as ex:
            logger.error("Ошибка при вызове DarkAI с прокси", ex, exc_info=True)

    await example_with_proxy(proxy.url)
    assert proxy.was_used(gateway.base_url)
    assert capsys.readouterr().out == SCRIPT_TEXT


async def test_darkai_error_handling(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    DarkAI = PublicDarkAI.at(gateway.base_url)  # noqa: N806

    async def example_error_handling() -> None:
        try:
            model = "invalid-model"
            messages = [{"role": "user", "content": "Hello"}]
            async for chunk in DarkAI.create_async_generator(model=model, messages=messages):
                print(chunk, end="")
        except Exception as ex:
            logger.error("Ошибка при вызове DarkAI: %s", ex, exc_info=True)

    await example_error_handling()
    assert "invalid-model" in caplog.text
    assert gateway.requests == []


async def test_freenetfly(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    FreeNetfly = PublicFreeNetfly.at(gateway.base_url)  # noqa: N806

    async def main() -> None:
        model = "gpt-3.5-turbo"
        messages: list[dict[str, str]] = [{"role": "user", "content": "Привет!"}]
        proxy: str | None = None

        async def consume_generator(generator: Any) -> None:
            async for chunk in generator:
                print(chunk, end="")

        generator = await FreeNetfly.create_async_generator(model=model, messages=messages, proxy=proxy)
        if generator:
            await consume_generator(generator)

    await main()
    assert capsys.readouterr().out == SCRIPT_TEXT


async def test_freenetflys_process_response(capsys: pytest.CaptureFixture[str]) -> None:
    async def mock_response(content: str) -> Any:
        class MockStream:
            def __aiter__(self) -> Any:
                self._data = content.splitlines()
                return self

            async def __anext__(self) -> bytes:
                if self._data:
                    return self._data.pop(0).encode("utf-8")
                raise StopAsyncIteration

        return SimpleNamespace(content=MockStream())

    async def main() -> None:
        content = """data: {"choices": [{"delta": {"content": "Привет"}}]}\n\ndata: [DONE]\n\n"""
        response = await mock_response(content)

        async def consume_generator(generator: AsyncGenerator[str]) -> None:
            async for chunk in generator:
                print(chunk, end="")

        generator = PublicFreeNetfly._process_response(response)
        await consume_generator(generator)

    await main()
    assert capsys.readouterr().out == "Привет"


async def test_koalas_parse_event_stream(capsys: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        async with ClientSession():

            class MockResponse:
                async def __aiter__(self) -> AsyncIterator[bytes]:
                    yield 'data: {"text": "Первый фрагмент"} '.encode()
                    yield 'data: {"text": "Второй фрагмент"} '.encode()
                    yield 'data: {"text": "Третий фрагмент"} '.encode()

                @property
                def content(self) -> Any:
                    return self

            mock_response = MockResponse()

            async for item in Koala._parse_event_stream(mock_response):
                print(item)

    await main()
    assert capsys.readouterr().out.splitlines() == [
        "{'text': 'Первый фрагмент'}",
        "{'text': 'Второй фрагмент'}",
        "{'text': 'Третий фрагмент'}",
    ]


async def test_koala_as_its_document_sets_it_up(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Koala, "api_endpoint", f"{gateway.base_url}/api/gpt/")

    async def main() -> list[Any]:
        messages = [
            {"role": "user", "content": "Привет, как дела?"},
            {"role": "assistant", "content": "У меня все отлично, спасибо!"},
            {"role": "user", "content": "Расскажи что-нибудь интересное."},
        ]
        generator = Koala.create_async_generator(model="gpt-4o-mini", messages=messages, proxy=None)
        return [item async for item in generator]

    assert "".join(await main()) == SCRIPT_TEXT
    assert Koala.is_moved()
    assert gateway.requests[0].body["outputHistory"] == ["У меня все отлично, спасибо!"]


async def test_whiterabbitneo(gateway: Gateway, proxy: Proxy, capsys: pytest.CaptureFixture[str]) -> None:
    WhiteRabbitNeo = PublicWhiteRabbitNeo.at(gateway.base_url)  # noqa: N806

    async def main(proxy: str) -> None:
        model = "default"
        messages: list[dict[str, str]] = [{"role": "user", "content": "Hello, WhiteRabbitNeo!"}]
        cookies = {"session_id": "12345"}
        connector: BaseConnector | None = None

        async def consume_generator(generator: Any) -> None:
            async for chunk in generator:
                print(chunk, end="")

        generator = WhiteRabbitNeo.create_async_generator(
            model=model, messages=messages, cookies=cookies, proxy=proxy, connector=connector
        )
        await consume_generator(await generator)

    await main(proxy.url)
    assert proxy.was_used(gateway.base_url)
    assert capsys.readouterr().out == SCRIPT_TEXT


async def test_aura(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    Aura = PublicAura.at(gateway.base_url)  # noqa: N806

    async def main() -> None:
        messages: list[dict[str, str]] = [
            {"role": "user", "content": "Hello"},
            {"role": "system", "content": "You are a helpful assistant."},
        ]
        async for chunk in Aura.create_async_generator(
            model="test_model", messages=messages, session_args={"headers": {}, "cookies": {}}
        ):
            print(chunk, end="")

    await asyncio.wait_for(main(), PATIENCE_SECONDS)
    assert capsys.readouterr().out == SCRIPT_TEXT
    assert gateway.requests[0].body["prompt"] == "You are a helpful assistant."


FAILING = [
    "!401",
    "!402",
    "!403",
    "!404",
    "!429",
    "!500",
    "!503",
    "!504",
    "!cut-off-before",
    "!reset",
    "!html",
    "!redirect",
]


async def reached(provider: Any, prompt: str, **options: Any) -> Exception | None:
    """Return what a document's `except aiohttp.ClientError` catches, or its `except asyncio.TimeoutError`."""
    try:
        async for _ in provider.create_async_generator("", [{"role": "user", "content": prompt}], **options):
            pass
    except aiohttp.ClientError as exc:
        return exc
    except TimeoutError as exc:
        return exc
    return None


@pytest.mark.usefixtures("quick_retries")
@pytest.mark.parametrize("prompt", FAILING)
async def test_the_errors_of_freenetfly_and_aura_are_those_of_their_documents(
    gateway: Gateway, prompt: str
) -> None:
    for public, options in ((PublicFreeNetfly, {}), (PublicAura, {"session_args": {}})):
        caught = await reached(public.at(gateway.base_url), prompt, **options)
        assert isinstance(caught, ChatError), prompt
        lines = caught._render_traceback_()
        assert "ClientError" not in lines[0]
        assert len(lines) == 2


@pytest.mark.usefixtures("quick_retries")
@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
async def test_a_host_that_is_not_there_is_a_client_error(base_url: str) -> None:
    caught = await reached(PublicFreeNetfly.at(base_url), "Hello")
    assert isinstance(caught, UnreachableError)
    assert isinstance(caught, aiohttp.ClientError)
    assert type(caught).__name__ == "UnreachableError"


@pytest.mark.usefixtures("quick_retries")
async def test_silence_is_the_time_out_of_the_document(gateway: Gateway) -> None:
    with pytest.raises(asyncio.TimeoutError):
        async for _ in PublicFreeNetfly.at(gateway.base_url).create_async_generator(
            "", [{"role": "user", "content": "!silent"}], timeout=0.2
        ):
            pass


@pytest.mark.usefixtures("quick_retries")
async def test_an_error_of_both_kinds_goes_to_other_processes_as_ours(gateway: Gateway) -> None:
    caught = await reached(PublicFreeNetfly.at(gateway.base_url), "!429")
    again = pickle.loads(pickle.dumps(caught))
    assert type(again) is RateLimitError
    assert (str(again), again.hint, again.status) == (str(caught), caught.hint, 429)  # type: ignore[union-attr]


async def test_what_was_never_sent_is_no_client_error(gateway: Gateway) -> None:
    provider = PublicFreeNetfly.at(gateway.base_url)
    with pytest.raises(ModelNotSupportedError) as raised:
        async for _ in provider.create_async_generator("gpt-5", [{"role": "user", "content": "Hello"}]):
            pass
    assert not isinstance(raised.value, aiohttp.ClientError)
    assert "gpt-5" in str(raised.value)
    assert "gpt-3.5-turbo, gpt-4" in raised.value.hint
    assert gateway.requests == []
