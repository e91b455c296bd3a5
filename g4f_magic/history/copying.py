"""Copying a notebook from one store to another: into the fallback, where the file can still be read."""

from __future__ import annotations

import sqlite3

from g4f_magic.history import line


def copy_notebook(source: sqlite3.Connection, target: sqlite3.Connection, notebook: str) -> None:
    """Copy a notebook's conversations from one store to another, with all revisions and the journal."""
    for row in source.execute("SELECT * FROM notebooks"):
        target.execute(
            "INSERT OR IGNORE INTO notebooks (key, path, cells, gone, seen_at, seen)"
            " VALUES (:key, :path, :cells, :gone, :seen_at, :seen)",
            {"gone": "[]", "seen": "{}", **dict(row)},  # an older version's file has no such columns
        )
    numbers: dict[int | None, int | None] = {None: None}
    columns = "id, slot, prompt, reply, reasoning, status, details, owner, flushed_at"
    for row in source.execute(
        f"SELECT number, {columns} FROM turns WHERE number IN (SELECT turn FROM stood JOIN conversations"  # noqa: S608 - fixed names
        " ON conversations.id = stood.conversation WHERE notebook = ?)",
        (notebook,),
    ):
        target.execute(f"INSERT OR IGNORE INTO turns ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row[1:])  # noqa: S608
        found = target.execute("SELECT number FROM turns WHERE id = ?", (row["id"],)).fetchone()
        numbers[row["number"]] = found["number"]
    for row in source.execute("SELECT * FROM conversations WHERE notebook = ?", (notebook,)).fetchall():
        conversation = line.ensure(target, notebook, row["name"])
        target.execute(
            "UPDATE conversations SET created_at = ?, used_at = ?, cursor = ? WHERE id = ?",
            (row["created_at"], row["used_at"], row["cursor"], conversation),
        )
        for one in source.execute("SELECT place, slot, turn FROM line WHERE conversation = ?", (row["id"],)):
            target.execute(
                "INSERT INTO line VALUES (?, ?, ?, ?)",
                (conversation, one["place"], one["slot"], numbers[one["turn"]]),
            )
        for one in source.execute("SELECT slot, turn FROM stood WHERE conversation = ?", (row["id"],)):
            target.execute(
                "INSERT INTO stood VALUES (?, ?, ?)", (conversation, one["slot"], numbers[one["turn"]])
            )
        for one in source.execute("SELECT * FROM journal WHERE conversation = ?", (row["id"],)):
            target.execute(
                "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(conversation, one["seq"], one["place"], one["operation"], one["at"]),
                    *(numbers[one["before"]], numbers[one["after"]]),
                ),
            )
