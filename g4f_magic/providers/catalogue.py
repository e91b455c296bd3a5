"""What models a service offers, asked once a day and kept in a file that only its owner can read."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from g4f_magic.providers.openai import OpenAI
    from g4f_magic.secret import Secret

DAY_SECONDS = 24 * 3600.0


class Listed(TypedDict):
    """One service's models on disk."""

    at: float
    """When it was asked, in seconds since 1970."""
    models: list[str]


class Catalogue:
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
            and not provider.is_local
            and 0 <= self._clock() - listed["at"] < DAY_SECONDS
        ):
            return list(listed["models"])
        models = await provider.list_models(api_key, proxy=proxy, ca_file=ca_file)
        self.keep(provider.url, models)
        return models

    def keep(self, url: str, models: list[str]) -> None:
        """Keep the models of a service."""
        self._read()
        self._lists[_place(url)] = {"at": self._clock(), "models": models}
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
            beside.touch(mode=0o600)
            beside.write_text(json.dumps(self._lists, indent=1), encoding="utf-8")
            beside.replace(self._file)
            self._read_at = self._file.stat().st_mtime

    def _read(self) -> None:
        """Read the file again if it changed: another kernel may have asked."""
        try:
            changed_at = self._file.stat().st_mtime
            if changed_at == self._read_at:
                return
            lists = json.loads(self._file.read_text(encoding="utf-8"))
            self._lists = {
                url: {"at": float(one["at"]), "models": [str(model) for model in one["models"]]}
                for url, one in lists.items()
            }
            self._read_at = changed_at
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return


def _place(url: str) -> str:
    """Return a URL without the user and password that it may hold."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else url
