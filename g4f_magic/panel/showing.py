"""Where a panel is shown: in its cell, or beside the notebook; and what stands there once its kernel is gone."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol, cast

from g4f_magic.errors import InputError

RESTS = "The chat panel rests: it needs its kernel. Run this cell to go on; the conversation below is kept."
_WIDGET = "application/vnd.jupyter.widget-view+json"
_REST_STYLE = "font-size:.9em;opacity:.75"


class Side(Protocol):
    """A place beside the notebook."""

    def close(self) -> None:
        """Take it away."""


def bundle(model_id: str) -> dict[str, object]:
    """Return what a front end shows: the widget, and where it shows none, that the panel rests."""
    view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
    return {
        _WIDGET: view,
        "text/html": f'<div style="{_REST_STYLE}">{RESTS}</div>',
        "text/plain": "ChatPanel",
    }


def rest_style(kept: str) -> str:
    """Return the style that says that the panel rests, in a cell whose outputs are of the class `kept`.

    A saved notebook that is opened again shows an error in place of a widget that is gone, above the conversation
    that stayed. Where it is trusted the style holds; where it is not, no widget is tried and `bundle` says it.
    An output that failed is of a widget's class itself and has a text alone; one that shows a widget has it within.
    """
    gone = f".jp-OutputArea:has(.{kept}) .jp-OutputArea-output.jupyter-widgets:not(:has(*))"
    return (
        f"<style>{gone} {{ font-size: 0; color: inherit; background: none; }}"
        f'{gone}::after {{ content: "{RESTS}"; font-size: calc(.9 * var(--jp-content-font-size1, 14px)); opacity: .75; }}'
        "</style>"
    )


def side_of(title: str) -> Side:
    """Return a new place beside the notebook, into which is shown what is shown `within` it.

    Raises:
        InputError: what makes one is not installed.
    """
    try:
        from sidecar import Sidecar
    except ImportError:
        raise InputError(
            "a panel beside the notebook needs the package sidecar",
            hint="Install it: %pip install sidecar. Then reload the page, or show the panel here: %chat panel",
        ) from None
    return cast("Side", Sidecar(title=title))


def within(side: Side) -> AbstractContextManager[Any]:
    """Return the context in which things are shown beside the notebook."""
    return cast("AbstractContextManager[Any]", side)
