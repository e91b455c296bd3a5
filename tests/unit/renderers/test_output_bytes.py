"""What a reply's outputs cost on their way to the page: bytes, and how often it is painted. The clock is the test's own."""

from __future__ import annotations

import asyncio
import selectors
from dataclasses import dataclass
from typing import Any

import pytest

from benchmarks.sample import markdown
from g4f_magic.chunks import Text
from g4f_magic.host import RunningCell
from g4f_magic.markdown_source import text_of
from g4f_magic.renderers import choose
from g4f_magic.renderers.cell import CellRenderer
from g4f_magic.renderers.painting import MESSAGE
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn
from tests.hosts import Notebook

KB = 1_024
PAGE = RunningCell(code="%%chat\nHi", id="a1")
MACHINE = RunningCell(code="%%chat\nHi")


class Book(Notebook):
    """One that counts its messages, each with what is sent with it; it leaves a page where it is."""

    can_clear = False
    messages = 0

    def output(self, metadata: Any = None) -> Any:
        made = super().output(metadata)
        show = made.show

        def counted(data: Any) -> None:
            self.messages += 1
            show(data)

        made.show = counted
        return made


class Clocked(asyncio.SelectorEventLoop):
    """A loop on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Waiting(self))

    def time(self) -> float:
        return self.now


class _Waiting(selectors.SelectSelector):
    def __init__(self, loop: Clocked) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        self._loop.now += timeout or 0.0
        return super().select(0)


@dataclass(frozen=True)
class Cost:
    times: float
    """Bytes for each of the reply's."""
    messages: int
    book: Book


def cost(kilobytes: int, seconds: float, *, cell: RunningCell = PAGE, piece: int = 20) -> Cost:
    """Show a reply that comes in such pieces, evenly, within so many seconds."""
    import g4f_magic.renderers.views  # noqa: F401  # as after the first reply

    text, book = markdown(kilobytes * KB), Book(cell)
    turn = {"id": "1", "slot": "1", "prompt": "", "provider": "koala", "model": "tiny", "started_at": 0.0}

    async def reply() -> None:
        renderer = choose(settings=Settings(), host=book)
        assert isinstance(renderer, CellRenderer)
        renderer.begin(Turn.plain(**turn))
        for at in range(0, len(text), piece):
            renderer.show(Text(text[at : at + piece]))
            await asyncio.sleep(seconds * piece / len(text))
        renderer.settle(Turn.plain(**turn, reply=text, status="done", seconds=seconds))

    with asyncio.Runner(loop_factory=Clocked) as runner:
        runner.run(reply())
    return Cost((book.sent + book.messages * MESSAGE) / len(text.encode()), book.messages, book)


@pytest.mark.parametrize(("kilobytes", "most"), [(10, 3.5), (100, 3.5), (300, 3.5)])
def test_one_that_comes_at_once_costs_so_many_times_itself(kilobytes: int, most: float) -> None:
    assert cost(kilobytes, 0.05, piece=kilobytes * 100).times < most


@pytest.mark.parametrize("kilobytes", [10, 20, 25, 30, 40, 100])
def test_one_that_comes_slowly_is_painted_more_than_once_a_second(kilobytes: int) -> None:
    """It begins with a table, whose HTML is many times its text."""
    assert cost(kilobytes, 20).messages > 1.9 * 20


@pytest.mark.parametrize(("kilobytes", "most"), [(1, 80), (10, 9.5), (30, 7.5), (100, 7.1)])
def test_one_that_comes_slowly_costs_so_many_times_itself(kilobytes: int, most: float) -> None:
    assert cost(kilobytes, 20).times < most


def test_a_reply_is_held_once_as_markdown_and_once_as_html_where_a_page_shows_it() -> None:
    shown = cost(10, 0.05, piece=1_000).book.shown[0]["data"]
    assert set(shown) == {"text/html", "text/markdown"}
    assert text_of(shown).startswith(markdown(10 * KB).rstrip("\n") + "\n\n— ")


def test_what_runs_a_notebook_without_a_page_has_it_as_plain_text_too() -> None:
    shown = cost(10, 0.05, piece=1_000, cell=MACHINE).book.shown[0]["data"]
    assert shown["text/plain"] == text_of({"text/markdown": shown["text/markdown"]})
