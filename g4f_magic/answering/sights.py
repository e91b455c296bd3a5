"""Which models take pictures: as their servers tell, asked only where a picture is to go along, or as they said themselves."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from g4f_magic.errors import ChatError
from g4f_magic.providers.listing import Sight
from g4f_magic.wire.urls import is_on_loopback

Place = tuple[str, str]
"""A model, by the address of its service and its name; an empty name: the service's own choice."""

_MOST_KNOWN = 256
_KEPT_SECONDS, _KEPT_SECONDS_HERE = 3600.0, 60.0
"""How long a server's word counts; on this machine models come and go."""


class Sights:
    """A cache of what is known in one kernel."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[Place, tuple[Sight, float]] = {}

    def is_blind(self, place: Place) -> bool:
        """Say whether a model is known to take no pictures. Nobody is asked."""
        known = self._known(place)
        return known is not None and known.sees is False

    def note_blind(self, place: Place) -> None:
        """Note that a model said itself that it takes none: that counts as long as the kernel lives."""
        self._keep(place, Sight(False), float("inf"))

    async def of(self, place: Place, ask: Callable[[], Awaitable[Sight]]) -> Sight:
        """Return what is known of a model; else what `ask` brings. A server that tells nothing is asked no more for a while."""
        if (known := self._known(place)) is not None:
            return known
        try:
            found = await ask()
        except ChatError:
            found = Sight()
        seconds = _KEPT_SECONDS_HERE if is_on_loopback(place[0]) else _KEPT_SECONDS
        self._keep(place, found, self._clock() + seconds)
        return found

    def _known(self, place: Place) -> Sight | None:
        found, until = self._told.get(place, (None, 0.0))
        return found if self._clock() < until else None

    def _keep(self, place: Place, sight: Sight, until: float) -> None:
        self._told.pop(place, None)
        self._told[place] = sight, until
        while len(self._told) > _MOST_KNOWN:
            del self._told[next(iter(self._told))]
