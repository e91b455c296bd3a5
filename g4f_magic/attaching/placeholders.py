r"""Names in a prompt: `{{df}}`, `{{model.coef_}}`, `{{rows[0]|all}}`. `\{{` keeps one as it stands. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass

from g4f_magic.attaching.level import split
from g4f_magic.attaching.path import LONGEST, Path, path_of

_BRACE = 2
"""Signs that open a name, and that close it."""

_BRACES = re.compile(rf"(?<!\{{)(\\?)\{{\{{(?!\{{)([^{{}}\n]{{1,{LONGEST}}})\}}\}}(?!\}})")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name in a prompt, where it may be filled."""

    text: str
    """As it was written, with its braces."""
    path: Path
    level: str = ""
    """How much of it is asked for; empty: as usual."""

    @property
    def name(self) -> str:
        """Return what was written between the braces."""
        return self.text[_BRACE:-_BRACE].strip()


def parts_of(text: str) -> list[str | Placeholder]:
    r"""Return a text in its parts: what stays as it is, and what may be filled.

    Only paths are names; `{{f(x)}}`, `{{a + b}}` and `{{{x}}}` stay as they are. Of `\{{x}}` the backslash goes.
    """
    parts: list[str | Placeholder] = []
    at = 0
    for found in _BRACES.finditer(text):
        what, level = split(found[2])
        path = path_of(what)
        if path is None:
            continue
        parts.append(text[at : found.start()])
        at = found.end()
        whole = found[0].removeprefix("\\")
        parts.append(whole if found[1] else Placeholder(whole, path, level))
    parts.append(text[at:])
    return [part for part in parts if part]
