"""What a person says of a function beside its signature: `@g4f_magic.tool`. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from g4f_magic.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])

_NAME = "__g4f_magic_tool__"


@dataclass(frozen=True, slots=True)
class Marks:
    """What is said of one function."""

    description: str = ""
    asks: bool = True
    """Whether the person is asked before each call."""


@overload
def tool(function: F, /) -> F: ...


@overload
def tool(*, description: str = "", asks: bool = True) -> Callable[[F], F]: ...


def tool(function: Any = None, /, *, description: str = "", asks: bool = True) -> Any:
    """Say of a function what a model is told of it, or that it is harmless; it stays the function that it is.

    `description` takes the place of its docstring's first words. With `asks=False` its calls run without asking the
    person, also where nobody can be asked. A function needs no mark to be named in `--tools`.

    Raises:
        InputError: it is no function, or takes no mark.
    """

    def mark(marked: F) -> F:
        if not callable(marked):
            raise InputError(
                f"a {type(marked).__name__} is not a function", hint="Write @g4f_magic.tool above a function."
            )
        try:
            setattr(marked, _NAME, Marks(description, asks))
        except (AttributeError, TypeError):
            raise InputError(
                f"{getattr(marked, '__name__', 'it')} takes no mark",
                hint="Write a function of your own that calls it.",
            ) from None
        return marked

    return mark if function is None else mark(function)


def marks_of(function: Any) -> Marks:
    """Return what was said of a function; of one without a mark, what holds for all."""
    found = getattr(function, _NAME, None)
    return found if isinstance(found, Marks) else Marks()
