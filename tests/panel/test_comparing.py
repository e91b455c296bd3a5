"""A cell that asks several at once, as the panel shows it: pages of one answer, of which the shown one is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from g4f_magic.ask import Ask
from g4f_magic.chunks import Chunk, Text
from g4f_magic.comparison import Comparison, Contender
from g4f_magic.renderers import choose_columns
from g4f_magic.session import Session
from tests.answerers import Says
from tests.hosts import Notebook
from tests.panel.heard import Heard, until
from tests.panel.sending import settled


def compared(session: Session, *texts: str, until_told: asyncio.Event | None = None) -> Comparison:
    def saying(text: str) -> Any:
        async def stream(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
            yield Text(text)
            if until_told is not None:
                await until_told.wait()

        return stream

    asked = [
        Contender(Ask(prompt="Which?", provider=f"p{number}"), Says(saying(text), provider=f"p{number}"))
        for number, text in enumerate(texts)
    ]
    return session.conversation().compare(asked, slot="cell")


async def test_the_first_streams_and_the_others_are_pages(panel: Heard, session: Session) -> None:
    told = asyncio.Event()
    comparison = compared(session, "One", "Two", "Three", until_told=told)
    cell = asyncio.create_task(comparison.run(lambda number, chunk: None, lambda number: None))
    await until(lambda: panel.page.order and "One" in panel.page.entries[panel.page.order[0]].html)
    told.set()
    await cell
    await until(settled(panel, 1))
    await until(lambda: panel.page.entry()["revisions"] == 3)
    assert (panel.page.entry()["revision"], panel.page.entry()["who"]) == (1, "p0")
    assert panel.page.misfits == 0


async def test_leafing_keeps_the_one_that_is_shown_and_marks_it_in_the_cell(
    panel: Heard, session: Session
) -> None:
    comparison = compared(session, "One", "Two")
    host = Notebook()
    shown = choose_columns(format="markdown", settings=session.settings, host=host, offer=host.offer)
    shown.begin(["one", "two"], comparison.turns)
    await comparison.run(
        shown.show, lambda number: void(shown.settle(number, comparison.turns[number], None))
    )
    shown.end(0)
    session.older.show(comparison.kept, shown)
    await until(settled(panel, 1))
    panel.request("revision", turn=panel.page.order[0], step=1)
    await until(lambda: panel.page.entry()["who"] == "p1")
    assert session.conversation().turns[0].reply == "Two"
    assert "2 · two · kept" in host.shown[0]["data"]["text/plain"]


def void(_: object) -> None:
    """Drop what is of no use."""


async def test_where_the_first_fails_the_next_is_shown(panel: Heard, session: Session) -> None:
    comparison = compared(session, " ", "Two")
    await comparison.run(lambda number, chunk: None, lambda number: None)
    await until(lambda: panel.page.order and panel.page.entry()["who"] == "p1")
    await until(settled(panel, 1))
    assert panel.page.entry()["revisions"] == 2
    assert panel.page.misfits == 0
