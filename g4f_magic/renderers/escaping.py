"""Escaping: a stranger's text as HTML that is only text. No I/O."""

from __future__ import annotations

import html
import re

from g4f_magic.visible import without_controls

_MATH_SIGN = re.compile(r"[$\\]")
_APART = r"<span>\g<0></span>"


def escaped(text: str) -> str:
    """Return `text` escaped, with `$` and backslash set apart so that no page takes them for the border of math."""
    escaped = html.escape(without_controls(text), quote=False)
    # Looked for first: a substitution costs more than the rest of this, though it finds nothing.
    return _MATH_SIGN.sub(_APART, escaped) if "$" in escaped or "\\" in escaped else escaped
