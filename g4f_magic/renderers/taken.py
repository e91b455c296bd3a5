"""What a format takes of a reply, as a value: the code alone, or what JSON means. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from g4f_magic.renderers.formats import fences, joined
from g4f_magic.renderers.tree import json_of


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken: None may be it, too."""

    value: Any


def taken(reply: str, format: str) -> Taken | None:  # noqa: A002
    """Return it; None where the reply holds none."""
    if format == "code":
        found = fences(reply)
        return Taken(joined(code for code, _ in found)) if found else None
    try:
        return Taken(json_of(reply)[0])
    except ValueError:
        return None
