"""Imports what the first chat of a kernel needs, while the kernel has nothing to do: a module at a time.

Nothing is imported while a cell runs, and nothing within the first second after one: neither loading the extension nor
a person's own first cell waits for it. Other names: warming up, importing ahead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from g4f_magic.host.base import Host

IDLE_SECONDS = 1.0
"""How long the kernel has to be idle before the first module."""
_PAUSE_SECONDS = 0.02
"""Between two modules: a cell that comes is taken up there."""

_OURS = """
    page ask turn chunks cassette context answering.recording options conversation history whereabouts session grammar
    renderers reply providers remarks answering.keys guide wire.diagnosis wire.compression wire.transport providers.base
    providers.openai answering.services
"""
_OTHERS = "csv importlib.metadata attr multidict yarl http.cookies logging aiohttp nh3 markdown_it pygments.formatters.html"
_OURS_ABOVE = """
    wire.error_translation wire.client_errors wire.proxy_errors wire.connection wire.trust renderers.document
    renderers.cell renderers.formats renderers.views
"""
_IF_THERE = "encodings.utf_8_sig configparser keyring"

MODULES = (
    *(f"g4f_magic.{name}" for name in _OURS.split()),
    *_OTHERS.split(),
    *(f"g4f_magic.{name}" for name in _OURS_ABOVE.split()),
    *_IF_THERE.split(),
)
"""In this order each brings little that those before it did not."""


class Preload:
    """The modules that are left to import in one kernel. `is_wanted` is asked before each."""

    def __init__(self, host: Host, is_wanted: Callable[[], bool]) -> None:
        self._host = host
        self._releases: list[Callable[[], None]] = []
        self._is_wanted = is_wanted
        self._left = list(reversed(MODULES))
        self._next: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Import after the cell that runs now; where no loop runs between cells, as in a terminal, nothing is."""
        if self._host.can_display:
            self._releases = [self._host.before_cells(self._hold), self._host.after_cells(self._go_on)]

    def stop(self) -> None:
        """Import nothing more."""
        self._hold()
        self._left.clear()
        for release in self._releases:
            release()

    def _hold(self, *_: object) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _go_on(self, *_: object) -> None:
        self._hold()
        if self._left:
            with suppress(RuntimeError):  # no loop runs here
                self._next = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._import_one)

    def _import_one(self) -> None:
        self._next = None
        if not self._left or not self._is_wanted():
            return
        with suppress(ImportError):  # whoever needs it says so
            import_module(self._left.pop())
        if not self._left:
            from g4f_magic.answering import keys

            asyncio.get_running_loop().run_in_executor(None, keys.find_keyring)
            return
        self._next = asyncio.get_running_loop().call_later(_PAUSE_SECONDS, self._import_one)
