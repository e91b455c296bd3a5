"""A Markdown reply on its way to HTML: what is finished, what is open, and how it stands at the end. No I/O."""

from __future__ import annotations

from typing import Any

from g4f_magic.renderers.base import Part
from g4f_magic.renderers.blocks import BlockSplitter
from g4f_magic.renderers.markdown import definitions, to_html

_PIECE = 1_500
"""Characters of an open code fence that are shown as a piece of their own while it grows."""

LONGEST_PART = 48_000
"""Characters of one static output, so that no page takes long over it; a single block may be longer."""


class MarkdownView:
    """Shows a reply as Markdown."""

    def __init__(self, *, remote_images: bool = False) -> None:
        self._remote_images = remote_images
        self._splitter = BlockSplitter()
        self._env: dict[str, Any] = {}
        self._blocks: list[tuple[str, str | None]] = []
        self._finished: list[str] = []
        self._fence = ""
        self._shown_of_tail = 0
        self._text_size, self._html_size = 400, 700

    def feed(self, text: str) -> None:
        """Take the next piece of the reply."""
        for block in self._splitter.feed(text):
            html = self._html(block)
            self._blocks.append((block, html))
            self._text_size += len(block)
            self._html_size += len(html)
            self._finished.append(self._rest_of_fence(block) if self._shown_of_tail else html)
            self._shown_of_tail = 0
        self._cut_long_fence()

    def finished(self) -> list[str]:
        """Return the HTML that was finished since the last call."""
        finished, self._finished = self._finished, []
        return finished

    def tail(self) -> str:
        """Return the HTML of what is still open."""
        return self._rest_of_fence(self._splitter.tail) if self._shown_of_tail else self._html(self.tail_text)

    @property
    def tail_text(self) -> str:
        """Return the Markdown of what is still open and not shown as finished."""
        return self._splitter.tail[self._shown_of_tail :]

    @property
    def growth(self) -> float:
        """Return how many characters of HTML a character of text makes, as far as is known."""
        return self._html_size / self._text_size

    def parts(self, reply: str) -> list[Part]:
        """Return how the whole `reply` stands at the end, as it would be were it rendered at once."""
        tail = self._splitter.tail
        blocks = [*self._blocks, (tail, None)]
        if "".join(block for block, _ in blocks) != reply:
            splitter = BlockSplitter()
            blocks = [(block, None) for block in splitter.feed(reply)]
            blocks.append((splitter.tail, None))
        defined = definitions(reply)
        if defined.get("references"):
            self._env = defined
            blocks = [(block, None) for block, _ in blocks]
        return _joined([Part(self._html(block) if html is None else html, block) for block, html in blocks])

    def _html(self, text: str) -> str:
        return to_html(text, env=self._env, remote_images=self._remote_images) if text.strip() else ""

    def _cut_long_fence(self) -> None:
        """Show the whole lines of a long open fence as finished: only for the time that it grows."""
        if self._splitter.open_fence is None:
            return
        tail = self._splitter.tail
        end = tail.rfind("\n") + 1
        if end - self._shown_of_tail < _PIECE:
            return
        if self._shown_of_tail:
            self._finished.append(self._rest_of_fence(tail[:end]))
        else:
            self._fence = self._splitter.open_fence
            self._finished.append(self._html(tail[:end]))
        self._shown_of_tail = end

    def _rest_of_fence(self, text: str) -> str:
        rest = text[self._shown_of_tail :]
        return self._html(f"{self._fence}\n{rest}") if rest.strip(" `~\r\n") else ""


def _joined(parts: list[Part]) -> list[Part]:
    """Return the parts joined to few, none longer than `LONGEST_PART` unless it was so before."""
    joined: list[Part] = []
    group: list[Part] = []
    size = 0
    for part in parts:
        if group and size + len(part.plain) > LONGEST_PART:
            joined.append(_join(group))
            group, size = [], 0
        group.append(part)
        size += len(part.plain)
    return [*joined, _join(group)]


def _join(group: list[Part]) -> Part:
    return Part("".join(part.html for part in group), "".join(part.plain for part in group))
