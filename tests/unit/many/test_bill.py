"""What rows took is added up beside their answers, and outlives them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from g4f_magic.costing import Charge
from g4f_magic.errors import InputError
from g4f_magic.many.answer import Answer
from g4f_magic.many.answer_store import AnswerStore
from g4f_magic.many.bill import Bill

NOON = 1_790_000_000.0
DAY = 86_400.0


def charged(
    bill: Bill, dollars: float | None = 0.5, *, provider: str = "groq", is_guessed: bool = False
) -> None:
    bill.note(Charge(provider, "m", 100, 10, is_guessed, dollars))


async def test_it_is_added_up_by_notebook_day_service_and_how_sure_it_is(tmp_path: Path) -> None:
    store = AnswerStore(tmp_path / "answers.sqlite")
    now = NOON
    bill = Bill("book", "/a/book.ipynb", clock=lambda: now)
    for _ in range(3):
        charged(bill)
    charged(bill, None)
    charged(bill, is_guessed=True)
    await store.keep([(b"key", Answer("yes"))], bill.take())
    charged(bill)
    await store.keep((), bill.take())
    now += DAY
    charged(bill)
    other = Bill("other", "", clock=lambda: now)
    charged(other, provider="openai")
    await store.keep((), [*bill.take(), *other.take()])
    found = [
        (one.notebook, one.provider, one.replies, one.dollars, one.is_guessed) for one in await store.costs()
    ]
    assert sorted(found, key=str) == sorted(
        [
            ("book", "groq", 4, 2.0, False),
            ("book", "groq", 1, None, False),
            ("book", "groq", 1, 0.5, True),
            ("book", "groq", 1, 0.5, False),
            ("other", "openai", 1, 0.5, False),
        ],
        key=str,
    )
    assert sum(one.prompt_tokens for one in await store.costs()) == 800
    await store.aclose()


async def test_it_stays_known_when_answers_are_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "answers.sqlite"
    store, bill = AnswerStore(file), Bill("book")
    charged(bill)
    await store.keep([(b"key", Answer("yes"))], bill.take())
    assert await store.forget() == 1
    await store.aclose()
    again = AnswerStore(file)
    assert [one.replies for one in await again.costs()] == [1]
    await again.aclose()


async def test_asking_what_was_paid_makes_no_file(tmp_path: Path) -> None:
    store = AnswerStore(tmp_path / "answers.sqlite")
    assert await store.costs() == []
    assert not list(tmp_path.iterdir())
    await store.aclose()


async def test_a_disk_that_fails_loses_nothing_of_it(tmp_path: Path) -> None:
    file = tmp_path / "answers.sqlite"
    store, bill = AnswerStore(file), Bill("book")
    await store.keep([(b"one", Answer("yes"))])
    with closing(sqlite3.connect(file)) as other:
        other.execute("ALTER TABLE spent RENAME TO gone")
        charged(bill)
        with pytest.raises(InputError, match="no such table"):
            await store.keep([(b"two", Answer("no"))], bill.take())
        other.execute("ALTER TABLE gone RENAME TO spent")
    charged(bill)
    await store.keep((), bill.take())
    assert [one.replies for one in await store.costs()] == [2]
    assert set(await store.kept([b"one", b"two"])) == {b"one", b"two"}
    await store.aclose()
