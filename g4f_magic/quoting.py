"""Texts within others: a line in words, quoted as in a shell, in which a backslash is a letter; code in Markdown. No I/O."""

from __future__ import annotations

import re

_MARKS = re.compile(r"`+")
_BLANKS = " \t\r\n"
_PART = re.compile(
    rf"""(?P<blank>[{_BLANKS}]+)
       | '(?P<single>[^']*)'
       | "(?P<double>(?:[^"\\]|\\.)*)"
       | \\(?P<meant>["'{_BLANKS}])
       | (?P<bare>[^{_BLANKS}'"\\]+|\\)""",
    re.VERBOSE | re.DOTALL,
)


_SPECIAL = re.compile(rf"[{_BLANKS}'\"]")
_TAKEN = re.compile(rf"\\[{_BLANKS}'\"]|\\\Z")


def code_fence(code: str) -> str:
    """Return the marks that begin and end a block of code in Markdown: nothing in `code` ends it."""
    return "`" * max(3, 1 + max(map(len, _MARKS.findall(code)), default=0))


def quote(word: str) -> str:
    """Return a word so that `split` gives it back, and that who types its first letters finds it: with backslashes.

    Where it has backslashes itself, before a sign that they would take their meaning from, it is put into quotes.
    """
    if not word or _TAKEN.search(word):
        return "'" + word.replace("'", "'\"'\"'") + "'"
    quoted = _SPECIAL.sub(r"\\\g<0>", word)
    # IPython answers a line that ends so with help.
    return f"'{word}'" if word.endswith("?") and quoted == word else quoted


def begun(line: str) -> tuple[list[str], str, str]:
    """Return the whole words before the end of a line, and the last one, which may be unfinished: as meant, and as written.

    After a blank it is empty. A quote that is not closed holds all that follows it.
    """
    words: list[str] = []
    start = place = 0
    is_inside = False
    while place < len(line):
        part = _PART.match(line, place)
        if part is not None and part["blank"] is not None:
            is_inside, place = False, part.end()
            continue
        if not is_inside:
            words.append("")
            start, is_inside = place, True
        if part is None:
            words[-1] += line[place + 1 :]
            break
        double = part["double"]
        words[-1] += part[part.lastgroup or 0] if double is None else double.replace('\\"', '"')
        place = part.end()
    if not is_inside:
        return words, "", ""
    return words[:-1], words[-1], line[start:]


def spans(line: str) -> list[tuple[int, int]]:
    """Return where each word of a line begins and ends, as it is written; where a quote is not closed, up to there."""
    found: list[tuple[int, int]] = []
    place, is_inside = 0, False
    while (part := _PART.match(line, place)) is not None:
        if part["blank"] is not None:
            is_inside = False
        elif is_inside:
            found[-1] = (found[-1][0], part.end())
        else:
            found.append((place, part.end()))
            is_inside = True
        place = part.end()
    return found


def split(line: str) -> list[str]:
    r"""Return the words of a line.

    Blanks part them, `'...'` and `"..."` hold them together. A backslash takes its meaning from a quote or a blank
    alone: `\"`, `\'` and `\ ` are those signs (inside of `"..."` just `\"`), and elsewhere it is itself.

    Raises:
        ValueError: a quote is not closed.
    """
    words: list[str] = []
    is_inside = False
    place = 0
    while place < len(line):
        part = _PART.match(line, place)
        if part is None:
            raise ValueError("a quote is not closed")
        place = part.end()
        if part["blank"] is not None:
            is_inside = False
            continue
        double = part["double"]
        text = part[part.lastgroup or 0] if double is None else double.replace('\\"', '"')
        if is_inside:
            words[-1] += text
        else:
            words.append(text)
        is_inside = True
    return words
