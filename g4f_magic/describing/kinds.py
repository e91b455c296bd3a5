"""Which kind a thing is: the first that takes it describes it. Below `sample`, nothing of its own code is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from g4f_magic.describing.arrays import array_body, is_array
from g4f_magic.describing.code import code_body
from g4f_magic.describing.described import Body, Scope
from g4f_magic.describing.failure import error_body
from g4f_magic.describing.figures import LIBRARIES as FIGURES
from g4f_magic.describing.figures import array_picture, drawn_in, figure_body
from g4f_magic.describing.frames import frame_body
from g4f_magic.describing.own import own_text
from g4f_magic.describing.pictures import picture_of
from g4f_magic.describing.scalars import (
    has_own_repr,
    holds_a_secret,
    is_scalar,
    libraries_of,
    scalar_text,
    shortened,
    type_name,
    writes_all_out,
)
from g4f_magic.describing.share import reaches
from g4f_magic.describing.speaking import ai_body, markdown_body, repr_body
from g4f_magic.describing.structure import container_body, counted, is_container
from g4f_magic.secret import MASK

_LONGEST_INLINE = 200
_SAYS_MORE = frozenset({"xarray"})
"""Libraries whose `repr` says more than arrays and mappings in general can."""
NO_VALUES = "its structure alone, no values"
NAMES_ALONE = "its name and type alone"


def body_of(value: Any, name: str, scope: Scope) -> Body:
    """Return what the thing's kind says of it."""
    if holds_a_secret(name.partition("|")[0].rpartition(".")[2], value):
        why = "its name says that it is a secret, so it is not shown"
        return Body(
            kind=type_name(value), text=MASK if reaches(scope.share, "sample") else "", omitted=(why,)
        )
    return levelled(value, scope, lambda: _body_or_repr(value, scope))


def levelled(value: Any, scope: Scope, body: Callable[[], Body]) -> Body:
    """Return what a call says of a thing, with what the level leaves out; at the lowest, its type without asking."""
    if scope.share == "names":
        return Body(kind=type_name(value), omitted=(NAMES_ALONE,))
    made = body()
    return made if reaches(scope.share, "sample") else replace(made, omitted=(NO_VALUES, *made.omitted))


def _body_or_repr(value: Any, scope: Scope) -> Body:
    """Return what a thing's kind says of it; where that fails, its `repr`, as far as values are shared."""
    try:
        return _body(value, scope)
    except Exception as exc:  # of any kind: libraries and the person's own classes raise it; the text says so
        if not reaches(scope.share, "sample") or writes_all_out(value):
            raise
        told = f"its repr alone; describing it as its kind failed with {type(exc).__name__[:80]}"
        return Body(kind=type_name(value), text=repr(value), omitted=(told,))


def _body(value: Any, scope: Scope) -> Body:
    kind, has_values = type_name(value), reaches(scope.share, "sample")
    if is_scalar(value):
        return _scalar(value, kind, scope)
    if has_values and (text := own_text(value)) is not None:
        return Body(kind=kind, text=text)
    if has_values and (body := ai_body(value, kind, scope)):
        return body
    if isinstance(value, BaseException):
        return error_body(value, scope, brief)
    for root in libraries_of(value):
        if (body := frame_body(value, root, scope)) or (
            root in FIGURES and (body := figure_body(value, root, kind, scope))
        ):
            return body
    if body := code_body(value, scope):
        return body
    if has_values and not _SAYS_MORE.isdisjoint(libraries_of(value)):
        return repr_body(value, kind, scope, brief)
    plain = _plain(value, kind, scope)
    if has_values and (drawn := drawn_in(value, scope)):
        return replace(plain, picture=drawn.picture)
    return plain


def _plain(value: Any, kind: str, scope: Scope) -> Body:
    """Return what is said of an array, a container, or an object of which nothing more is known."""
    has_values = reaches(scope.share, "sample")
    if is_array(value) and (body := array_body(value, kind, scope)):
        picture = array_picture(value, tuple(value.shape), scope) if has_values else None
        return replace(body, picture=picture)
    if is_container(value):
        return container_body(value, kind, scope, brief)
    if not has_values:
        return Body(kind=kind)
    return _png(value, kind, scope) or markdown_body(value, kind) or repr_body(value, kind, scope, brief)


def _scalar(value: Any, kind: str, scope: Scope) -> Body:
    if isinstance(value, str):
        size = str.__len__(value)
        facts = counted(size, "character")
        if not reaches(scope.share, "sample"):
            return Body(kind=kind, facts=facts)
        text = str.__getitem__(value, slice(scope.limit + 1_024))
        is_short = size <= _LONGEST_INLINE and text.isprintable()
        cut = (f"the first {scope.limit:,} of {facts}",) if size > scope.limit else ()
        return Body(kind=kind, text=text, facts=facts, omitted=cut, inline=text if is_short else "")
    facts = counted(len(value), "byte") if isinstance(value, (bytes, bytearray, memoryview)) else ""
    if not reaches(scope.share, "sample"):
        return Body(kind=kind, facts=facts)
    told: dict[str, None] = {}
    text = scalar_text(value, lambda words: told.__setitem__(words, None), min(scope.limit, 2_000))
    return Body(kind=kind, text=text, facts=facts, omitted=tuple(told), inline="" if facts or told else text)


def _png(value: Any, kind: str, scope: Scope) -> Body | None:
    """Return the picture that a thing shows itself as in a notebook; None where it shows none."""
    for name in ("_repr_png_", "_repr_jpeg_"):
        method = getattr(type(value), name, None)
        content = method(value) if method is not None else None
        if isinstance(content, tuple):  # with metadata
            content = content[0]
        if content and (picture := picture_of(content, side=scope.side)):
            return Body(kind=kind, facts=f"{picture.width} × {picture.height} pixels", picture=picture)
    return None


def brief(value: Any, scope: Scope) -> str:
    """Return on one line what a thing is that stands in another: its kind and size, its text where it has no more."""
    if is_scalar(value):
        if not reaches(scope.share, "sample"):
            return type_name(value)
        return scalar_text(value, lambda words: None, 100)
    inner = Scope(share="schema", limit=0)
    facts = ""
    if scope.share == "names":
        return type_name(value)
    for root in libraries_of(value):
        if body := frame_body(value, root, inner):
            return f"<{body.kind}, {body.facts}>"
    if code := code_body(value, inner):
        return f"<{code.kind} {str(getattr(value, '__name__', ''))[:80]}>"
    if is_array(value) and (body := array_body(value, type_name(value), inner)):
        facts = body.facts
    elif is_container(value):
        facts = container_body(value, "", inner, brief).facts
    elif reaches(scope.share, "sample") and has_own_repr(value):
        return shortened(repr(value), lambda words: None, 100)
    return f"<{type_name(value)}{f', {facts}' if facts else ''}>"
