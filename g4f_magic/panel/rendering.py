"""A reply as blocks of cleaned HTML: each is rendered once, as soon as nothing can change it. Pure, no I/O."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from g4f_magic.panel.typed import GrowingTree
from g4f_magic.renderers.allowance import Allowance, room_for
from g4f_magic.renderers.blocks import BlockSplitter, gathered
from g4f_magic.renderers.colours import LONGEST
from g4f_magic.renderers.diagrams import marked
from g4f_magic.renderers.markdown import as_text, block_to_html, changes_earlier, definitions
from g4f_magic.turn import Turn

_GROWN = 1.6
"""How many times as long a growing block of code gets before it is coloured anew: so that its bytes stay linear."""


def to_panel_html(
    text: str, env: dict[str, Any], *, remote_images: bool = False, room: int | None = None
) -> str:
    """Return `text` as cleaned HTML, its math as MathML; at most `room` characters, or what is right for its length."""
    if not text.strip():
        return ""
    room = room_for(len(text)) if room is None else room
    return block_to_html(
        text, env=env, remote_images=remote_images, room=room, is_framed=False, has_mathml=True
    )


class GrowingReply:
    """A reply that comes in pieces."""

    def __init__(self, *, remote_images: bool = False) -> None:
        self._remote_images = remote_images
        self._splitter = BlockSplitter()
        self._env: dict[str, Any] = {"references": {}}
        self._allowance = Allowance()
        self._texts: list[str] = []
        self._code_shown = self._coloured = 0
        self.is_plain = False
        """Whether what comes is shown as text: an interrupt ended the rendering."""
        self.blocks: list[str] = []
        """The finished blocks so far."""

    def feed(self, text: str) -> list[str]:
        """Return the blocks that `text` finishes."""
        finished = [*gathered(self._splitter.feed(text))]
        new = [self._html(block) for block in finished]
        if finished:
            self._code_shown = 0
        self._texts += finished
        self.blocks += new
        return new

    @property
    def text(self) -> str:
        """Return all that came so far."""
        return "".join((*self._texts, self._splitter.tail))

    @property
    def tail_text(self) -> str:
        """Return the Markdown that is still open."""
        return self._splitter.tail

    def tail(self) -> str:
        """Return the HTML of what is still open; new lines of its code get their colours later."""
        text = self._splitter.tail
        if self._splitter.open_fence is not None:
            text = self._whole_lines()
            self._code_shown = self._coloured = len(text)
        if self.is_plain:
            return as_text(text)
        # Half a definition must not be taken for the whole.
        env = {**self._env, "references": dict(self._env["references"]), "is_open": True}
        return to_panel_html(text, env, remote_images=self._remote_images)

    def more_code(self) -> tuple[int, str] | None:
        """Return the new lines of a code fence that the tail shows already, and how much of it was shown before.

        None where the tail is something else and is to be shown anew.
        """
        if self._splitter.open_fence is None or not self._code_shown:
            return None
        text = self._whole_lines()
        if self._coloured * _GROWN < len(text) <= LONGEST:
            return None  # all of it is sent anew, in colours
        shown, self._code_shown = self._code_shown, max(self._code_shown, len(text))
        return shown, text[shown:]

    def end(self, reply: str) -> tuple[int, list[str]]:
        """Return the last blocks of the whole `reply`, and the number of those before that stay as they are.

        A link definition that came late changes earlier blocks: then all are given anew.
        """
        texts = [*self._texts, self._splitter.tail]
        if "".join(texts) != reply:  # what came is not what is kept: what is kept counts
            splitter = BlockSplitter()
            texts = [*gathered(splitter.feed(reply)), splitter.tail]
            self.blocks, self._allowance = [], Allowance()
        stay = len(self.blocks)
        defined = definitions(reply)
        if changes_earlier(defined):
            self._env = {"references": {}, **defined}
            if any("[" in text for text in texts[:stay]):
                stay, self._allowance = 0, Allowance()
        last = [html for text in texts[stay:] if (html := self._html(text))]
        self.blocks[stay:] = last
        return stay, last

    def _html(self, block: str) -> str:
        room = self._allowance.room(len(block))
        if self.is_plain:
            return as_text(block) if block.strip() else ""
        made = marked(to_panel_html(block, self._env, remote_images=self._remote_images, room=room))
        self._allowance.take(len(block), len(made))
        return made

    def _whole_lines(self) -> str:
        tail = self._splitter.tail
        return tail[: tail.rfind("\n") + 1] or tail


def growing_of(turn: Turn, *, remote_images: bool) -> GrowingReply | GrowingTree:
    """Return what a turn's reply grows in: a typed one in a tree, any other as Markdown."""
    schema = turn.ask.schema
    return GrowingReply(remote_images=remote_images) if schema is None else GrowingTree(schema)


def blocks_of(text: str, *, remote_images: bool = False) -> list[str]:
    """Return a whole text as blocks of HTML."""
    return GrowingReply(remote_images=remote_images).end(text)[1]


class RenderedCache:
    """An LRU cache of rendered replies, up to a number of characters."""

    def __init__(self, most_characters: int = 8_000_000) -> None:
        self._most = most_characters
        self._size = 0
        self._kept: OrderedDict[str, tuple[list[str], list[str]]] = OrderedDict()

    def blocks(self, turn: Turn, *, remote_images: bool) -> tuple[list[str], list[str]]:
        """Return the blocks of a settled turn's reply, and those of its reasoning."""
        found = self._kept.get(turn.id)
        if found is not None:
            self._kept.move_to_end(turn.id)
            return found
        made = (
            growing_of(turn, remote_images=remote_images).end(turn.reply)[1],
            blocks_of(turn.reasoning, remote_images=remote_images),
        )
        self.keep(turn.id, *made)
        return self._kept[turn.id]

    def keep(self, turn_id: str, reply: list[str], reasoning: list[str]) -> None:
        """Keep what was rendered."""
        self._size += _size((reply, reasoning)) - _size(self._kept.pop(turn_id, ([], [])))
        self._kept[turn_id] = (reply, reasoning)
        while self._size > self._most and len(self._kept) > 1:
            self._size -= _size(self._kept.popitem(last=False)[1])


def _size(kept: tuple[list[str], list[str]]) -> int:
    return sum(len(html) for blocks in kept for html in blocks)
