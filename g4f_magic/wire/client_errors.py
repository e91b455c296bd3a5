"""Our errors of the wire as errors of aiohttp's, too: who writes `except aiohttp.ClientError` catches them.

The documents of FreeNetfly and Aura promise that. An error stays the object that it was, and is shown as before; its
class gains a base. aiohttp is imported where this module is, which is where something is sent.
"""

from __future__ import annotations

from typing import Any

import aiohttp

from g4f_magic.errors import ChatError, InputError


def as_client_error(error: ChatError) -> None:
    """Make `error` an `aiohttp.ClientError` besides what it is; one before which nothing was sent stays as it is."""
    if not isinstance(error, InputError | aiohttp.ClientError):
        kind = type(error)
        if kind not in _made:
            _made[kind] = _both(kind)
        error.__class__ = _made[kind]


_made: dict[type[ChatError], type[ChatError]] = {}


def _both(kind: type[ChatError]) -> type[ChatError]:
    def reduce(self: ChatError) -> tuple[Any, ...]:
        # Other processes find a class by its name, and that is the one without aiohttp.
        return _again, (kind, self.args, dict(self.__dict__))

    namespace = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
        "__reduce__": reduce,
    }
    return type(kind.__name__, (kind, aiohttp.ClientError), namespace)


def _again(kind: type[ChatError], args: tuple[Any, ...], state: dict[str, Any]) -> ChatError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error
