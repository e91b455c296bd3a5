"""An exception as it goes along: what failed, where in the person's own code, and what the names there held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from g4f_magic.describing.described import Described, Scope
from g4f_magic.describing.failure import error_body
from g4f_magic.describing.kinds import brief, levelled
from g4f_magic.describing.safely import safely
from g4f_magic.describing.share import Share


def described_error(
    exception: BaseException,
    *,
    name: str = "@error",
    source: str = "",
    namespace: Mapping[str, Any] | None = None,
    share: Share = "sample",
    limit: int = 8_000,
    seconds: float = 2.0,
) -> Described:
    """Return an exception as it is sent.

    `source` is the code of the cell that failed, where its frames do not tell it (a syntax error); `namespace` the
    names of the notebook.
    """
    scope = Scope(share=share, limit=limit)
    return safely(
        lambda: levelled(
            exception,
            scope,
            lambda: error_body(exception, scope, brief, source=source, namespace=namespace),
        ),
        exception,
        name,
        scope,
        seconds,
    )
