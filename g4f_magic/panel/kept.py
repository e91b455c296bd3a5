"""The conversation as static outputs under the panel: for who reads the notebook without its kernel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing

from g4f_magic.host.base import Host, Output
from g4f_magic.messages import citation_lines
from g4f_magic.panel.showing import rest_style
from g4f_magic.renderers.allowance import room_for
from g4f_magic.renderers.calls import calls_in, folded
from g4f_magic.renderers.calls import line as row
from g4f_magic.renderers.citations import to_html
from g4f_magic.renderers.code_blocks import acting, bare, framed
from g4f_magic.renderers.escaping import escaped
from g4f_magic.renderers.mathml import as_tex
from g4f_magic.renderers.provenance import provenance
from g4f_magic.turn import Turn
from g4f_magic.visible import without_controls

OUTPUTS = 8
"""How many outputs a conversation is spread over: a new turn sends only the last of them again. Of a notebook that others
have open too it is one: their pages apply updates of several to the wrong ones."""
_LONGEST = 40_000
"""Characters of HTML in one output, about, so that no page takes long over it."""
_PAUSE_SECONDS = 0.5
_BETWEEN_SECONDS = 0.15
_CUT = "What follows is in the history: %chat show"
_QUIET = "font-size:.85em;opacity:.7"
_QUOTE = "white-space:pre-wrap;margin:1em 0 .5em;padding-left:.8em;border-left:3px solid #8886"

Blocks = Callable[[Turn], list[str]]
"""Gives the reply of a settled turn as blocks of cleaned HTML."""
Bundle = dict[str, str]
KeptPiece = tuple[str, str]
"""HTML, and the same as plain text."""


class KeptOutputs:
    """A few static outputs, which follow the conversation a moment later."""

    def __init__(self, name: str, host: Host, blocks: Blocks, *, tell: Callable[[int, Bundle], None]) -> None:
        self._class = f"g4f-kept g4f-kept-{name}" if name else "g4f-kept"
        self._style = rest_style(f"g4f-kept-{name}") if name else ""
        self._host = host
        self._most = 1 if host.is_shared else OUTPUTS
        self._blocks = blocks
        self._tell = tell
        self._is_telling = False
        self._outputs: list[Output] = []
        self._sent: list[Bundle] = []
        self._first = ""
        self._task: asyncio.Task[None] | None = None
        self._is_behind = False

    def show(self, conversation: str, turns: Sequence[Turn]) -> None:
        """Make the outputs in the running cell, or renew them where they are, with all that fits."""
        pieces = [piece for turn in turns if turn.is_settled for piece in self._pieces_of(turn)]
        bundles = self._bundles(conversation, pieces, left=0)
        while len(bundles) > self._most and len(pieces) > 1:
            pieces = pieces[-(-len(pieces) // 4) :]
            bundles = self._bundles(conversation, pieces, left=1)
        room = len(self._sent) or min(len(bundles), self._most)
        for number in range(room):
            here = bundles[number : None if number == room - 1 else number + 1]
            joined = {
                kind: "\n\n".join(bundle[kind] for bundle in here) for kind in ("text/html", "text/plain")
            }
            if self._sent[number : number + 1] != [joined]:
                self._publish(number, joined)

    def renew(self, conversation: str, turns: Sequence[Turn]) -> None:
        """Renew the outputs at once, where they are shown: for a notebook that a machine runs."""
        if self._sent:
            self.show(conversation, turns)

    def reserve(self) -> None:
        """Make the outputs, in the running cell, with nothing in them yet."""
        for number in range(self._most):
            self._publish(number, self._bundle([]))

    def follow(self, loop: asyncio.AbstractEventLoop, what: Callable[[], tuple[str, Sequence[Turn]]]) -> None:
        """Renew the outputs in a moment; several calls are one. `what` gives the conversation's name and turns."""
        if not self._sent:
            return
        self._is_behind = True
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._follow(what))

    def tell_all(self) -> None:
        """Tell what they show, and from now on each time that this becomes different: some page cannot see it.

        The pages of a notebook that several have open all see it.
        """
        if self._host.is_shared:
            return
        self._is_telling = True
        for number, bundle in enumerate(self._sent):
            self._tell(number, bundle)

    def close(self) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()

    async def _follow(self, what: Callable[[], tuple[str, Sequence[Turn]]]) -> None:
        while self._is_behind:
            await asyncio.sleep(_PAUSE_SECONDS)
            self._is_behind = False  # what settles from here on is looked at in the next round
            await self._renew(what)

    async def _renew(self, what: Callable[[], tuple[str, Sequence[Turn]]]) -> None:
        while True:
            conversation, turns = what()
            settled = [turn for turn in turns if turn.is_settled]
            first = self._start(settled)
            pieces: list[KeptPiece] = []
            async with aclosing(self._rendered(settled[first:])) as rendered:
                async for piece in rendered:
                    pieces.append(piece)
            bundles = self._bundles(conversation, pieces, left=first)
            if len(bundles) <= self._most or len(settled) - first <= 1:
                break
            self._first = settled[first + max(1, (len(settled) - first) // 4)].id
        empty = [self._bundle([])] * (len(self._sent) - len(bundles))
        for number, bundle in enumerate([*self._cut(bundles), *empty]):
            if self._sent[number] != bundle:
                self._publish(number, bundle)
                await asyncio.sleep(_BETWEEN_SECONDS)  # so that no page is busy with all of them at once

    def _start(self, turns: Sequence[Turn]) -> int:
        """Return the number of the first turn that is kept; it moves on only when there is no more room."""
        found = [number for number, turn in enumerate(turns) if turn.id == self._first]
        if found:
            return found[0]
        size = 0
        for number in range(len(turns) - 1, -1, -1):
            size += 3 * len(turns[number].reply) + 600  # what HTML makes of it, about
            if size > self._most * _LONGEST:
                self._first = turns[min(number + 1, len(turns) - 1)].id
                return min(number + 1, len(turns) - 1)
        return 0

    async def _rendered(self, turns: Sequence[Turn]) -> AsyncGenerator[KeptPiece]:
        for turn in turns:
            for piece in self._pieces_of(turn):
                yield piece
            await asyncio.sleep(0)  # others have their turn between two renderings

    def _pieces_of(self, turn: Turn) -> Iterator[KeptPiece]:
        """Return a turn in pieces, as the page shows the same reply in a cell."""
        blocks = self._blocks(turn)
        if self._host.typesets_tex:
            blocks = [as_tex(block) for block in blocks]
        room = room_for(len(turn.reply))
        made = ([form(block) for block in blocks] for form in (framed, bare))
        fitting = (one for one in made if sum(map(len, one)) <= room)
        return _pieces(turn, next(fitting, blocks))

    def _bundles(self, conversation: str, pieces: Sequence[KeptPiece], *, left: int) -> list[Bundle]:
        title = f"Conversation “{conversation}”"
        if left:
            title += "; its earlier turns are in the history: %chat history"
        elif not pieces:
            title += ": nothing was said yet"
        head = (f'{self._style}<div style="{_QUIET}">{escaped(title)}</div>', f"{title}\n\n")
        groups: list[list[KeptPiece]] = [[head]]
        size = 0
        for piece in pieces:
            if size and size + len(piece[0]) > _LONGEST:
                groups.append([])
                size = 0
            groups[-1].append(piece)
            size += len(piece[0])
        return [self._bundle(group) for group in groups]

    def _bundle(self, pieces: Sequence[KeptPiece]) -> Bundle:
        made = "".join(made for made, _ in pieces)
        return {
            "text/html": f'<div class="{self._class}">{acting(made)}</div>',
            "text/plain": "".join(plain for _, plain in pieces).rstrip("\n"),
        }

    def _cut(self, bundles: Sequence[Bundle]) -> Sequence[Bundle]:
        """Return what there is room for; a single reply may be longer, and then it is said that it is cut."""
        if len(bundles) <= self._most:
            return bundles
        cut = self._bundle([(f'<div style="{_QUIET}">{_CUT}</div>', _CUT)])
        if self._most == 1:
            return [{kind: "\n\n".join((bundles[0][kind], cut[kind])) for kind in cut}]
        return [*bundles[: self._most - 1], cut]

    def _publish(self, number: int, bundle: Bundle) -> None:
        if number == len(self._outputs):
            self._outputs.append(self._host.output())
        self._outputs[number].show(bundle)
        self._sent[number:] = [bundle, *self._sent[number + 1 :]]
        if self._is_telling:
            self._tell(number, bundle)


def _pieces(turn: Turn, blocks: Sequence[str]) -> Iterator[KeptPiece]:
    """Yield a turn in pieces of bounded size."""
    prompt = without_controls(turn.prompt.strip())
    line = provenance(turn)
    quoted = "\n".join(f"> {row}" for row in prompt.splitlines())
    said = without_controls(turn.reply.rstrip()) or ". ".join(filter(None, (turn.error, turn.hint)))
    number = max(1, -(-sum(map(len, blocks)) // (_LONGEST // 2)))
    # The plain text is cut without a look at the blocks: nobody sees where.
    texts = [said[at : at + len(said) // number + 1] for at in range(0, len(said), len(said) // number + 1)]
    plains = iter([f"{quoted}\n\n", *texts])
    made = [f'<blockquote style="{_QUOTE}">{escaped(prompt)}</blockquote>']
    called = [(folded(one), row(one)) for one in calls_in(turn.steps)]
    made += [html for html, _ in called]
    quoted_first = next(plains) + "".join(f"{line}\n\n" for _, line in called)
    plain, size = quoted_first + next(plains, ""), sum(len(html) for html, _ in called)
    for block in blocks:
        if size and size + len(block) > _LONGEST // 2:
            yield "".join(made), plain
            made, plain, size = [], next(plains, ""), 0
        made.append(block)
        size += len(block)
    if turn.citations:
        made.append(to_html(turn.citations))
    if turn.error:
        made.append(f"<p>{escaped('. '.join(filter(None, (turn.error, turn.hint))))}</p>")
    made.append(f'<div style="{_QUIET}">{escaped(line)}</div>')
    ending = "\n\n".join(filter(None, (citation_lines(turn.citations), line)))
    yield "".join(made), f"{plain}{''.join(plains)}\n\n{ending}\n\n"
