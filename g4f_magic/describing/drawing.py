"""Drawing within bounds: the picture of a figure, or what is said where it does not come."""

from __future__ import annotations

from collections.abc import Callable

from g4f_magic.describing.described import Picture, Scope
from g4f_magic.describing.guard import OutOfTimeError, guarded
from g4f_magic.describing.pictures import picture_of

SECONDS, SECONDS_IN_ALL = 15.0, 20.0
"""That drawing may take, more than any other description: Plotly starts a browser for it."""


def drawn_within(draw: Callable[[], bytes], scope: Scope) -> tuple[Picture | None, tuple[str, ...]]:
    """Return the picture that a call draws, and what is said where it does not come."""
    try:
        return picture_of(guarded(draw, SECONDS), side=scope.side), ()
    except OutOfTimeError:
        return None, (f"without its picture; drawing it takes more than {SECONDS:g} s",)
    except Exception as exc:  # of any kind: a figure holds what others wrote
        return None, (f"without its picture; drawing it failed with {type(exc).__name__[:80]}",)


def drawn_summary(facts: str, picture: Picture | None) -> str:
    """Return what is said of a figure in a few words."""
    return facts if picture is None else f"{facts}, {picture.width} × {picture.height} pixels"
