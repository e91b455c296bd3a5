"""A block of Markdown whose formulas are MathML, put in after the cleaning. Pure, no I/O."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from markdown_it.token import Token

from g4f_magic.renderers.markdown import Env, as_text, block_to_html
from g4f_magic.renderers.mathml import to_mathml

# What a reply cannot guess, and what cleaning leaves alone: stands where math is put after the cleaning.
_MARK = f"math{secrets.token_hex(8)}n"
_MARKED = re.compile(rf"{_MARK}(\d+)e")


def with_mathml(
    text: str,
    *,
    env: Env,
    remote_images: bool,
    room: int,
    is_framed: bool = True,
    tokens: Sequence[Token] | None = None,
) -> str:
    """Return what `block_to_html` does, its formulas as MathML."""
    math: list[str] = []

    def typeset(tex: str, is_display: bool) -> str:
        math.append(to_mathml(tex, is_display=is_display))
        return f"{_MARK}{len(math) - 1}e"

    env = {**env, "typeset": typeset}
    html = block_to_html(
        text, env=env, remote_images=remote_images, room=room, is_framed=is_framed, tokens=tokens
    )
    if not math:
        return html
    html = _MARKED.sub(lambda found: math[int(found[1])], html)
    return html if len(html) <= room else as_text(text)
