"""What differs between replies that stand side by side: words that are struck out and underlined, and a table of fields. No I/O.

It reads without colours, too: what is gone is struck out, what is new is underlined and bold; in plain text they stand in
brackets, `[-gone-]` and `{+new+}`. All text here is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from g4f_magic.renderers.escaping import escaped
from g4f_magic.renderers.provenance import shown_name
from g4f_magic.renderers.renderer import Part
from g4f_magic.visible import make_visible, numbered

ROW = "display:flex;flex-wrap:wrap;gap:1em 1.5em;align-items:flex-start"
COLUMN = "flex:1 1 18rem;min-width:0;overflow-wrap:anywhere"
"""As wide as there is room for, 18 letters' heights at least: what does not fit beside the others goes below them."""
HEAD = "font-weight:600;border-bottom:1px solid #8886;padding-bottom:.2em;margin-bottom:.4em"
_QUIET = "font-size:.85em;opacity:.7"
_MARKED = {
    "gone": ("del", "text-decoration:line-through;background:#d33a3a2e", "[-", "-]"),
    "new": ("ins", "text-decoration:underline;font-weight:600;background:#2ea04333", "{+", "+}"),
}
_CELL = (
    "text-align:left;vertical-align:top;padding:.2em .8em .2em 0;white-space:pre-wrap;overflow-wrap:anywhere"
)
_LONGEST_VALUE = 400


class Changed(Protocol):
    """Words, and whether both texts have them: `same`, `gone` or `new`."""

    @property
    def kind(self) -> str: ...

    @property
    def text(self) -> str: ...


class Fields(Protocol):
    """One field, with its value in each column as JSON."""

    @property
    def name(self) -> str: ...

    @property
    def values(self) -> Sequence[str]: ...

    @property
    def agree(self) -> int: ...

    @property
    def is_same(self) -> bool: ...


def words(title: str, columns: Sequence[tuple[str, Sequence[Changed] | None, int]]) -> Part:
    """Return what differs from the column of that title: of each other one its title, what changed, and how much is the same.

    What changed is None where it is too long to be told.
    """
    shown, plain = [], [f"What differs from {make_visible(title)}"]
    for name, changed, percent in columns:
        is_same = changed is not None and all(one.kind == "same" for one in changed)
        pieces = () if is_same else changed
        told = "too long to compare" if pieces is None else f"{percent} % the same words"
        head = f"{name} · {told}"
        html = "".join(map(_marked, pieces or ()))
        shown.append(
            f'<div style="{COLUMN}"><div style="{HEAD}">{escaped(head)}</div>'
            f'<div style="white-space:pre-wrap">{html}</div></div>'
        )
        plain.append(make_visible(head))
        if pieces:
            plain.append(make_visible("".join(map(_bracketed, pieces))).rstrip())
    summary = f"<summary>What differs from {escaped(title)}</summary>"
    return Part(
        f'<details open style="margin-top:.8em">{summary}<div style="{ROW};margin-top:.4em">{"".join(shown)}</div></details>',
        "\n\n".join(plain),
    )


def fields(names: Sequence[str], rows: Sequence[Fields]) -> Part:
    """Return typed replies as a table: a line for each field, a column for each reply, and whether they agree."""
    shown_names = list(map(shown_name, names))
    head = "".join(f'<th style="{_CELL}">{escaped(one)}</th>' for one in ("", *shown_names, ""))
    lines, plain = [], [" | ".join(("field", *shown_names, "agree"))]
    for one in rows:
        answered = sum(bool(value) for value in one.values)
        word = f"≠ {one.agree} of {answered} agree" if one.agree > 1 else "≠ all differ"
        word = "✓ all agree" if one.is_same else word
        if answered < 2:
            word = ""
        values = [_short(value) for value in one.values]
        weight = "" if one.is_same else ";font-weight:600"
        cells = "".join(f'<td style="{_CELL}{weight}">{escaped(value)}</td>' for value in values)
        lines.append(
            f'<tr><th style="{_CELL}">{escaped(one.name)}</th>{cells}<td style="{_CELL}">{word}</td></tr>'
        )
        plain.append(" | ".join(make_visible(text) for text in (one.name, *values, word)))
    compared = [one for one in rows if sum(map(bool, one.values)) > 1]
    same = sum(one.is_same for one in compared)
    foot = "Fewer than two replies fit: there is nothing to compare."
    if compared:
        foot = (
            f"They agree in {same} of {numbered(len(compared), 'field')} ({100 * same // len(compared)} %)."
        )
    return Part(
        f'<table style="margin-top:.8em"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
        f'<div style="{_QUIET}">{foot}</div>',
        "\n".join([*plain, foot]),
    )


def _marked(piece: Changed) -> str:
    if piece.kind == "same":
        return escaped(piece.text)
    tag, style, _, _ = _MARKED[piece.kind]
    text = piece.text.rstrip()
    return f'<{tag} style="{style}">{escaped(text)}</{tag}>{escaped(piece.text[len(text) :])}'


def _bracketed(piece: Changed) -> str:
    if piece.kind == "same":
        return piece.text
    _, _, opening, closing = _MARKED[piece.kind]
    text = piece.text.rstrip()
    return f"{opening}{text}{closing}{piece.text[len(text) :]}"


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[: _LONGEST_VALUE - 1]}…"
