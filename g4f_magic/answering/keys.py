"""Where a service's key is: the environment, the system's keyring, or a `.env` beside the notebook. Never the cell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from g4f_magic.answering import env_file
from g4f_magic.credentials import OPENAI_HOST, OPENAI_KEY, Destination
from g4f_magic.errors import InputError
from g4f_magic.secret import Address, Secret
from g4f_magic.settings import environment

T = TypeVar("T")

KEYRING_SERVICE = "g4f_magic"
INSTALL = "%pip install 'g4f-magic[keyring]'"
_KEYRING_SECONDS = 60.0
"""How long its answer counts: a desktop's keyring is another process, and may take long."""
_asked: dict[str, tuple[float, Secret]] = {}
"""What the keyring said, and when."""


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key and where it was found."""

    secret: Secret
    place: str
    file: Path | None = field(default=None, compare=False)
    """The `.env` that it stands in."""


def find(
    name: str,
    variables: tuple[str, ...] = (),
    folder: Path | None = None,
    destination: Destination | None = None,
) -> FoundKey | None:
    """Return the key of the service of that name, or None.

    Looked for in this order: the variables in the environment, the keyring, the variables in `folder`/.env.
    A keyring that is locked or not there is passed over. With `destination`, only what belongs there is found, and is good
    for there alone; `name` then is one of its names.
    """
    place = destination or Destination(names=(name,))
    for variable in place.belonging(variables, environment(OPENAI_HOST)):
        if value := environment(variable).strip():
            return FoundKey(Secret(value, homes=place.origins), variable)
    for one in place.names:
        if secret := _in_keyring(one):
            return FoundKey(secret.bound(place.origins), "keyring")
    if variables and folder is not None:
        file = folder / ".env"
        written = env_file.read(file)
        host = written.get(OPENAI_HOST)
        for variable in place.belonging(variables, host.reveal() if host else ""):
            if found := written.get(variable):
                return FoundKey(Secret(found.reveal(), homes=place.origins), f"{variable} in .env", file)
    return None


async def look_up(
    name: str,
    variables: tuple[str, ...] = (),
    folder: Path | None = None,
    destination: Destination | None = None,
) -> FoundKey | None:
    """Return what `find` finds. A keyring, which may wait for its person, is asked beside the running loop."""
    names = destination.names if destination else (name,)
    if not has_keyring() or all(map(_is_fresh, names)) or any(map(environment, variables)):
        return find(name, variables, folder, destination)
    return await asyncio.to_thread(find, name, variables, folder, destination)


def belonging_elsewhere(variables: tuple[str, ...], folder: Path | None = None) -> str:
    """Return a sentence about a key that is there and belongs to the host that is named beside it; empty if there is none."""
    if OPENAI_KEY not in variables:
        return ""
    written = env_file.read(folder / ".env") if folder is not None else {}
    in_file = tuple(written[name].reveal() if name in written else "" for name in (OPENAI_KEY, OPENAI_HOST))
    for where, (key, host) in (
        ("", (environment(OPENAI_KEY), environment(OPENAI_HOST))),
        (" in .env", in_file),
    ):
        if key and host:
            return (
                f"The {OPENAI_KEY}{where} is for the host that {OPENAI_HOST}{where} names: {Address(host)}."
            )
    return ""


def store(name: str, secret: Secret) -> None:
    """Put a key into the keyring.

    Raises:
        InputError: there is no keyring, it is locked, or the key is empty or holds a line end.
    """
    if not secret.reveal().strip() or not secret.reveal().strip().isprintable():
        raise InputError(
            "that is not a key: it is empty, or has a line end", hint="Copy it again, as one line."
        )
    _done(lambda ring: ring.set_password(KEYRING_SERVICE, name, secret.reveal().strip()))
    _asked.pop(name, None)


def delete(name: str) -> bool:
    """Take a key out of the keyring, and say whether one was there.

    Raises:
        InputError: there is no keyring, or it is locked.
    """
    if _done(lambda ring: ring.get_password(KEYRING_SERVICE, name) is None):
        return False
    _done(lambda ring: ring.delete_password(KEYRING_SERVICE, name))
    _asked.pop(name, None)
    return True


def has_keyring() -> bool:
    """Say whether the package is there that speaks to the system's keyring."""
    return find_spec("keyring") is not None


def find_keyring() -> None:
    """Have the package look for the system's own keyring, which takes long the first time."""
    if has_keyring():
        with suppress(Exception):  # as with asking it
            _keyring().get_keyring()


def _in_keyring(name: str) -> Secret | None:
    if not has_keyring():
        return None
    if _is_fresh(name):
        return _asked[name][1]
    # Whatever a desktop's keyring raises, a chat goes on without it; %chat login says what is wrong.
    with suppress(Exception):
        secret = Secret((_keyring().get_password(KEYRING_SERVICE, name) or "").strip())
        _asked[name] = (time.monotonic(), secret)
        return secret
    return None


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


def _done(work: Callable[[Any], T]) -> T:
    """Return what `work` makes of the keyring. What that raises, and its frames, in which the key stands, stay here.

    Raises:
        InputError: there is no keyring, or it is locked.
    """
    ring = _keyring()
    try:
        return work(ring)
    except Exception as exc:  # backends raise what their system raises
        failure = InputError(
            f"this system's keyring cannot be used ({type(exc).__name__})",
            hint="Put the key into its environment variable, or into a .env beside the notebook.",
        )
    raise failure
