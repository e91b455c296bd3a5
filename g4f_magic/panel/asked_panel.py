"""What the requests of pages need of the panel that they are made to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from g4f_magic.errors import ChatError
from g4f_magic.panel.asking import AskingPanel, CurrentReply
from g4f_magic.panel.protocol import Said
from g4f_magic.turn import Turn


class AskedPanel(AskingPanel, Protocol):
    """The panel, as its pages' requests see it."""

    send_with: str
    height: str

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Return the turns of the conversation that is shown."""

    @property
    def asking(self) -> CurrentReply:
        """Return the reply to this panel that is under way, or was the last."""

    def say(self, message: Said) -> None:
        """Send a message to the pages."""

    def tell(self, error: ChatError, key: str = "") -> None:
        """Tell what went wrong."""

    def note(self, text: str, key: str = "", *, stays: bool = False) -> None:
        """Tell something that is no error."""

    def greet(self, page: str) -> None:
        """Tell a page that has come what there is."""

    def refresh(self) -> None:
        """Tell the pages what became different in the history."""

    def show_conversations(self) -> None:
        """Renew the list of conversations."""

    async def show_providers(self) -> None:
        """Renew the list of providers and their models."""

    def siblings(self) -> Sequence[AskedPanel]:
        """Return the panels of the same session, this one too."""
