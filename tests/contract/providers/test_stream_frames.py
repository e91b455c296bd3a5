"""How the frames of a stream are told and read, however they are cut and called."""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import asdict

import pytest

from g4f_magic.chunks import Finish, Text, Usage
from g4f_magic.errors import BrokenOffError, WireError
from g4f_magic.providers.openai import OpenAI
from tests.contract.conftest import raw_server
from tests.contract.providers.openai_server import HELLO, USAGE, chunks_of, delta, events, text_at
from tests.contract.providers.turns import texts_of, whole

LINES = [
    json.dumps(one) for one in (delta("Hello"), delta(" world"), {**delta(None, "stop"), "usage": USAGE})
]


FRAMES = {
    "no blank line": "".join(f"data: {line}\n" for line in (*LINES, "[DONE]")),
    "no blank line, CRLF": "".join(f"data: {line}\r\n" for line in (*LINES, "[DONE]")),
    "no space and no blank line": "".join(f"data:{line}\n" for line in (*LINES, "[DONE]")),
    "several on a line": "".join(f"data: {line}" for line in LINES) + "data: [DONE]\n\n",
    "several values in one event": f"data: {''.join(LINES)}\n\ndata: [DONE]\n\n",
    "several values in lines of one event": "".join(f"data: {line}\n" for line in LINES)
    + "\ndata: [DONE]\n\n",
    "a value over several lines": "".join(
        "".join(f"data: {part}\n" for part in json.dumps(json.loads(line), indent=1).split("\n")) + "\n"
        for line in LINES
    )
    + "data: [DONE]\n\n",
    "one value to a line": "\n".join(LINES) + "\n",
    "one value to a line, without the last line end": "\n".join(LINES),
    "one value to a line, then the end mark": "\n".join((*LINES, "[DONE]")) + "\n",
    "a byte order mark, blank lines and comments first": "\ufeff\n\n\r\n: hi\n\n"
    + "".join(f"data: {line}\n\n" for line in (*LINES, "[DONE]")),
    "ids, types and pings between": "".join(
        f": ping\nid: {number}\nevent: message\nretry: 5\ndata: {line}\n\n"
        for number, line in enumerate((*LINES, "[DONE]"))
    ),
    "the last event without its end": "".join(f"data: {line}\n\n" for line in LINES).rstrip("\n"),
    "null between": "".join(f"data: {line}\n\ndata: null\n\n" for line in LINES) + "data: [DONE]\n\n",
    "signs of life that are no events": "".join(
        f"data: {life}\n\ndata: {line}\n\n"
        for life, line in zip(("ping", "1719999999", "[]"), LINES, strict=True)
    )
    + "data: true\n\nevent: ping\n\ndata: [DONE]\n\n",
    "data in a line below its name": "".join(f"data:\n {line}\n\n" for line in (*LINES, "[DONE]")),
    "a value over several lines, named once": "".join(
        f"data: {json.dumps(json.loads(line), indent=1)}\n\n" for line in LINES
    )
    + "[DONE]\n",
    "an event that was begun anew": f"data: {LINES[0]}\n\ndata: {LINES[1][:40]}data: {LINES[1]}\n\n"
    f"data: {LINES[2][:40]}\n\ndata: {LINES[2]}\n\ndata: [DONE]\n\n",
    "names in capitals, blanks before the colon": "".join(
        f"Data : {line}\n\n" for line in (*LINES, "[DONE]")
    ),
    "a byte order mark before each": "".join(f"\ufeffdata: {line}\n\n" for line in (*LINES, "[DONE]")),
    "padding before each": "".join(f"\0\0 data: {line}\n\n" for line in (*LINES, "[DONE]")),
    "a JSON sequence": "".join(f"\x1e{line}\n" for line in LINES),
    "the end mark in quotes": "".join(f"data: {line}\n\n" for line in LINES) + 'data: "[DONE]"\n\n',
    "a list of its frames": "[" + "\n,\r\n".join(LINES) + "\n]",
    "values over several lines, one after the other": "\n".join(
        json.dumps(json.loads(line), indent=2) for line in LINES
    ),
    "a body": json.dumps(whole({"content": "Hello world"}, usage=USAGE)),
    "a body over several lines": "\n \r\n"
    + json.dumps(whole({"content": "Hello world"}, usage=USAGE), indent=2)
    + "\n",
    "Ollama's own lines": "\n".join(
        json.dumps(line)
        for line in (
            {"message": {"content": "Hello"}, "done": False},
            {"message": {"content": " world"}, "done": False},
            {
                "message": {"content": ""},
                "done": True,
                "done_reason": "stop",
                "prompt_eval_count": 3,
                "eval_count": 2,
            },
        )
    ),
}


