"""A reply as blocks of cleaned HTML: each is rendered once, as soon as nothing can change it. Pure, no I/O."""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from typing import Any

from g4f_magic.messages import Turn
from g4f_magic.panel.mathml import to_mathml
from g4f_magic.renderers.blocks import BlockSplitter
from g4f_magic.renderers.markdown import definitions, to_html

# What a reply cannot guess, and what cleaning leaves alone: stands where math is put after the cleaning.
_MARK = f"math{secrets.token_hex(8)}n"
_MARKED = re.compile(rf"{_MARK}(\d+)e")


def to_panel_html(text: str, env: dict[str, Any], *, remote_images: bool = False) -> str:
    """Return `text` as cleaned HTML, its math as MathML."""
    if not text.strip():
        return ""
    math: list[str] = []

    def typeset(tex: str, is_display: bool) -> str:
        math.append(to_mathml(tex, is_display=is_display))
        return f"{_MARK}{len(math) - 1}e"

    cleaned = to_html(text, env={**env, "typeset": typeset}, remote_images=remote_images)
    return _MARKED.sub(lambda found: math[int(found[1])], cleaned) if math else cleaned


class GrowingReply:
    """A reply that comes in pieces."""

    def __init__(self, *, remote_images: bool = False) -> None:
        self._remote_images = remote_images
        self._splitter = BlockSplitter()
        self._references: dict[str, Any] = {}
        self._texts: list[str] = []
        self._code_shown = 0
        self.blocks: list[str] = []
        """The finished blocks so far."""

    def feed(self, text: str) -> list[str]:
        """Return the blocks that `text` finishes."""
        finished = self._splitter.feed(text)
        new = [self._html(block) for block in finished]
        if finished:
            self._code_shown = 0
        self._texts += finished
        self.blocks += new
        return new

    @property
    def tail_text(self) -> str:
        """Return the Markdown that is still open."""
        return self._splitter.tail

    def tail(self) -> str:
        """Return the HTML of what is still open; its code is not coloured yet."""
        text = self._splitter.tail
        if self._splitter.open_fence is not None:
            text = self._whole_lines()
            self._code_shown = len(text)
        # Half a definition must not be taken for the whole.
        env = {"references": dict(self._references), "is_open": True}
        return to_panel_html(text, env, remote_images=self._remote_images)

    def more_code(self) -> tuple[int, str] | None:
        """Return the new lines of a code fence that the tail shows already, and how much of it was shown before.

        None where the tail is something else and is to be shown anew.
        """
        if self._splitter.open_fence is None or not self._code_shown:
            return None
        text = self._whole_lines()
        shown, self._code_shown = self._code_shown, max(self._code_shown, len(text))
        return shown, text[shown:]

    def end(self, reply: str) -> tuple[int, list[str]]:
        """Return the last blocks of the whole `reply`, and the number of those before that stay as they are.

        A link definition that came late changes earlier blocks: then all are given anew.
        """
        texts = [*self._texts, self._splitter.tail]
        if "".join(texts) != reply:  # what came is not what is kept: what is kept counts
            splitter = BlockSplitter()
            texts = [*splitter.feed(reply), splitter.tail]
            self.blocks = []
        stay = len(self.blocks)
        defined = definitions(reply).get("references", {})
        if defined:
            self._references = defined
            stay = 0 if any("[" in text for text in texts[:stay]) else stay
        last = [html for text in texts[stay:] if (html := self._html(text))]
        self.blocks[stay:] = last
        return stay, last

    def _html(self, block: str) -> str:
        env = {"references": self._references}
        return to_panel_html(block, env, remote_images=self._remote_images)

    def _whole_lines(self) -> str:
        tail = self._splitter.tail
        return tail[: tail.rfind("\n") + 1] or tail


def blocks_of(text: str, *, remote_images: bool = False) -> list[str]:
    """Return a whole text as blocks of HTML."""
    return GrowingReply(remote_images=remote_images).end(text)[1]


class Shelf:
    """Replies that were rendered, those used last, up to a number of characters."""

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
            blocks_of(turn.reply, remote_images=remote_images),
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
