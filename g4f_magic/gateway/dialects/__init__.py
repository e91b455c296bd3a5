"""The protocols that the gateway speaks, one module each (or one for a pair that shares its form). No I/O.

In comes a request, which `read` makes a `ChatRequest` or a refusal of; out come the bytes that a writer makes of chunks.
"""

from __future__ import annotations

from collections.abc import Collection

from g4f_magic.gateway.dialects.darkai import DarkAIDialect
from g4f_magic.gateway.dialects.dialect import Dialect, Incoming, WholeAnswer, Writer
from g4f_magic.gateway.dialects.freenetfly import FreeNetflyDialect
from g4f_magic.gateway.dialects.koala import KoalaDialect
from g4f_magic.gateway.dialects.openai import OpenAIDialect, model_list, model_object
from g4f_magic.gateway.dialects.raw_text import AuraDialect, WhiteRabbitNeoDialect
from g4f_magic.gateway.dialects.responses import KeptResponses, ResponsesDialect

VARIANTS = frozenset({"koala-objects", "data-stream", "access-code"})
"""Forms that the true servers had at times."""


def public_dialects(variants: Collection[str] = ()) -> tuple[Dialect, ...]:
    """Return the dialects of the public services, each with its path and what its clients send; OpenAI's two stand apart."""
    return (
        KoalaDialect(as_objects="koala-objects" in variants),
        DarkAIDialect(),
        FreeNetflyDialect(needs_code="access-code" in variants),
        AuraDialect(),
        WhiteRabbitNeoDialect(as_lines="data-stream" in variants),
    )


def dialect_named(name: str) -> Dialect:
    """Return the dialect of a name.

    Raises:
        KeyError: the gateway speaks none that is called so.
    """
    return {one.name: one for one in (*public_dialects(), OpenAIDialect(), ResponsesDialect())}[name]


__all__ = [
    "VARIANTS",
    "AuraDialect",
    "DarkAIDialect",
    "Dialect",
    "FreeNetflyDialect",
    "Incoming",
    "KeptResponses",
    "KoalaDialect",
    "OpenAIDialect",
    "ResponsesDialect",
    "WhiteRabbitNeoDialect",
    "WholeAnswer",
    "Writer",
    "dialect_named",
    "model_list",
    "model_object",
    "public_dialects",
]
