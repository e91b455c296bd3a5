"""A description that always comes: whatever a thing does while it is described, its type is left."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable
from typing import Any

from g4f_magic.describing.described import Body, Described, Scope
from g4f_magic.describing.framing import framed
from g4f_magic.describing.guard import OutOfTimeError, guarded
from g4f_magic.describing.scalars import type_name


def safely(call: Callable[[], Body], value: Any, name: str, scope: Scope, seconds: float) -> Described:
    """Return the description that a call makes of a value, or one of its type, with what went wrong."""
    try:
        body = guarded(call, seconds)
    except OutOfTimeError:
        body = _type_alone(value, f"it did not describe itself within {seconds:g} s")
    except (Exception, SystemExit, GeneratorExit, CancelledError) as exc:
        body = _type_alone(value, f"describing it failed with {type(exc).__name__[:80]}")
    return framed(name, body, scope)


def _type_alone(value: Any, why: str) -> Body:
    return Body(kind=type_name(value), omitted=(f"its type alone; {why}",))
