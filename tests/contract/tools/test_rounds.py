"""Functions that a model asks for: called, and their results sent back, whatever way a service streams its calls."""

from __future__ import annotations

import json
from typing import Any

import pytest

import g4f_magic
from g4f_magic import Chat
from g4f_magic.errors import InputError, ServiceError
from g4f_magic.messages import Usage
from g4f_magic.settings import Settings
from g4f_magic.turn import TextStep, ToolCall, ToolResult
from tests.contract.tools.serving import service
from tests.contract.tools.shop import BOTH, lookup, now
from tests.contract.tools.streams import SERVICES, anthropic, event, older, openai, words


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


async def test_a_call_in_the_field_of_before_is_run() -> None:
    async with service([older(BOTH), words("3.")]) as server, Chat(server.url, model="m") as chat:
        assert await chat.ask("What does tea cost?", tools=[lookup]) == "3."
    assert server.bodies[1]["messages"][-1]["content"] == "3"


WRITTEN = 'I will look.\n<tool_call>\n{"name": "lookup", "arguments": {"item": "tea"}}\n</tool_call>'


async def test_a_call_that_its_server_left_in_the_text_is_run_and_not_shown_as_words() -> None:
    async with service([words(WRITTEN), words("3.")]) as server, Chat(server.url, model="m") as chat:
        reply = await chat.ask("What does tea cost?", tools=[lookup])
    assert (reply, reply.turn.reasoning) == ("3.", WRITTEN)
    call, result = [one for one in reply.turn.steps if isinstance(one, ToolCall | ToolResult)]
    assert (call.name, result.text) == ("lookup", "3")
    assert [one["role"] for one in server.bodies[1]["messages"]] == ["user", "assistant", "tool"]
    assert server.bodies[1]["messages"][1]["content"] is None


@pytest.mark.parametrize("calls", [{}, {"tool_calls": []}, {"tool_calls": None}])
async def test_a_reason_to_call_without_a_call_is_no_reply(calls: dict[str, object]) -> None:
    stream = event({"content": "I will look."}) + event(calls, "tool_calls") + "data: [DONE]\n\n"
    async with service([stream]) as server, Chat(server.url, model="m") as chat:
        with pytest.raises(ServiceError, match="its call did not come"):
            await chat.ask("What does tea cost?", tools=[lookup])
        assert (chat.turns[-1].status, chat.turns[-1].reply) == ("broken", "I will look.")


async def test_tokens_that_are_counted_with_each_piece_are_added_up_by_request() -> None:
    def usage(number: int) -> dict[str, Any]:
        return {"prompt_tokens": 3, "completion_tokens": number}

    first = event({"reasoning": "Hm."}, usage=usage(1)) + openai(BOTH[:1])
    counted = first.replace(
        "data: [DONE]", f"data: {json.dumps({'choices': [], 'usage': usage(5)})}\n\ndata: [DONE]"
    )
    second = event({"content": "3."}, usage=usage(1)) + event({}, "stop", usage=usage(2)) + "data: [DONE]\n\n"
    async with service([counted, second]) as server, Chat(server.url, model="m") as chat:
        reply = await chat.ask("What does tea cost?", tools=[lookup])
    assert reply.turn.usage == Usage(6, 7)


async def test_a_call_in_the_text_asks_as_any_other() -> None:
    def remove() -> None:
        """Remove all."""

    text = WRITTEN.replace("lookup", "remove").replace('{"item": "tea"}', "{}")
    async with service([words(text)]) as server, Chat(server.url, model="m") as chat:
        with pytest.raises(InputError, match="nobody can be asked"):
            await chat.ask("Remove it.", tools=[remove])


async def test_a_call_in_the_text_is_text_where_no_function_was_offered() -> None:
    async with service([words(WRITTEN)]) as server, Chat(server.url, model="m") as chat:
        assert await chat.ask("What does tea cost?") == WRITTEN


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


async def test_names_are_given_as_a_cell_writes_them_too() -> None:
    names = {"lookup": lookup, "now": now}
    streams = [openai(BOTH[:1]), words("3.")]
    async with service(streams) as server, Chat(server.url, model="m", tools="now") as chat:
        await chat.ask("What does tea cost?", tools="lookup", names=names)
    assert {one["function"]["name"] for one in server.bodies[0]["tools"]} == {"lookup", "now"}


async def test_what_a_service_ran_itself_is_not_asked_for_again() -> None:
    search = {"index": 0, "id": "s1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    said = [
        event({"role": "assistant", "tool_calls": [search]}),
        event({"role": "tool", "tool_call_id": "s1", "content": "Tea: 3"}),
        event({"role": "assistant", "content": "Tea costs 3."}, "stop"),
    ]
    async with service(["".join(said)]) as server, Chat(server.url, model="m") as chat:
        assert await chat.ask("What does tea cost?", tools=[lookup]) == "Tea costs 3."
    assert len(server.bodies) == 1