TYPES = ["text/event-stream", "application/json", "text/plain", "application/octet-stream", "text/html"]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("type", TYPES)
async def test_a_stream_is_known_by_its_first_bytes(frame: str, type: str) -> None:  # noqa: A002
    chunks = await chunks_of(FRAMES[frame].encode(), type=type)
    assert texts_of(chunks) == "Hello world"
    assert isinstance(chunks[-1], (Finish, Usage))
    assert [chunk.reason for chunk in chunks if isinstance(chunk, Finish)] == ["stop"]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("size", [1, 2, 7, 40])
async def test_how_a_frame_is_cut_does_not_matter(frame: str, size: int) -> None:
    body = FRAMES[frame].encode()
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    async with raw_server(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", *parts) as address:
        result = OpenAI.at(f"{address}/v1").create_async_generator("m", HELLO)
        assert texts_of([chunk async for chunk in result.chunks()]) == "Hello world"


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
async def test_a_body_needs_no_reason_to_be_whole(end: str) -> None:
    assert await chunks_of((json.dumps(whole({"content": "Hello"}, None)) + end).encode()) == [
        Text("Hello"),
        Finish(None),
    ]


@pytest.mark.parametrize("end", ["", "\n"])
async def test_a_line_of_a_stream_is_no_whole_reply(end: str) -> None:
    with pytest.raises(BrokenOffError):
        await chunks_of((json.dumps(delta("Hello")) + end).encode())


async def test_events_that_run_together_come_as_they_are_sent() -> None:
    first = f"HTTP/1.1 200 OK\r\n\r\ndata: {LINES[0]}\ndata: {LINES[1]}\n".encode()
    async with raw_server(first, keeps_open=True) as address:
        chunks = OpenAI.at(f"{address}/v1").create_async_generator("m", HELLO).chunks()
        async with aclosing(chunks):
            assert [await anext(chunks), await anext(chunks)] == [Text("Hello"), Text(" world")]


async def test_the_end_mark_ends_a_reply_whose_connection_stays_open() -> None:
    body = f"HTTP/1.1 200 OK\r\n\r\n{FRAMES['no blank line']}".encode()
    async with raw_server(body, keeps_open=True) as address:
        result = OpenAI.at(f"{address}/v1").create_async_generator("m", HELLO)
        assert texts_of([chunk async for chunk in result.chunks()]) == "Hello world"


@pytest.mark.parametrize("status", [200, 201, 202, 203, 206])
async def test_any_2xx_is_a_success(status: int) -> None:
    assert texts_of(await chunks_of(FRAMES["no blank line"].encode(), status=status)) == "Hello world"


@pytest.mark.parametrize("type", ["text/event-stream", "application/json", "text/html"])
async def test_a_web_page_is_none_whatever_it_is_called(type: str) -> None:  # noqa: A002
    with pytest.raises(WireError, match="a web page came"):
        await chunks_of(b"\n<!DOCTYPE html>\n<html></html>", type=type)


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n: ping\n\n",
        b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\ndata: {"choices":[{"delta":{"role":"assistant"}}]}\n\n',
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + events(delta("Hello"), end=""),
    ],
    ids=["a comment", "a role", "a word"],
)
async def test_what_brought_a_byte_of_a_reply_is_not_asked_again(
    cut: bytes, quick_retries: list[float]
) -> None:
    async with raw_server(cut) as address:
        with pytest.raises(BrokenOffError):
            await text_at(OpenAI.at(f"{address}/v1"))
    assert quick_retries == []


