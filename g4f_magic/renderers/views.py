"""The formats of a reply in a cell: which view shows it."""

from __future__ import annotations

from g4f_magic.errors import InputError
from g4f_magic.renderers.base import View
from g4f_magic.renderers.document import MarkdownView


def make_view(format: str, *, remote_images: bool = False) -> View:  # noqa: A002
    """Return a new view for `format`.

    Raises:
        InputError: there is no such format.
    """
    if format == "markdown":
        return MarkdownView(remote_images=remote_images)
    raise InputError(f"no format {format!r}", hint="Formats: markdown, text, code, json, html")
