"""The formats beside Markdown: the text as it is, its code alone, HTML in a frame. No I/O."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from g4f_magic import stopping
from g4f_magic.renderers.allowance import room_for
from g4f_magic.renderers.blocks import BlockSplitter
from g4f_magic.renderers.code_blocks import bare, framed
from g4f_magic.renderers.document import LONGEST_PART, markdown_to_html
from g4f_magic.renderers.escaping import escaped
from g4f_magic.renderers.frame import frame_body
from g4f_magic.renderers.markdown import blocks, code_to_html
from g4f_magic.renderers.parsing import TooMuchError
from g4f_magic.renderers.renderer import Part
from g4f_magic.visible import make_visible

_WRAP = "white-space:pre-wrap;overflow-wrap:anywhere;margin:0"
_LINES = 1_200
_FRAMED_FROM = 12
"""Characters of code that get a frame; that of shorter ones would be many times as long."""
_OPENING = re.compile(r"(`{3,}+|~{3,}+)[^\n]*+\n")


def wrapped(text: str) -> str:
    """Return `text` as it is, line by line, long lines wrapped."""
    return f'<pre style="{_WRAP}">{escaped(text)}</pre>' if text else ""


def unfenced(reply: str) -> str:
    """Return what stands in the code fence that is all of `reply`, else `reply` itself."""
    text = reply.strip()
    opening = _OPENING.match(text)
    if opening is None or not text.endswith(opening[1], opening.end()):
        return reply
    return text[opening.end() : -len(opening[1])].removesuffix("\n")


class _SettledAtTheEnd:
    """A view whose static form only the end tells."""

    def seal(self) -> list[Part]:
        """Return nothing: it is not known yet."""
        return []

    def rest(self, reply: str) -> list[Part] | None:
        """Return None: nothing was sealed."""
        return None


class TextView(_SettledAtTheEnd):
    """Shows a reply as it is, nothing interpreted. The others stream like it."""

    growth = 1.1

    def __init__(self) -> None:
        self._open: list[str] = []
        self._size = 0
        self._finished: list[str] = []

    def feed(self, text: str) -> None:
        """Take the next piece of the reply."""
        self._open.append(text)
        self._size += len(text)
        if self._size >= _LINES and "\n" in text:
            head, newline, rest = "".join(self._open).rpartition("\n")
            self._open, self._size = [rest], len(rest)
            self._finished.append(wrapped(head + newline))

    def finished(self) -> list[str]:
        """Return the HTML that was finished since the last call."""
        finished, self._finished = self._finished, []
        return finished

    def tail(self) -> str:
        """Return the HTML of what is still open."""
        return wrapped(self.tail_text)

    @property
    def tail_text(self) -> str:
        """Return the text behind it."""
        return "".join(self._open)

    def parts(self, reply: str) -> list[Part]:
        """Return the whole reply, in parts of bounded size."""
        pieces = _by_lines(reply)
        return [Part(wrapped(piece), piece) for piece in pieces]


def _by_lines(text: str) -> list[str]:
    """Return `text` cut after lines, or within one that is too long, into pieces of at most `LONGEST_PART`."""
    pieces = []
    start = 0
    while len(text) - start > LONGEST_PART:
        cut = text.rfind("\n", start, start + LONGEST_PART) + 1 or start + LONGEST_PART
        pieces.append(text[start:cut])
        start = cut
    return [*pieces, text[start:]]


class CodeView(_SettledAtTheEnd):
    """Shows only the code of a reply; `offer` is what of it can be the next cell, after `parts`."""

    growth = 2.5

    def __init__(self) -> None:
        self._splitter = BlockSplitter()
        self._finished: list[str] = []
        self.offer = ""

    def feed(self, text: str) -> None:
        """Take the next piece of the reply."""
        for block in self._splitter.feed(text):
            self._finished += [_code(code, language) for code, language in fences(block)]

    def finished(self) -> list[str]:
        """Return the HTML of the code that was finished since the last call."""
        finished, self._finished = self._finished, []
        return finished

    def tail(self) -> str:
        """Return the code that is still open."""
        return "".join(_code(code, "") for code, _ in fences(self.tail_text))

    @property
    def tail_text(self) -> str:
        """Return the text behind it."""
        return self._splitter.tail

    def parts(self, reply: str) -> list[Part]:
        """Return the code of the reply; all of the reply, and a word on it, where there is none."""
        found = fences(reply)
        if not found:
            return [Part(f"<p><em>No code in this reply:</em></p>{markdown_to_html(reply)}", reply)]
        self.offer = _offer(found)
        shown = "".join(_code(code, language) for code, language in found)
        return [Part(shown, joined(code for code, _ in found))]


def _code(code: str, language: str) -> str:
    html = code_to_html(code, language)
    return framed(html) if len(code) >= _FRAMED_FROM else bare(html)


def joined(codes: Iterable[str]) -> str:
    """Return several pieces of code as one."""
    return "\n\n".join(code.rstrip("\n") for code in codes)


PYTHON = frozenset({"python", "py", "python3", "ipython"})
"""What a fence may call Python."""
_SHELL = frozenset({"bash", "sh", "shell"})
_NAME = re.compile(r"[\w+#-]+")


def _offer(found: Sequence[tuple[str, str]]) -> str:
    """Return the code of the fences that can run as one cell: Python, else what names no language, else a shell's.

    None that holds control characters or overrides of direction: it would be run as another than it looks.
    """
    for languages, magic in ((PYTHON, ""), (frozenset({""}), ""), (_SHELL, "%%bash\n")):
        codes = [code for code, language in found if language_name(language) in languages and code.strip()]
        if codes:
            code = magic + joined(codes).replace("\r\n", "\n")
            return code if make_visible(code) == code else ""
    return ""


def language_name(language: str) -> str:
    """Return the bare name of a language: some write `{python}` or `Python`."""
    name = _NAME.search(language)
    return name[0].lower() if name else ""


def fences(text: str) -> list[tuple[str, str]]:
    """Return the code of each fence in `text`, those in lists too, with its language."""
    try:
        tokens = blocks(text)
    except TooMuchError:
        return []
    return [
        (token.content, token.info.strip().partition(" ")[0]) for token in tokens if token.type == "fence"
    ]


_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


_LONGEST_FRAME = 500_000
"""Characters of HTML that are shown as such."""
_HEAD = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="x-dns-prefetch-control" content="off">'
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
)


class FrameView(TextView):
    """Shows HTML in a frame of its own where no script runs, nothing is loaded and no name looked up."""

    def parts(self, reply: str) -> list[Part]:
        """Return the frame, and the source folded under it; the source alone, where the frame would be too much."""
        source = unfenced(reply)
        if len(source) > _LONGEST_FRAME or stopping.is_over():
            return super().parts(reply)
        document = html.escape(_HEAD + frame_body(source))
        if len(document) > room_for(len(source)):
            return super().parts(reply)
        frame = (
            f'<iframe sandbox="" referrerpolicy="no-referrer" title="The HTML of the reply" srcdoc="{document}" '
            'style="width:100%;height:16em;border:1px solid rgba(128,128,128,.5);background:#fff;resize:vertical">'
            "</iframe>"
        )
        folded = f"<details><summary>Source</summary>{wrapped(source)}</details>"
        return [Part(frame + folded, reply)]
