"""A reply that comes in one body is read at a glance where it says one text, and means the same as to the stream's reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.chunks import Chunk, Text
from g4f_magic.errors import ChatError
from g4f_magic.providers.completions import CompletionReader
from g4f_magic.providers.whole import chunks_of, plain_chunks


def body(content: Any, **more: Any) -> bytes:
    message = {"role": "assistant", "content": content, **more.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": more.pop("finish", "stop")}
    return json.dumps({"id": "1", "model": "tiny", "choices": [choice], **more}).encode()


def joined(chunks: list[Chunk]) -> list[Chunk]:
    """Return the chunks, their text as one."""
    text = "".join(chunk.text for chunk in chunks if isinstance(chunk, Text))
    return [Text(text), *(chunk for chunk in chunks if not isinstance(chunk, Text))]


USAGE = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}


@given(st.text(), st.sampled_from([None, USAGE, {}]), st.sampled_from(["tiny", "other", ""]))
def test_at_a_glance_it_means_the_same(text: str, usage: Any, asked: str) -> None:
    whole = body(text, usage=usage)
    plain = plain_chunks(whole, asked)
    if plain is not None:
        assert joined(plain) == joined(chunks_of(whole, CompletionReader(asked)))


@pytest.mark.parametrize(
    "whole",
    [
        body("<think>hm</think>yes"),
        body("hm</think>yes"),
        body("◁think▷hm◁/think▷yes"),
        body("[THINK]hm[/THINK]yes"),
        body("yes</s>"),
        body("yes[e~["),
        body("analysisWe see.assistantfinalyes"),
        body("yes", finish="length"),
        body("yes", finish="content_filter"),
        body(None, message={"refusal": "I will not"}),
        body("yes", message={"reasoning_content": "hm"}),
        body(None, message={"tool_calls": [{"function": {"name": "f"}}]}),
        body(["yes"]),
        body(""),
        body("yes", citations=["https://example.org"]),
        b'{"error": {"message": "no credit"}}',
        b"not JSON",
        b"[]",
        b"{}",
    ],
)
def test_what_says_more_than_a_text_is_left_to_the_reader(whole: bytes) -> None:
    assert plain_chunks(whole, "tiny") is None


def test_a_body_that_is_none_is_an_error() -> None:
    with pytest.raises(ChatError):
        chunks_of(b'{"error": {"message": "no credit"}}', CompletionReader("tiny"))
