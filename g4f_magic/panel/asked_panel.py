"""What the requests of pages need of the panel that they are made to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from g4f_magic.errors import ChatError
from g4f_magic.host.base import Host
from g4f_magic.panel.background import Background
from g4f_magic.panel.chips import NOTHING, Along
from g4f_magic.panel.following import Following
from g4f_magic.panel.protocol import Said
from g4f_magic.reply import ReplyText
from g4f_magic.session import Session
from g4f_magic.turn import Turn


class AskedPanel(Protocol):
    """The panel, as its pages' requests see it."""

    host: Host
    background: Background
    following: Following
    provider: str
    model: str
    conversation: str
    parameters: dict[str, Any]
    send_with: str
    height: str
    is_busy: bool

    @property
    def session(self) -> Session:
        """Return what the kernel holds."""

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Return the turns of the conversation that is shown."""

    @property
    def is_asking(self) -> bool:
        """Say whether a reply to this panel is under way."""

    def begin(
        self, prompt: str, *, slot: str = "", key: str = "", along: Along = NOTHING, fills: bool = True
    ) -> asyncio.Task[ReplyText]:
        """Ask, in the background."""

    def stop(self) -> bool:
        """Stop the reply to this panel."""

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
