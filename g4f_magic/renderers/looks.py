"""What stands around a reply in a cell: the waiting line, the frame of its parts, the line under it. No I/O.

All HTML here is ours; what a service sent goes through `markdown` or is escaped.
"""

from __future__ import annotations

import sys

from g4f_magic.messages import Turn
from g4f_magic.renderers.base import Part
from g4f_magic.renderers.inert import inert
from g4f_magic.renderers.provenance import provenance
from g4f_magic.visible import without_controls

_QUIET = "font-size:.85em;opacity:.7"
_LONGEST_GLIMPSE = 240


def is_loaded(module: str) -> bool:
    """Say whether `module` has been imported to its end."""
    found = sys.modules.get(module)
    spec = getattr(found, "__spec__", None)
    return spec is not None and not getattr(spec, "_initializing", False)


def waiting(turn: Turn, text: str = "", reasoning: str = "") -> str:
    """Return the line shown before the first word, with the last words of the reasoning so far."""
    words = [turn.provider, turn.model, f"via {turn.via}" if turn.via else ""]
    words.append(text or ("thinking …" if reasoning else "waiting …"))
    line = f'<div role="status" style="{_QUIET}">{inert(" · ".join(word for word in words if word))}</div>'
    if not reasoning:
        return line
    glimpse = reasoning[-_LONGEST_GLIMPSE:].replace("\n", " ")
    return f'{line}<div aria-hidden="true" style="{_QUIET};font-style:italic">… {inert(glimpse)}</div>'


def notice(text: str) -> str:
    """Return a quiet line, empty for an empty text."""
    return f'<div role="status" style="{_QUIET}">{inert(text)}</div>' if text else ""


def plain(text: str) -> str:
    """Return `text` as it is, with its lines."""
    return f'<div style="white-space:pre-wrap">{inert(text)}</div>'


def streaming(inner: str) -> str:
    """Return a part that is still being painted; nothing of it is announced."""
    return f'<div aria-busy="true">{inner}</div>' if inner else ""


def reasoning_parts(text: str, *, remote_images: bool = False) -> list[Part]:
    """Return the reasoning, folded; in several parts where it is long. Not in the plain text."""
    if not text.strip():
        return []
    from g4f_magic.renderers.document import MarkdownView

    parts = MarkdownView(remote_images=remote_images).parts(text)
    return [Part(_folded(part, index, len(parts)), "") for index, part in enumerate(parts, 1)]


def _folded(part: Part, index: int, number: int) -> str:
    title = "Reasoning" if number == 1 else f"Reasoning, {index} of {number}"
    return f'<details style="{_QUIET}"><summary>{title}</summary>{part.html}</details>'


def sealed(parts: list[Part]) -> list[Part]:
    """Return the outputs of parts that stay as they are while more of the reply comes."""
    return [_framed(part) for part in _packed(parts)]


def _framed(part: Part) -> Part:
    return Part(f"<div>{part.html}</div>" if part.html else "", without_controls(part.plain))


def static(turn: Turn, parts: list[Part], *, sizes: list[int] | None = None) -> list[Part]:
    """Return the outputs as they stay, with the line that says what it was under the last.

    Short parts stand together, as few as may be; with `sizes` they are laid over outputs that show so many
    letters each.
    """
    from g4f_magic.renderers.document import laid_over

    line = provenance(turn)
    *others, last = _packed(parts) if sizes is None else laid_over(parts, sizes)
    foot = f'<div role="status" style="{_QUIET};margin-top:.4em">{inert(line)}</div>'
    text = without_controls(last.plain).rstrip("\n")
    ending = Part(f"<div>{last.html}{foot}</div>", f"{text}\n\n{line}" if text else line)
    return [*(_framed(part) for part in others), ending]


def _packed(parts: list[Part]) -> list[Part]:
    """Return the parts with neighbours joined where they are short together."""
    packed: list[Part] = []
    for part in parts:
        if packed and len(packed[-1].html) + len(part.html) <= 100_000:
            packed[-1] = Part(packed[-1].html + part.html, packed[-1].plain + part.plain)
        else:
            packed.append(part)
    return packed
