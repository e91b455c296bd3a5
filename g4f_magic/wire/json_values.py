"""JSON out of what a service sends, whatever that is. No I/O."""

from __future__ import annotations

import json
from typing import Any

from g4f_magic.errors import WireError
from g4f_magic.wire.error_words import shown

_MOST_NAMES = 8
_LENIENT = json.JSONDecoder(strict=False)
"""Takes control characters within a text, which some servers do not escape."""


def value_of(text: str | bytes) -> Any:
    """Return the value of a JSON text; control characters may stand in its texts as they are.

    Raises:
        ValueError: it is no JSON, or nested deeper than can be read.
    """
    try:
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return _LENIENT.decode(text if isinstance(text, str) else text.decode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def web_page(host: str = "") -> WireError:
    """Return the error for a web page where a reply should be."""
    return WireError(
        f"{host}{': ' if host else ''}a web page came instead of a reply",
        hint="Look at the base URL, and whether a sign-in page or a proxy stands before the service.",
    )


def form_of(value: Any) -> str:
    """Return what kind of value it is, and of an object its names: nothing of its content."""
    if not isinstance(value, dict):
        return f"a {type(value).__name__}"
    names = [shown(" ".join(str(name).split()))[:40] for name in list(value)[:_MOST_NAMES]]
    return f"an object with {', '.join(names) or 'nothing'}" + (", …" if len(value) > _MOST_NAMES else "")
