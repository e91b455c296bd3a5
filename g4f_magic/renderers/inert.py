"""A stranger's text as HTML that is only text. No I/O."""

from __future__ import annotations

import html
import re

from g4f_magic.renderers.visible import without_controls

_MATH_SIGN = re.compile(r"[$\\]")


def inert(text: str) -> str:
    """Return `text` escaped, with `$` and backslash set apart so that no page takes them for the border of math."""
    return _MATH_SIGN.sub(r"<span>\g<0></span>", html.escape(without_controls(text), quote=False))
