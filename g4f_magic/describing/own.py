"""What a person's own function says of a type: `@g4f_magic.describe(Type)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Described = TypeVar("Described", bound=Callable[[Any], str | None])

_own: dict[type, Callable[[Any], str | None]] = {}


def describe(*types: type) -> Callable[[Described], Described]:
    """Have a function of your own describe what is of these types, in a prompt (`{{name}}`) and in `--with`.

    It gets the value, and returns the text that is sent, or None to leave the value to what would describe it
    otherwise. It is asked where values may be shared (`sample`, `all`), in bounded time. The newest function for a
    type counts; one for a type counts for what derives from it, too.

    ```python
    @g4f_magic.describe(Experiment)
    def _(experiment):
        return f"{experiment.title}: {len(experiment.runs)} runs"
    ```

    Raises:
        TypeError: what is named is no type.
    """
    if not types or not all(isinstance(one, type) for one in types):
        raise TypeError("name the types: @g4f_magic.describe(MyType)")

    def register(function: Described) -> Described:
        for one in types:
            _own[one] = function
        return function

    return register


def own_text(value: Any) -> str | None:
    """Return what the person's own function says of a value; None where there is none, or where it says nothing.

    Raises:
        TypeError: it returned something else than a text.
    """
    for cls in type(value).__mro__ if _own else ():
        if function := _own.get(cls):
            text = function(value)
            if text is not None and not isinstance(text, str):
                raise TypeError("a function for @g4f_magic.describe returns a text, or None")
            return text
    return None
