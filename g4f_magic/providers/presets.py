"""Services known by data alone: each becomes a provider of the one OpenAI-compatible class."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from g4f_magic import disk
from g4f_magic.errors import InputError
from g4f_magic.providers.connections import is_service
from g4f_magic.providers.headers import check_headers
from g4f_magic.providers.ollama_host import advice_for, ollama_base_url
from g4f_magic.secret_names import names_a_secret
from g4f_magic.settings import environment
from g4f_magic.wire.urls import base_of, is_on_loopback, without_chat

if TYPE_CHECKING:
    from g4f_magic.providers.openai import OpenAI

_MOST_BYTES = 1024 * 1024
COLAB = "colab"
"""The name of Colab's own model proxy, which is there on Colab's machines alone."""
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
    key_header: str = "Authorization"
    """The header that the key travels in."""
    key_prefix: str | None = None
    """What stands before the key there; None: `Bearer ` in `Authorization`, else nothing."""
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers; `$NAME` in a value stands for a variable."""

    @property
    def is_here(self) -> bool:
        """Say whether it is looked for on this machine; nobody outside is asked without being named."""
        return self.local and is_on_loopback(self.base_url)

    def provider(self) -> type[OpenAI]:
        """Return the provider class of this service."""
        return _provider(self)


@cache
def built_in() -> dict[str, Preset]:
    """Return the presets that come with the package, by name."""
    return _read(_OWN_FILE)


def ours() -> dict[str, Preset]:
    """Return them with Ollama where `OLLAMA_HOST` says that it is, and in Colab with its model proxy.

    Raises:
        InputError: that variable names no host.
    """
    found = dict(built_in())
    if (colab := of_colab()) is not None:
        found[COLAB] = colab
    if base_url := ollama_base_url():
        found["ollama"] = replace(found["ollama"], base_url=base_url, advice=advice_for(base_url))
    return found


def of_colab() -> Preset | None:
    """Return Colab's own model proxy, which wants no key of the person; None where Colab's machine names none.

    Source: what `google.colab.ai` asks.
    """
    host = environment("MODEL_PROXY_HOST").strip().rstrip("/")
    address = urlsplit(host)
    if address.scheme not in ("http", "https") or not address.hostname or address.username:
        return None
    return Preset(
        name=COLAB,
        base_url=f"{host}/models/openapi",
        title="Colab",
        keys=("MODEL_PROXY_API_KEY",),
        counts=True,
        notes="Colab's own models: the machine brings the key along. Colab counts what you use of them.",
    )


@cache
def of_person(file: Path, changed_at: float) -> dict[str, Preset]:
    """Return the presets in a person's own file as it was at that time.

    Raises:
        InputError: the file cannot be read or understood.
    """
    return _read(file)


def _read(file: Path) -> dict[str, Preset]:
    try:
        tables = tomllib.loads(disk.read(file, most_bytes=_MOST_BYTES).decode("utf-8-sig"))
        return {
            name.lower(): _preset(name.lower(), table)
            for name, table in tables.items()
            if is_service(name, table)
        }
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as exc:
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
    if any(names_a_secret(key) for key, _ in parse_qsl(address.query, keep_blank_values=True)):
        raise ValueError(f"[{name}] has a key in its base_url; name a variable in keys or headers instead")
    headers = tuple(table.get("headers", {}).items())
    try:
        base_url = without_chat(base_of(table["base_url"]))
        check_headers([*headers, (table.get("key_header", "Authorization"), "$KEY")])
    except InputError as exc:
        raise ValueError(f"[{name}]: {exc}") from None
    given = {**table, "base_url": base_url, "keys": tuple(table.get("keys", ())), "headers": headers}
    return Preset(name=name, **given)


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
            "url": preset.base_url,
            "key_variables": preset.keys,
            "needs_auth": bool(preset.keys) and not preset.local,  # a local one may want a key or not
            "default_model": preset.model,
            "counts_on_request": preset.counts,
            "runs_here": preset.is_here,
            "retry_seconds": () if preset.is_here else OpenAI.retry_seconds,
            "advice": preset.advice,
            "key_header": preset.key_header,
            "key_prefix": preset.key_prefix,
            "further_headers": preset.headers,
        },
    )
