"""What services send in another place or form than the protocol has it: counts, envelopes, values, words of others, ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from g4f_magic import Chat
from g4f_magic.chunks import Finish, Usage
from g4f_magic.errors import BrokenOffError
from g4f_magic.settings import Settings
from tests.contract.providers.openai_server import Server, chunks_of, delta, events
from tests.contract.providers.turns import texts_of, turn_of, whole

STOP = delta(None, "stop")


def counted(*last: dict[str, Any]) -> bytes:
    return events(delta("Hello"), *last)


COUNTS = {
    "Cohere's": counted(
        {**STOP, "usage": {"billed_units": {"input_tokens": 1}, "tokens": {"input_tokens": 3, "output_tokens": 2}}}
    ),
    "Cohere's, beside": counted({**STOP, "meta": {"tokens": {"input_tokens": 3, "output_tokens": 2}}}),
    "billed alone": counted({**STOP, "usage": {"billed_units": {"input_tokens": 3, "output_tokens": 2}}}),
    "Gemini's": counted({**STOP, "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2}}),
    "JavaScript's": counted({**STOP, "usage": {"promptTokens": 3, "completionTokens": 2}}),
    "Bedrock's": counted({**STOP, "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5}}),
    "in a list": counted({**STOP, "usage": [{"prompt_tokens": 3, "completion_tokens": 2}]}),
    "in the delta": counted({"choices": [{"delta": {"usage": {"prompt_tokens": 3, "completion_tokens": 2}}, "finish_reason": "stop"}]}),
    "llama.cpp's timings": counted({**STOP, "timings": {"prompt_n": 1, "cache_n": 2, "predicted_n": 2}}),
    "with no choices": counted(STOP, {"choices": None, "usage": {"prompt_tokens": 3, "completion_tokens": 2}}),
    "thoughts in the total alone": counted(
        {
            **STOP,
            "usage": {
                "prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 5,
                "completion_tokens_details": {"reasoning_tokens": 1},
            },
        }
    ),
    "thoughts that are not named": counted(
        {**STOP, "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 5}}
    ),
    "thoughts and no words": counted(
        {**STOP, "usageMetadata": {"promptTokenCount": 3, "thoughtsTokenCount": 2, "totalTokenCount": 5}}
    ),
    "a prompt that was cached in the total alone": counted(
        {
            **STOP,
            "usage": {"inputTokens": 1, "outputTokens": 2, "cacheReadInputTokens": 2, "totalTokens": 5},
        }
    ),
    "a total of other things": counted(
        {
            **STOP,
            "usage": {
                "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 900,
                "completion_tokens_details": {"reasoning_tokens": 1},
            },
        }
    ),
    "noughts first": counted(
        {**delta(""), "usage": {"prompt_tokens": 0, "completion_tokens": 0}},
        {**STOP, "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
    ),
    "noughts last": counted(
        {**STOP, "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        {"choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}},
    ),
    "in two parts": counted(
        {**delta(""), "usage": {"prompt_tokens": 3}}, {**STOP, "usage": {"completion_tokens": 2}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", COUNTS)
async def test_tokens_are_counted_wherever_they_stand(case: str) -> None:
    turn = await turn_of(COUNTS[case])
    assert (turn.reply, turn.usage) == ("Hello", Usage(3, 2))


@pytest.mark.parametrize("usage", [{}, {"queue_time": 1}, {"tokens": {"x": 1}}, [], "many", {"usage": {}}])
async def test_what_counts_nothing_is_no_count(usage: Any) -> None:
    chunks = await chunks_of(counted({**STOP, "usage": usage}))
    assert not [chunk for chunk in chunks if isinstance(chunk, Usage)]


FRAMES = [delta("Hello"), delta(" world"), STOP]
BODY = whole({"content": "Hello world"})
ENVELOPES = {
    "data": events(*({"code": 0, "message": "success", "data": one} for one in FRAMES)),
    "result": events(*({"success": True, "result": one} for one in FRAMES)),
    "two of them": events(*({"data": {"output": one}} for one in FRAMES)),
    "a text of JSON": events(*(json.dumps(one) for one in FRAMES)),
    "a text within data": events(*({"data": json.dumps(one)} for one in FRAMES)),
    "a body's data": json.dumps({"code": 200, "msg": "ok", "data": BODY}).encode(),
    "DashScope's": json.dumps({"output": BODY, "usage": {"input_tokens": 3, "output_tokens": 2}}).encode(),
}


@pytest.mark.parametrize("case", ENVELOPES)
async def test_a_completion_is_read_in_an_envelope(case: str) -> None:
    chunks = await chunks_of(ENVELOPES[case])
    assert texts_of(chunks) == "Hello world"
    assert Finish("stop") in chunks
    assert (Usage(3, 2) in chunks) == (case == "DashScope's")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"label": "good"}, '{"label": "good"}'),
        ([1, 2], "[1, 2]"),
        (42, "42"),
        (True, "true"),
        ({"text": "Hello"}, "Hello"),
        ({"parts": [{"text": "Hello"}]}, "Hello"),
        ([{"type": "text", "text": {"value": "Hello", "annotations": []}}], "Hello"),
    ],
)
async def test_a_value_in_place_of_a_text_is_its_json(content: Any, text: str) -> None:
    for body in (events(delta(content), STOP), json.dumps(whole({"content": content})).encode()):
        assert texts_of(await chunks_of(body)) == text


async def test_a_typed_reply_that_the_server_read_itself_fits() -> None:
    body = json.dumps(whole({"content": {"label": "good"}})).encode()
    async with Server(body).running() as address:
        chat = Chat("openai", settings=Settings(history="off"), base_url=f"{address}/v1", model="m")
        async with chat:
            assert await chat.ask("Hello", schema="label: good|bad") == {"label": "good"}


async def test_results_that_a_gateway_sends_along_are_not_the_models_words() -> None:
    body = events(delta("rows of a table", role="tool"), delta("Hello", role="assistant"), STOP)
    assert texts_of(await chunks_of(body)) == "Hello"


@pytest.mark.parametrize(
    "end",
    [
        "event: done\ndata: {}\n\n",
        'event: end\ndata: {"usage": null}\n\n',
        "data: [done]\n\n",
        "data: DONE\n\n",
        "data: '[DONE]'\n\n",
        "data: [EOS]\n\n",
        "data: <END>\n\n",
        "[DONE]\n\n",
        "event: done\n\n",
        'data: {"type": "done"}\n\n',
    ],
)
async def test_an_end_mark_of_another_spelling_ends_a_reply(end: str) -> None:
    chunks = await chunks_of(events(delta("Hello"), end=end))
    assert (texts_of(chunks), chunks[-1]) == ("Hello", Finish(None))


async def test_a_type_that_only_names_a_frame_ends_nothing() -> None:
    one = json.dumps(delta("Hello"))
    with pytest.raises(BrokenOffError):
        await chunks_of(f"event: complete\ndata: {one}\n\n".encode())
