"""Streams that come near to what the services send, and readers of them. For property tests and for fuzzing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from g4f_magic.chunks import Chunk, Citations, Finish, Named, Reasoning, Text, Unshown, Usage
from g4f_magic.errors import ChatError
from g4f_magic.providers.completions import CompletionReader
from g4f_magic.providers.darkai import DarkAIReader
from g4f_magic.providers.koala import KoalaReader
from g4f_magic.providers.readers import Reader, TextReader
from g4f_magic.providers.responses import ResponsesReader
from g4f_magic.providers.whiterabbitneo import DataLineReader

READERS: dict[str, Callable[[], Reader]] = {
    "koala": KoalaReader,
    "darkai": DarkAIReader,
    "freenetfly": CompletionReader,
    "openai": CompletionReader,
    "responses": lambda: ResponsesReader(gives_calls=True),
    "raw text": TextReader,
    "data lines": DataLineReader,
}

KEYS = [
    *("choices", "delta", "message", "content", "text", "reasoning_content", "reasoning", "finish_reason"),
    *("type", "thinking", "usage", "prompt_tokens", "completion_tokens", "event", "data", "detail", "error"),
    *("msg", "object", "code", "role", "index", "refusal", "tool_calls", "function_call", "function", "name"),
    *(
        "images",
        "audio",
        "transcript",
        "annotations",
        "citations",
        "search_results",
        "url",
        "title",
        "results",
    ),
    *(
        "item",
        "item_id",
        "output",
        "summary",
        "call_id",
        "arguments",
        "encrypted_content",
        "incomplete_details",
    ),
    *("native_finish_reason", "reasoning_details", "done", "model", "response", "toolName", "finishReason"),
]
NAMES = [
    "text-chunk",
    "final-response",
    "error",
    "stream-end",
    "begin-stream",
    "thinking",
    "stop",
    "text",
    "",
]

EVENTS = [
    f"response.{name}" for name in ("output_text.delta", "output_item.done", "completed", "failed", "created")
]
ITEMS = ["message", "reasoning", "function_call", "image_generation_call"]
PLACES = ("id", "content", "summary", "call_id", "name", "arguments", "encrypted_content")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(NAMES) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def _near(value: Any) -> st.SearchStrategy[Any]:
    """Values of the right outline, anything in their places."""
    delta = st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("content", "reasoning_content", "role", "refusal", "tool_calls"), value)
    )
    choice = st.fixed_dictionaries(
        {},
        optional={
            "delta": delta | value,
            "message": delta | value,
            "index": value,
            "finish_reason": value,
            "text": value,
        },
    )
    usage = st.fixed_dictionaries({}, optional={"prompt_tokens": value, "completion_tokens": value})
    completion = st.fixed_dictionaries(
        {}, optional={"choices": st.lists(choice | value, max_size=2) | value, "usage": usage | value}
    )
    event = st.fixed_dictionaries({"event": st.sampled_from(NAMES), "data": value})
    item = st.fixed_dictionaries({"type": st.sampled_from(ITEMS)}, optional=dict.fromkeys(PLACES, value))
    told = st.fixed_dictionaries(
        {"type": st.sampled_from(EVENTS)},
        optional={"item": item | value, "delta": value, "response": value, "output": value, "item_id": value},
    )
    return completion | event | told


near_values = json_values | _near(json_values)
_PREFIXES = [
    b"data: ",
    b"data:",
    b"0:",
    b"3:",
    b"9:",
    b"d:",
    b"g:",
    b"h:",
    b"",
    b": ",
    b"event: error\ndata: ",
]
_ENDS = [b"\n\n", b"\r\n\r\n", b"\n", b"\r", b""]
_ODD = [
    *(b"data: [DONE]\n\n", b"[DONE]", b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\xf0\x9f\xa6", b'"\\ud83d"'),
    *(b"data: " + b"[" * 5000 + b"\n\n", b"0:" + b'{"a":' * 3000 + b"\n", b"{" * 3000),
]


def _line(parts: tuple[bytes, Any, bytes]) -> bytes:
    prefix, value, end = parts
    return prefix + json.dumps(value).encode() + end


lines = st.tuples(st.sampled_from(_PREFIXES), near_values, st.sampled_from(_ENDS)).map(_line)
streams = st.lists(lines | st.sampled_from(_ODD) | st.binary(max_size=20), max_size=6).map(b"".join)


def pieces_of(stream: bytes, places: Sequence[int]) -> list[bytes]:
    """Return the stream, cut at those places."""
    bounds = sorted({0, len(stream), *(place for place in places if place < len(stream))})
    return [stream[start:end] for start, end in pairwise(bounds)]


def read(make: Callable[[], Reader], pieces: Sequence[bytes]) -> tuple[list[Chunk], ChatError | None]:
    """Return what a reader makes of a stream, texts that follow each other joined, and the error that ended it."""
    reader, chunks = make(), []
    try:
        for piece in pieces:
            for chunk in reader.feed(piece):
                chunks.append(checked(chunk))
            if reader.ended:
                break
        else:
            chunks += map(checked, reader.close())
    except ChatError as exc:
        return joined(chunks), exc
    return joined(chunks), None


def checked(chunk: Chunk) -> Chunk:
    """Return the chunk; each of its values is of the kind that it promises."""
    match chunk:
        case Text(text) | Reasoning(text):
            assert isinstance(text, str), chunk
        case Usage():
            counts = (chunk.prompt_tokens, chunk.completion_tokens)
            assert all(count is None or type(count) is int for count in counts), chunk
        case Finish():
            assert chunk.reason is None or isinstance(chunk.reason, str), chunk
        case Named(model):
            assert isinstance(model, str), chunk
        case Citations(citations):
            assert all(isinstance(text, str) for one in citations for text in one), chunk
        case Unshown(what):
            assert all(isinstance(text, str) for text in what), chunk
    return chunk


def joined(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Return the chunks, texts of one kind that follow each other made one, empty ones left out."""
    found: list[Chunk] = []
    for chunk in chunks:
        last = found[-1] if found else None
        if isinstance(chunk, Text) and isinstance(last, Text):
            found[-1] = Text(last.text + chunk.text)
        elif isinstance(chunk, Reasoning) and isinstance(last, Reasoning):
            found[-1] = Reasoning(last.text + chunk.text)
        elif not (isinstance(chunk, (Text, Reasoning)) and not chunk.text):
            found.append(chunk)
    return found
