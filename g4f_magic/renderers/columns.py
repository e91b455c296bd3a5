"""Several replies at once in a notebook's cell: a column each, in one output, painted while they come and static at the end.

They stand beside each other where the page is wide enough, else one below the other: that is said by the output itself,
so that it holds in a saved notebook, too. All of it is painted anew each time, ever less often the longer it gets: so
the bytes stay in proportion to the replies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from g4f_magic import stopping
from g4f_magic.chunks import Chunk, Notice, Reasoning, Rethought, Text, Unfit
from g4f_magic.endings import is_cut
from g4f_magic.format_table import BY_NAME
from g4f_magic.host.base import Host, Output
from g4f_magic.label import MARK, opened
from g4f_magic.messages import citation_lines
from g4f_magic.outcome import noted
from g4f_magic.renderers import citations, decoration
from g4f_magic.renderers.code_blocks import acting
from g4f_magic.renderers.compared import COLUMN, HEAD, ROW
from g4f_magic.renderers.escaping import escaped
from g4f_magic.renderers.frames import Frames
from g4f_magic.renderers.painting import Throttle
from g4f_magic.renderers.provenance import about, provenance, shown_name
from g4f_magic.renderers.renderer import Part, View
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn
from g4f_magic.visible import make_visible, without_controls

_AT_ONCE = 12
"""As how many replies they count at most in what their display may cost a second."""
_QUIET = "font-size:.85em;opacity:.7"


class ShownColumn:
    """One of the replies, as it stands."""

    def __init__(self, number: int, name: str, turn: Turn) -> None:
        self.title = f"{number} · {shown_name(name)}"
        self.turn = turn
        self.notice = ""
        self.first_seconds: float | None = None
        self.problem = ""
        """What is wrong with the reply, once it has ended, where the format asked for something that it is not."""
        self.offer = ""
        self._new: list[str] = []
        self._reasoning: list[str] = []
        self._view: View | None = None
        self._finished = ""
        self.received = 0
        self.settled: tuple[str, str] | None = None
        """Its HTML and its plain text, once it has ended."""

    def take(self, chunk: Chunk) -> None:
        """Keep a chunk for the next paint."""
        match chunk:
            case Text(text):
                self._new.append(text)
                self.received += len(text)
                self.notice = ""
            case Reasoning(text):
                self._reasoning.append(text)
            case Rethought():
                self._begin_anew()
            case Unfit(why):
                self.notice = f"{why} · asking once more"
                self._begin_anew()
            case Notice(text):
                self.notice = text
            case _:
                self.turn = noted(self.turn, chunk)

    def _begin_anew(self) -> None:
        self._new, self._view, self._finished = [], None, ""

    @property
    def growth(self) -> float:
        """Return how many characters of HTML a character of its text makes."""
        return self._view.growth if self._view is not None else 1.5

    def open_html(self, make: Callable[[Turn], View]) -> str:
        """Return how it stands while it comes."""
        if self._view is None and not self._new:
            return decoration.waiting(self.turn, self.notice, "".join(self._reasoning[-40:]))
        if self._view is None:
            self._view = make(self.turn)
        text, self._new = "".join(self._new), []
        self._view.feed(text)
        self._finished += "".join(self._view.finished())
        return self._finished + decoration.with_caret(self._view.tail()) + decoration.notice(self.notice)

    def settle(
        self, turn: Turn, make: Callable[[Turn], View], folded: Callable[[str], str], *, format_name: str
    ) -> None:
        """Take how it ended."""
        self.turn = turn
        if BY_NAME[format_name].is_judged and turn.status != "done":
            from g4f_magic.renderers.views import make_view

            view = make_view("text")
        else:  # what was painted is rendered already
            view = self._view or make(turn)
            view.feed("".join(self._new))
        parts = view.parts(turn.reply) if turn.reply.strip() else []
        self._new, self._view, self._finished = [], None, ""
        if turn.status == "done":
            self.problem = getattr(view, "problem", "")
            self.offer = "" if is_cut(turn.finish) else getattr(view, "offer", "")
        html = folded(turn.reasoning) + "".join(part.html for part in parts)
        plain = without_controls("".join(part.plain for part in parts)).rstrip("\n")
        if failure := self._failure():
            html += f'<div role=status style="white-space:pre-wrap">{escaped(failure)}</div>'
            plain = "\n\n".join(filter(None, (plain, make_visible(failure))))
        self.settled = html, plain

    def _failure(self) -> str:
        turn = self.turn
        if turn.status in ("failed", "broken"):
            return "\n".join(filter(None, (turn.error, turn.hint)))
        return self.problem


class ColumnsRenderer:
    """Shows replies side by side in one output. The order of calls is `begin`, any number of `show` and `settle`, and `end`."""

    def __init__(self, *, settings: Settings, host: Host, format: str, offer: Callable[[str], None]) -> None:  # noqa: A002
        self._host = host
        self._format = format
        self._offer = offer
        self._remote_images = settings.remote_images
        self._frame_seconds = 1 / settings.frames_per_second
        self._columns: list[ShownColumn] = []
        self._output: Output | None = None
        self._frames: Frames | None = None
        self._kept = -1
        self._parts: Sequence[Part] = ()
        self._above = self._below = ""

    def begin(self, names: Sequence[str], turns: Sequence[Turn]) -> None:
        """Show that all are asked."""
        self._columns = [
            ShownColumn(number, name, turn)
            for number, (name, turn) in enumerate(zip(names, turns, strict=True), 1)
        ]
        if self._host.can_update:
            loop = asyncio.get_running_loop()
            self._throttle = Throttle(loop.time(), min(2 * len(turns), _AT_ONCE))
            self._frames = Frames(loop, self._frame_seconds, self._frame)
            self._frames.wake()

    def show(self, number: int, chunk: Chunk) -> None:
        """Keep a chunk of a column for the next paint."""
        self._columns[number].take(chunk)
        self._wake()

    def settle(self, number: int, turn: Turn, first_seconds: float | None) -> str:
        """Take how a column ended; return what is wrong with it, where the format asked for something that it is not."""
        column = self._columns[number]
        column.first_seconds = first_seconds
        with stopping.rendering():
            column.settle(turn, self._new_view, self._folded, format_name=self._format)
        self._wake()
        return column.problem

    def end(self, kept: int, below: Sequence[Part] = ()) -> None:
        """Leave all of it static, with that below; later cells go on from column `kept`, counted from 0; from none: -1."""
        if self._frames is not None:
            self._frames.stop()
        self._frames = None
        self._kept, self._parts = kept, below
        for number, column in enumerate(self._columns):
            if column.settled is None:  # it was not even begun
                self.settle(number, column.turn, None)
        self._publish_static()
        offer = self._columns[max(kept, 0)].offer
        if offer:
            self._offer(offer)

    def keep(self, kept: int) -> None:
        """Say from which column later cells go on now."""
        if self._host.can_update and kept != self._kept:
            self._kept = kept
            self._publish_static()

    def mark(self, *, above: str | None = None, below: str | None = None) -> None:
        """Say something above the columns and below them; an empty text takes away what was said there."""
        self._above = self._above if above is None else above
        self._below = self._below if below is None else below
        if self._host.can_update and self._frames is None:
            self._publish_static()

    def _wake(self) -> None:
        if self._frames is not None:
            self._frames.wake()

    def _frame(self) -> bool:
        """Paint unless that would cost too much by now; say whether it was."""
        if self._frames is None:
            return True
        received = sum(one.received for one in self._columns)
        paint = sum(one.received * one.growth for one in self._columns) + 300 * len(self._columns)
        is_allowed = self._throttle.allows(
            now=self._frames.last,
            heard_at=self._frames.heard_at,
            received=received,
            paint=paint,
            to_come=paint + received,
        )
        if is_allowed:
            with stopping.rendering():
                html = decoration.streaming(self._open_html())
            self._publish({"text/html": html})
            self._throttle.spend(len(html), self._frames.last)
        return is_allowed

    def _open_html(self) -> str:
        return self._row(
            [
                one.open_html(self._new_view) if one.settled is None else self._settled_html(one)
                for one in self._columns
            ]
        )

    def _row(self, columns: Sequence[str]) -> str:
        shown = [
            f'<div role="group" aria-label="{escape(one.title)}" style="{COLUMN}">{self._head(number, one)}{html}</div>'
            for number, (one, html) in enumerate(zip(self._columns, columns, strict=True))
        ]
        return f'<div style="{ROW}">{"".join(shown)}</div>'

    def _head(self, number: int, column: ShownColumn) -> str:
        kept = f' <span style="{_QUIET};font-weight:400">· kept</span>' if number == self._kept else ""
        return f'<div style="{HEAD}">{escaped(column.title)}{kept}</div>'

    def _settled_html(self, column: ShownColumn) -> str:
        html, _ = column.settled or ("", "")
        line = provenance(column.turn, first_seconds=column.first_seconds)
        foot = f'<div role=status style="{_QUIET};margin-top:.4em">{escaped(line)}</div>'
        return acting(html) + citations.to_html(column.turn.citations) + foot

    def _publish_static(self) -> None:
        plain, places = self._plain()
        told = [{**about(one.turn), "place": place} for one, place in zip(self._columns, places, strict=True)]
        label: Mapping[str, Any] = {"columns": told, "kept": self._kept + 1}
        row = self._row([self._settled_html(one) for one in self._columns])
        sent = decoration.sent(self._columns[0].turn)  # the same for all
        below = "".join(part.html for part in self._parts) + decoration.notice(self._below)
        html = f"{opened(label)}{decoration.notice(self._above)}{row}{sent}{below}</div>"
        if any(one.turn.status == "stopped" for one in self._columns):
            html += decoration.STOPPED
        self._publish({"text/html": html, "text/plain": plain})

    def _plain(self) -> tuple[str, list[tuple[int, int]]]:
        """Return all of it as text, and from where to where in it each reply stands."""
        text, places = "", []
        for number, one in enumerate(self._columns):
            head = make_visible(one.title) + (" · kept" if number == self._kept else "")
            text += f"{head}\n\n"
            reply = (one.settled or ("", ""))[1]
            places.append((len(text), len(text) + len(reply)))
            links = citation_lines(one.turn.citations)
            line = provenance(one.turn, first_seconds=one.first_seconds)
            text += "\n\n".join(filter(None, (reply, links, line))) + "\n\n"
        below = "\n\n".join(part.plain for part in self._parts)
        return (text + below).rstrip("\n"), places

    def _publish(self, data: dict[str, str]) -> None:
        if self._output is None:
            self._output = self._host.output(MARK)
        self._output.show(data)

    def _folded(self, reasoning: str) -> str:
        parts = decoration.reasoning_parts(
            reasoning, remote_images=self._remote_images, typesets_tex=self._host.typesets_tex
        )
        return "".join(part.html for part in parts)

    def _new_view(self, turn: Turn) -> View:
        from g4f_magic.renderers.views import make_view

        return make_view(
            self._format,
            remote_images=self._remote_images,
            typesets_tex=self._host.typesets_tex,
            schema=turn.ask.schema,
        )
