"""Where a service's key is: the environment, the system's keyring, or a `.env` beside the notebook. Never the cell."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from g4f_magic.errors import InputError
from g4f_magic.secret import Secret
from g4f_magic.settings import environment, names_a_secret

KEYRING_SERVICE = "g4f_magic"
INSTALL = "%pip install 'g4f-magic[keyring]'"
_MOST_BYTES = 1024 * 1024
_KEYRING_SECONDS = 60.0
"""How long its answer counts: a desktop's keyring is another process, and may take long."""
_asked: dict[str, tuple[float, str]] = {}
"""What the keyring said, and when."""
_LINE = re.compile(
    r"""\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*
        (?:'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<bare>[^#\r\n]*?))\s*(?:\#.*)?$""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it was found."""

    secret: Secret
    place: str


def find(name: str, variables: tuple[str, ...] = (), folder: Path | None = None) -> Key | None:
    """Return the key of the service of that name, or None.

    Looked for in this order: the variables in the environment, the keyring, the variables in `folder`/.env.
    A keyring that is locked or not there is passed over.
    """
    for variable in variables:
        if value := environment(variable).strip():
            return Key(Secret(value), variable)
    if value := _in_keyring(name):
        return Key(Secret(value), "keyring")
    if variables and folder is not None:
        written = read_env(folder / ".env")
        for variable in variables:
            if secret := written.get(variable):
                return Key(Secret(secret.reveal()), f"{variable} in .env")
    return None


async def look_up(name: str, variables: tuple[str, ...] = (), folder: Path | None = None) -> Key | None:
    """Return what `find` finds. A keyring, which may wait for its person, is asked beside the running loop."""
    if not has_keyring() or _is_fresh(name) or any(map(environment, variables)):
        return find(name, variables, folder)
    return await asyncio.to_thread(find, name, variables, folder)


def store(name: str, secret: Secret) -> None:
    """Put a key into the keyring.

    Raises:
        InputError: there is no keyring, it is locked, or the key is empty or holds a line end.
    """
    value = secret.reveal().strip()
    if not value or not value.isprintable():
        raise InputError("that is no key: it is empty, or has a line end", hint="Copy it again, as one line.")
    with _keyring_errors():
        _keyring().set_password(KEYRING_SERVICE, name, value)
        _asked.pop(name, None)


def delete(name: str) -> bool:
    """Take a key out of the keyring, and say whether one was there.

    Raises:
        InputError: there is no keyring, or it is locked.
    """
    with _keyring_errors():
        if _keyring().get_password(KEYRING_SERVICE, name) is None:
            return False
        _keyring().delete_password(KEYRING_SERVICE, name)
        _asked.pop(name, None)
        return True


def read_env(file: Path) -> dict[str, Secret]:
    """Return the variables of a `.env` file; empty where there is none that can be read.

    A line is `NAME=value`, with `export` and quotes as one likes; `#` begins a comment. Nothing is expanded.
    """
    try:
        if file.stat().st_size > _MOST_BYTES:
            return {}
        lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return {}
    found: dict[str, Secret] = {}
    for match in filter(None, map(_LINE.match, lines)):
        double = match["double"]
        text = match["single"] or match["bare"] or "" if double is None else re.sub(r"\\(.)", r"\1", double)
        # A file of settings holds names of models and hosts as well, which may stand in any text.
        found[match["name"]] = Secret(text.strip(), is_known=names_a_secret(match["name"]))
    return {name: secret for name, secret in found.items() if secret}


def has_keyring() -> bool:
    """Say whether the package is there that speaks to the system's keyring."""
    return find_spec("keyring") is not None


def _in_keyring(name: str) -> str:
    if not has_keyring():
        return ""
    if _is_fresh(name):
        return _asked[name][1]
    # Whatever a desktop's keyring raises, a chat goes on without it; %chat login says what is wrong.
    with suppress(Exception):
        value = (_keyring().get_password(KEYRING_SERVICE, name) or "").strip()
        _asked[name] = (time.monotonic(), value)
        return value
    return ""


def _is_fresh(name: str) -> bool:
    return name in _asked and time.monotonic() - _asked[name][0] < _KEYRING_SECONDS


def _keyring() -> Any:
    try:
        import keyring
    except ImportError:
        raise InputError(
            "the package keyring is not installed", hint=f"{INSTALL}, or set the variable."
        ) from None
    return keyring


@contextmanager
def _keyring_errors() -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except Exception as exc:  # backends raise what their system raises
        raise InputError(
            f"this system's keyring cannot be used ({type(exc).__name__})",
            hint="Put the key into its environment variable, or into a .env beside the notebook.",
        ) from None
