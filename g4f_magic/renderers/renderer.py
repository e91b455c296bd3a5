"""What a renderer is: it shows the chunks of one reply as they come, and leaves a static result. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from g4f_magic.chunks import Chunk
from g4f_magic.turn import Turn

if TYPE_CHECKING:
    from markdown_it.token import Token


class Renderer(Protocol):
    """Shows one reply. Made anew for each turn, used on one event loop.

    The order of calls is `begin`, any number of `show` and `notice`, and `settle` once, however it ended.
    """

    problem: str
    """What is wrong with the reply, after `settle`, where the format asked for something that it is not."""

    def begin(self, turn: Turn) -> None:
        """Say that the request is under way; `turn` is open and names provider, model and way."""
        ...

    def show(self, chunk: Chunk) -> None:
        """Take the next chunk. Cheap: painting is paced apart from it."""
        ...

    def notice(self, text: str) -> None:
        """Show a quiet line for the time being, for example "waiting 4 s before trying again"."""
        ...

    def settle(self, turn: Turn) -> None:
        """Paint the settled turn for the last time, static; nothing is left to run afterwards."""
        ...


class Columns(Protocol):
    """Shows several replies at once, a column each; columns are counted from 0.

    The order of calls is `begin`, any number of `show`, `settle` once for each that ends, and `end`.
    """

    def begin(self, names: Sequence[str], turns: Sequence[Turn]) -> None:
        """Say that all are asked; their turns are open."""
        ...

    def show(self, number: int, chunk: Chunk) -> None:
        """Take the next chunk of a column. Cheap."""
        ...

    def settle(self, number: int, turn: Turn, first_seconds: float | None) -> str:
        """Take how a column ended; return what is wrong with it, where the format asked for something that it is not."""
        ...

    def end(self, kept: int, below: Sequence[Part] = ()) -> None:
        """Leave all static, with that below it; later cells go on from column `kept`, from none: -1."""
        ...

    def keep(self, kept: int) -> None:
        """Say that later cells go on from another column, where that can be said."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """What one static output shows: cleaned HTML, and the same as plain text."""

    html: str
    plain: str
    diagram: str = ""
    """The source of a diagram that the page draws in place of the HTML."""
    portable: str = ""
    """The same as Markdown in which nothing acts, for programs that show no HTML."""
    tokens: Sequence[Token] = field(default=(), compare=False, repr=False)
    """The parser's, where it was read at once as Markdown: what else is written of it need not read it again."""


class View(Protocol):
    """How the text of a reply is shown in a notebook's cell: one class for each format."""

    def feed(self, text: str) -> None:
        """Take the next piece of the reply."""
        ...

    def finished(self) -> list[str]:
        """Return the HTML that was finished since the last call."""
        ...

    def tail(self) -> str:
        """Return the HTML of what is still open."""
        ...

    @property
    def tail_text(self) -> str:
        """Return the text behind it."""
        ...

    @property
    def growth(self) -> float:
        """Return how many characters of HTML a character of text makes: tells what a repaint costs."""
        ...

    def seal(self) -> list[Part]:
        """Return what was finished in its static form, once it is much; else, and where only the end tells, nothing."""
        ...

    def rest(self, reply: str) -> list[Part] | None:
        """Return the static form of what was not sealed, in small parts; None where the sealed parts do not hold."""
        ...

    def parts(self, reply: str) -> list[Part]:
        """Return how the whole reply stands at the end; one part at least."""
        ...
