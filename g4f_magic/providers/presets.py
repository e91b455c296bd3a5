"""Services known by data alone: each becomes a provider of the one OpenAI-compatible class."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from g4f_magic.errors import InputError

if TYPE_CHECKING:
    from g4f_magic.providers.openai import OpenAI

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OWN_FILE = Path(__file__).with_name("presets.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One OpenAI-compatible service."""

    name: str
    base_url: str
    title: str = ""
    keys: tuple[str, ...] = ()
    """The environment variables of its key, the one to name first."""
    model: str = ""
    counts: bool = False
    local: bool = False
    advice: str = ""
    notes: str = ""

    @property
    def is_here(self) -> bool:
        """Say whether it is looked for on this machine; nobody outside is asked without being named."""
        return self.local and urlsplit(self.base_url).hostname in LOOPBACK

    def provider(self) -> type[OpenAI]:
        """Return the provider class of this service."""
        return _provider(self)


@cache
def built_in() -> dict[str, Preset]:
    """Return the presets that come with the package, by name."""
    return _read(_OWN_FILE)


@cache
def of_person(file: Path, changed_at: float) -> dict[str, Preset]:
    """Return the presets in a person's own file as it was at that time.

    Raises:
        InputError: the file cannot be read or understood.
    """
    return _read(file)


def _read(file: Path) -> dict[str, Preset]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        return {name.lower(): _preset(name.lower(), table) for name, table in tables.items()}
    except (OSError, ValueError, TypeError, AttributeError) as exc:
        raise InputError(
            f"{file.name} cannot be understood: {exc}",
            hint='A service is a table: [name], base_url = "https://host/v1", keys = ["VARIABLE"], model = "..."',
        ) from None


def _preset(name: str, table: Mapping[str, Any]) -> Preset:
    address = urlsplit(table.get("base_url", ""))
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError(f"[{name}] has no base_url with http:// or https://")
    if address.username or address.password:
        raise ValueError(f"[{name}] has a password in its base_url; store it with %chat login {name}")
    return Preset(name=name, **{**table, "keys": tuple(table.get("keys", ()))})


@cache
def _provider(preset: Preset) -> type[OpenAI]:
    from g4f_magic.providers.openai import OpenAI

    class_name = "".join(filter(str.isalnum, preset.title or preset.name.title()))
    return type(
        class_name,
        (OpenAI,),
        {
            "__module__": __name__,
            "__doc__": f"{preset.title or preset.name}: {preset.notes}",
            "name": preset.name,
            "url": preset.base_url.rstrip("/"),
            "key_variables": preset.keys,
            "needs_auth": bool(preset.keys) and not preset.local,  # a local one may want a key or not
            "default_model": preset.model,
            "counts_on_request": preset.counts,
            "is_local": preset.is_here,
            "retry_seconds": () if preset.is_here else OpenAI.retry_seconds,
            "advice": preset.advice,
        },
    )
