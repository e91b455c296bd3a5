"""Who takes functions and who takes none: services, models, servers on this machine, plug-ins, chains."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web

from g4f_magic import Chat, ChatError, provider
from g4f_magic.errors import InputError
from g4f_magic.providers.openai import OpenAI
from g4f_magic.providers.plugins import forget, register
from g4f_magic.settings import Settings
from g4f_magic.turn import ToolCall, ToolResult
from tests.completions import completions
from tests.contract.tools.serving import service
from tests.contract.tools.shop import BOTH, lookup
from tests.contract.tools.streams import SERVICES, openai, words


async def test_a_service_that_takes_no_tools_is_refused_before() -> None:
    async with Chat("koala", is_local=True) as chat:
        with pytest.raises(InputError, match="takes no tools") as caught:
            await chat.ask("Hello", tools=[lookup])
    assert caught.value.hint


async def test_a_provider_of_ones_own_may_ask_for_functions() -> None:
    @provider("toy")
    async def toy(
        messages: list[dict[str, Any]], tools: list[dict[str, Any]]
    ) -> AsyncGenerator[str | ToolCall]:
        if messages[-1]["role"] == "user":
            yield ToolCall("1", tools[0]["function"]["name"], '{"item": "tea"}')
        else:
            yield f"It costs {messages[-1]['content']}."

    @provider("plain")
    async def plain(messages: list[dict[str, Any]]) -> AsyncGenerator[str]:
        yield "Hello."

    try:
        async with Chat("toy", settings=Settings(history="off")) as chat:
            assert await chat.ask("What does tea cost?", tools=[lookup]) == "It costs 3."
        async with Chat("plain", settings=Settings(history="off")) as chat:
            with pytest.raises(InputError, match="plain takes no tools"):
                await chat.ask("Hello", tools=[lookup])
    finally:
        forget("toy")
        forget("plain")


async def test_the_gateway_passes_functions_to_the_server_behind_it() -> None:
    async with service([SERVICES["vllm"](BOTH), words("5 in all.")]) as server:
        settings = Settings(history="off", upstream=server.url, upstream_model="m", engine="upstream")
        async with Chat("openai", is_local=True, settings=settings) as chat:
            reply = await chat.ask("What do they cost?", tools=[lookup])
    assert reply == "5 in all."
    assert "local gateway" in reply.turn.via
    assert server.bodies[0]["tools"][0]["function"]["name"] == "lookup"
    assert [one["content"] for one in server.bodies[1]["messages"][2:]] == ["3", "2"]


@pytest.mark.parametrize(
    "words_of_it",
    ["registry.ollama.ai/library/gemma3:latest does not support tools", "Tool calling is not supported here"],
)
async def test_a_model_that_takes_no_tools_says_so_in_two_lines(words_of_it: str) -> None:
    def answer() -> web.Response:
        return web.json_response({"error": {"message": words_of_it}}, status=400)

    async with completions(answer) as server, Chat(server.url, model="m") as chat:
        with pytest.raises(ChatError, match="support") as caught:
            await chat.ask("Hello", tools=[lookup])
    assert "takes no tools, it seems" in caught.value.hint


@pytest.mark.parametrize(
    "more",
    [
        "To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
        "Please use /v1/responses instead.",
    ],
)
async def test_a_model_that_takes_tools_only_where_it_does_not_think_says_what_to_write(more: str) -> None:
    said = (
        f"Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. {more}"
    )

    def answer() -> web.Response:
        body = {"error": {"message": said, "type": "invalid_request_error", "param": "reasoning_effort"}}
        return web.json_response(body, status=400)

    async with completions(answer) as server, Chat(server.url, model="m") as chat:
        with pytest.raises(ChatError, match="Function tools") as caught:
            await chat.ask("Hello", tools=[lookup])
    assert caught.value.hint == "Write --param reasoning_effort=none, or name another model."


async def test_a_chain_goes_on_from_who_takes_no_tools_and_stays_with_who_was_answered() -> None:
    def refuses() -> web.Response:
        return web.json_response({"error": {"message": "busy"}}, status=503)

    async with completions(refuses) as first, service([openai(BOTH[:1]), words("3.")]) as second:
        register("one", OpenAI.at(first.url))
        register("two", OpenAI.at(second.url))
        try:
            async with Chat("one:m,two:m", settings=Settings(history="off")) as chat:
                reply = await chat.ask("What does tea cost?", tools=[lookup])
        finally:
            forget("one")
            forget("two")
    assert reply == "3."
    assert reply.turn.provider == "two"
    assert [one.status for one in reply.turn.steps if isinstance(one, ToolResult)] == ["done"]


async def test_many_rows_take_no_tools() -> None:
    async with Chat("koala", tools=[lookup], settings=Settings(history="off")) as chat:
        with pytest.raises(InputError, match="many rows"):
            await chat.map(["a"], "Say {{item}}")


@pytest.mark.parametrize(
    "tells",
    [
        {
            "/v1/models": {"data": [{"id": "m", "owned_by": "llamacpp"}]},
            "/props": {"chat_template": "{{ messages }}"},
        },
        {
            "/v1/models": {"data": [{"id": "m", "owned_by": "llamacpp"}]},
            "/props": {"chat_template": "{{ tools }}", "chat_template_caps": {"supports_tools": False}},
        },
        {
            "/v1/models": {"data": [{"id": "m", "owned_by": "library"}]},
            "/api/show": {"capabilities": ["completion", "vision"]},
        },
    ],
)
async def test_a_server_here_that_says_that_its_model_takes_none_is_not_asked(tells: dict[str, Any]) -> None:
    async with service([words("Ignored.")]) as server, Chat(server.url, model="m") as chat:
        server.tells = tells
        with pytest.raises(InputError, match="m takes no tools: its server says"):
            await chat.ask("What does tea cost?", tools=[lookup])
    assert not server.bodies


async def test_a_server_here_that_says_that_it_takes_them_is_asked() -> None:
    async with service([openai(BOTH[:1]), words("3.")]) as server, Chat(server.url, model="m") as chat:
        server.tells = {
            "/v1/models": {"data": [{"id": "m", "owned_by": "llamacpp"}]},
            "/props": {"chat_template": "{% if tools %}{% endif %}"},
        }
        assert await chat.ask("What does tea cost?", tools=[lookup]) == "3."
