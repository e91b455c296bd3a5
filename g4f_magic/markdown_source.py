"""The text that a reply's Markdown was written from, for who reads an output that holds no plain text beside it. No I/O.

`renderers.portable` writes a reply anew, so that nothing in it acts. What the reply had and that Markdown has not, it tells by
blanks at the ends of lines, which nothing shows: a line of blanks alone was put in, so many behind a bold line are the level
of a heading, in which what is bold itself has other signs. `labextension/static/source.js` reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_FENCE = re.compile(r"`{3,}|\$\$$")
"""What begins a block of code, or a formula, and ends it on a line of its own: nothing in it was written anew."""
_PUT_IN = re.compile(r"[ >]* ")
_HEADING = re.compile(r"\*\*(.*)\*\*( {1,6})")
_ADDRESS = re.compile(r"<(https?://[^<>\s]*)>")
_ENTITY = re.compile(r"&(?:#(\d{1,4})|amp);")

LINE = "*** "
"""A line across the page that the reply has as `---`: at the top of a text that would begin metadata."""


def source_of(markdown: str) -> str:
    """Return the text that `markdown` was written from, or one that means the same."""
    lines: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        if fence:
            lines.append(line)
            fence = "" if line == fence else fence
        elif opening := _FENCE.match(line):
            lines.append(line)
            fence = opening[0]
        elif not _PUT_IN.fullmatch(line):
            lines.append(_source_of_line(line))
    return "\n".join(lines)


def _source_of_line(line: str) -> str:
    if line == LINE:
        return "---"
    if heading := _HEADING.fullmatch(line):
        line = f"{'#' * len(heading[2])} {heading[1].replace('__', '**')}"
    elif line.endswith("\\"):
        line = f"{line[:-1]}  "
    return _ENTITY.sub(lambda found: chr(int(found[1] or 38)), _ADDRESS.sub(r"\1", line))


def text_of(data: Mapping[str, Any]) -> str:
    """Return the text of an output of ours as it came: its plain text, else what its Markdown was written from."""
    plain, markdown = (_joined(data.get(kind)) for kind in ("text/plain", "text/markdown"))
    return plain or source_of(markdown)


def _joined(text: Any) -> str:
    lines = text if isinstance(text, list) else [text]
    return "".join(line for line in lines if isinstance(line, str))
