"""What answers in the gateway, and which of them the settings ask for.

In comes a `ChatRequest`; out come actions: the chunks of a reply, mostly.
"""

from __future__ import annotations

from g4f_magic.gateway.engines.engine import EmbeddingEngine, Engine, LookingEngine, RelayingEngine
from g4f_magic.gateway.engines.guide import GuideEngine
from g4f_magic.gateway.engines.local import LocalEngine
from g4f_magic.gateway.engines.selection import KeyOf, choose_engine
from g4f_magic.gateway.engines.upstream import UpstreamEngine

__all__ = [
    "EmbeddingEngine",
    "Engine",
    "GuideEngine",
    "KeyOf",
    "LocalEngine",
    "LookingEngine",
    "RelayingEngine",
    "UpstreamEngine",
    "choose_engine",
]
