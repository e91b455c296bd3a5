"""A second way into a panel, for the time when cells hold up the first.

A kernel handles a widget's messages between cells: ipykernel 6 even while a cell only awaits. Its control
channel is read by another thread at any time. A page sends there again what is not acknowledged soon; so Stop
works at once and interrupts no cell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

_Hear = Callable[[dict[str, Any]], None]


class _Listener:
    """Hears what one comm is told on the control channel."""

    def __init__(self, hear: _Hear) -> None:
        self.hear = hear


_listeners: WeakValueDictionary[str, _Listener] = WeakValueDictionary()


def listen(kernel: Any, comm_id: str, hear: _Hear) -> object | None:
    """Have `hear` told of the messages for a comm that come by the control channel, in that channel's thread.

    Keep what this returns for as long as that is wanted; None where this kernel has no such channel.
    """
    handlers = getattr(kernel, "control_handlers", None)
    if not isinstance(handlers, dict) or not comm_id:
        return None
    handlers.setdefault("comm_msg", _take)
    listener = _listeners[comm_id] = _Listener(hear)
    return listener


def _take(stream: Any, identity: Any, message: dict[str, Any]) -> None:
    content = message.get("content")
    content = content if isinstance(content, dict) else {}
    listener = _listeners.get(str(content.get("comm_id")))
    data = content.get("data")
    if listener is not None and isinstance(data, dict) and isinstance(data.get("content"), dict):
        listener.hear(data["content"])
