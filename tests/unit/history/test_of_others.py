"""A history that another program wrote to: nothing in it runs, and what is no turn of ours fails alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from g4f_magic.errors import InputError
from g4f_magic.history import History
from g4f_magic.history.table import UNREADABLE
from g4f_magic.many.answer_store import AnswerStore
from tests.turns import make_turn, say

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT"
COLUMNS = "x AS number, x AS id, x AS slot, x AS prompt, x AS reply, x AS reasoning, 'done' AS status, '{}' AS details"
STRUCTURES = {
    "a view in the place of a table": (
        "ALTER TABLE turns RENAME TO others",
        f"CREATE VIEW turns AS {ENDLESS} {COLUMNS}, x AS owner, x AS flushed_at FROM c",
    ),
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON turns BEGIN DELETE FROM turns; END",),
    "a computed column": ("ALTER TABLE turns ADD COLUMN z AS (printf('%.*c', 500000000, 'x'))",),
    "a computed index": ("CREATE INDEX z ON turns (printf('%.*c', 5000000, prompt))",),
    "an index of words that is none": ("DROP TABLE words", "CREATE TABLE words (prompt, reply)"),
    "another virtual table": ("CREATE VIRTUAL TABLE z USING fts5 (a)",),
    "a table less": ("DROP TABLE journal",),
    "a column less": ("ALTER TABLE turns RENAME COLUMN reply TO answer",),
    "a text as a number": ("UPDATE conversations SET cursor = 'abc'",),
    "bytes as a text": ("UPDATE conversations SET name = X'ff'",),
}
ROWS = {
    "no JSON": "details = '{'",
    "deep JSON": f"details = '{'[' * 100_000}'",
    "a list": "details = '[1, 2]'",
    "other kinds": """details = '{"provider": 5, "model": [], "started_at": "x"}'""",
    "a time that is none": """details = '{"provider": "", "model": "", "started_at": 1e999}'""",
    "attachments that are none": """details = '{"provider": "", "model": "", "started_at": 1, "attachments": [[]]}'""",
    "bytes": "prompt = X'ff00', details = X'00'",
    "a status that is none": "status = 'strange'",
}


def changed(file: Path, *statements: str) -> History:
    history = History(file)
    for slot in ("one", "two"):
        say(history, slot, reply="hello")
    history.close()
    with closing(sqlite3.connect(file)) as db, db:
        for statement in statements:
            db.execute(statement)
    return History(file)


@pytest.mark.parametrize("what", STRUCTURES)
def test_a_file_of_another_structure_is_left_alone_and_said(file: Path, what: str) -> None:
    history = changed(file, *STRUCTURES[what])
    before = file.read_bytes()
    turn = say(history, "three")
    assert history.turns("nb", "main")[-1] == turn
    history.close()
    assert file.read_bytes() == before
    (warning,) = history.warnings
    assert "kept in memory alone" in warning


@pytest.mark.parametrize("what", ROWS)
def test_a_turn_that_cannot_be_read_fails_alone(file: Path, what: str) -> None:
    history = changed(file, f"UPDATE turns SET {ROWS[what]} WHERE slot = 'one'")
    first, second = history.turns("nb", "main")
    assert (first.status, first.error, second.reply) == ("failed", UNREADABLE, "hello")
    third = say(history, "three")
    assert history.turns("nb", "main")[1:] == (second, third)
    assert [hit.turn for hit in history.search("hello")][-1:] in ([first], [second])
    assert len(history.costs()) >= 2
    history.close()
    assert history.warnings == []


def test_a_text_that_is_not_utf_8_is_said(file: Path) -> None:
    history = changed(file, "UPDATE turns SET prompt = CAST(X'ff' AS TEXT)")
    history.turns("nb", "main")
    say(history, "three")
    assert "a text that is not UTF-8" in history.warnings[0]
    history.close()


def test_what_is_stored_of_a_notebook_may_be_anything(file: Path) -> None:
    said = ("'5', '{', '[]', 1", """'[1, {}]', '7', '{"inode": 5, "outline": 7, "ran": [[]]}', 1""")
    rows = [f"INSERT INTO notebooks VALUES ('n{n}', '/n{n}.ipynb', {one})" for n, one in enumerate(said)]
    names = "INSERT INTO notebooks (key, path, cells, gone, seen, seen_at)"
    history = changed(file, *(row.replace("INSERT INTO notebooks", names) for row in rows))
    for number in range(2):
        assert history.turns(f"n{number}", "main") == ()
        history.begin(f"n{number}", "main", make_turn())
    assert len(history.notebooks()) == 3
    history.close()
    assert history.warnings == []


async def test_kept_answers_with_a_trigger_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "answers.sqlite"
    store = AnswerStore(file)
    assert await store.count() == 0
    await store.aclose()
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("CREATE TRIGGER t AFTER INSERT ON answers BEGIN DELETE FROM answers; END")
    with pytest.raises(InputError, match="it holds a trigger, which g4f_magic does not make"):
        await AnswerStore(file).count()
