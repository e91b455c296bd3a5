"""A cache of how services take a schema: what one refused is asked of it in no kernel again, until that is old.

In a file that only its owner can read, beside the lists of models. What is not there is the best way of the protocol.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypedDict
from urllib.parse import urlsplit

from g4f_magic import disk
from g4f_magic.answering.form import Way
from g4f_magic.answering.sights import Place
from g4f_magic.wire.urls import is_on_loopback

_MOST_KNOWN = 1_000
_MOST_BYTES = 4 * 1024 * 1024
KEPT_SECONDS, KEPT_SECONDS_HERE = 7 * 86_400.0, 3_600.0
"""How long it counts: services learn, and on this machine another server may be at the same address."""


class WayKey(NamedTuple):
    """Of what something is known."""

    url: str
    model: str
    schema: str
    """Its digest, where it is that schema alone that the model does not take; else empty."""


class KeptWay(TypedDict):
    """One thing that is known, on disk."""

    url: str
    model: str
    schema: str
    way: int | None
    """The best that works; None: a schema is taken, and not kept to."""
    at: float
    """When that was seen, in seconds since 1970."""


class KnownWays:
    """The best ways that are known to work. Without a file, as long as it lives; one that cannot be read or written is no error."""

    def __init__(self, file: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._read_at = -1.0
        self._known: dict[tuple[WayKey, bool], tuple[Way | None, float]] = {}
        """By what it is of, and whether it says how well a schema is kept to."""

    def best(self, place: Place, schema: str, most: Way) -> Way:
        """Return in which way a model is asked for a schema; `most` is what its protocol can do."""
        self._read()
        found = (self._of(key_of(place, one), is_doubt=False) for one in ("", schema))
        return min((most, *(one for one in found if one is not None)))

    def knows(self, place: Place, schema: str) -> bool:
        """Say whether a model was seen to take a schema, or refused one for a way that works."""
        self._read()
        return any(self._counts((key_of(place, one), False)) for one in ("", schema))

    def is_unsure(self, place: Place) -> bool:
        """Say whether a model took a schema and did not keep to it: it is told in words, too."""
        self._read()
        return self._counts((key_of(place), True))

    def keep(self, place: Place, way: Way, schema: str = "") -> None:
        """Note the best way that works, of a model, or of a model with that schema."""
        self._keep(key_of(place, schema), way)

    def keep_unsure(self, place: Place) -> None:
        """Note that a model took a schema and did not keep to it."""
        self._keep(key_of(place), None)

    def _of(self, key: WayKey, *, is_doubt: bool) -> Way | None:
        return self._known[key, is_doubt][0] if self._counts((key, is_doubt)) else None

    def _counts(self, known: tuple[WayKey, bool]) -> bool:
        if known not in self._known:
            return False
        kept = KEPT_SECONDS_HERE if is_on_loopback(known[0].url) else KEPT_SECONDS
        return 0 <= self._clock() - self._known[known][1] < kept

    def _keep(self, key: WayKey, way: Way | None) -> None:
        known = (key, way is None)
        if self._counts(known) and self._known[known][0] == way:
            return  # what many rows find out at once is written once
        self._read()
        self._known.pop(known, None)
        self._known[known] = (way, self._clock())
        while len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._write()

    def _write(self) -> None:
        if self._file is None:
            return
        entries = [
            KeptWay(url=key.url, model=key.model, schema=key.schema, way=way, at=at)
            for (key, _), (way, at) in self._known.items()
        ]
        with suppress(OSError):
            disk.make_folder(self._file.parent)
            disk.write(self._file, json.dumps(entries, indent=1).encode())
            self._read_at = self._file.stat().st_mtime

    def _read(self) -> None:
        """Read the file again if it changed: another kernel may have found something out."""
        if self._file is None:
            return
        try:
            changed_at = self._file.stat().st_mtime
            if changed_at == self._read_at:
                return
            entries = json.loads(disk.read(self._file, most_bytes=_MOST_BYTES))
            found: dict[tuple[WayKey, bool], tuple[Way | None, float]] = {}
            for one in entries[:_MOST_KNOWN]:
                key = WayKey(*(str(one[name]) for name in WayKey._fields))
                way = None if one["way"] is None else Way(one["way"])
                found[key, way is None] = (way, float(one["at"]))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return
        self._known, self._read_at = found, changed_at


def key_of(place: Place, schema: str = "") -> WayKey:
    """Return of what something is known, without what may be secret in an address: a user, a password, a query."""
    parts = urlsplit(place[0])
    return WayKey(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl(), place[1], schema)


@cache
def ways_in(file: Path) -> KnownWays:
    """Return what is known in that file: the same for all that ask in one process."""
    return KnownWays(file)
