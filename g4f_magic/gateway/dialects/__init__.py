"""The protocols that the gateway speaks, one module each (or one for a pair that shares its form). No I/O.

In comes a request, which `read` makes a `ChatRequest` or a refusal of; out come the bytes that a writer makes of chunks.
"""

from __future__ import annotations

from g4f_magic.gateway.dialects.darkai import DarkAIDialect
from g4f_magic.gateway.dialects.dialect import Answer, Dialect, Incoming, Writer
from g4f_magic.gateway.dialects.freenetfly import FreeNetflyDialect
from g4f_magic.gateway.dialects.koala import KoalaDialect
from g4f_magic.gateway.dialects.openai import OpenAIDialect, model_list, model_object
from g4f_magic.gateway.dialects.raw_text import (
    AuraDialect,
    WhiteRabbitNeoDialect,
    asks_aura,
    asks_whiterabbitneo,
)

__all__ = [
    "Answer",
    "AuraDialect",
    "DarkAIDialect",
    "Dialect",
    "FreeNetflyDialect",
    "Incoming",
    "KoalaDialect",
    "OpenAIDialect",
    "WhiteRabbitNeoDialect",
    "Writer",
    "asks_aura",
    "asks_whiterabbitneo",
    "model_list",
    "model_object",
]
