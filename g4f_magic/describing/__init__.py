"""Things of the notebook as they go along with a prompt: described at their kind's best, bounded, and every cut said.

Imported when something is described. Needs no front end, and imports none of the libraries that it knows (pandas,
NumPy, Matplotlib, ...): what a person shows of them is there already.
"""

from __future__ import annotations

from typing import Any

from g4f_magic.describing.described import Described, Picture, Scope
from g4f_magic.describing.drawing import SECONDS_IN_ALL
from g4f_magic.describing.figures import may_draw
from g4f_magic.describing.kinds import body_of
from g4f_magic.describing.safely import safely
from g4f_magic.describing.share import LEVELS, Share, lower, share_of

__all__ = ["LEVELS", "Described", "Picture", "Share", "describe", "lower", "share_of"]


def describe(
    value: Any,
    *,
    name: str,
    share: Share = "sample",
    limit: int = 8_000,
    seconds: float = 2.0,
    side: int = 1024,
) -> Described:
    """Return a thing as it is sent: at most about `limit` characters, made in at most about `seconds`.

    `share` is how much may be shown, which nothing of the thing's kind exceeds; `side` the longest side of a picture,
    in pixels. Never raises for what the thing does (a `repr` that fails or hangs): it is described without.
    """
    scope = Scope(share=share, limit=max(limit, 0), side=side)
    if may_draw(value):
        seconds = max(seconds, SECONDS_IN_ALL)
    return safely(lambda: body_of(value, name, scope), value, name, scope, seconds)
