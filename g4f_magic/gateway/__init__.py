"""A loopback server that speaks the providers' protocols, and the engines that answer in it."""

from __future__ import annotations

from g4f_magic.gateway.ask import Ask, Received
from g4f_magic.gateway.engines import Engine, GuideEngine, ScriptEngine, UpstreamEngine, choose_engine
from g4f_magic.gateway.server import Gateway

__all__ = [
    "Ask",
    "Engine",
    "Gateway",
    "GuideEngine",
    "Received",
    "ScriptEngine",
    "UpstreamEngine",
    "choose_engine",
]
