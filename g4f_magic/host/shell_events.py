"""What IPython tells of its cells, and of what is displayed: older versions tell less."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from g4f_magic.host.cell import CellRun

if TYPE_CHECKING:
    from g4f_magic.host.base import Release


def before_cells(shell: Any, call: Callable[[CellRun], object]) -> Release:
    """Have `call` told of each cell before it runs."""
    return _on(shell, "pre_run_cell", lambda info=None: call(_run(info)))


def after_cells(shell: Any, call: Callable[[CellRun], object]) -> Release:
    """Have `call` told of each cell after it ran."""
    return _on(shell, "post_run_cell", lambda result=None: call(_run(getattr(result, "info", None), result)))


def on_display(shell: Any, call: Callable[[dict[str, Any]], object]) -> Release:
    """Have `call` told of what is displayed, where the publisher takes hooks: a kernel's own does."""

    def hook(message: Any) -> Any:
        if isinstance(message, dict) and _mapping(message.get("header")).get("msg_type") == "display_data":
            call(_mapping(_mapping(message.get("content")).get("data")))
        return message  # else it is not sent

    publisher = shell.display_pub
    if not hasattr(publisher, "register_hook"):
        return lambda: None
    publisher.register_hook(hook)
    return lambda: publisher.unregister_hook(hook)


def _on(shell: Any, event: str, call: Callable[..., object]) -> Release:
    events = getattr(shell, "events", None)
    if events is None:
        return lambda: None
    events.register(event, call)

    def release() -> None:
        with suppress(ValueError):  # somebody took it out before
            events.unregister(event, call)

    return release


def _run(info: Any, result: Any = None) -> CellRun:
    """Return a cell's run as IPython tells of it."""
    code = getattr(info, "raw_cell", "")
    return CellRun(
        code=code if isinstance(code, str) else "",
        identity=str(getattr(info, "cell_id", None) or ""),
        is_own=bool(getattr(info, "store_history", True)),
        error=getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None),
    )


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
