"""What the turns took: one record for each, however many conversations hold it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from typing import Any

from g4f_magic.costing import Cost

_ALL = """
SELECT turns.details AS details, turns.status AS status, MIN(conversations.notebook) AS notebook, MIN(notebooks.path) AS path
FROM turns
LEFT JOIN stood ON stood.turn = turns.number
LEFT JOIN conversations ON conversations.id = stood.conversation
LEFT JOIN notebooks ON notebooks.key = conversations.notebook
WHERE turns.status != 'open'
GROUP BY turns.number
ORDER BY turns.number
"""


def costs(db: sqlite3.Connection) -> list[Cost]:
    """Return what all settled turns took, oldest first: earlier answers too, which were paid as well.

    A request that failed or was stopped before anything came is none of them, as far as we know. Of a turn that another
    program wrote over nothing is known.
    """
    found = []
    for row in db.execute(_ALL):
        with suppress(ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError):
            one = _cost(json.loads(row["details"]), row["notebook"] or "", row["path"] or "")
            if row["status"] == "done" or one.prompt_tokens or one.completion_tokens:
                found.append(one)
    return found


def _cost(details: dict[str, Any], notebook: str, path: str) -> Cost:
    counted, guessed = details.get("usage") or {}, details.get("guess") or {}
    tokens = [
        guessed.get(name) if counted.get(name) is None else counted[name]
        for name in ("prompt_tokens", "completion_tokens")
    ]
    return Cost(
        notebook=notebook,
        path=path,
        started_at=float(details.get("started_at") or 0.0),
        provider=str(details.get("provider", "")),
        model=str(details.get("answering_model") or details.get("model", "")),
        prompt_tokens=int(tokens[0] or 0),
        completion_tokens=int(tokens[1] or 0),
        is_guessed=bool(guessed),
        dollars=details.get("dollars"),
        source=str(details.get("source", "live")),
    )
