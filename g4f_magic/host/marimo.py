"""marimo: a notebook without IPython, whose cells show what they end with. It is not imported for that."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module

from g4f_magic.host.base import Bundle, Output
from g4f_magic.host.program import Program


def is_here() -> bool:
    """Say whether this code runs in a notebook of marimo's."""
    running = getattr(sys.modules.get("marimo"), "running_in_notebook", None)
    return running is not None and bool(running())


class MarimoHost(Program):
    """One notebook of marimo's."""

    prints = False
    can_display = shows_widgets = True

    @property
    def has_stdin(self) -> bool:
        """Say whether the person can be asked: marimo shows a field for it."""
        return True

    @property
    def notebook(self) -> str:
        """Return the path of the notebook's file; empty where this release does not tell."""
        try:
            filename = import_module("marimo._runtime.context").get_context().filename
        except Exception:  # its own room, which a release may change
            return ""
        return filename if isinstance(filename, str) else ""

    def output(self, metadata: Mapping[str, object] | None = None) -> Output:
        """Return an output that adds to the cell's when it shows first, and is left as it is."""
        return _Added(self)

    def show(self, data: Bundle) -> None:
        """Add it to the cell's output, as HTML where there is some."""
        marimo = import_module("marimo")
        html, text = data.get("text/html"), data.get("text/plain", "")
        marimo.output.append(marimo.Html(html) if isinstance(html, str) and html else marimo.plain_text(text))


class _Added:
    def __init__(self, host: MarimoHost) -> None:
        self._host = host
        self._is_shown = False

    def show(self, data: Bundle) -> None:
        """Show it the first time; the rest is the panel's own page."""
        if not self._is_shown and any(data.values()):
            self._is_shown = True
            self._host.show(data)
