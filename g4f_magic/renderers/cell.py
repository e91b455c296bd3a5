"""A reply in a notebook's cell: painted while it comes, and at the end static."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from g4f_magic.chunks import Chunk, Reasoning, Text
from g4f_magic.messages import Turn
from g4f_magic.renderers import looks
from g4f_magic.renderers.base import Part
from g4f_magic.renderers.layout import Layout
from g4f_magic.renderers.pacing import Pacing
from g4f_magic.renderers.provenance import metadata, origin
from g4f_magic.settings import Settings

if TYPE_CHECKING:
    from g4f_magic.renderers.base import View

_VIEWS = "g4f_magic.renderers.views"
_WAIT_SECONDS = 0.1
"""After how long the cell says that it waits."""


class CellRenderer:
    """Paints a reply into the cell's outputs while it comes, and leaves it static.

    `problem` says after `settle` what is wrong with the reply where the format asked for something that it is
    not (no valid JSON); empty otherwise.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        shell: Any,
        format: str = "markdown",  # noqa: A002
        keeps_others: bool = False,
        offer: Callable[[str], None],
    ) -> None:
        self._shell = shell
        self._offer = offer
        self._format = format
        self._keeps_others = keeps_others
        self._frame_seconds = 1 / settings.frames_per_second
        self._remote_images = settings.remote_images
        self._name = uuid.uuid4().hex[:10]
        self._layout = Layout()
        self._view: View | None = None
        self._new: list[str] = []
        self._reasoning: list[str] = []
        self._received = 0
        self._heard_at = self._framed_at = 0.0
        self._notice = ""
        self._sealed = self._sealed_characters = 0
        self._sealed_reasoning = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.problem = ""

    def begin(self, turn: Turn) -> None:
        """Load what rendering needs beside the request, and say soon that the cell waits."""
        self._publisher = self._shell.display_pub
        self._is_live = not _is_captured(self._publisher)
        parent = _parent(self._shell)
        code = str(parent.get("content", {}).get("code", ""))
        # The running cell is a chat and nothing else: its outputs are all ours to clear.
        self._is_alone = code.lstrip().startswith("%%chat") and not self._keeps_others
        # JupyterLab and Notebook 7 name the cell. While they clear outputs the page shrinks, and one that was
        # scrolled to its end begins at its top again. Others keep the height, and show gaps between outputs.
        cell = str(parent.get("metadata", {}).get("cellId") or "")
        self._is_jumpy = bool(cell) and "://" not in cell and not cell.startswith("vscode-")
        self._turn = turn
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._is_live = False
        if self._loop is not None and self._is_live:
            if not looks.is_loaded(_VIEWS):
                threading.Thread(target=import_module, args=(_VIEWS,), daemon=True).start()
            self._pacing = Pacing(self._loop.time())
            if turn.source == "replayed":
                self._wake()  # the reply may well be there before the first frame
            else:  # a message takes a millisecond, and what answers at once would flicker
                self._loop.call_later(_WAIT_SECONDS, self._wait)

    def show(self, chunk: Chunk) -> None:
        """Keep `chunk` for the next frame."""
        if isinstance(chunk, Text):
            self._new.append(chunk.text)
            self._received += len(chunk.text)
        elif isinstance(chunk, Reasoning):
            self._reasoning.append(chunk.text)
        else:
            return
        self._wake()

    def notice(self, text: str) -> None:
        """Show a quiet line until the next text comes."""
        self._notice = text
        self._wake()

    def settle(self, turn: Turn) -> None:
        """Replace what was painted by the static outputs."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop = self._timer = None
        if self._view is not None:  # what was never painted is rendered once, as it stays
            self._view.feed("".join(self._new))
        self._new = []
        view = self._last_view(turn)
        rest = self._rest(view, turn)
        if rest is None:
            parts = view.parts(turn.reply) if turn.reply.strip() else [Part("", "")]
            self.problem = getattr(view, "problem", "")
            self._leave(looks.static(turn, [*self._folded(turn.reasoning), *parts]), turn)
        else:
            from g4f_magic.renderers.document import letters

            sizes = [letters(html) for html in self._layout.shown] or [0]
            self._finish(looks.static(turn, rest, sizes=sizes), turn)
        offer = getattr(view, "offer", "")
        if offer and turn.status == "done":
            self._offer(offer)

    def _rest(self, view: View, turn: Turn) -> list[Part] | None:
        """Return what the outputs that are still open are to show at the end; None where all is shown anew."""
        if not self._sealed or turn.reasoning != self._sealed_reasoning:
            return None
        return view.rest(turn.reply)

    def _folded(self, reasoning: str) -> list[Part]:
        return looks.reasoning_parts(reasoning, remote_images=self._remote_images)

    def _wait(self) -> None:
        if self._loop is not None and not self._layout.slots:
            self._send([], looks.waiting(self._turn))

    def _wake(self) -> None:
        if self._loop is None or not self._is_live:
            return
        self._heard_at = self._loop.time()
        if self._timer is None:
            due = self._framed_at + self._frame_seconds - self._heard_at
            self._timer = self._loop.call_later(max(0.0, due), self._frame)

    def _frame(self) -> None:
        """Paint, or wait for the next frame where that would cost too much."""
        self._timer = None
        if self._loop is None:
            return
        now = self._framed_at = self._loop.time()
        growth = self._view.growth if self._view else 1.5
        tail = sum(map(len, self._new)) + (len(self._view.tail_text) if self._view else 0)
        if self._pacing.allows(
            now=now,
            heard_at=self._heard_at,
            received=self._received,
            paint=tail * growth,
            to_come=(self._received - self._sealed_characters) * (growth + 1.1) + self._layout.to_merge,
        ):
            self._paint()
        else:
            self._timer = self._loop.call_later(self._frame_seconds, self._frame)

    def _paint(self) -> None:
        text = "".join(self._new)
        if text:
            self._notice = ""
        if self._view is None and not self._received:
            self._send([], looks.waiting(self._turn, self._notice, "".join(self._reasoning[-40:])))
            return
        if self._layout.slots == 1 and self._view is None and not looks.is_loaded(_VIEWS):
            self._send([], looks.plain(text))  # the first words at once; the parser is still being loaded
            self._wake()
            return
        self._new = []
        view = self._made_view()
        view.feed(text)
        self._seal(view.seal())
        self._send(view.finished(), view.tail() + looks.notice(self._notice))

    def _made_view(self) -> View:
        if self._view is None:
            from g4f_magic.renderers.views import make_view

            self._view = make_view(self._format, remote_images=self._remote_images)
        return self._view

    def _last_view(self, turn: Turn) -> View:
        """Return what shows the reply at the end. JSON that did not come to its end is text, and not judged."""
        if self._format == "json" and turn.status != "done":
            from g4f_magic.renderers.views import make_view

            return make_view("text")
        return self._made_view()

    def _send(self, finished: list[str], tail: str) -> None:
        now = self._loop.time() if self._loop else 0.0
        for paint in self._layout.paint(finished, tail):
            html = looks.streaming(paint.html)
            self._publish(self._sealed + paint.slot, {"text/html": html}, {}, is_new=paint.is_new)
            self._pacing.spend(len(html), now)

    def _seal(self, parts: list[Part]) -> None:
        """Give what is finished its static form, in the first of the open outputs; the others go on after it."""
        if parts and not self._sealed:
            self._sealed_reasoning = "".join(self._reasoning)
            parts = [*self._folded(self._sealed_reasoning), *parts]
        for part in looks.sealed(parts):
            about = {**origin(self._turn), "part": self._sealed + 1}
            data = {"text/html": part.html, "text/plain": part.plain}
            self._publish(self._sealed, data, {"g4f_magic": about}, is_new=self._layout.slots == 0)
            self._pacing.spend(len(part.html) + len(part.plain), self._loop.time() if self._loop else 0.0)
            self._layout = self._layout.after(1)
            self._sealed += 1
            self._sealed_characters += len(part.plain)

    def _finish(self, parts: list[Part], turn: Turn) -> None:
        """Put `parts`, the last of the reply, into the outputs that are still open."""
        for slot in range(max(len(parts), self._layout.slots)):
            part = parts[slot] if slot < len(parts) else Part("", "")
            about = {**metadata(turn), "part": self._sealed + slot + 1, "parts": self._sealed + len(parts)}
            data = {"text/html": part.html, "text/plain": part.plain}
            is_new = slot >= self._layout.slots
            about = about if part.html or part.plain else {}
            self._publish(self._sealed + slot, data, {"g4f_magic": about} if about else {}, is_new=is_new)

    def _leave(self, parts: list[Part], turn: Turn) -> None:
        """Put `parts` where the painted outputs were.

        Where the page would jump they stay, those that are not needed with nothing in them.
        """
        slots = self._sealed + self._layout.slots
        if slots > 1 and self._is_alone and not self._is_jumpy:
            self._publisher.clear_output(wait=True)
            slots = 0
            self._name = uuid.uuid4().hex[:10]
        for slot in range(max(len(parts), slots)):
            part = parts[slot] if slot < len(parts) else Part("", "")
            about = metadata(turn) | ({"part": slot + 1, "parts": len(parts)} if len(parts) > 1 else {})
            data = {"text/html": part.html, "text/plain": part.plain}
            self._publish(slot, data, {"g4f_magic": about} if part.html else {}, is_new=slot >= slots)

    def _publish(self, slot: int, data: dict[str, str], about: dict[str, Any], *, is_new: bool) -> None:
        transient = {"display_id": f"{self._name}{slot}"}
        self._publisher.publish(data, about, transient=transient, update=not is_new)


def _is_captured(publisher: Any) -> bool:
    """Say whether outputs are only collected (`%%capture`): then painting would fill the collection."""
    from IPython.core.displaypub import CapturingDisplayPublisher

    return isinstance(publisher, CapturingDisplayPublisher)


def _parent(shell: Any) -> dict[str, Any]:
    """Return the message that runs this cell; empty where there is none."""
    get_parent = getattr(shell, "get_parent", None)
    parent: dict[str, Any] = (get_parent() if get_parent is not None else None) or {}
    return parent
