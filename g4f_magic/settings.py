"""Every setting, its default and its environment variable. The only reader of `os.environ`.

What counts, strongest first: an option of the cell, `%config ChatMagics.name = value`, the variable
`G4F_MAGIC_NAME`, `ipython_config.py`, the default.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from traitlets import Bool, Dict, Enum, Float, Int, TraitError, Unicode
from traitlets.config import Configurable

from g4f_magic.errors import InputError
from g4f_magic.secret import Address, passwords_in, sources

FORCED_MODE, FORCED_CASSETTE = "G4F_MAGIC_FORCED_MODE", "G4F_MAGIC_FORCED_CASSETTE"
"""Variables that hold for all that asks in a process, whatever it sets itself; read with each question."""
_PREFIX = "G4F_MAGIC_"
_SECRET_NAME = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD)", re.IGNORECASE)


class _AddressTrait(Unicode):  # type: ignore[type-arg]  # older traitlets are not generic
    """A URL whose password does not show, not in `%config ChatMagics` either."""

    def validate(self, obj: Any, value: Any) -> Address:
        return Address(super().validate(obj, value))


class Settings(Configurable):
    """What a person can set, with the values in force."""

    provider = Unicode("koala", help="The provider where a cell names none.").tag(config=True)
    model = Unicode("", help="The model where a cell names none; empty: the provider's own default.").tag(
        config=True
    )
    system = Unicode("", help="The system prompt where a cell gives none.").tag(config=True)
    base_url = _AddressTrait("", help="Scheme, host and path prefix to use in place of the service's.").tag(
        config=True
    )
    proxy = _AddressTrait("", help="An HTTP or SOCKS proxy, as a URL.").tag(config=True)
    ca_file = Unicode(
        "", help="Certificates (PEM) to trust besides the system's own: a company's. Checking is never off."
    ).tag(config=True)
    chains = Dict(
        value_trait=Unicode(),
        key_trait=Unicode(),
        help="Names for chains of providers that are asked in turn: {'work': 'groq,openai:gpt-4o-mini'}.",
    ).tag(config=True)
    cookies = Unicode(
        "", help="File or folder with cookies exported from a browser; empty: `cookies` in the data folder."
    ).tag(config=True)
    timeout_seconds = Float(
        None, allow_none=True, help="Longest silence of a service, in seconds; None: the provider's own."
    ).tag(config=True)
    engine = Unicode(
        "auto",
        help=(
            "What answers in the local gateway: auto (a model that is found, else the guide), guide, "
            "upstream, or script."
        ),
    ).tag(config=True)
    upstream = _AddressTrait("", help="Base URL of the OpenAI-compatible server behind the gateway.").tag(
        config=True
    )
    upstream_model = Unicode("", help="The model to ask that server for; empty: its first.").tag(config=True)
    history = Unicode("", help="File that keeps the turns; `off`: memory alone; empty: the data folder.").tag(
        config=True
    )
    mode = Enum(
        ["live", "record", "replay", "auto"],
        "live",
        help=(
            "Where replies come from: live; record (live, and written beside the notebook); replay (what was "
            "recorded, nothing is sent); auto (replayed where held, else live and recorded)."
        ),
    ).tag(config=True)
    cassette = Unicode(
        "", help="The file with the recorded replies; empty: NOTEBOOK.chat.jsonl beside the notebook."
    ).tag(config=True)
    pace = Enum(
        ["auto", "real", "fast"],
        "auto",
        help="How a recorded reply streams: real (in its own time), fast, or auto (fast where nobody watches).",
    ).tag(config=True)
    record_errors = Bool(False, help="Record failures, too.").tag(config=True)
    context_turns = Int(
        None, allow_none=True, help="Most turns of the conversation that are sent along; None: all."
    ).tag(config=True)
    context_tokens = Int(
        None, allow_none=True, help="Most tokens of the conversation that are sent along, roughly; None: all."
    ).tag(config=True)
    longest_reply = Int(
        5_000_000,
        allow_none=True,
        min=1,
        help="After how many characters, the reasoning's included, a reply is ended and kept; None: no limit.",
    ).tag(config=True)
    frames_per_second = Float(15.0, min=1.0, max=30.0, help="How often a streaming reply is painted.").tag(
        config=True
    )
    remote_images = Bool(False, help="Load the images that a reply names, instead of linking to them.").tag(
        config=True
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**_from_environment(type(self)), **kwargs})

    @property
    def history_file(self) -> Path | None:
        """Return the file that keeps the turns, or None for memory alone."""
        if self.history.lower() == "off":
            return None
        return Path(self.history).expanduser() if self.history else data_folder() / "history.sqlite"

    @property
    def mode_in_force(self) -> str:
        """Return where replies come from: what is said for the whole process counts before what is set here."""
        return environment(FORCED_MODE) or self.mode

    @property
    def cassette_path(self) -> Path | None:
        """Return the file with the recorded replies where the person names one, or one is named for the process."""
        if forced := environment(FORCED_CASSETTE):
            return Path(forced)
        return Path(self.cassette).expanduser().absolute() if self.cassette else None

    @property
    def ca_path(self) -> str | None:
        """Return the file of further certificates to trust, if one is set."""
        return str(Path(self.ca_file).expanduser()) if self.ca_file else None

    @property
    def cookie_path(self) -> Path:
        """Return the file or folder where exported cookies are looked for."""
        return cookie_path(self.cookies) if self.cookies else data_folder() / "cookies"


def _from_environment(cls: type[Settings]) -> dict[str, Any]:
    """Return the settings that the environment gives.

    Raises:
        InputError: a variable's value does not fit.
    """
    found = {}
    for name, trait in Settings.class_traits(config=True).items():
        text = os.environ.get(_PREFIX + name.upper())
        if text is None:
            continue
        try:
            found[name] = trait.from_string(text)
        except (TraitError, ValueError) as exc:
            variable = _PREFIX + name.upper()
            raise InputError(f"{variable}={text!r} does not fit", hint=str(trait.help)) from exc
    return found


def cookie_path(name: str) -> Path:
    """Return the path of a file or folder of exported cookies as the person wrote it."""
    return Path(name).expanduser()


def data_folder() -> Path:
    """Return the folder of this person's chats on this platform; it need not exist yet."""
    import platformdirs

    return Path(platformdirs.user_data_dir("g4f_magic", appauthor=False))


def models_file() -> Path:
    """Return the file that keeps what models the services offer."""
    return data_folder() / "cache" / "models.json"


def environment(name: str) -> str:
    """Return a variable that others define (`OPENAI_API_KEY`, `JPY_SESSION_NAME`), empty where it is not set."""
    return os.environ.get(name, "")


@lru_cache(maxsize=1024)
def names_a_secret(name: str) -> bool:
    """Say whether a variable of that name holds a secret: one whose name ends with KEY, TOKEN, SECRET or PASSWORD."""
    return bool(_SECRET_NAME.fullmatch(re.split(r"_|(?<=API)(?=KEY)", name, flags=re.IGNORECASE)[-1]))


def _secret_variables() -> Iterator[str]:
    """Yield what the environment holds of secrets now: others may be set while a kernel runs."""
    for name, value in os.environ.items():
        if names_a_secret(name):
            yield value
        elif "://" in value and "@" in value:
            yield from passwords_in(value)


sources.append(_secret_variables)
