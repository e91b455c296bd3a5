"""What a stream says, exactly: cases that real services serve, over real HTTP, up to the turn that is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from g4f_magic.chunks import Citations, Finish, Unshown, Usage
from g4f_magic.messages import Citation
from tests.contract.providers.openai_server import USAGE, chunks_of, delta, events
from tests.contract.providers.test_stream_citations import CITED
from tests.contract.providers.turns import texts_of, thoughts_of, turn_of, whole

HELLO_WORLD = {
    "a closing frame repeats the reply": events(
        delta("Hello"), delta(" world"), whole({"content": "Hello world"}, usage=USAGE)
    ),
    "a message grows beside each delta": events(
        *(
            {"choices": [{"index": 0, "delta": {"content": new}, "message": {"content": said}}]}
            for new, said in (("Hello", "Hello"), (" world", "Hello world"))
        ),
        {**delta(None, "stop"), "usage": USAGE},
    ),
    "a message is ahead of its delta": events(
        {"choices": [{"delta": {"role": "assistant"}, "message": {"content": "Hello"}}]},
        delta("Hello"),
        delta(" world"),
        whole({"content": "Hello world"}, usage=USAGE),
    ),
    "messages that grow": events(
        whole({"content": ""}, None),
        whole({"content": "Hello"}, None),
        whole({"content": "Hello wor"}, None),
        whole({"content": "Hello world"}, None),
        whole({"content": "Hello world"}, usage=USAGE),
    ),
    "messages in pieces": events(
        whole({"content": "Hello"}, None), whole({"content": " world"}, usage=USAGE)
    ),
    "one message": events(whole({"content": "Hello world"}, usage=USAGE)),
    "only a closing message, after empty deltas": events(
        delta(None, role="assistant"), delta(""), whole({"content": "Hello world"}, usage=USAGE)
    ),
    "the role alone, null and empty first": events(
        {"choices": [{"delta": {"role": "assistant"}}]},
        {"choices": [{"delta": None}]},
        delta(None),
        delta(""),
        delta("Hello"),
        delta(" world"),
        {**delta(None, "stop"), "usage": USAGE},
    ),
    "completions with a text": events(
        {"choices": [{"index": 0, "text": "Hello"}]},
        {"choices": [{"index": 0, "text": " world", "finish_reason": "stop"}], "usage": USAGE},
    ),
    "completions that end with a delta": events(
        {"choices": [{"index": 0, "text": "Hello"}]},
        {"choices": [{"index": 0, "text": " world"}]},
        {**delta(None, "stop"), "usage": USAGE},
    ),
    "tokens in the choice": events(
        delta("Hello"), delta(" world"), {"choices": [{"delta": {}, "finish_reason": "stop", "usage": USAGE}]}
    ),
    "tokens by other names": events(
        delta("Hello"), {**delta(" world", "stop"), "usage": {"input_tokens": 3, "output_tokens": 2}}
    ),
    "tokens as Groq has them": events(
        delta("Hello"),
        {**delta(" world", "stop"), "x_groq": {"id": "r", "usage": {**USAGE, "queue_time": 0.1}}},
    ),
    "tokens in numbers of another form": events(
        delta("Hello"),
        {**delta(" world", "stop"), "usage": {"prompt_tokens": 3.0, "completion_tokens": "2"}},
    ),
    "several choices in turn": events(
        delta("Hello"),
        {"choices": [{"index": 1, "delta": {"content": "Salut"}}]},
        delta(" world"),
        {"choices": [{"index": 1, "delta": {"content": " monde"}}]},
        {"choices": [{"index": 1, "delta": {}, "finish_reason": "length"}]},
        {**delta(None, "stop"), "usage": USAGE},
    ),
    "several choices in one frame, in any order": events(
        {"choices": [{"index": 1, "delta": {"content": "Salut"}}, *delta("Hello")["choices"]]},
        {"choices": [*delta(" world")["choices"], {"index": 1, "delta": {"content": " monde"}}]},
        {**delta(None, "stop"), "usage": USAGE},
    ),
    "a closing delta that says all of it": events(
        delta("Hello"), delta(" world"), {**delta("Hello world", "stop"), "usage": USAGE}
    ),
    "a closing delta that says all of it, before the reason": events(
        *map(delta, "Hello world"),
        delta("Hello world"),
        {**delta(None, "stop", final_content="Hello world"), "usage": USAGE},
    ),
    "deltas that say all so far": events(
        *map(delta, ("H", "Hel", "Hello wo", "Hello world")), {**delta(None, "stop"), "usage": USAGE}
    ),
    "deltas that say all so far, the last one twice": events(
        *map(delta, ("", "Hello", "Hello w", "Hello world")),
        {**delta("Hello world", "stop"), "usage": USAGE},
    ),
    "two deltas that say all so far": events(
        delta("Hello"), {**delta("Hello world", "stop"), "usage": USAGE}
    ),
    "texts that say all so far": events(
        *({"choices": [{"index": 0, "text": text}]} for text in ("Hel", "Hello", "Hello world")),
        {"choices": [{"index": 0, "text": "", "finish_reason": "stop"}], "usage": USAGE},
    ),
    "an index that counts the frames": events(
        *(
            {"choices": [{"index": number, "delta": {"content": sign}, "finish_reason": None}]}
            for number, sign in enumerate("Hello world")
        ),
        {"choices": [{"index": 11, "delta": {}, "finish_reason": "stop"}], "usage": USAGE},
    ),
    "an index that counts a few frames, from one": events(
        {"choices": [{"index": 1, "delta": {"role": "assistant", "content": "Hello"}}]},
        {"choices": [{"index": 2, "delta": {"content": " world"}, "finish_reason": "stop"}], "usage": USAGE},
    ),
    "an index that counts, a message beside each delta": events(
        *(
            {"choices": [{"index": number, "delta": {"content": piece}, "message": {"content": piece}}]}
            for number, piece in enumerate(("He", "llo", " wo", "rld"))
        ),
        {"choices": [{"index": 4, "delta": {}, "finish_reason": "stop"}], "usage": USAGE},
    ),
    "an index that is always one": events(
        {"choices": [{"index": 1, "delta": {"content": "Hello"}}]},
        {"choices": [{"index": 1, "delta": {"content": " world"}, "finish_reason": "stop"}], "usage": USAGE},
    ),
    "three choices, each whole in its own frames": events(
        *(
            {"choices": [{"index": index, "delta": {"content": text}, "finish_reason": reason}]}
            for index, word in enumerate(("Hello world", "Salut", "Hallo"))
            for text, reason in ((word, None), ("", "stop"))
        ),
        {"choices": [], "usage": USAGE},
    ),
    "choices of which each ends in its own frame": events(
        {"choices": [{"index": 0, "delta": {"content": "Hello world"}, "finish_reason": "stop"}]},
        {"choices": [{"index": 1, "delta": {"content": "Salut"}, "finish_reason": "stop"}]},
        {"choices": [], "usage": USAGE},
    ),
    "two parts of one choice in one frame": events(
        {"choices": [*delta("Hello")["choices"], *delta(" wor")["choices"]]},
        {**delta("ld", "stop"), "usage": USAGE},
    ),
    "null in place of a choice": events(
        {"choices": [None]}, delta("Hello"), delta(" world"), {**delta(None, "stop"), "usage": USAGE}
    ),
    "the last choice sent again": events(
        delta("Hello"), *({**delta(" world", "stop"), "usage": USAGE} for _ in range(2))
    ),
    "texts in place of deltas": events(
        {"choices": [{"delta": "Hello"}]},
        {"choices": [{"delta": {"text": " world"}, "finish_reason": "stop"}], "usage": USAGE},
    ),
    "a text in place of a message": events(
        {"choices": [{"message": "Hello world", "finish_reason": "stop"}], "usage": USAGE}
    ),
    "a content beside no delta": events(
        {"choices": [{"index": 0, "content": "Hello"}]},
        {"choices": [{"index": 0, "content": " world", "finish_reason": "stop"}], "usage": USAGE},
    ),
    "an object in place of the choices": events(
        {"choices": {"delta": {"content": "Hello"}}},
        {"choices": {"0": {"delta": {"content": " world"}, "finish_reason": "stop"}}, "usage": USAGE},
    ),
    "parts that call their text content": events(
        delta([{"type": "text", "content": "Hello"}]),
        {**delta([{"type": "text", "content": " world"}], "stop"), "usage": USAGE},
    ),
    "a reason in the delta": events(
        delta("Hello"),
        {"choices": [{"delta": {"content": " world", "finish_reason": "stop"}}], "usage": USAGE},
        end="",
    ),
    "a reason beside the choices": events(
        delta("Hello"),
        {"choices": [{"delta": {"content": " world"}}], "finish_reason": "stop", "usage": USAGE},
        end="",
    ),
    "null in every place": events(
        {"id": None, "model": None, "usage": None, "error": None, "code": None, "detail": None}
        | delta("Hello", role=None, tool_calls=None, reasoning_content=None, refusal=None, audio=None),
        delta(" world"),
        {
            "choices": [{"index": None, "delta": None, "message": None, "finish_reason": "stop"}],
            "usage": USAGE,
        },
    ),
    "events of a filter between": events(
        {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]},
        delta("Hello"),
        {"choices": [{"index": 0, "finish_reason": None, "content_filter_offsets": {"check_offset": 44}}]},
        {**delta(" world", "stop"), "usage": USAGE},
    ),
    "several choices without an index": events(
        {"choices": [{"delta": {"content": "Hello"}}, {"delta": {"content": "Salut"}}]},
        {"choices": [{"delta": {"content": " world"}, "finish_reason": "stop"}], "usage": USAGE},
    ),
}


@pytest.mark.parametrize("case", HELLO_WORLD)
async def test_each_word_is_said_once(case: str) -> None:
    chunks = await chunks_of(HELLO_WORLD[case])
    assert texts_of(chunks) == "Hello world"
    assert [chunk for chunk in chunks if isinstance(chunk, (Usage, Finish))] == [Usage(3, 2), Finish("stop")]


async def test_what_only_the_closing_message_says_is_said() -> None:
    chunks = await chunks_of(
        events(delta("Hello"), whole({"content": "Hello", "reasoning_content": "Hm", "annotations": [CITED]}))
    )
    assert (texts_of(chunks), thoughts_of(chunks)) == ("Hello", "Hm")
    assert Citations((Citation("https://a.example/1", "One"),)) in chunks


@pytest.mark.parametrize(
    "pieces",
    [
        ("ha", "haha", "!"),
        ("1", "10", "100"),
        (".", "..", "...", "...."),
        ("abc\n", "abc\n", "abc\n"),
        ("Yes", "Yes, it is", " so"),
        ("a", "ab"),
        ("Hello world", "Hello"),
        ("-", "--", "---"),
        ("no ", "no no", " no", " no"),
        ("yes, ", "and ", "yes, and ", "no"),
        ("Hello world", "Hello world"),
        ("ab", "cd", "abcd"),
        ("ha", " ha", " ha"),
    ],
)
async def test_pieces_that_only_look_alike_are_all_said(pieces: tuple[str, ...]) -> None:
    chunks = await chunks_of(events(*map(delta, pieces), delta(None, "stop")))
    assert texts_of(chunks) == "".join(pieces)


async def test_thoughts_that_say_all_so_far_are_said_once() -> None:
    thoughts = [
        delta(None, reasoning_content=text) for text in ("Let", "Let me", "Let me see", "Let me see.")
    ]
    chunks = await chunks_of(events(*thoughts, *map(delta, ("It", " is", " so")), delta(None, "stop")))
    assert (thoughts_of(chunks), texts_of(chunks)) == ("Let me see.", "It is so")


CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "get_weather", "arguments": "{"}}


REFUSALS = {
    "deltas": events(
        delta("", refusal=None),
        delta(None, refusal="I'm sorry, I can't"),
        delta(None, refusal=" help with that."),
        delta(None, "stop"),
    ),
    "a body": json.dumps(whole({"content": None, "refusal": "I'm sorry, I can't help with that."})).encode(),
    "deltas, and a closing message": events(
        delta(None, refusal="I'm sorry, I can't help with that."),
        whole({"content": None, "refusal": "I'm sorry, I can't help with that."}),
    ),
    "a part": events(
        delta([{"type": "refusal", "refusal": "I'm sorry, I can't help with that."}]), delta(None, "stop")
    ),
    "in both fields": json.dumps(
        whole(dict.fromkeys(("content", "refusal"), "I'm sorry, I can't help with that."))
    ).encode(),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_refusal_is_shown_and_marked_as_one(case: str) -> None:
    turn = await turn_of(REFUSALS[case])
    assert (turn.status, turn.reply, turn.finish) == ("done", "I'm sorry, I can't help with that.", "refusal")


UNSHOWN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a call": ({"tool_calls": [CALL]}, ["a call of get_weather"]),
    "two calls": (
        {"tool_calls": [CALL, {**CALL, "index": 1, "function": {"name": "get_time"}}]},
        ["a call of get_weather", "a call of get_time"],
    ),
    "a call of old": (
        {"function_call": {"name": "get_weather", "arguments": "{}"}},
        ["a call of get_weather"],
    ),
    "an image": ({"images": ["data:image/png;base64,AAAA"]}, ["1 image"]),
    "images in objects": (
        {
            "images": [
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{one}"}} for one in "AB"
            ]
        },
        ["2 images"],
    ),
    "an image in a part": (
        {"content": [{"type": "image_url", "image_url": {"url": "https://a.example/x"}}]},
        ["1 image"],
    ),
    "an image as Gemini has it": (
        {"content": [{"inlineData": {"mimeType": "image/png", "data": "AA"}}]},
        ["1 image"],
    ),
    "audio in a part": ({"content": [{"type": "output_audio", "data": "AA"}]}, ["audio"]),
    "audio": ({"audio": {"id": "a", "data": "AAAA"}}, ["audio"]),
}


@pytest.mark.parametrize("case", UNSHOWN)
async def test_what_came_in_place_of_words_is_named(case: str) -> None:
    said, what = UNSHOWN[case]
    for body in (
        events({"choices": [{"delta": said}]}, delta(None, "stop")),
        json.dumps(whole(said)).encode(),
    ):
        turn = await turn_of(body)
        assert (turn.status, list(turn.unshown)) == ("failed", what)
        assert f"only {', '.join(what)}" in turn.error


async def test_what_came_beside_the_words_is_named() -> None:
    turn = await turn_of(events(delta("Here it is."), delta(None, "stop", images=["data:,A"])))
    assert (turn.status, turn.reply, turn.unshown) == ("done", "Here it is.", ("1 image",))


async def test_a_call_in_pieces_is_one() -> None:
    names = ({"name": "get_"}, {"name": "weather", "arguments": ""}, {"arguments": "{}"})
    pieces = [{"choices": [{"delta": {"tool_calls": [{"index": 0, "function": one}]}}]} for one in names]
    assert Unshown(("a call of get_weather",)) in await chunks_of(events(*pieces, delta(None, "tool_calls")))


async def test_the_transcript_of_audio_is_the_reply() -> None:
    pieces = [{"choices": [{"delta": {"audio": {"transcript": text}}}]} for text in ("Hel", "lo")]
    turn = await turn_of(
        events(*pieces, {"choices": [{"delta": {"audio": {"data": "AA"}}}]}, delta(None, "stop"))
    )
    assert (turn.reply, turn.unshown) == ("Hello", ("audio",))


async def test_an_empty_reply_is_still_named_so() -> None:
    assert "the reply is empty" in (await turn_of(events(delta(""), delta(None, "stop")))).error


LONG_KEY = "sk-proj-" + "".join(f"aB{number}z" for number in range(40))


@pytest.mark.parametrize(
    "body",
    [
        events({**delta("Hello"), "model": f"model {LONG_KEY}"}, delta(None, "stop")),
        events(delta("Hello"), delta(None, f"because of {LONG_KEY}")),
        events(
            delta("Hello", tool_calls=[{"index": 0, "function": {"name": LONG_KEY}}]), delta(None, "stop")
        ),
        events(
            {
                **delta("Hello", "stop"),
                "search_results": [{"url": "https://a.example/", "title": f"{'x' * 150} {LONG_KEY}"}],
            }
        ),
    ],
    ids=["model", "reason", "call", "citation"],
)
async def test_a_name_that_is_cut_holds_no_half_of_a_key(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", LONG_KEY)
    turn = await turn_of(body)
    assert turn.reply == "Hello"
    assert LONG_KEY[:12] not in repr(turn)
