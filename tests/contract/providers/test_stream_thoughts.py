"""What a model thinks is apart from its reply, in each form that services send it in."""

from __future__ import annotations

from typing import Any

import pytest

from g4f_magic import Chat
from g4f_magic.chunks import Rethought
from g4f_magic.errors import ServiceError
from g4f_magic.providers import get
from g4f_magic.settings import Settings
from tests.contract.providers.openai_server import HELLO, Server, chunks_of, delta, events
from tests.contract.providers.turns import texts_of, thoughts_of, turn_of

ALOUD = (
    '<think>\nfirst idea:\n```python\nprint("draft")\n```\n</think>\nHere:\n```python\nprint("final")\n```'
)


SAID = 'Here:\n```python\nprint("final")\n```'


@pytest.mark.parametrize("size", [1, 3, 1000])
async def test_what_is_thought_aloud_is_no_part_of_the_reply(size: int) -> None:
    parts = [ALOUD[at : at + size] for at in range(0, len(ALOUD), size)]
    turn = await turn_of(events(*map(delta, parts), delta(None, "stop")))
    assert (turn.status, turn.reply) == ("done", SAID)
    assert turn.reasoning.strip() == 'first idea:\n```python\nprint("draft")\n```'


RAW = {"aura": {"session_args": {}}, "whiterabbitneo": {"cookies": {"a": "b"}}}


@pytest.mark.parametrize("name", [*RAW, "koala", "darkai", "freenetfly"])
async def test_every_service_may_think_aloud(name: str) -> None:
    body = {
        "koala": events(*ALOUD, end=""),
        "darkai": events(
            *({"event": "text-chunk", "data": {"text": sign}} for sign in ALOUD), {"event": "stream-end"}
        ),
        "freenetfly": events(*map(delta, ALOUD), delta(None, "stop")),
    }.get(name, ALOUD.encode())
    async with Server(body, type="text/plain").running() as address:
        result = get(name).at(address).create_async_generator("", HELLO, **RAW.get(name, {}))
        chunks = [chunk async for chunk in result.chunks()]
    assert texts_of(chunks) == SAID
    assert thoughts_of(chunks).startswith("first idea")


async def test_a_page_that_a_raw_text_service_writes_is_its_reply() -> None:
    async with Server(b"<!doctype html>\n<p>Hello</p>", type="text/plain").running() as address:
        result = get("aura").at(address).create_async_generator("", HELLO, session_args={})
        assert texts_of([chunk async for chunk in result.chunks()]) == "<!doctype html>\n<p>Hello</p>"


async def test_thoughts_whose_beginning_stood_in_the_prompt_are_taken_back() -> None:
    body = events(*map(delta, ("Let me ", "see.\n</th", "ink>\n\nYes", ", it is.")), delta(None, "stop"))
    assert Rethought() in await chunks_of(body)
    turn = await turn_of(body)
    assert (turn.reply, turn.reasoning) == ("Yes, it is.", "Let me see.\n")


async def test_thoughts_are_not_sent_along() -> None:
    server = Server(events(*map(delta, (ALOUD,)), delta(None, "stop")))
    async with server.running() as address:
        chat = Chat("openai", settings=Settings(history="off"), base_url=f"{address}/v1", model="m")
        async with chat:
            assert await chat.ask("Hello") == SAID
            await chat.ask("And?")
    assert [message["content"] for message in server.bodies[1]["messages"]] == ["Hello", SAID, "And?"]


