"""A reply in a notebook's cell: painted while it comes, and at the end static."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from g4f_magic import stopping
from g4f_magic.chunks import Chunk, Reasoning, Rethought, Text, ToolCall, ToolResult, Unfit
from g4f_magic.endings import is_cut
from g4f_magic.format_table import BY_NAME
from g4f_magic.host.base import Host, Output
from g4f_magic.label import MARK
from g4f_magic.loop import running_loop
from g4f_magic.markdown_source import source_of
from g4f_magic.outcome import noted
from g4f_magic.renderers import calls, decoration
from g4f_magic.renderers.frames import Frames
from g4f_magic.renderers.painting import MESSAGE, BlockEnds, Layout, Throttle
from g4f_magic.renderers.renderer import Part
from g4f_magic.settings import Settings
from g4f_magic.turn import TextStep, Turn

if TYPE_CHECKING:
    from g4f_magic.renderers.renderer import View

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
        host: Host,
        format: str = "markdown",  # noqa: A002
        keeps_others: bool = False,
        offer: Callable[[str], None],
        place: CellRenderer | None = None,
    ) -> None:
        """Make it; at `place` an earlier answer stands, whose outputs it takes over once it is whole."""
        self._host = host
        self._outputs: list[Output] = list(place._outputs) if place is not None else []
        self._is_elsewhere = place is not None
        self._last: tuple[int, Part] | None = None
        self._above = self._below = ""
        self._offer = offer
        self._format = format
        self._keeps_others = keeps_others
        self._frame_seconds = 1 / settings.frames_per_second
        self._remote_images = settings.remote_images
        self._view: View | None = None
        self._new: list[str] = []
        self._reasoning: list[str] = []
        self._steps: list[ToolCall | ToolResult] = []
        self._received = 0
        self._notice = ""
        self._sealed = self._sealed_characters = 0
        self._sealed_reasoning = ""
        self._frames: Frames | None = None
        """None where nothing is painted before the end, and once all is settled."""
        self.problem = ""

    @cached_property
    def _layout(self) -> Layout:
        return Layout(is_single=self._is_shared)

    @cached_property
    def _ends(self) -> BlockEnds:
        return BlockEnds()

    def begin(self, turn: Turn) -> None:
        """Load what rendering needs beside the request, and say soon that the cell waits."""
        loop = running_loop()
        self._is_shared = self._host.is_shared
        self._can_end = self._host.has_commands and not self._is_shared
        # The running cell is a chat and nothing else: its outputs are all ours to clear.
        is_alone = self._host.cell.code.lstrip().startswith("%%chat") and not self._keeps_others
        self._can_clear = is_alone and (self._host.can_clear or self._is_shared) and not self._is_elsewhere
        self._turn = turn
        if loop is None or self._is_elsewhere or not self._host.can_update:
            return
        if not _are_views_loaded():
            with suppress(RuntimeError):  # no threads here (Pyodide): they are loaded with the first words
                threading.Thread(target=import_module, args=(_VIEWS,), daemon=True).start()
        self._throttle = Throttle(loop.time())
        self._frames = Frames(loop, self._frame_seconds, self._frame)
        if turn.source == "replayed":
            self._wake()  # the reply may well be there before the first frame
        else:  # a message takes a millisecond, and what answers at once would flicker
            loop.call_later(_WAIT_SECONDS, self._wait)

    def show(self, chunk: Chunk) -> None:
        """Keep `chunk` for the next frame."""
        if isinstance(chunk, Text):
            is_first = not self._received
            self._new.append(chunk.text)
            self._received += len(chunk.text)
            if is_first and self._frames is not None:
                # All of a short reply may be there to be read before the loop is free.
                self._frames.wake(at_once=True)
                return
        elif isinstance(chunk, Reasoning):
            self._reasoning.append(chunk.text)
        elif isinstance(chunk, Rethought):
            self._reasoning += self._new
            self._begin_anew()
        elif isinstance(chunk, ToolCall | ToolResult):
            self._steps.append(chunk)
            self._paint_now()
            return
        elif isinstance(chunk, Unfit):
            self._notice = f"{chunk.why} · asking once more"
            self._begin_anew()
        else:  # of several who were asked, who answers
            self._turn = noted(self._turn, chunk)
            return
        self._wake()

    def _paint_now(self) -> None:
        """Paint at once: the person may be asked now, or a function runs, which may hold the loop."""
        if self._frames is None:
            return
        self._frames.skip()
        with stopping.rendering():
            self._paint()

    def _begin_anew(self) -> None:
        """Show what comes from now on in place of what was painted: that was thinking, which is folded at the end, or did not fit."""
        self._new, self._view = [], None
        self._received = self._sealed_characters
        self._ends = BlockEnds(self._received)
        self._layout = self._layout.after(0)

    def notice(self, text: str) -> None:
        """Show a quiet line until the next text comes."""
        self._notice = text
        self._wake()

    def settle(self, turn: Turn) -> None:
        """Replace what was painted by the static outputs."""
        if self._frames is not None:
            self._frames.stop()
        self._frames = None
        with stopping.rendering():
            view = self._settled_view(turn)
        offer = getattr(view, "offer", "")
        if offer and turn.status == "done" and not is_cut(turn.finish):
            self._offer(offer)

    def _settled_view(self, turn: Turn) -> View:
        """Show the static outputs; return the view that made them."""
        if self._view is not None:  # what was never painted is rendered once, as it stays
            self._view.feed("".join(self._new))
        self._new = []
        view = self._last_view(turn)
        rest = self._rest(view, turn)
        if rest is None:
            parts = self._drawn(turn) or (view.parts(turn.reply) if turn.reply.strip() else [Part("", "")])
            self.problem = getattr(view, "problem", "")
            parts = self._in_order(turn, parts) if turn.has_calls else parts
            self._leave(self._static(turn, [*self._folded(turn.reasoning), *parts]))
        else:
            from g4f_magic.renderers.document import letters

            sizes = [letters(html) for html in self._layout.shown] or [0]
            self._finish(self._static(turn, rest, sizes=sizes, before=self._sealed))
        return view

    def _in_order(self, turn: Turn, parts: list[Part]) -> list[Part]:
        """Return the calls of functions where they stand among the words; of a reply that is no Markdown, above it."""
        if self._format != "markdown":
            return [*calls.parts(turn.steps), *parts]
        called = {one.call.id: one for one in calls.calls_in(turn.steps)}
        found: list[Part] = []
        for step in turn.steps:
            if isinstance(step, ToolCall):
                found.append(calls.part(called[step.id]))
            elif isinstance(step, TextStep) and step.text.strip():
                found += self._new_view().parts(step.text.strip() + "\n\n")
        return found

    def _drawn(self, turn: Turn) -> list[Part]:
        """Return the parts of a reply with a diagram, where the page draws it; else nothing."""
        if self._format != "markdown" or not self._host.has_commands or "mermaid" not in turn.reply:
            return []
        from g4f_magic.renderers.diagrams import with_diagrams

        return with_diagrams(turn.reply, self._new_view)

    def _static(self, turn: Turn, parts: list[Part], **laid: Any) -> list[Part]:
        tells = not self._host.has_commands
        # What a function gave is data, and never read as Markdown.
        is_markdown = self._format == "markdown" and not (self._sealed or turn.has_calls)
        return decoration.static(turn, parts, tells_of_code=tells, is_markdown=is_markdown, **laid)

    def _rest(self, view: View, turn: Turn) -> list[Part] | None:
        """Return what the outputs that are still open are to show at the end; None where all is shown anew."""
        if not self._sealed or turn.reasoning != self._sealed_reasoning or turn.has_calls:
            return None
        return view.rest(turn.reply)

    def _folded(self, reasoning: str) -> list[Part]:
        return decoration.reasoning_parts(
            reasoning, remote_images=self._remote_images, typesets_tex=self._host.typesets_tex
        )

    def _wait(self) -> None:
        if self._frames is not None and not self._layout.size:
            self._send([], decoration.waiting(self._turn))

    def _wake(self) -> None:
        if self._frames is not None:
            self._frames.wake()

    def _frame(self) -> bool:
        """Paint unless that would cost too much by now; say whether all that came is shown."""
        if self._frames is None:
            return True
        is_end = self._ends_now()
        growth = self._view.growth if self._view else 1.5
        tail = sum(map(len, self._new)) + (len(self._view.tail_text) if self._view else 0)
        is_allowed = self._throttle.allows(
            now=self._frames.last,
            heard_at=self._frames.heard_at,
            received=self._received,
            growth=growth,
            paint=(0 if is_end else tail) * growth + self._layout.repainted,
            to_come=(self._received - self._sealed_characters) * (growth + 1.1)
            + self._layout.to_merge
            + self._layout.size * MESSAGE,  # in the end all stands in one of them
            is_end=is_end,
        )
        if is_allowed:
            with stopping.rendering():
                self._paint(is_end=is_end)
        return is_allowed and not is_end

    def _ends_now(self) -> bool:
        """Say whether to leave out what is open, for the next paint; the view is given what came."""
        if self._view is None or not self._can_end or self._steps or self._notice:
            return self._ends.come(self._received, is_open=self._received)
        with stopping.rendering():
            self._view.feed("".join(self._new))
        self._new = []
        return self._ends.come(self._received, is_open=len(self._view.tail_text))

    def _paint(self, *, is_end: bool = False) -> None:
        text = "".join(self._new)
        if text:
            self._notice = ""
        if self._view is None and not self._received:
            told = decoration.waiting(self._turn, self._notice, "".join(self._reasoning[-40:]))
            self._send([], self._called() + told)
            return
        if self._layout.size == 1 and self._view is None and not _are_views_loaded():
            self._send(
                [], decoration.plain(text)
            )  # the first words at once; the parser is still being loaded
            self._wake()
            return
        self._new = []
        view = self._made_view()
        view.feed(text)
        if not self._is_shared:
            self._seal(view.seal())
        self._ends.paint(self._received, is_open=len(view.tail_text))
        tail = decoration.with_caret(view.tail()) + self._called() + decoration.notice(self._notice)
        self._send(view.finished(), "" if is_end else tail)

    def _called(self) -> str:
        """Return the calls of functions so far, as they are shown below what was said."""
        return calls.all_folded(self._steps)

    def _made_view(self) -> View:
        if self._view is None:
            self._view = self._new_view()
        return self._view

    def _new_view(self) -> View:
        from g4f_magic.renderers.views import make_view

        return make_view(
            self._format,
            remote_images=self._remote_images,
            typesets_tex=self._host.typesets_tex,
            schema=self._turn.ask.schema,
        )

    def _last_view(self, turn: Turn) -> View:
        """Return what shows the reply at the end. What is judged and did not come to its end is shown as text."""
        if BY_NAME[self._format].is_judged and turn.status != "done":
            from g4f_magic.renderers.views import make_view

            return make_view("text")
        return self._made_view()

    def _send(self, finished: list[str], tail: str) -> None:
        now = self._frames.now if self._frames else 0.0
        paints = self._layout.paint(finished, tail)
        shown = self._layout.shown
        for paint in paints:
            # Without a tail the caret stands here; it goes by itself once another output grows below.
            is_last = self._can_end and not tail and not any(shown[paint.output + 1 :])
            html = decoration.with_caret(paint.html, decoration.END_CARET) if is_last else paint.html
            html = decoration.streaming(html, shown[: paint.output], is_short=not self._is_shared)
            self._publish(self._sealed + paint.output, {"text/html": html})
            self._throttle.spend(len(html), now)

    def _seal(self, parts: list[Part]) -> None:
        """Give what is finished its static form, in the first of the open outputs; the others go on after it."""
        if parts and not self._sealed:
            self._sealed_reasoning = "".join(self._reasoning)
            parts = [*self._folded(self._sealed_reasoning), *parts]
        for part in decoration.sealed(self._turn, parts, before=self._sealed):
            self._show(self._sealed, part)
            self._throttle.spend(len(part.html) + len(part.plain), self._frames.now if self._frames else 0.0)
            self._layout = self._layout.after(1)
            self._sealed += 1
            self._sealed_characters += len(part.plain)

    def _finish(self, parts: list[Part]) -> None:
        """Put `parts`, the last of the reply, into the outputs that are still open."""
        for number in range(max(len(parts), self._layout.size)):
            self._show(self._sealed + number, parts[number] if number < len(parts) else Part("", ""))

    def _leave(self, parts: list[Part]) -> None:
        """Put `parts` where the painted outputs were.

        Where the page would jump they stay, those that are not needed with nothing in them. Of a notebook that others
        have open too, their pages take fresh outputs, or an update of one: of several they would apply it to the wrong ones.
        """
        if len(self._outputs) > (not self._is_shared) and self._can_clear:
            self._host.clear()
            self._outputs = []
        elif self._outputs and self._is_shared:
            parts = [decoration.joined(parts)]
        for number in range(max(len(parts), len(self._outputs))):
            self._show(number, parts[number] if number < len(parts) else Part("", ""))

    def mark(self, *, above: str | None = None, below: str | None = None) -> None:
        """Say something above the reply's last output and below it; an empty text takes away what was said there."""
        if self._last is None or not self._host.can_update:
            return
        self._above = self._above if above is None else above
        self._below = self._below if below is None else below
        number, part = self._last
        html = decoration.mark(self._above) + part.html + decoration.below(self._below)
        self._publish(number, self._bundle(html, part))

    def _show(self, number: int, part: Part) -> None:
        if part.html:
            self._last = number, part
        if part.diagram:
            from g4f_magic.renderers.diagrams import bundle

            self._publish(number, bundle(part))
            return
        self._publish(number, self._bundle(part.html, part))

    def _bundle(self, html: str, part: Part) -> dict[str, str]:
        """Return what an output shows; every page takes the HTML, and what shows none the Markdown, in which nothing acts.

        Where that tells the text to the letter, a page needs no plain text beside it; what runs notebooks may read no other.
        """
        data = {"text/html": html}
        if part.portable:
            data["text/markdown"] = part.portable
        if not (part.portable and self._host.names_cells and source_of(part.portable) == part.plain):
            data["text/plain"] = part.plain
        return data

    def _publish(self, number: int, data: dict[str, str]) -> None:
        if number == len(self._outputs):
            self._outputs.append(self._host.output(MARK))
        self._outputs[number].show(data)


def _are_views_loaded() -> bool:
    """Say whether what renders has been imported to its end."""
    spec = getattr(sys.modules.get(_VIEWS), "__spec__", None)
    return spec is not None and not getattr(spec, "_initializing", False)
