"""What IPython keeps of what cells showed, as nbformat has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_KINDS = {"out_stream": "stdout", "err_stream": "stderr"}


def outputs(shell: Any, number: int) -> list[dict[str, Any]]:
    """Return what is kept of the cell of that number."""
    kept = getattr(shell.history_manager, "outputs", None)
    if isinstance(kept, Mapping):
        return [one for output in kept.get(number, ()) for one in _as_saved(output)]
    results = shell.user_ns.get("_oh", {})
    if number not in results:
        return []
    data, _ = shell.display_formatter.format(results[number])
    return [{"output_type": "execute_result", "data": data}] if data else []


def _as_saved(output: Any) -> Iterable[dict[str, Any]]:
    kind, bundle = getattr(output, "output_type", ""), getattr(output, "bundle", None)
    if not isinstance(bundle, Mapping):
        return
    if kind in _KINDS:
        yield {"output_type": "stream", "name": _KINDS[kind], "text": "".join(bundle.get("stream", ()))}
    else:
        yield {"output_type": kind, "data": dict(bundle)}
