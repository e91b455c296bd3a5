"""Servers that others wrote, really run on loopback."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from g4f_magic import Chat
from g4f_magic.errors import ChatError, ResponseStatusError
from g4f_magic.providers.openai import OpenAI
from g4f_magic.settings import Settings
from tests.peers.servers import running, script
from tests.serving import free_port

pytestmark = [pytest.mark.heavy, pytest.mark.asyncio(loop_scope="module")]


def chat(address: str, model: str = "", **options: object) -> Chat:
    return Chat("openai", base_url=f"{address}/v1", model=model, settings=Settings(history="off"), **options)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def starlette(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    pytest.importorskip("sse_starlette", reason="sse-starlette is not installed")
    command, port = script("serve_sse_starlette.py")
    log = tmp_path_factory.mktemp("peer") / "log"
    async with running(command, port, path="/v1/models", log=log) as address:
        yield address


async def test_sse_starlettes_reply_is_whole(starlette: str) -> None:
    from tests.peers.serve_sse_starlette import tokens

    async with chat(starlette, "markov", max_tokens=200) as one:
        turn = (await one.ask("Say something größer 🦊")).turn
    assert turn.reply == "".join(tokens("Say something größer 🦊", 200))
    assert (turn.finish, turn.usage and turn.usage.completion_tokens) == ("stop", 200)


async def test_sse_starlettes_pings_between_are_no_text(starlette: str) -> None:
    from tests.peers.serve_sse_starlette import tokens

    async with chat(starlette, "markov", max_tokens=60) as one:
        assert await one.ask("Speak slowly") == "".join(tokens("Speak slowly", 60))


async def test_sse_starlettes_own_words_for_a_wrong_model_are_shown(starlette: str) -> None:
    async with chat(starlette, "gpt-9") as one:
        with pytest.raises(ResponseStatusError, match="'gpt-9' not found") as caught:
            await one.ask("Hello")
    assert "%chat models" in caught.value.hint


async def test_sse_starlettes_models_are_listed(starlette: str) -> None:
    assert await OpenAI.at(f"{starlette}/v1").list_models() == ["markov"]


async def test_a_base_url_without_v1_is_told_the_way_out(starlette: str) -> None:
    async with Chat("openai", base_url=starlette, settings=Settings(history="off")) as one:
        with pytest.raises(ResponseStatusError) as caught:
            await one.ask("Hello")
    assert f"{starlette}/v1" in caught.value.hint


async def test_leaving_early_ends_uvicorns_stream(starlette: str) -> None:
    async with chat(starlette, "markov", max_tokens=100_000) as one:
        stream = one.stream("Speak slowly")
        async for _ in stream:
            break
        await stream.aclose()
        assert one.turns[0].status == "stopped"
        assert await one.ask("Hello")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def litserve(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    pytest.importorskip("litserve", reason="litserve is not installed")
    command, port = script("serve_litserve.py")
    log = tmp_path_factory.mktemp("peer") / "log"
    async with running(command, port, path="/health", log=log) as address:
        yield address


async def test_litserves_reply_is_whole(litserve: str) -> None:
    async with chat(litserve, "backwards") as one:
        turn = (await one.ask("one two größer 🦊")).turn
    assert turn.reply == "🦊 größer two one "
    assert turn.finish == "stop"


async def test_litserves_conversation_goes_on(litserve: str) -> None:
    async with chat(litserve, "backwards") as one:
        await one.ask("one two")
        assert await one.ask("three four") == "four three "


LITELLM = """
model_list:
  - model_name: mock
    litellm_params:
      model: openai/mock
      api_key: none
      mock_response: "größer 🦊 and schnell"
  - model_name: busy
    litellm_params:
      model: openai/mock
      api_key: none
      mock_response: "litellm.RateLimitError"
general_settings:
  master_key: sk-0123456789abcdefghij
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def litellm(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    beside = Path(sys.executable).with_name("litellm")
    program = str(beside) if beside.exists() else shutil.which("litellm")
    if program is None:
        pytest.skip("LiteLLM is not installed: pip install 'litellm[proxy]'")
    folder, port = tmp_path_factory.mktemp("litellm"), free_port()
    (folder / "config.yaml").write_text(LITELLM)
    command = [program, "--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"LITELLM_TELEMETRY": "False", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_DOCS": "True"}
    async with running(command, port, path="/health/liveliness", log=folder / "log", **quiet) as address:
        yield address


@pytest.mark.slow
async def test_litellms_mock_reply_is_whole(litellm: str) -> None:
    provider = OpenAI.at(f"{litellm}/v1")
    result = provider.create_async_generator(
        "mock", [{"role": "user", "content": "Hello"}], api_key="sk-0123456789abcdefghij"
    )
    assert "".join([text async for text in result]) == "größer 🦊 and schnell"


@pytest.mark.slow
async def test_litellms_models_are_listed(litellm: str) -> None:
    models = await OpenAI.at(f"{litellm}/v1").list_models("sk-0123456789abcdefghij")
    assert {"mock", "busy"} <= set(models)


@pytest.mark.slow
async def test_litellm_with_a_wrong_key_fails_and_shows_none(litellm: str) -> None:
    provider = OpenAI.at(f"{litellm}/v1")
    key = "sk-jihgfedcba9876543210"
    with pytest.raises(ChatError) as caught:  # without a database it answers 400 and not 401
        async for _ in provider.create_async_generator(
            "mock", [{"role": "user", "content": "x"}], api_key=key
        ):
            pass
    assert "9876543210" not in f"{caught.value!r} {caught.value} {caught.value.hint}"
