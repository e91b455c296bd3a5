"""How a cell begins that chats: what may stand above its `%%chat` line. No I/O."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence
from typing import NamedTuple

from IPython.core.inputtransformer2 import leading_empty_lines, leading_indent

_NAME = "%%chat"


class ChatCell(NamedTuple):
    """A cell that chats: what follows `%%chat` on its line, and what stands below it."""

    line: str
    body: str


def chat_cell(lines: Sequence[str]) -> ChatCell | None:
    """Return the parts of a cell that chats, None for another one. Its lines end with their line ends.

    Empty lines, comments and `#|` options may stand above `%%chat`.
    """
    shown = unindented(list(lines))
    place = next((number for number, line in enumerate(shown) if not _is_comment(line)), len(shown))
    words = shown[place].split(maxsplit=1) if place < len(shown) else []
    if words[:1] != [_NAME]:
        return None
    return ChatCell(words[1].rstrip() if len(words) > 1 else "", "".join(shown[place + 1 :]))


def lines_above(lines: Sequence[str]) -> int:
    """Return how many lines stand above a `%%chat` that is no first line, 0 where there is none.

    One within a text of several lines is none, and neither is one below another cell magic, which takes what follows.
    """
    for number, line in enumerate(lines):
        if number and line.split(maxsplit=1)[:1] == [_NAME] and line.startswith(_NAME):
            above = "".join(lines[:number])
            is_of_another = above.lstrip().startswith("%%")
            return 0 if is_of_another or is_inside_text(above) else number
    return 0


def is_inside_text(before: str) -> bool:
    """Say whether what follows these lines stands in a text of several lines, which begins in them."""
    try:
        for _ in tokenize.generate_tokens(io.StringIO(before).readline):
            pass
    except tokenize.TokenError as exc:
        return "string" in str(exc.args[0])
    except (SyntaxError, IndentationError):
        return False
    return False


def unindented(lines: list[str]) -> list[str]:
    """Return the lines of a cell as a magic gets them: without empty ones and an indent before it."""
    found: list[str] = leading_empty_lines(lines)
    # Only where it is needed: it also takes the spaces of lines that have nothing else.
    return leading_indent(found) if found and found[0][:1].isspace() else found


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
