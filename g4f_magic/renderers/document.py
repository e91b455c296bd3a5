"""A Markdown reply on its way to HTML: what is finished, what is open, and how it stands at the end. No I/O."""

from __future__ import annotations

from typing import Any

from g4f_magic.renderers.base import Part
from g4f_magic.renderers.blocks import BlockSplitter
from g4f_magic.renderers.markdown import definitions, to_html

_PIECE = 1_500
"""Characters of an open code fence that are shown as a piece of their own while it grows."""

_COLOURS_FROM = 20_000
"""Characters of a reply from which code is coloured while it streams: colours triple its bytes, and the
short replies are those where each message weighs most. At the end all code is coloured."""

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
            self._finish(block)
        self._cut_long_fence()

    def _finish(self, block: str) -> None:
        self._text_size += len(block)
        if self._shown_of_tail:
            self._blocks.append((block, None))
            shown = self._rest_of_fence(block)
            self._shown_of_tail = 0
        elif self._text_size < _COLOURS_FROM and ("```" in block or "~~~" in block):
            self._blocks.append((block, None))
            shown = self._html(block, is_open=True)
        else:
            shown = self._html(block)
            self._blocks.append((block, shown))
        self._html_size += len(shown)
        self._finished.append(shown)

    def finished(self) -> list[str]:
        """Return the HTML that was finished since the last call."""
        finished, self._finished = self._finished, []
        return finished

    def tail(self) -> str:
        """Return the HTML of what is still open."""
        text = self.tail_text
        return self._html(f"{self._fence}\n{text}" if self._shown_of_tail and text else text, is_open=True)

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

    def _html(self, text: str, *, is_open: bool = False) -> str:
        if not text.strip():
            return ""
        env = self._env
        if is_open:  # half a definition must not be taken for the whole
            env = {"references": dict(self._env.get("references", {})), "is_open": True}
        return to_html(text, env=env, remote_images=self._remote_images)

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
            self._finished.append(self._html(tail[:end], is_open=True))
        self._shown_of_tail = end

    def _rest_of_fence(self, text: str) -> str:
        rest = text[self._shown_of_tail :]
        return self._html(f"{self._fence}\n{rest}", is_open=True) if rest.strip(" `~\r\n") else ""


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
