r"""Whether what stands between two dollars is a formula, or money, a shell's variable, or prose. Pure, no I/O.

`$5 and $10`, `($M) with cost ($M)` and `PATH=$HOME/bin:$PATH` are text to whoever reads them. In doubt it is text: a
formula that is shown as it was written can be read, and prose in italics without its spaces cannot.
"""

from __future__ import annotations

import re

_QUOTED = re.compile(
    r"\\(?:text\w*|mbox|hbox|operatorname\*?|mathrm|mathit|mathbf)\s*\{[^{}]*\}|\\[A-Za-z]++|\\."
)
"""What holds words in a formula, and each command."""
_SIGN = re.compile(r"[\\^_=+*/<>{}|~≤≥≠≈∈→×·±-]")
_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,}(?![A-Za-z(])")
_PROSE = re.compile(
    r"(?:^|[\s,;.)])(?:and|or|the|with|per|is|are|was|to|from|for|than|vs|of|in|on|at|by)(?=[\s,;.(]|$)"
)
_VARIABLE = re.compile(r"\{\w+\}|[A-Z_][A-Z0-9_]+\b")
_LINKS = frozenset("/:=,;|&\"'+-@.")
"""What stands between two variables, and at the end of no formula that a letter follows."""
_COMMAND = re.compile(r"\\[A-Za-z]+(?:\{[^{}]*\})*$")
_SIZED = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?|middle)\s*\\?[\S]")
_BRACKETS = re.compile(r"[()\[\]]")


def is_formula(content: str, before: str, after: str) -> bool:
    """Say whether `content` between two dollars is one; `before` and `after` are the signs around them, or empty."""
    if content[0].isspace() or content[-1].isspace():
        return False
    if after.isdigit() and _COMMAND.match(content) is None:  # $5 and $10, but 3$\times$3
        return False
    if before.isalnum() and content[0].isdigit():  # US$5
        return False
    if content.count("`") % 2 or _is_of_shell(content, after):  # the second dollar stands in a code span
        return False
    return has_even_braces(content) and _is_bracketed(content) and not _is_prose(content)


def _is_of_shell(content: str, after: str) -> bool:
    """Say whether the second dollar begins the next variable: of `$HOME/bin:$PATH`, `$USER$HOME`, `${a}/${b}`."""
    if not (after.isalpha() or after in ("_", "{")):
        return False
    return content[-1] in _LINKS or (not after.islower() and _VARIABLE.match(content) is not None)


def _is_prose(content: str) -> bool:
    bare = _QUOTED.sub("", content)
    if not re.search(r"\s", bare):
        return False
    if _PROSE.search(bare):
        return True
    is_signed = _SIGN.search(content) is not None
    words = _WORD.findall(bare)
    return bool(words) and (not is_signed or (content[0].isdigit() and len(words) > 1))


def has_even_braces(tex: str) -> bool:
    """Say whether each brace of `tex` has its other one."""
    depth = 0
    at = 0
    while at < len(tex):
        sign = tex[at]
        if sign == "\\":
            at += 2
            continue
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
        at += 1
    return depth == 0


def _is_bracketed(content: str) -> bool:
    """Say whether brackets close in order; `[0, 1)` and `]0, 1[` are intervals."""
    open_brackets: list[str] = []
    for found in _BRACKETS.finditer(_SIZED.sub("", content)):
        if found[0] in "([":
            open_brackets.append(found[0])
        elif open_brackets:
            open_brackets.pop()
        elif found[0] == ")":
            return False
    return "(" not in open_brackets
