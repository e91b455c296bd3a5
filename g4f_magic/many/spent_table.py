"""What was paid for rows, beside their answers: added up by notebook, day, service and model."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable

from g4f_magic.costing import Cost

TABLE = """
CREATE TABLE IF NOT EXISTS spent (
    notebook TEXT NOT NULL,
    path TEXT NOT NULL,
    day TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    is_guessed INTEGER NOT NULL,
    is_priced INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    dollars REAL NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (notebook, day, provider, model, is_guessed, is_priced)
)
"""
_ADD = """
INSERT INTO spent VALUES (?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (notebook, day, provider, model, is_guessed, is_priced) DO UPDATE SET
    path = excluded.path,
    requests = requests + excluded.requests,
    prompt_tokens = prompt_tokens + excluded.prompt_tokens,
    completion_tokens = completion_tokens + excluded.completion_tokens,
    dollars = dollars + excluded.dollars
"""
_READ = """
SELECT notebook, path, at, provider, model, prompt_tokens, completion_tokens, is_guessed, is_priced, dollars, requests
FROM spent ORDER BY at
"""


def add(db: sqlite3.Connection, costs: Iterable[Cost]) -> None:
    """Add what was paid to what is known of its day."""
    db.executemany(_ADD, map(_row, costs))


def read(db: sqlite3.Connection) -> list[Cost]:
    """Return what was paid, the oldest first."""
    return [_cost(*row) for row in db.execute(_READ)]


def _row(cost: Cost) -> tuple[object, ...]:
    day = time.strftime("%Y-%m-%d", time.localtime(cost.started_at))
    kind = (cost.is_guessed, cost.dollars is not None)
    took = (cost.replies, cost.prompt_tokens, cost.completion_tokens, cost.dollars or 0.0)
    return (cost.notebook, cost.path, day, cost.provider, cost.model, *kind, *took, cost.started_at)


def _cost(
    notebook: str,
    path: str,
    at: float,
    provider: str,
    model: str,
    prompt_tokens: int,
    completion_tokens: int,
    is_guessed: int,
    is_priced: int,
    dollars: float,
    requests: int,
) -> Cost:
    return Cost(
        notebook=notebook,
        path=path,
        started_at=at,
        provider=provider,
        model=model,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        is_guessed=bool(is_guessed),
        dollars=dollars if is_priced else None,
        source="live",
        replies=requests,
        is_of_rows=True,
    )
