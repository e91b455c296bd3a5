"""What a docstring says of a function and of its parameters: in Google's, NumPy's or Sphinx's way. No I/O."""

from __future__ import annotations

import inspect
import re
from typing import NamedTuple

from g4f_magic.visible import shortened

LONGEST = 1_000
"""Characters of the words on a function; on a parameter, a third of them."""

_SECTION = re.compile(
    r"(?:args|arguments|parameters|params|returns?|yields?|raises|examples?|notes?|see also|warns?|attributes|references)"
    r"\s*:?\s*$",
    re.I,
)
_PARAMETERS = re.compile(r"(?:args|arguments|parameters|params)\s*:?\s*$", re.I)
_SPHINX = re.compile(r"\s*:(?:param|parameter|arg)\s+(?:[^:\n]*\s)?\*{0,2}(\w+)\s*:\s*(.*)$")
_FIELD = re.compile(r"\s*:\w[^:\n]{0,80}:")
_GOOGLE = re.compile(r"\*{0,2}(\w+)\s*(?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))?\s*:\s*(.*)$")
_NUMPY = re.compile(r"\*{0,2}(\w+)\s*(?::\s*\S.*)?$")


class ParsedDocstring(NamedTuple):
    """What a docstring says."""

    of_function: str
    of_parameters: dict[str, str]


def words_of(docstring: str | None) -> ParsedDocstring:
    """Return what a docstring says: the words above its sections, and those on each parameter."""
    lines = inspect.cleandoc(docstring or "")[:20_000].splitlines()
    head: list[str] = []
    found: dict[str, list[str]] = {}
    at = 0
    while at < len(lines):
        line = lines[at]
        is_underlined = at + 1 < len(lines) and re.fullmatch(r"\s*-{3,}\s*", lines[at + 1]) is not None
        if _PARAMETERS.fullmatch(line.strip()) and (is_underlined or line.rstrip().endswith(":")):
            at = _section(lines, at + 1 + is_underlined, found, is_numpy=is_underlined)
        elif _SECTION.fullmatch(line.strip()) and (is_underlined or line.rstrip().endswith(":")):
            at = _end_of_section(lines, at + 1 + is_underlined, is_numpy=is_underlined)
        elif sphinx := _SPHINX.match(line):
            at = _further(lines, at + 1, found.setdefault(sphinx[1], [sphinx[2]]))
        elif _FIELD.match(line):
            at = _further(lines, at + 1, [])
        else:
            head.append(line)
            at += 1
    words = {name: _joined(texts, LONGEST // 3) for name, texts in found.items()}
    return ParsedDocstring(_joined(head, LONGEST), {name: text for name, text in words.items() if text})


def _section(lines: list[str], at: int, found: dict[str, list[str]], *, is_numpy: bool) -> int:
    """Take the parameters of a section that begins there; return where it ends."""
    end = _end_of_section(lines, at, is_numpy=is_numpy)
    inner = [line for line in lines[at:end] if line.strip()]
    least = min((_indent(line) for line in inner), default=0)
    texts: list[str] | None = None
    for line in inner:
        is_first = _indent(line) == least
        match = (_NUMPY if is_numpy else _GOOGLE).match(line.strip()) if is_first else None
        if match:
            texts = found.setdefault(match[1], [])
            texts += [] if is_numpy else [match[2]]
        elif texts is not None and not is_first:
            texts.append(line)
    return end


def _end_of_section(lines: list[str], at: int, *, is_numpy: bool) -> int:
    for place in range(at, len(lines)):
        line = lines[place]
        if not line.strip():
            continue
        is_underlined = place + 1 < len(lines) and re.fullmatch(r"\s*-{3,}\s*", lines[place + 1]) is not None
        if is_underlined or (not is_numpy and not _indent(line)):
            return place
    return len(lines)


def _further(lines: list[str], at: int, texts: list[str]) -> int:
    """Take the lines that go on with a field; return where they end."""
    while at < len(lines) and lines[at].strip() and not _FIELD.match(lines[at]):
        texts.append(lines[at])
        at += 1
    return at


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _joined(lines: list[str], longest: int) -> str:
    text = " ".join(" ".join(lines).split())
    return shortened(text, longest)
