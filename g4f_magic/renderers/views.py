"""Which view shows a reply in a cell, by the name of its format."""

from __future__ import annotations

from g4f_magic.errors import InputError
from g4f_magic.renderers.base import View
from g4f_magic.renderers.document import MarkdownView
from g4f_magic.renderers.formats import CodeView, FrameView, JsonView, TextView

_OTHERS: dict[str, type[View]] = {"text": TextView, "code": CodeView, "json": JsonView, "html": FrameView}


def make_view(format: str, *, remote_images: bool = False) -> View:  # noqa: A002
    """Return a new view for `format`.

    Raises:
        InputError: there is no such format.
    """
    if format == "markdown":
        return MarkdownView(remote_images=remote_images)
    if format not in _OTHERS:
        raise InputError(f"no format {format!r}", hint=f"Formats: markdown, {', '.join(_OTHERS)}")
    return _OTHERS[format]()
