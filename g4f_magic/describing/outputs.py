"""What cells show, as it goes along: their code, their text and their pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from g4f_magic.describing.described import Body, Described, Picture, Scope
from g4f_magic.describing.kinds import NAMES_ALONE, NO_VALUES
from g4f_magic.describing.own_code import without_literals
from g4f_magic.describing.pictures import picture_of
from g4f_magic.describing.safely import safely
from g4f_magic.describing.share import Share, reaches
from g4f_magic.describing.structure import counted
from g4f_magic.errors import InputError
from g4f_magic.label import label_of
from g4f_magic.markdown_source import text_of
from g4f_magic.secret import redact

_SECONDS = 10.0
"""That pictures may take to be scaled."""
_TEXTS = ("text/markdown", "text/plain", "text/latex", "application/json")
_PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")
_MOST_READ, _MIDDLE = 1_000_000, 60
"""Characters of one output that are looked at, and that say what was left out."""
_STEERING = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_]|[^\n]\x08")
_TAG = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^<>]*>", re.DOTALL | re.IGNORECASE)
_SAYS_LITTLE = re.compile(r"<[^\n]{0,300}>")
"""What `text/plain` is of a thing without a `repr` of its own: the HTML beside it says more."""
_MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of the notebook. `outputs` are as nbformat has them."""

    label: str
    """How it is called: "3", or "[12]"."""
    source: str
    outputs: Sequence[Mapping[str, Any]] = ()
    is_code: bool = True


def described_outputs(
    outputs: Sequence[Mapping[str, Any]],
    *,
    name: str = "@out",
    share: Share = "sample",
    limit: int = 8_000,
    side: int = 1024,
) -> Described:
    """Return a cell's outputs as they are sent: their text, and the last picture among them.

    `outputs` are as nbformat has them: `{"output_type": "execute_result", "data": {"text/plain": ...}}`, streams, errors.
    """
    scope = Scope(share=share, limit=limit, side=side)
    return safely(lambda: _outputs_body(outputs, scope), outputs, name, scope, _SECONDS)


def described_cells(
    cells: Sequence[Cell],
    *,
    name: str = "@cells",
    share: Share = "sample",
    limit: int = 8_000,
    side: int = 1024,
) -> Described:
    """Return cells as they are sent: their code, with their text outputs; the last picture among these."""
    scope = Scope(share=share, limit=limit, side=side)
    return safely(lambda: cells_body(cells, scope), cells, name, scope, _SECONDS)


def cells_body(cells: Sequence[Cell], scope: Scope) -> Body:
    """Return what is said of cells: of more than the limit takes, the last ones."""
    facts = counted(len(cells), "cell")
    if scope.share == "names":
        return Body(kind="part of the notebook", omitted=(NAMES_ALONE,))
    told: dict[str, None] = {}
    texts: list[str] = []
    room = scope.limit
    for cell in reversed(cells):
        text = _cell(cell, scope, told)
        if texts and len(text) > room:
            break
        texts.append(text)
        room -= len(text) + 2
    if len(texts) < len(cells):
        told = {f"the last {len(texts):,} of {facts}": None, **told}
    if not reaches(scope.share, "sample"):
        told = {NO_VALUES: None, **told}
    pictures = (
        [one for cell in cells for one in _pictures(cell.outputs)] if reaches(scope.share, "sample") else []
    )
    return Body(
        kind="part of the notebook",
        text="\n\n".join(reversed(texts)),
        facts=facts,
        picture=_last(pictures, scope, told),
        omitted=tuple(told),
        is_code=True,
    )


