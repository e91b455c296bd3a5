"""How much of a thing is asked for: `df|schema`. No I/O."""

from __future__ import annotations

from g4f_magic.describing.share import LEVELS


def split(text: str) -> tuple[str, str]:
    """Return what is named, and the level that is asked for behind its last `|`; empty where none is."""
    what, bar, level = text.rpartition("|")
    level = level.strip()
    return (what.strip(), level) if bar and level in LEVELS else (text.strip(), "")
