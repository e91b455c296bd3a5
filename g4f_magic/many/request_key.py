"""The key under which an answer is kept: over what was sent, to whom. No I/O."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256

from g4f_magic.ask import Ask
from g4f_magic.cassette import Asked
from g4f_magic.chunks import Served

_FORM = 1
"""Another one when what is hashed changes, so that nothing old answers something new."""


def plain_key(text: str) -> bytes:
    """Return what tells texts apart where no service is asked."""
    return text.encode("utf-8", "surrogatepass")


def keys_for(ask: Ask, who: Served, place: str) -> Callable[[str], bytes]:
    """Return what gives the key of a text that is sent with all else of `ask`.

    `place` is where the service is: another server under the same name is another service.

    Raises:
        InputError: a parameter is none that JSON has.
    """
    asked = Asked.of(ask)
    told = [_FORM, who.provider, who.model, place, asked.model, asked.system, dict(asked.parameters)]
    begun = sha256(json.dumps([*told, dict(asked.further)], sort_keys=True).encode())

    def key(text: str) -> bytes:
        whole = begun.copy()
        whole.update(text.encode("utf-8", "surrogatepass"))
        return whole.digest()[:16]

    return key
