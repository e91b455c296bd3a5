"""A value by its path in the person's namespace. Going there may run the person's own code: a property, `__getitem__`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from g4f_magic.attaching.path import Attribute, Path

_MOST_COMPARED = 2_000
_IPYTHONS = frozenset({"In", "Out", "exit", "quit", "open", "get_ipython", "display"})
"""What every notebook holds and nobody means."""


class NotThereError(Exception):
    """There is no such value; the message says why, and names the nearest where there is one."""


def value_at(path: Path, names: Mapping[str, Any]) -> Any:
    """Return what stands at a path.

    Raises:
        NotThereError: nothing does, or what is on the way there failed.
    """
    if path.name not in names:
        raise NotThereError(f"there is no {path.name} here{nearest(path.name, names)}")
    value, reached = names[path.name], path.name
    for step in path.steps:
        try:
            value = getattr(value, step.name) if isinstance(step, Attribute) else value[step.value]
        except AttributeError:
            known = _known_attributes(value)
            hint = nearest(step.name, known) if isinstance(step, Attribute) else ""
            raise NotThereError(f"{reached} has no {step}{hint}") from None
        except (LookupError, TypeError):
            raise NotThereError(f"{reached} has no {step}") from None
        except Exception as exc:  # whatever the person's own code raises
            raise NotThereError(f"{reached}{step} raised {type(exc).__name__}") from None
        reached += str(step)
    return value


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a question after the name that is nearest, empty where none is near."""
    others = [
        one
        for one in list(known)[:_MOST_COMPARED]
        if not one.startswith("_") and one not in _IPYTHONS and len(one) <= 200
    ]
    found = difflib.get_close_matches(name, others, n=1)
    return f" (did you mean {found[0]}?)" if found else ""


def _known_attributes(value: Any) -> list[str]:
    """Return the names that are there without asking the object: its own and its class's."""
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        own = {}
    return [*own, *(name for cls in type(value).__mro__ for name in vars(cls))]
