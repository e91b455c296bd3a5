"""A reply as the person's code gets it: a text that knows where it came from."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from g4f_magic.turn import Turn
from g4f_magic.turn_json import turn_from_json, turn_to_json


class ReplyText(str):
    """A reply as a plain `str` that knows where it came from: `.provider`, `.model` and `.turn`."""

    turn: Turn

    def __new__(cls, turn: Turn) -> ReplyText:
        """Return the reply of a turn."""
        text = super().__new__(cls, turn.reply)
        text.turn = turn
        return text

    def __reduce__(self) -> tuple[Callable[[dict[str, Any]], ReplyText], tuple[dict[str, Any]]]:
        """Return how it is copied, pickled and stored: by the names of its turn's fields, as other versions know them."""
        return _revived, (turn_to_json(self.turn),)

    def _mime_(self) -> tuple[str, str]:
        """Return how marimo shows it: as cleaned HTML, in which nothing acts."""
        # By name: a reply is a value below the room that renders, which is loaded where one is shown.
        html = import_module("g4f_magic.renderers.document").markdown_to_html(self.turn.reply)
        return "text/html", f'<div style="max-width:60em">{html}</div>'

    @property
    def provider(self) -> str:
        """Return the provider's name."""
        return self.turn.provider

    @property
    def model(self) -> str:
        """Return the name of the model that answered, in the service's own words where it said so."""
        return self.turn.answering_model or self.turn.model


def _revived(values: dict[str, Any]) -> ReplyText:
    """Return a reply that was pickled; what this version does not know of it is passed over."""
    return ReplyText(turn_from_json(values))
