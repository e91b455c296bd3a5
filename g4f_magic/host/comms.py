"""Comms: a kernel's ways to its pages, beside outputs and cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from g4f_magic.host.base import Channel, Hear


def open_channel(name: str, data: Mapping[str, object], hear: Hear) -> Channel | None:
    """Open a comm of that name and have `hear` told what pages send to it; None where this kernel has no comms."""
    make = _maker()
    if make is None:
        return None
    comm = make(target_name=name, data=dict(data))
    _listen(comm, hear)
    made: Channel = comm
    return made


def opened(comm: Any, message: Mapping[str, Any], take: Callable[[Channel], Hear]) -> None:
    """Take a comm that a page opened with that message."""
    hear = take(comm)
    _listen(comm, hear)
    _hear(message, hear)


def _maker() -> Callable[..., Any] | None:
    for module, name in (
        ("comm", "create_comm"),
        ("ipykernel.comm", "Comm"),
    ):  # the second before ipykernel 6.18
        try:
            found: Callable[..., Any] = getattr(import_module(module), name)
        except ImportError:
            continue
        return found
    return None


def _listen(comm: Any, hear: Hear) -> None:
    comm.on_msg(lambda message: _hear(message, hear))


def _hear(message: Mapping[str, Any], hear: Hear) -> None:
    content = message.get("content")
    data = content.get("data") if isinstance(content, dict) else None
    if isinstance(data, dict):
        hear(data)
