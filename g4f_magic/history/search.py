"""Full-text search over what was asked and answered."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from g4f_magic.history.schema import has_index
from g4f_magic.history.table import read_turn
from g4f_magic.turn import Turn
from g4f_magic.turn_json import storable

_TERM = re.compile(r'"([^"]+)"|(\S+)')
# Scripts that are written without spaces: the index takes a whole sentence for one word there.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_AROUND = 60
"""Characters of a snippet before and after what was found."""
SNIPPET_MARKS = ("\x02", "\x03")
"""Stand in no text that a person wrote, unlike what Markdown marks with."""
MOST_RANKED = 200
MOST_WEIGHED = 2_000
"""Matches up to which they are ranked at all: how rare a word is, which the rank asks, is counted by a walk."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A turn that was found. In `snippet` what was found stands between the two of `SNIPPET_MARKS`."""

    turn: Turn
    notebook: str
    path: str
    """Of the notebook's file as last seen; empty where it has none."""
    conversation: str
    snippet: str
    rank: float
    """Lower is better."""


def search(db: sqlite3.Connection, words: str, limit: int) -> list[Hit]:
    """Return the turns that hold all the words, best first.

    The last word may be the beginning of one where whole words give too few; words between double quotes
    stand side by side. Of many matches the newest are ranked, of very many the newest are given.
    """
    terms = [phrase or word for phrase, word in _TERM.findall(storable(words).replace("\0", " "))]
    terms = [term for term in terms if any(sign.isalnum() for sign in term)]
    if not terms:
        return []
    if has_index(db) and not _UNSPACED.search(words):
        return _in_index(db, terms, limit)
    return _in_texts(db, terms, limit)


_FOUND_IN = (
    " LEFT JOIN conversations ON conversations.id = (SELECT min(conversation) FROM stood WHERE turn = number)"
    " LEFT JOIN notebooks ON notebooks.key = conversations.notebook"
)
_WHERE_IT_STANDS = "conversations.notebook, conversations.name, coalesce(notebooks.path, '') AS path"


def _in_index(db: sqlite3.Connection, terms: list[str], limit: int) -> list[Hit]:
    query = " ".join('"' + term.replace('"', '""') + '"' for term in terms)
    hits = _matches(db, query, limit)
    if len(hits) < limit:  # only then: beginnings of words cost a walk through all words that begin so
        known = {hit.turn.id for hit in hits}
        hits += [hit for hit in _matches(db, query + " *", limit) if hit.turn.id not in known]
    return hits[:limit]


def _matches(db: sqlite3.Connection, query: str, limit: int) -> list[Hit]:
    """Return the best of the newest matches: ranking them all would take longer the more there are."""
    count, oldest = db.execute(
        "WITH newest AS (SELECT rowid AS number FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?)"
        " SELECT (SELECT count(*) FROM newest), (SELECT min(number) FROM (SELECT number FROM newest LIMIT ?))",
        (query, MOST_WEIGHED, MOST_RANKED),
    ).fetchone()
    rank, order = ("rank", "rank") if count < MOST_WEIGHED else ("0.0 AS rank", "rowid DESC")
    rows = db.execute(
        f"WITH found AS (SELECT rowid AS number, {rank}, snippet(words, -1, char(2), char(3), '…', 16) AS snippet"  # noqa: S608
        f" FROM words WHERE words MATCH ? AND rowid >= ? ORDER BY {order} LIMIT ?)"
        f" SELECT turns.*, found.rank, found.snippet, {_WHERE_IT_STANDS} FROM found JOIN turns USING (number)"
        f" {_FOUND_IN} ORDER BY found.rank, number DESC",
        (query, oldest, limit),
    )
    return [_hit(row, row["snippet"], row["rank"]) for row in rows]


def _in_texts(db: sqlite3.Connection, terms: list[str], limit: int) -> list[Hit]:
    likes = ["%" + re.sub("([%_^])", r"^\1", term) + "%" for term in terms]
    wanted = " AND ".join("(prompt LIKE ? ESCAPE '^' OR reply LIKE ? ESCAPE '^')" for _ in likes)
    rows = db.execute(
        f"SELECT turns.*, {_WHERE_IT_STANDS} FROM turns {_FOUND_IN}"  # noqa: S608 - fixed text and question marks
        f" WHERE status != 'open' AND {wanted} ORDER BY number DESC LIMIT ?",
        (*(like for like in likes for _ in range(2)), limit),
    )
    return [_hit(row, _excerpt(f"{row['prompt']} … {row['reply']}", terms[0]), 0.0) for row in rows]


def _excerpt(text: str, term: str) -> str:
    found = re.search(re.escape(term), text, re.IGNORECASE)
    if found is None:
        return text[: 2 * _AROUND]
    start, end = max(0, found.start() - _AROUND), found.end() + _AROUND
    before, after = text[start : found.start()], text[found.end() : end]
    return f"{'…' * (start > 0)}{before}{found.group().join(SNIPPET_MARKS)}{after}{'…' * (end < len(text))}"


def _hit(row: sqlite3.Row, snippet: str, rank: float) -> Hit:
    return Hit(
        turn=read_turn(row),
        notebook=row["notebook"] or "",
        path=row["path"],
        conversation=row["name"] or "",
        snippet=" ".join(snippet.split()),
        rank=rank,
    )