async def test_what_brought_nothing_is_asked_again(quick_retries: list[float]) -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n") as address:
        with pytest.raises(BrokenOffError):
            await text_at(OpenAI.at(f"{address}/v1"))
    assert len(quick_retries) == 2


@pytest.mark.parametrize(
    "head",
    [b"Transfer-Encoding: chunked\r\n\r\nfff\r\n", b"Content-Length: 9000\r\n\r\n"],
    ids=["chunks", "a length"],
)
async def test_a_connection_that_breaks_after_the_reason_cuts_nothing(head: bytes) -> None:
    body = events(delta("Hello"), {**delta(" world", "stop"), "usage": USAGE}, end="")
    async with raw_server(b"HTTP/1.1 200 OK\r\n" + head + body) as address:
        result = OpenAI.at(f"{address}/v1").create_async_generator("m", HELLO)
        chunks = [chunk async for chunk in result.chunks()]
    assert (texts_of(chunks), chunks[-1]) == ("Hello world", Finish("stop"))


@pytest.mark.parametrize(
    "body",
    [
        b'event: message_start\ndata: {"type":"message_start","message":{"content":[]}}\n\n',
        b'data: {"candidates":[{"content":{"parts":[{"text":"Hello"}]}}]}\n\n',
        b'event: response.created\ndata: {"type":"response.created","response":{}}\n\n',
        events({"response": "Hello", "p": "ab"}, {"response": " world"}),
        events({"Choices": [{"Delta": {"Content": "Hello"}}]}),
        b"{}",
    ],
    ids=["Anthropic's", "Gemini's", "responses", "Workers AI's", "Tencent's own", "an empty object"],
)
async def test_a_stream_of_another_protocol_is_told_as_that(body: bytes) -> None:
    with pytest.raises(WireError, match="what came is not a chat completion, but an object with") as caught:
        await chunks_of(body)
    assert "/v1" in caught.value.hint


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 200), (b"\n \r\n", 200), (b"", 204), (b": ping\n\nretry: 5\n\n", 200)]
)
async def test_an_empty_answer_is_told_as_that(body: bytes, status: int, quick_retries: list[float]) -> None:
    with pytest.raises(BrokenOffError, match="the service sent nothing"):
        await chunks_of(body, status=status)
    assert len(quick_retries) == (0 if body else 2)


async def test_halves_of_surrogate_pairs_are_left_in_no_text_of_a_reply() -> None:
    named = {"model": "m\ud800", **delta("Hello")}
    asked = {"id": "\udc00", "function": {"name": "f\ud800", "arguments": '"\ud800"'}, "index": 0}
    body = events(
        named, delta(tool_calls=[asked]), delta(None, "tool\ud800"), {"choices": [], "usage": USAGE}
    )
    for chunk in await chunks_of(body):
        repr(chunk).encode()
        json.dumps(asdict(chunk), ensure_ascii=False).encode()


@pytest.mark.parametrize("sign", ["\t", "\0", "\x1b", "\u2028"])
async def test_a_control_character_that_nobody_escaped_is_read(sign: str) -> None:
    for body in (events(delta("Hel~lo", "stop")), json.dumps(whole({"content": "Hel~lo"})).encode()):
        assert texts_of(await chunks_of(body.replace(b"~", sign.encode()))) == f"Hel{sign}lo"


@pytest.mark.parametrize("count", [-5, 2**80, 1e300, "-5", True, [], "9" * 5000])
async def test_a_count_of_tokens_that_cannot_be_is_none(count: object) -> None:
    usage = {"prompt_tokens": count, "completion_tokens": count}
    chunks = await chunks_of(events(delta("Hello"), {**delta(None, "stop"), "usage": usage}))
    assert not any(isinstance(one, Usage) for one in chunks)
