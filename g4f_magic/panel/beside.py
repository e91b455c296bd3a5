"""The panel beside the notebook: in the front end's side bar, with no cell of its own."""

from __future__ import annotations

from typing import Any

from g4f_magic.panel.widget import ChatPanel


class BesideNotebook(ChatPanel):
    """A panel that stands in no cell, so that nothing of it is kept in the notebook."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._is_beside = True

    def _is_looked_at(self) -> bool:
        """Say that it is: a page asked for it, which is no cell."""
        return True

    @property
    def is_closed(self) -> bool:
        """Say whether it has ended."""
        return self._is_closed

    def _keep(self) -> None:
        """Keep nothing: there is no output to keep it in."""
