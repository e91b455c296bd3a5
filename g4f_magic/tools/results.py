"""What goes back to a model of what a function gave: text, JSON, or described as with `--with`; bounded, secrets masked. No I/O."""

from __future__ import annotations

import json
from typing import Any

from g4f_magic.describing import Share, describe, lower
from g4f_magic.describing.framing import bounded, masked

_PLAIN = (dict, list, tuple, int, float, bool)


def told(value: Any, *, name: str, limit: int, share: Share) -> str:
    """Return a value as it goes back to a model, at most about `limit` characters; what is cut is said.

    `share` is the most that is shared of things of the notebook: below `sample` no value is told.
    """
    if lower(share, "sample") != "sample":
        return describe(value, name=name, share=share, limit=limit).text
    if value is None:
        return "It returned nothing."
    if type(value) is str:
        return cut(value, limit)
    if type(value) in _PLAIN and (text := _json(value)) is not None and len(text) <= limit:
        return masked(text, limit)
    return describe(value, name=name, share="sample", limit=limit).text


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of a text with secrets masked, and how much was cut."""
    kept, is_cut = bounded(masked(text, limit), limit)
    if not is_cut and len(text) <= limit:
        return kept
    return f"{kept}\n[Cut: {len(kept):,} of {len(text):,} characters are shown.]"


def failure(error: BaseException, limit: int) -> str:
    """Return an error as it goes back to a model: its type and its message."""
    try:
        message = str(error)
    except Exception:  # of the person's own class
        message = ""
    kind = type(error).__name__
    return cut(f"{kind}: {message}" if message else kind, min(limit, 4_000))


def _json(value: Any) -> str | None:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
