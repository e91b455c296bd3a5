"""What a request carries besides the messages of its question, where a typed reply is asked for. No I/O."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from g4f_magic.chunks import Chunk, Reasoning, Text, Unfit


class Way(IntEnum):
    """How a service is asked for JSON: the higher, the surer."""

    WORDS = 0
    OBJECT = 1
    """`response_format` of the type `json_object`, and words."""
    SCHEMA = 2
    """`response_format` with the JSON Schema."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a request carries besides the messages of its question."""

    words: str = ""
    """Stands below the question."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    further: tuple[dict[str, Any], ...] = ()
    """Messages after the question: an answer that did not fit, and why."""


PLAIN = Form()
"""The question alone."""


Send = Callable[[Form], AsyncGenerator[Chunk]]
"""Asks the question in a form."""


def formed(messages: list[dict[str, Any]], form: Form) -> list[dict[str, Any]]:
    """Return the messages of a request in its form."""
    if form.words:
        *before, last = messages
        content = last["content"]
        if isinstance(content, str):
            content = f"{content}\n\n{form.words}"
        else:
            content = [*content, {"type": "text", "text": form.words}]
        messages = [*before, {**last, "content": content}]
    return [*messages, *form.further]


def fitting(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Return the chunks of the answer that counts: without the words of one that did not fit its schema."""
    last = max((at for at, chunk in enumerate(chunks) if isinstance(chunk, Unfit)), default=-1)
    return [
        chunk
        for at, chunk in enumerate(chunks)
        if at > last or not isinstance(chunk, Text | Reasoning | Unfit)
    ]
