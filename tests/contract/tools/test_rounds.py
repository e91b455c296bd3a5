"""Functions that a model asks for: called, and their results sent back, whatever way a service streams its calls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web

import g4f_magic
from g4f_magic import Chat, ChatError, provider
from g4f_magic.errors import InputError, ServiceError
from g4f_magic.providers.openai import OpenAI
from g4f_magic.providers.plugins import forget, register
from g4f_magic.settings import Settings
from g4f_magic.turn import TextStep, ToolCall, ToolResult
from tests.completions import completions
from tests.contract.tools.serving import service
from tests.contract.tools.streams import SERVICES, anthropic, openai, words
from tests.optional import Optional

pyplot = Optional("matplotlib.pyplot")
PRICES = {"tea": 3, "milk": 2}


@g4f_magic.tool(asks=False)
def lookup(item: str) -> int:
    """Look up a price.

    Args:
        item: What is bought.
    """
    return PRICES[item]


@g4f_magic.tool(asks=False)
async def now() -> str:
    """Tell the time."""
    await asyncio.sleep(0)
    return "noon"


BOTH = [("lookup", {"item": "tea"}), ("lookup", {"item": "milk"})]


@pytest.mark.parametrize("name", SERVICES)
async def test_two_calls_side_by_side_are_run_and_answered(name: str) -> None:
    async with (
        service([SERVICES[name](BOTH), words("5 in all.")]) as server,
        Chat(server.url, model="m") as chat,
    ):
        reply = await chat.ask("What do tea and milk cost?", tools=[lookup])
    assert reply.endswith("5 in all.")
    sent = server.bodies[1]["messages"]
    calls = sent[1]["tool_calls"]
    assert [json.loads(call["function"]["arguments"]) for call in calls] == [one for _, one in BOTH]
    assert [one["content"] for one in sent[2:]] == ["3", "2"]
    assert [one["tool_call_id"] for one in sent[2:]] == [call["id"] for call in calls]
    assert len({call["id"] for call in calls}) == 2
    assert all(call["id"] for call in calls)


@pytest.mark.parametrize("name", SERVICES)
async def test_a_function_that_takes_nothing_is_called(name: str) -> None:
    async with (
        service([SERVICES[name]([("now", {})]), words("It is noon.")]) as server,
        Chat(server.url, model="m") as chat,
    ):
        await chat.ask("What time is it?", tools=[now])
    assert server.bodies[1]["messages"][-1]["content"] == "noon"


async def test_the_service_is_told_of_the_functions() -> None:
    async with service([words("Hello.")]) as server, Chat(server.url, model="m") as chat:
        await chat.ask("Hello", tools=[lookup])
    assert server.bodies[0]["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "lookup",
                "description": "Look up a price.",
                "parameters": {
                    "type": "object",
                    "properties": {"item": {"type": "string", "description": "What is bought."}},
                    "required": ["item"],
                    "additionalProperties": False,
                },
            },
        }
    ]
    assert "gives_calls" not in server.bodies[0]


async def test_what_a_service_signs_goes_back_to_it() -> None:
    async with (
        service([SERVICES["gemini"](BOTH[:1]), words("3.")]) as server,
        Chat(server.url, model="m") as chat,
    ):
        await chat.ask("What does tea cost?", tools=[lookup])
    (call,) = server.bodies[1]["messages"][1]["tool_calls"]
    assert call["extra_content"] == {"google": {"thought_signature": "sig0"}}


async def test_a_turn_has_its_steps_in_order_and_later_turns_carry_them() -> None:
    streams = [anthropic(BOTH[:1]), words("It costs 3."), words("Yes."), words("Bye.")]
    async with service(streams) as server, Chat(server.url, model="m") as chat:
        reply = await chat.ask("What does tea cost?", tools=[lookup])
        await chat.ask("Sure?", tools=[lookup])
        await chat.ask("Bye")
    first, call, result, last = reply.turn.steps
    assert first == TextStep("I will look.")
    assert isinstance(call, ToolCall)
    assert call.arguments == '{"item": "tea"}'
    assert isinstance(result, ToolResult)
    assert (result.id, result.text, result.status) == (call.id, "3", "done")
    assert last == TextStep("\n\nIt costs 3.")
    structured = server.bodies[2]["messages"]
    assert [one["role"] for one in structured] == ["user", "assistant", "tool", "assistant", "user"]
    assert structured[1]["content"] == "I will look."
    assert structured[3]["content"] == "It costs 3."
    # A request without functions must not hold calls: services refuse it.
    plain = server.bodies[3]["messages"]
    assert {one["role"] for one in plain} == {"user", "assistant"}
    assert "gave: 3" in plain[1]["content"]


async def test_nothing_runs_because_a_model_names_it() -> None:
    async with (
        service([openai([("exec", {"code": "1/0"})]), words("I cannot.")]) as server,
        Chat(server.url, model="m") as chat,
    ):
        reply = await chat.ask("Run it", tools=[lookup])
    assert "There is no function 'exec'" in server.bodies[1]["messages"][-1]["content"]
    assert reply == "I cannot."


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ('{"item": ', "no JSON"),
        ("[1]", "no JSON object"),
        ('{"item": 3}', "is no string"),
        ("{}", "item is missing"),
        ('{"item": "tea", "more": 1}', "was not asked for"),
        ('{"item": NaN}', "no JSON"),
    ],
)
async def test_arguments_that_a_function_does_not_take_go_back_as_words(arguments: str, told: str) -> None:
    delta = {"index": 0, "id": "c", "function": {"name": "lookup", "arguments": arguments}}
    choice = {"index": 0, "delta": {"tool_calls": [delta]}, "finish_reason": "tool_calls"}
    asked = f"data: {json.dumps({'model': 'm', 'choices': [choice]})}\n\ndata: [DONE]\n\n"
    async with service([asked, words("Sorry.")]) as server, Chat(server.url, model="m") as chat:
        reply = await chat.ask("What does tea cost?", tools=[lookup])
    assert told in server.bodies[1]["messages"][-1]["content"]
    json.loads(server.bodies[1]["messages"][1]["tool_calls"][0]["function"]["arguments"])
    (result,) = (one for one in reply.turn.steps if isinstance(one, ToolResult))
    assert result.status == "refused"


async def test_an_error_goes_back_as_its_message() -> None:
    async with (
        service([openai([("lookup", {"item": "gold"})]), words("Unknown.")]) as server,
        Chat(server.url, model="m") as chat,
    ):
        await chat.ask("What does gold cost?", tools=[lookup])
    assert server.bodies[1]["messages"][-1]["content"] == "KeyError: 'gold'"


async def test_a_model_that_goes_on_asking_is_ended_and_each_call_closed() -> None:
    settings = Settings(history="off", tool_rounds=2)
    async with service([openai(BOTH[:1])]) as server, Chat(server.url, model="m", settings=settings) as chat:
        with pytest.raises(ServiceError, match="in 2 rounds"):
            await chat.ask("What does tea cost?", tools=[lookup])
        (turn,) = chat.turns
    assert len(server.bodies) == 3
    calls = [one.id for one in turn.steps if isinstance(one, ToolCall)]
    results = [one.id for one in turn.steps if isinstance(one, ToolResult)]
    assert calls == results
    assert len(set(calls)) == 3
    assert turn.status == "broken"


async def test_the_same_call_runs_three_times_and_no_more() -> None:
    ran: list[str] = []

    @g4f_magic.tool(asks=False)
    def peek(item: str) -> str:
        ran.append(item)
        return item

    again = openai([("peek", {"item": "tea"})])
    async with (
        service([again, again, again, again, words("Done.")]) as server,
        Chat(server.url, model="m") as chat,
    ):
        await chat.ask("Peek", tools=[peek])
    assert ran == ["tea"] * 3
    assert "not run again" in server.bodies[4]["messages"][-1]["content"]


async def test_a_service_that_takes_no_tools_is_refused_before() -> None:
    async with Chat("koala", is_local=True) as chat:
        with pytest.raises(InputError, match="takes no tools") as caught:
            await chat.ask("Hello", tools=[lookup])
    assert caught.value.hint


async def test_where_nobody_can_be_asked_it_is_refused_and_the_chat_fails() -> None:
    ran: list[int] = []

    def act() -> None:
        """Act."""
        ran.append(1)

    async with (
        service([openai([("act", {})]), words("Done.")]) as server,
        Chat(server.url, model="m") as chat,
    ):
        with pytest.raises(InputError, match="nobody can be asked") as caught:
            await chat.ask("Act", tools=[act])
        (turn,) = chat.turns
        assert "--approve act" in caught.value.hint
        assert not ran
        assert [one.status for one in turn.steps if isinstance(one, ToolResult)] == ["refused"]
        await chat.ask("Act", tools=[act], approve=["act"])


async def test_a_stream_that_is_cut_inside_a_call_runs_nothing() -> None:
    ran: list[int] = []

    @g4f_magic.tool(asks=False)
    def act(much: str) -> None:
        ran.append(1)

    whole = openai([("act", {"much": "more and more"})])
    async with (
        service([whole[: len(whole) // 2].rpartition("\n\n")[0] + "\n\n"]) as server,
        Chat(server.url, model="m") as chat,
    ):
        with pytest.raises(g4f_magic.ChatError, match="end mark"):
            await chat.ask("Act", tools=[act])
    assert not ran


async def test_two_calls_with_one_id_have_a_result_each() -> None:
    asked = openai(BOTH).replace("call_1aB", "call_0aB")
    async with service([asked, words("5.")]) as server, Chat(server.url, model="m") as chat:
        await chat.ask("What do they cost?", tools=[lookup])
    sent = server.bodies[1]["messages"]
    assert [one["content"] for one in sent[2:]] == ["3", "2"]
    assert len({one["tool_call_id"] for one in sent[2:]}) == 2


async def test_what_is_counted_is_counted_of_all_rounds() -> None:
    counted = words("3.").replace(
        '"finish_reason": "stop"}]',
        '"finish_reason": "stop"}], "usage": {"prompt_tokens": 7, "completion_tokens": 2}',
    )
    async with (
        service([SERVICES["llama.cpp"](BOTH[:1]), counted]) as server,
        Chat(server.url, model="m") as chat,
    ):
        reply = await chat.ask("What does tea cost?", tools=[lookup])
    assert reply.turn.usage is not None
    assert (reply.turn.usage.prompt_tokens, reply.turn.usage.completion_tokens) == (107, 12)


async def test_a_tool_cannot_ask_in_the_conversation_that_waits_for_it_and_may_in_another() -> None:
    async with (
        service([openai([("inner", {})]), words("Both.")]) as server,
        Chat(server.url, model="m") as chat,
        Chat(server.url, model="m") as other,
    ):

        @g4f_magic.tool(asks=False)
        async def inner() -> str:
            return str(await chat.ask("Deadlock?"))

        await chat.ask("Ask", tools=[inner])
        assert "cannot ask in the conversation" in server.bodies[-1]["messages"][-1]["content"]
        assert await other.ask("Hello") == "Both."


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


@pytest.mark.parametrize("sees", [True, False])
async def test_a_picture_goes_along_where_the_server_says_that_the_model_sees(sees: bool) -> None:
    @g4f_magic.tool(asks=False)
    def draw() -> None:
        """Draw."""
        _, axes = pyplot.subplots(figsize=(2, 1))
        axes.plot([1, 2])

    before = pyplot.get_fignums()
    async with service([openai([("draw", {})]), words("A line.")]) as server:
        inputs = ["text", "image"] if sees else ["text"]
        server.tells = {"/v1/models": {"data": [{"id": "m", "architecture": {"input_modalities": inputs}}]}}
        async with Chat(server.url, model="m", settings=Settings(history="off")) as chat:
            reply = await chat.ask("Draw", tools=[draw])
    assert pyplot.get_fignums() == before  # the cell does not show it once more
    (result,) = (one for one in reply.turn.steps if isinstance(one, ToolResult))
    assert result.picture_address.startswith("data:image/png;base64,")
    last = server.bodies[1]["messages"][-1]
    assert (last["role"] == "user") is sees
    if sees:
        assert last["content"][1] == {"type": "image_url", "image_url": {"url": result.picture_address}}
    else:
        assert "what draw(...) drew" in last["content"]


async def test_a_secret_that_is_known_here_is_masked_wherever_a_function_says_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = "sk-shop-4f9a8b7c6d5e4f3a2b1c"
    monkeypatch.setenv("SHOP_API_KEY", secret)

    @g4f_magic.tool(asks=False)
    def reveal() -> str:
        print("the key is", secret)
        return f"key={secret}"

    @g4f_magic.tool(asks=False)
    def fail() -> None:
        raise ValueError(f"wrong key {secret}")

    calls = openai([("reveal", {}), ("fail", {})])
    async with service([calls, words("Done.")]) as server, Chat(server.url, model="m") as chat:
        reply = await chat.ask("Reveal", tools=[reveal, fail])
    assert secret not in "".join(server.raw)
    assert secret not in repr(reply.turn)
    assert [one["content"] for one in server.bodies[1]["messages"][2:]] == [
        "key=***",
        "ValueError: wrong key ***",
    ]


@pytest.mark.parametrize("share", ["names", "schema"])
async def test_the_ceiling_of_sharing_holds_for_results(share: str) -> None:
    @g4f_magic.tool(asks=False)
    def rows() -> dict[str, str]:
        return {"name": "Ada Lovelace"}

    settings = Settings(history="off", share=share)
    streams = [openai([("rows", {})]), words("Done.")]
    async with service(streams) as server, Chat(server.url, model="m", settings=settings) as chat:
        await chat.ask("Who?", tools=[rows])
    assert "Ada" not in "".join(server.raw)


async def test_names_are_given_as_a_cell_writes_them_too() -> None:
    names = {"lookup": lookup, "now": now}
    streams = [openai(BOTH[:1]), words("3.")]
    async with service(streams) as server, Chat(server.url, model="m", tools="now") as chat:
        await chat.ask("What does tea cost?", tools="lookup", names=names)
    assert {one["function"]["name"] for one in server.bodies[0]["tools"]} == {"lookup", "now"}
