"""The formats beside Markdown: the text as it is, its code alone, JSON as a tree, HTML in a frame. No I/O."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from g4f_magic.renderers.base import Part
from g4f_magic.renderers.blocks import BlockSplitter
from g4f_magic.renderers.document import LONGEST_PART
from g4f_magic.renderers.inert import inert
from g4f_magic.renderers.markdown import code_to_html, framed_code, to_html
from g4f_magic.renderers.sanitize import clean
from g4f_magic.visible import make_visible

_WRAP = "white-space:pre-wrap;overflow-wrap:anywhere;margin:0"
_LINES = 1_200
_FENCED = re.compile(r"\s*(?P<mark>`{3,}|~{3,})[^\n]*\n(?P<inside>.*?)\n?(?P=mark)\s*", re.DOTALL)


def wrapped(text: str) -> str:
    """Return `text` as it is, line by line, long lines wrapped."""
    return f'<pre style="{_WRAP}">{inert(text)}</pre>' if text else ""


def unfenced(reply: str) -> str:
    """Return what stands in the code fence that is all of `reply`, else `reply` itself."""
    match = _FENCED.fullmatch(reply)
    return match["inside"] if match else reply


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
        self._finished: list[str] = []

    def feed(self, text: str) -> None:
        """Take the next piece of the reply."""
        self._open.append(text)
        if sum(map(len, self._open)) >= _LINES:
            head, newline, rest = "".join(self._open).rpartition("\n")
            self._open = [rest]
            if newline:
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
    while len(text) > LONGEST_PART:
        cut = text.rfind("\n", 0, LONGEST_PART) + 1 or LONGEST_PART
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


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
            return [Part(f"<p><em>No code in this reply:</em></p>{to_html(reply)}", reply)]
        self.offer = _offer(found)
        shown = "".join(_code(code, language) for code, language in found)
        return [Part(shown, _joined(code for code, _ in found))]


def _code(code: str, language: str) -> str:
    return framed_code(clean(code_to_html(code, language)))


def _joined(codes: Iterable[str]) -> str:
    return "\n\n".join(code.rstrip("\n") for code in codes)


_PYTHON = frozenset({"python", "py", "python3", "ipython"})
_SHELL = frozenset({"bash", "sh", "shell"})
_NAME = re.compile(r"[\w+#-]+")


def _offer(found: Sequence[tuple[str, str]]) -> str:
    """Return the code of the fences that can run as one cell: Python, else what names no language, else a shell's.

    None that holds control characters or overrides of direction: it would be run as another than it looks.
    """
    for languages, magic in ((_PYTHON, ""), (frozenset({""}), ""), (_SHELL, "%%bash\n")):
        codes = [code for code, language in found if language_name(language) in languages and code.strip()]
        if codes:
            code = magic + _joined(codes).replace("\r\n", "\n")
            return code if make_visible(code) == code else ""
    return ""


def language_name(language: str) -> str:
    """Return the bare name of a language: some write `{python}` or `Python`."""
    name = _NAME.search(language)
    return name[0].lower() if name else ""


def fences(text: str) -> list[tuple[str, str]]:
    """Return the code of each fence in `text`, those in lists too, with its language."""
    from g4f_magic.renderers.markdown import parser

    tokens = parser().parse(text)
    return [
        (token.content, token.info.strip().partition(" ")[0]) for token in tokens if token.type == "fence"
    ]


class JsonView(TextView):
    """Shows JSON as a tree to unfold; `problem` says after `parts` why it is none."""

    def __init__(self) -> None:
        super().__init__()
        self.problem = ""

    def parts(self, reply: str) -> list[Part]:
        """Return the tree, or the text as it came with what is wrong with it."""
        text = unfenced(reply)
        try:
            value = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError) as exc:
            self.problem = f"the reply is not valid JSON: {exc}"
            first, *others = super().parts(reply)
            said = f"<p><strong>T{inert(self.problem[1:])}</strong></p>"
            return [Part(said + first.html, first.plain), *others]
        if len(text) > LONGEST_PART:
            return super().parts(json.dumps(value, indent=2, ensure_ascii=False))
        return [
            Part(
                f'<div style="font-family:var(--jp-code-font-family,monospace)">{_tree(value)}</div>',
                json.dumps(value, indent=2, ensure_ascii=False),
            )
        ]


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


_OPEN_LEVELS = 2


def _tree(value: Any, *, label: str = "", depth: int = 0) -> str:
    if not isinstance(value, dict | list) or not value or depth > 50:
        return f"<div>{label}{inert(json.dumps(value, ensure_ascii=False))}</div>"
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    inside = "".join(
        _tree(item, label=f"{inert(json.dumps(name, ensure_ascii=False))}: ", depth=depth + 1)
        for name, item in pairs
    )
    of = f"{len(value)} {'key' if isinstance(value, dict) else 'item'}{'s' * (len(value) != 1)}"
    sign = f"{{{of}}}" if isinstance(value, dict) else f"[{of}]"
    head = f"<summary>{label}{sign}</summary>"
    opened = " open" if depth < _OPEN_LEVELS else ""
    return f'<details{opened}>{head}<div style="padding-left:1.5em">{inside}</div></details>'


_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"


class FrameView(TextView):
    """Shows HTML in a frame of its own where no script runs and nothing is loaded; never in the page."""

    def parts(self, reply: str) -> list[Part]:
        """Return the frame, and the source folded under it."""
        source = unfenced(reply)
        head = f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        frame = (
            f'<iframe sandbox="" referrerpolicy="no-referrer" title="The HTML of the reply" srcdoc="{html.escape(head + source)}" '
            'style="width:100%;height:16em;border:1px solid rgba(128,128,128,.5);background:#fff;resize:vertical">'
            "</iframe>"
        )
        folded = f"<details><summary>Source</summary>{wrapped(source)}</details>"
        return [Part(frame + folded, reply)]
