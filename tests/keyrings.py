"""A real keyring, in a file of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
from keyring.backend import KeyringBackend
from keyrings.alt.file import PlaintextKeyring


@contextmanager
def keyring_in(folder: Path) -> Iterator[KeyringBackend]:
    """Have that one in use, in place of this person's."""
    before, ours = keyring.get_keyring(), PlaintextKeyring()
    ours.file_path = str(folder / "keyring.cfg")
    keyring.set_keyring(ours)
    try:
        yield ours
    finally:
        keyring.set_keyring(before)
