"""Which view shows a reply in a cell, by the name of its format. Importing this loads all that they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pkgutil import resolve_name
from typing import Any

from g4f_magic.errors import InputError
from g4f_magic.format_table import BY_NAME, FORMATS
from g4f_magic.renderers.renderer import View
from g4f_magic.renderers.tree import JsonView, TypedView

_VIEWS: dict[str, Callable[..., View]] = {one.name: resolve_name(one.view) for one in FORMATS}


def make_view(
    format: str,  # noqa: A002
    *,
    remote_images: bool = False,
    typesets_tex: bool = True,
    schema: Mapping[str, Any] | None = None,
) -> View:
    """Return a new view for `format`, in a page that typesets TeX or does not.

    For JSON, it is one of a reply that has to fit `schema` where one is given.

    Raises:
        InputError: there is no such format.
    """
    if format not in _VIEWS:
        raise InputError(f"no format {format!r}", hint=f"Formats: {', '.join(_VIEWS)}")
    view = _VIEWS[format]
    if schema is not None and view is JsonView:
        return TypedView(schema)
    if not BY_NAME[format].has_images:
        return view()
    return view(remote_images=remote_images, typesets_tex=typesets_tex)