THINKING: dict[str, list[dict[str, Any]]] = {
    "reasoning_content": [{"reasoning_content": "H"}, {"reasoning_content": "m"}],
    "reasoning": [{"reasoning": "H"}, {"reasoning": "m"}],
    "thinking": [{"thinking": "H"}, {"thinking": "m"}],
    "reasoning_details": [{"reasoning_details": [{"type": "reasoning.text", "text": sign}]} for sign in "Hm"],
    "summaries": [
        {
            "reasoning_details": [
                {"type": "reasoning.summary", "summary": "Hm"},
                {"type": "reasoning.encrypted", "data": "x"},
            ]
        }
    ],
    "thinking_blocks": [
        {"thinking_blocks": [{"type": "thinking", "thinking": sign, "signature": None}]} for sign in "Hm"
    ],
    "thought": [{"thought": "H"}, {"thought": "m"}],
    "reasoningContent": [{"reasoningContent": {"text": "H"}}, {"reasoningContent": {"text": "m"}}],
    "a service's own fields": [{"provider_specific_fields": {"reasoning_content": sign}} for sign in "Hm"],
    "a content that is marked as thought": [
        {"content": f"{mark}{sign}", "extra_content": {"google": {"thought": True}}}
        for mark, sign in (("<thought>", "H"), ("", "m"))
    ],
    "a content without marks that is marked": [
        {"content": sign, "extra_content": {"google": {"thought": True}}} for sign in "Hm"
    ],
    "a role": [{"role": "reasoning", "content": "H"}, {"role": "thinking", "content": "m"}],
    "parts of other names": [
        {"content": [{"type": "reasoning_text", "text": "H"}, {"type": "redacted_thinking", "data": "AA"}]},
        {"content": [{"text": "m", "thought": True}]},
    ],
    "parts as Bedrock has them": [
        {"content": [{"reasoningContent": {"reasoningText": {"text": sign}}}]} for sign in "Hm"
    ],
    "in two fields": [
        {
            "reasoning": sign,
            "reasoning_details": [{"type": "reasoning.text", "text": sign}],
            "reasoning_content": sign,
        }
        for sign in "Hm"
    ],
    "in one field and then in another": [
        {"reasoning_content": "Hm"},
        {"reasoning_details": [{"text": "Hm"}]},
    ],
    "in a field and between marks": [
        {"reasoning_content": "H", "content": "<think>\nH"},
        {"reasoning_content": "m", "content": "m\n</think>\n"},
    ],
    "an object": [{"reasoning": {"content": "Hm"}}],
    "parts": [{"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]}],
    "parts with a text": [
        {"content": [{"type": "thinking", "thinking": "Hm"}, {"type": "reference", "reference_ids": [1]}]}
    ],
}


@pytest.mark.parametrize("case", THINKING)
async def test_what_a_model_thinks_is_said_once(case: str) -> None:
    said = [{"choices": [{"index": 0, "delta": one}]} for one in THINKING[case]]
    chunks = await chunks_of(events(*said, delta("Yes"), delta(None, "stop")))
    assert (thoughts_of(chunks), texts_of(chunks)) == ("Hm", "Yes")


async def test_thoughts_nested_very_deep_are_none() -> None:
    deep = '{"text":' * 900 + '"Hm"' + "}" * 900
    body = f'data: {{"choices":[{{"delta":{{"reasoning":{deep}}}}}]}}\n\n'.encode()
    chunks = await chunks_of(body + events(delta("Yes", "stop")))
    assert (thoughts_of(chunks), texts_of(chunks)) == ("", "Yes")


async def test_a_model_that_thought_and_said_nothing_is_no_success() -> None:
    turn = await turn_of(events(delta(None, reasoning_content="Hm"), delta(None, "stop")))
    assert (turn.status, turn.reasoning, turn.reply) == ("broken", "Hm", "")
    assert "thought and said nothing" in turn.error


THOUGHT = [delta(None, reasoning_content=text) for text in ("Let me see", " about it.")]


@pytest.mark.parametrize(("more", "finish"), [([], "stop"), ([" More."], "stop"), ([" More."], "length")])
async def test_a_reply_that_begins_with_all_that_was_thought_is_one(more: list[str], finish: str) -> None:
    said = "Let me see about it."
    chunks = await chunks_of(events(*THOUGHT, delta(said), *map(delta, more), delta(None, finish)))
    assert (thoughts_of(chunks), texts_of(chunks)) == (said, "".join((said, *more)))


async def test_thinking_that_used_up_the_limit_is_told_so() -> None:
    for body in (
        events(delta("<think>Hm"), delta(None, "length")),
        events(delta(None, "length", reasoning="Hm")),
        events(*THOUGHT, delta("Let me see about it."), delta(None, "length")),  # said once more
        events(*THOUGHT, delta("Let me see about it.", "length")),
    ):
        with pytest.raises(
            ServiceError, match="the length limit was reached while the model was thinking"
        ) as caught:
            async with Server(body).running() as address:
                await Chat(
                    "openai", settings=Settings(history="off"), base_url=f"{address}/v1", model="m"
                ).ask("Hello")
        assert "--max-tokens" in caught.value.hint
