"""What goes back to a model of what a function gave: text, JSON, or described as with `--with`; bounded, secrets masked. No I/O."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any, NamedTuple

from g4f_magic.describing import Share, describe, lower
from g4f_magic.describing.framing import bounded, masked

_MOST_BYTES = 2_000_000
"""Of a picture that is kept with its call."""
_PLAIN = (dict, list, tuple, int, float, bool)


class Told(NamedTuple):
    """What goes back."""

    text: str
    picture: str = ""
    """As a `data:` address has it."""


def told(value: Any, *, name: str, limit: int, share: Share, drawn: Sequence[Any] = ()) -> Told:
    """Return a value as it goes back to a model, at most about `limit` characters; what is cut is said.

    `share` is the most that is shared of things of the notebook: below `sample` no value is told. `drawn` are figures
    that were drawn meanwhile: the last of them is the picture, where the value is none.
    """
    is_shared = lower(share, "sample") == "sample"
    found = _told(value, name, limit, share) if is_shared else _described(value, name, limit, share)
    if drawn and not found.picture:
        figure = _described(drawn[-1], f"what {name} drew", limit, share)
        text = figure.text if value is None else f"{found.text}\n\n{figure.text}"
        return Told(text, figure.picture)
    return found


def _told(value: Any, name: str, limit: int, share: Share) -> Told:
    if value is None:
        return Told("It returned nothing.")
    if isinstance(value, str):
        return Told(cut(str.__str__(value), limit))
    if type(value) in _PLAIN and (text := _json(value)) is not None and len(text) <= limit:
        return Told(masked(text, limit))
    return _described(value, name, limit, "sample")


def _described(value: Any, name: str, limit: int, share: Share) -> Told:
    made = describe(value, name=name, share=share, limit=limit)
    picture = made.picture
    if picture is None or len(picture.content) > _MOST_BYTES:
        return Told(made.text)
    return Told(made.text, f"{picture.media_type};base64,{b64encode(picture.content).decode()}")


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
