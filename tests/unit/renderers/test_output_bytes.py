"""What a reply's outputs cost on their way to the page: bytes, and how often it is painted. The clock is the test's own."""

from __future__ import annotations

import asyncio
import selectors
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.sample import markdown
from g4f_magic.chunks import Text
from g4f_magic.host import RunningCell
from g4f_magic.markdown_source import text_of
from g4f_magic.renderers import choose
from g4f_magic.renderers.cell import CellRenderer
from g4f_magic.renderers.decoration import CARET, END_CARET
from g4f_magic.renderers.painting import MESSAGE
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn
from tests.hosts import Notebook

KB = 1_024
PAGE = RunningCell(code="%%chat\nHi", id="a1")
MACHINE = RunningCell(code="%%chat\nHi")


class Book(Notebook):
    """One that counts its messages, each with what is sent with it; where it names cells it is JupyterLab, whose page stays where it is."""

    can_clear = False
    messages = 0

    def __init__(self, cell: RunningCell) -> None:
        super().__init__(cell)
        self.has_commands = self.names_cells
        self.painted: list[float] = []
        """When it was painted, while the reply grew."""

    def output(self, metadata: Any = None) -> Any:
        made = super().output(metadata)
        show = made.show

        def counted(data: Any) -> None:
            self.messages += 1
            now = asyncio.get_running_loop().time()
            if "aria-busy" in data["text/html"] and now not in self.painted:
                self.painted.append(now)
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


@cache
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


@pytest.mark.heavy
@pytest.mark.parametrize(("kilobytes", "most"), [(10, 3.5), (100, 3.5), (300, 3.5)])
def test_one_that_comes_at_once_costs_so_many_times_itself(kilobytes: int, most: float) -> None:
    assert cost(kilobytes, 0.05, piece=kilobytes * 100).times < most


@pytest.mark.heavy
@pytest.mark.parametrize("kilobytes", [10, 20, 25, 30, 40, 100])
def test_one_that_comes_slowly_is_painted_more_than_once_a_second(kilobytes: int) -> None:
    """It begins with a table, whose HTML is many times its text."""
    painted = cost(kilobytes, 20).book.painted
    assert len(painted) > 20
    assert max(after - before for before, after in pairwise(painted)) < 1.35


@pytest.mark.heavy
@pytest.mark.parametrize(("kilobytes", "most"), [(1, 70), (10, 8.7), (30, 6.7), (100, 7.0)])
def test_one_that_comes_slowly_costs_so_many_times_itself(kilobytes: int, most: float) -> None:
    assert cost(kilobytes, 20).times < most


def shown_of(*pieces: tuple[str, float], cell: RunningCell = PAGE) -> list[str]:
    """Say pieces with so many seconds after each; return what is shown before each next one, and before the end."""
    import g4f_magic.renderers.views  # noqa: F401

    seen: list[str] = []
    turn = {"id": "1", "slot": "1", "prompt": "", "provider": "koala", "model": "tiny", "started_at": 0.0}

    async def reply() -> None:
        book = Book(cell)
        renderer = choose(settings=Settings(), host=book)
        renderer.begin(Turn.plain(**turn))
        for text, seconds in pieces:
            renderer.show(Text(text))
            await asyncio.sleep(seconds)
            seen.append(book.html)
        renderer.settle(Turn.plain(**turn, reply="".join(text for text, _ in pieces), status="done"))

    with asyncio.Runner(loop_factory=Clocked) as runner:
        runner.run(reply())
    return seen


def test_words_after_the_end_of_a_block_are_left_out_until_more_come_or_none() -> None:
    begun = ("The first words. ", 0.5), ("More of them.\n\nAnd the next", 0.05)
    early, late = shown_of(*begun, ("", 1.0))[-2:]
    assert "More of them." in early
    assert "And the next" not in early
    assert "And the next" in late


def test_a_reply_that_falls_silent_at_the_end_of_a_block_has_its_caret_in_it() -> None:
    (shown,) = shown_of(("A block.\n\n" + "Another one of some length. " * 40 + "\n\n", 2.0))
    assert shown.rstrip().endswith(f"{END_CARET}</p>\n</div>")
    assert shown.count("▍") == 1


def test_a_page_that_cannot_hide_it_has_no_caret_but_in_what_is_open() -> None:
    for seen in shown_of(
        *[(f"Block {n} of some length. " * 40 + "\n\n", 0.4) for n in range(9)], cell=MACHINE
    ):
        assert seen.count(CARET) <= 1
        assert END_CARET not in seen


def test_a_reply_is_held_once_as_markdown_and_once_as_html_where_a_page_shows_it() -> None:
    shown = cost(10, 0.05, piece=1_000).book.shown[0]["data"]
    assert set(shown) == {"text/html", "text/markdown"}
    assert text_of(shown).startswith(markdown(10 * KB).rstrip("\n") + "\n\n— ")


def test_what_runs_a_notebook_without_a_page_has_it_as_plain_text_too() -> None:
    shown = cost(10, 0.05, piece=1_000, cell=MACHINE).book.shown[0]["data"]
    assert shown["text/plain"] == text_of({"text/markdown": shown["text/markdown"]})
