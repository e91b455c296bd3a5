"""A Markdown reply on its way to HTML: what is finished, what is open, and how it stands at the end. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from markdown_it.token import Token

from g4f_magic.renderers.allowance import Allowance
from g4f_magic.renderers.blocks import BlockSplitter, gathered
from g4f_magic.renderers.code_blocks import resting
from g4f_magic.renderers.markdown import as_text, block_to_html, changes_earlier, definitions, parsed
from g4f_magic.renderers.parsing import TooMuchError
from g4f_magic.renderers.renderer import Part

_TAG = re.compile("<style>.*?</style>|<[^>]*>")

_PIECE = 1_500
"""Characters of an open code fence that are shown as a piece of their own while it grows."""

_BUTTONS_FROM = 20_000
"""Characters of a reply from which finished code has its buttons while the reply still comes: they and what they need weigh most
in the messages of a short one, which soon ends."""

LONGEST_PART = 48_000
"""Characters of one static output, so that no page takes long over it; a single block may be longer."""

_TOGETHER = 16_384
"""Characters of blocks that are rendered as one where none was painted: each rendering costs beside its text."""

_SEALED_HTML = 80_000
"""Characters of HTML, or those of text in a part, at which finished blocks get their static form while the
reply still comes, so that its end is quick however long it was."""
_SEALED_NEXT, _SEALED_SHARE = 24_000, 5
"""Of what comes after these: sooner than their outputs would be merged, which sends all of it again. At least such a
share of what is sealed, as a page shows fifty outputs."""


class MarkdownView:
    """Shows a reply as Markdown."""

    def __init__(self, *, remote_images: bool = False, typesets_tex: bool = True) -> None:
        """Make it; a page that does not typeset TeX gets MathML."""
        self._remote_images = remote_images
        self._has_mathml = not typesets_tex
        self._splitter = BlockSplitter()
        self._env: dict[str, Any] = {}
        self._defined: dict[str, Any] | None = None
        self._allowance = Allowance()
        self._blocks: list[tuple[str, str | None]] = []
        self._finished: list[str] = []
        self._fence = ""
        self._shown_of_tail = 0
        self._text_size, self._html_size = 400, 700
        self._sealed = 0
        self._unsealed_text = self._unsealed_html = self._sealed_html = 0

    def defines(self, whole: str) -> None:
        """Know that what is shown is a part of `whole`, whose links and footnotes count in it."""
        self._defined = definitions(whole)

    def feed(self, text: str) -> None:
        """Take the next piece of the reply."""
        for block in gathered(self._splitter.feed(text)):
            self._finish(block)
        self._cut_long_fence()

    def _finish(self, block: str) -> None:
        self._text_size += len(block)
        if self._shown_of_tail:
            self._blocks.append((block, None))
            made = shown = self._piece_of_fence(block[self._shown_of_tail :])
            self._shown_of_tail = 0
        else:
            made = self._html(block)
            self._blocks.append((block, made))
            shown = resting(made) if self._text_size < _BUTTONS_FROM else made
        self._allowance.take(len(block), len(made))
        self._html_size += len(shown)
        self._unsealed_text += len(block)
        self._unsealed_html += len(shown)
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
        return self._splitter.tail_from(self._shown_of_tail)

    @property
    def growth(self) -> float:
        """Return how many characters of HTML a character of text makes, as far as is known."""
        return self._html_size / self._text_size

    def seal(self) -> list[Part]:
        """Return the finished blocks in their static form once they are many; what was finished is in it.

        Blocks that are sealed stay as they are, unless a link definition comes after them: see `rest`.
        """
        most = max(_SEALED_NEXT, self._sealed_html // _SEALED_SHARE) if self._sealed else _SEALED_HTML
        is_much = self._unsealed_html >= min(most, _SEALED_HTML) or self._unsealed_text >= LONGEST_PART
        if not is_much or self._shown_of_tail:
            return []
        parts = _joined(self._static(self._blocks[self._sealed :]))
        self._sealed = len(self._blocks)
        self._sealed_html += self._unsealed_html
        self._unsealed_text = self._unsealed_html = 0
        self._finished = []
        return parts

    def rest(self, reply: str) -> list[Part] | None:
        """Return the blocks that were not sealed, each in its static form; None where the sealed ones changed."""
        blocks = [*self._blocks, (self._splitter.tail, None)]
        if "".join(block for block, _ in blocks) != reply or changes_earlier(definitions(reply)):
            return None
        return self._static(blocks[self._sealed :])

    def parts(self, reply: str) -> list[Part]:
        """Return how the whole `reply` stands at the end, as it would be were it rendered at once."""
        blocks = [*self._blocks, (self._splitter.tail, None)]
        is_known = "".join(block for block, _ in blocks) == reply
        defined = definitions(reply) if self._defined is None else self._defined
        if is_known and not changes_earlier(defined):
            return _joined(self._static(blocks))
        self._env, self._allowance = defined, Allowance()
        if len(reply) <= _TOGETHER and (part := self._in_one(reply)) is not None:
            return [part]
        splitter = BlockSplitter()
        groups = _groups((*gathered(splitter.feed(reply)), splitter.tail))
        return _joined([part for group in groups for part in self._at_once(group)])

    def _in_one(self, reply: str) -> Part | None:
        """Return the reply parsed once for all that is written of it; None where that is too much."""
        try:
            tokens = parsed(reply, self._env)
        except TooMuchError:
            return None
        html = self._html(reply, tokens=tokens)
        return None if html == as_text(reply) else Part(html, reply, tokens=tokens)

    def _at_once(self, blocks: list[str]) -> list[Part]:
        """Return neighbouring blocks rendered as one; where that is too much, each by itself."""
        text = "".join(blocks)
        html = self._html(text)
        if len(blocks) > 1 and html == as_text(text):
            return [part for block in blocks for part in self._at_once([block])]
        self._allowance.take(len(text), len(html))
        return [Part(html, text)]

    def _static(self, blocks: Iterable[tuple[str, str | None]]) -> list[Part]:
        return [Part(self._html(block) if html is None else html, block) for block, html in blocks]

    def _html(self, text: str, *, is_open: bool = False, tokens: Sequence[Token] | None = None) -> str:
        if not text.strip():
            return ""
        env = self._env
        if is_open:  # half a definition must not be taken for the whole
            env = {
                "references": dict(self._env.get("references", {})),
                "footnotes": self._env.get("footnotes", {}),
                "is_open": True,
            }
        room = self._allowance.room(len(text))
        return block_to_html(
            text,
            env=env,
            remote_images=self._remote_images,
            room=room,
            has_mathml=self._has_mathml,
            tokens=tokens,
        )

    def _cut_long_fence(self) -> None:
        """Show the whole lines of a long open fence as finished: only for the time that it grows."""
        if self._splitter.open_fence is None:
            return
        size = self._splitter.whole_lines - self._shown_of_tail
        if size < _PIECE:
            return
        lines = self._splitter.tail_from(self._shown_of_tail)[:size]
        if self._shown_of_tail:
            self._finished.append(self._piece_of_fence(lines))
        else:
            self._fence = self._splitter.open_fence
            self._finished.append(self._html(lines, is_open=True))
        self._shown_of_tail += size

    def _piece_of_fence(self, text: str) -> str:
        return self._html(f"{self._fence}\n{text}", is_open=True) if text.strip(" `~\r\n") else ""


def _groups(blocks: Iterable[str]) -> Iterator[list[str]]:
    """Yield neighbouring blocks that are short together."""
    group: list[str] = []
    size = 0
    for block in blocks:
        if group and size + len(block) > _TOGETHER:
            yield group
            group, size = [], 0
        group.append(block)
        size += len(block)
    if group:
        yield group


def laid_over(parts: list[Part], sizes: list[int]) -> list[Part]:
    """Return the parts joined to one for each of the outputs that show `sizes` letters now, in their order.

    Each stands where its middle is shown, so that hardly anything changes its place. A part that covers
    several outputs leaves the others empty.
    """
    groups: list[list[Part]] = [[] for _ in sizes]
    shown = [letters(part.html) for part in parts]
    scale = sum(sizes) / max(1, sum(shown))
    number, end, at = 0, float(sizes[0]), 0.0
    for part, size in zip(parts, shown, strict=True):
        middle = at + size * scale / 2
        while middle > end and number < len(sizes) - 1:
            number += 1
            end += sizes[number]
        groups[number].append(part)
        at += size * scale
    return [_join(group) for group in groups]


def letters(html: str) -> int:
    """Return how many characters of HTML are to be read."""
    return len(_TAG.sub("", html))


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


def markdown_to_html(text: str) -> str:
    """Return a whole Markdown text as cleaned HTML, block by block as a reply is shown."""
    return "".join(part.html for part in MarkdownView().parts(text))
