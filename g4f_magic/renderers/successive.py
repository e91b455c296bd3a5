"""Several replies at once where text is printed: one below the other, each under its name, in the order of the columns.

The first that has not ended is shown as it comes; what the others say meanwhile waits until it is their turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from g4f_magic.chunks import Chunk, Notice
from g4f_magic.renderers.provenance import in_seconds, shown_name
from g4f_magic.renderers.renderer import Part, Renderer
from g4f_magic.turn import Turn
from g4f_magic.visible import make_visible


class SuccessiveRenderer:
    """Prints replies one after the other. It has the calls of `ColumnsRenderer`."""

    def __init__(self, make: Callable[[], Renderer]) -> None:
        self._make = make
        self._names: Sequence[str] = ()
        self._turns: list[Turn] = []
        self._waiting: list[list[Chunk]] = []
        self._ended: dict[int, Turn] = {}
        self._first_words: dict[int, str] = {}
        self._at = 0
        self._shown: Renderer | None = None

    def begin(self, names: Sequence[str], turns: Sequence[Turn]) -> None:
        """Print the first name, and wait for its reply."""
        self._names, self._turns = names, list(turns)
        self._waiting = [[] for _ in names]
        self._open()

    def show(self, number: int, chunk: Chunk) -> None:
        """Print a chunk of the column whose turn it is; keep that of another one."""
        if number == self._at and self._shown is not None:
            _show(self._shown, chunk)
        else:
            self._waiting[number].append(chunk)

    def settle(self, number: int, turn: Turn, first_seconds: float | None) -> str:
        """Take how a column ended, and go on to the next that has not been shown."""
        self._ended[number] = turn
        if first_seconds is not None and turn.source == "live":
            self._first_words[number] = f"— first word {in_seconds(first_seconds)}"
        problem = ""
        while self._at in self._ended and self._shown is not None:
            ended = self._ended[self._at]
            self._shown.settle(ended)
            if self._at in self._first_words:
                print(self._first_words[self._at])
            problem = self._shown.problem if self._at == number else problem
            if ended.status in ("failed", "broken"):
                print(make_visible("\n".join(filter(None, (ended.error, ended.hint)))))
            self._at += 1
            self._open()
        return problem

    def end(self, kept: int, below: Sequence[Part] = ()) -> None:
        """Print what was not even begun, and that below."""
        for number in range(self._at, len(self._turns)):
            self.settle(number, self._ended.get(number, self._turns[number]), None)
        for part in below:
            print(f"\n{part.plain}")

    def keep(self, kept: int) -> None:
        """Do nothing: what is printed stays."""

    def _open(self) -> None:
        if self._at == len(self._names):
            self._shown = None
            return
        print(f"{chr(10) if self._at else ''}{self._at + 1} · {shown_name(self._names[self._at])}\n")
        self._shown = self._make()
        self._shown.begin(self._turns[self._at])
        for chunk in self._waiting[self._at]:
            _show(self._shown, chunk)
        self._waiting[self._at].clear()


def _show(renderer: Renderer, chunk: Chunk) -> None:
    if isinstance(chunk, Notice):
        renderer.notice(chunk.text)
    else:
        renderer.show(chunk)
