"""The version of this package, and whether the files of another one lie in its place by now."""

from __future__ import annotations

import os
import re
from pathlib import Path

__version__ = "0.1.0"


def _stamp(file: str = __file__) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


_LOADED = _stamp()


def is_replaced() -> bool:
    """Say whether the files of this package were written anew, or taken away, since it was imported. Cheap to ask.

    Modules that are imported from then on are others than those that run.
    """
    return _LOADED is not None and _stamp() != _LOADED


def installed() -> str:
    """Return the version whose files lie there now; empty where none does."""
    try:
        text = Path(__file__).read_text("utf-8")
    except OSError:
        return ""
    found = re.search(r'^__version__ = "([^"]{1,40})"', text, re.MULTILINE)
    return found[1] if found else ""
