"""What things say of themselves: `_ai_repr_` (Jupyter's enhancement 128), `_repr_markdown_`, their `repr`, or their fields."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any

from g4f_magic.describing.described import Body, Picture, Scope
from g4f_magic.describing.pictures import picture_of
from g4f_magic.describing.scalars import has_own_repr
from g4f_magic.describing.structure import Brief, container_body

_TEXTS = ("text/markdown", "text/plain", "text/latex", "text/html")
_PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")
_MOST_STEPS = 100


def ai_body(value: Any, kind: str, scope: Scope) -> Body | None:
    """Return what `_ai_repr_` says; None where there is none, or where it waits for something."""
    method = getattr(type(value), "_ai_repr_", None)
    if method is None:
        return None
    said = method(value)
    if isinstance(said, Coroutine):
        said = _at_once(said)
    if isinstance(said, str):
        said = {"text/plain": said}
    if not isinstance(said, Mapping):
        return None
    text = next((said[media] for media in _TEXTS if isinstance(said.get(media), str)), "")
    picture = next((_picture(said[media], scope) for media in _PICTURES if media in said), None)
    return Body(kind=kind, text=text, picture=picture) if text or picture else None


def _at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine does without waiting for anything: nobody waits here."""
    try:
        for _ in range(_MOST_STEPS):
            if coroutine.send(None) is not None:
                return None
    except StopIteration as done:
        return done.value
    finally:
        coroutine.close()
    return None


def _picture(content: Any, scope: Scope) -> Picture | None:
    return picture_of(content, side=scope.side)


def markdown_body(value: Any, kind: str) -> Body | None:
    """Return what `_repr_markdown_` says; None where there is none."""
    method = getattr(type(value), "_repr_markdown_", None)
    text = method(value) if method is not None else None
    if isinstance(text, tuple):  # with metadata
        text = text[0]
    return Body(kind=kind, text=text, language="markdown") if isinstance(text, str) and text else None


def repr_body(value: Any, kind: str, scope: Scope, brief: Brief) -> Body:
    """Return a thing's `repr`; of one that has none of its own, its fields."""
    if not has_own_repr(value):
        fields = getattr(value, "__dict__", None)
        if isinstance(fields, dict) and fields:
            return container_body(fields, kind, scope, brief)
        return Body(kind=kind)
    text = repr(value)
    return Body(kind=kind, text=text)
