"""A `.env` file: what its text says, in one pass, and the reading of one that others may have laid out.

What python-dotenv reads is read alike. That itself was tried (1.2.4) and does not serve: a file of 1 MiB takes it half a minute,
each line that it cannot read is a line in the log, and `${NAME}` in a password becomes another text.
"""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path

from g4f_magic import disk
from g4f_magic.secret import Secret
from g4f_magic.secret_names import names_a_secret

_MOST_BYTES = 1024 * 1024
_NAME = re.compile(r"[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][A-Za-z0-9_]*)[^\S\n]*=[^\S\n]*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SIGNS = {"n": "\n", "r": "\r", "t": "\t"}


def read(file: Path) -> dict[str, Secret]:
    """Return the variables of a `.env` file; empty where there is none that can be read.

    Read is a regular file of at most 1 MiB.
    """
    if not os.path.isfile(file):  # nearly always: each chat looks here
        return {}
    try:
        content = disk.read(file, most_bytes=_MOST_BYTES)
    except OSError:
        return {}
    has_wide_mark = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = content.decode("utf-16" if has_wide_mark else "utf-8-sig", errors="replace")
    # A file of settings holds names of models and hosts as well, which may stand in any text.
    return {
        name: Secret(value, is_known=names_a_secret(name)) for name, value in parse(text).items() if value
    }


def parse(text: str) -> dict[str, str]:
    """Return the variables of such a text; of one that is set twice, the last.

    A line is `NAME=value`, with `export` and quotes as one likes; what is quoted may go over several lines, and in
    double quotes a backslash escapes. `#` begins a comment where a blank stands before it. Nothing is expanded.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: dict[str, str] = {}
    place = 0
    unclosed: set[str] = set()  # quotes of which no further one comes: not looked for in each line again
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        if match := _NAME.match(text, place, end):
            value, end = _value(text, match.end(), end, unclosed)
            found[match[1]] = value
        place = end + 1
    return found


def _value(text: str, start: int, end: int, unclosed: set[str]) -> tuple[str, int]:
    """Return a value, and where its line ends."""
    quote = text[start : start + 1]
    if quote in ("'", '"') and start < end and quote not in unclosed:
        closed = _closed(text, start + 1, quote)
        if closed < 0:
            unclosed.add(quote)
        else:
            last = text.find("\n", closed)
            last = len(text) if last < 0 else last
            after = text[closed + 1 : last].lstrip()
            if not after or after.startswith("#"):
                inner = text[start + 1 : closed]
                inner = inner if quote == "'" else _ESCAPED.sub(_unescaped, inner)
                return inner.strip(), last
    return _bare(text[start - 1 : end]), end


def _closed(text: str, start: int, quote: str) -> int:
    """Return where the quote closes, or -1."""
    place = text.find(quote, start)
    while quote == '"' and place >= 0 and _is_escaped(text, start, place):
        place = text.find(quote, place + 1)
    return place


def _is_escaped(text: str, start: int, place: int) -> bool:
    first = place
    while first > start and text[first - 1] == "\\":
        first -= 1
    return (place - first) % 2 == 1


def _unescaped(match: re.Match[str]) -> str:
    return _SIGNS.get(match[1], match[1])


def _bare(value: str) -> str:
    """Return an unquoted value, which begins after its first sign here, without the comment after it."""
    place = value.find("#", 1)
    while place > 0 and not value[place - 1].isspace():
        place = value.find("#", place + 1)
    return (value[1:] if place < 0 else value[1:place]).strip()
