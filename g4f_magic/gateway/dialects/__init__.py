"""The protocols that the gateway speaks, one module each (or one for a pair that shares its form). No I/O."""

from __future__ import annotations

from g4f_magic.gateway.dialects.base import Answer, Dialect, Incoming, Writer
from g4f_magic.gateway.dialects.darkai import DarkAIDialect
from g4f_magic.gateway.dialects.koala import KoalaDialect
from g4f_magic.gateway.dialects.openai import FreeNetflyDialect, OpenAIDialect, model_list
from g4f_magic.gateway.dialects.plain import (
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
]
