"""A cache of the models that services offer: asked for once a day, in a file that only its owner can read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

from g4f_magic import disk, names

if TYPE_CHECKING:
    from g4f_magic.providers.openai import OpenAI
    from g4f_magic.secret import Secret

_MOST_BYTES = 64 * 1024 * 1024
DAY_SECONDS = 24 * 3600.0


class Listed(TypedDict):
    """One service's models on disk."""

    at: float
    """When it was asked, in seconds since 1970."""
    models: list[str]


class ModelCache:
    """Models by the base URL of their service. A file that cannot be read or written is no error."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._read_at = -1.0
        self._lists: dict[str, Listed] = {}

    def known(self, url: str) -> list[str]:
        """Return the models as they were asked for last; empty where they never were. Asks nobody."""
        self._read()
        listed = self._lists.get(_place(url))
        return list(listed["models"]) if listed else []

    async def models(
        self,
        provider: type[OpenAI],
        api_key: Secret | None = None,
        *,
        is_fresh: bool = False,
        proxy: str | None = None,
        ca_file: str | None = None,
    ) -> list[str]:
        """Return the models of a service: from the file if they were asked for today, else by asking it.

        Raises:
            ChatError: the service does not answer, or not with a list.
        """
        self._read()
        listed = self._lists.get(_place(provider.url))
        # What runs on this machine is asked each time: that is quick, and models come and go there.
        if (
            listed
            and not is_fresh
            and not provider.runs_here
            and 0 <= self._clock() - listed["at"] < DAY_SECONDS
        ):
            return list(listed["models"])
        models = await provider.list_models(api_key, proxy=proxy, ca_file=ca_file)
        self.keep(provider.url, models)
        return models

    def keep(self, url: str, models: list[str]) -> None:
        """Keep the models of a service."""
        self._read()
        self._lists[_place(url)] = {"at": self._clock(), "models": names.listed(models)}
        with suppress(OSError):
            disk.make_folder(self._file.parent)
            disk.write(self._file, json.dumps(self._lists, indent=1).encode())
            self._read_at = self._file.stat().st_mtime

    def _read(self) -> None:
        """Read the file again if it changed: another kernel may have asked."""
        try:
            changed_at = self._file.stat().st_mtime
            if changed_at == self._read_at:
                return
            lists = json.loads(disk.read(self._file, most_bytes=_MOST_BYTES))
            self._lists = {
                url: {"at": float(one["at"]), "models": names.listed(map(str, one["models"]))}
                for url, one in lists.items()
            }
            self._read_at = changed_at
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return


def _place(url: str) -> str:
    """Return a URL without what may be secret in it: a user, a password, a query."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