def _cell(cell: Cell, scope: Scope, told: dict[str, None]) -> str:
    """Return a cell with its outputs; below the level of values, its code without its literals."""
    head = f"Cell {cell.label}" if cell.label else "Cell"
    head = f"{head}:" if cell.is_code else f"{head} (text):"
    if not reaches(scope.share, "sample"):
        is_python = cell.is_code and not cell.source.lstrip().startswith("%%")
        code = without_literals(_MAGIC.sub("", cell.source)) if is_python else ""
        return f"{head}\n{code or '(not shown)'}"
    parts = [f"{head}\n{cell.source.strip()}"]
    shown = _text(cell.outputs, max(scope.limit // 4, 200), told)
    return "\n".join([*parts, "It showed:", shown]) if shown else parts[0]


def _outputs_body(outputs: Sequence[Mapping[str, Any]], scope: Scope) -> Body:
    pictures = list(_pictures(outputs))
    kinds = [counted(len(outputs), "output")] + ([counted(len(pictures), "picture")] if pictures else [])
    facts = ", ".join(kinds)
    if scope.share == "names":
        return Body(kind="a cell's output", omitted=(NAMES_ALONE,))
    if not reaches(scope.share, "sample"):
        return Body(kind="a cell's output", facts=facts, omitted=(NO_VALUES,))
    told: dict[str, None] = {}
    text = _text(outputs, scope.limit, told)
    picture = _last(pictures, scope, told)
    return Body(kind="a cell's output", text=text, facts=facts, picture=picture, omitted=tuple(told))


def _text(outputs: Sequence[Mapping[str, Any]], limit: int, told: dict[str, None]) -> str:
    """Return the text of outputs; of one that is too long, its beginning and its end."""
    texts = (redact(_plain(_text_of(output)[:_MOST_READ])).strip("\n") for output in outputs)
    text = "\n".join(filter(None, texts))
    if len(text) <= limit:
        return text
    told["the middle of a long output left out"] = None
    limit = max(limit - _MIDDLE, 0)
    middle = f"\n… ({len(text) - limit:,} characters left out)\n"
    return f"{text[: limit // 3]}{middle}{text[len(text) - (limit - limit // 3) :]}"


def _text_of(output: Mapping[str, Any]) -> str:
    """Return an output's text, as it came."""
    if output.get("output_type") == "stream":
        return _joined(output.get("text"))
    if output.get("output_type") == "error":
        return f"{output.get('ename', '')}: {output.get('evalue', '')}"
    data = output.get("data")
    if not isinstance(data, Mapping):
        return ""
    if label_of(output) is not None:  # a reply: its Markdown is written for other programs
        return text_of(data)
    found = {media: text for media in _TEXTS if (text := _joined(data.get(media)))}
    html = _joined(data.get("text/html"))
    if (
        html
        and set(found) <= {"text/plain"}
        and _SAYS_LITTLE.fullmatch(found.get("text/plain", "<>").strip())
    ):
        return unescape(re.sub(r"\s*\n\s*", "\n", _TAG.sub(" ", html[:_MOST_READ])))
    if any(media in data for media in _PICTURES):
        found.pop("text/plain", None)  # "<Figure size 640x480 with 1 Axes>"
    return next(iter(found.values()), "")


def _joined(text: Any) -> str:
    if isinstance(text, (list, tuple)):
        return "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else "" if text is None else json.dumps(text, default=str)


def _plain(text: str) -> str:
    """Return a text without what steers a terminal; of a line that was written over, what stands there in the end."""
    text = _STEERING.sub("", text.replace("\r\n", "\n"))
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


def _pictures(outputs: Sequence[Mapping[str, Any]]) -> Iterator[str | bytes]:
    for output in outputs:
        data = output.get("data")
        for content in map(data.get, _PICTURES) if isinstance(data, Mapping) else ():
            if isinstance(content, (list, tuple)):
                content = _joined(content)
            if isinstance(content, (str, bytes)) and content:
                yield content
                break


def _last(pictures: Sequence[str | bytes], scope: Scope, told: dict[str, None]) -> Picture | None:
    """Return the last of the pictures, which alone goes along."""
    if not pictures:
        return None
    if len(pictures) > 1:
        told[f"the last of {len(pictures):,} pictures"] = None
    try:
        picture = picture_of(pictures[-1], side=scope.side)
    except InputError:
        picture = None
    if picture is None:
        told["without its picture, which could not be read"] = None
    return picture
