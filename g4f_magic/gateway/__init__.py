"""The local gateway: a server on loopback that speaks the providers' protocols and OpenAI's.

In come HTTP requests, past an access guard, in one of the `dialects`; out come replies in the same one, made of what an
engine of `engines` says. An engine is asked a `ChatRequest` and yields actions, and knows of no protocol.
"""

from __future__ import annotations

from g4f_magic.gateway.chat_request import ChatRequest, Received
from g4f_magic.gateway.engines import Engine, GuideEngine, KeyOf, LookingEngine, UpstreamEngine, choose_engine
from g4f_magic.gateway.failures import untold
from g4f_magic.gateway.server import Gateway

__all__ = [
    "ChatRequest",
    "Engine",
    "Gateway",
    "GuideEngine",
    "KeyOf",
    "LookingEngine",
    "Received",
    "UpstreamEngine",
    "choose_engine",
    "untold",
]
