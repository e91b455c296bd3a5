"""What a request asks for that cannot be done, said in the API's own form. No I/O."""

from __future__ import annotations

from typing import Any

from g4f_magic.gateway.actions import Refuse

_MOST_SHOWN = 80


class RefusedError(Exception):
    """A request is not carried out; `refuse` says why."""

    def __init__(self, refuse: Refuse) -> None:
        super().__init__(refuse.message)
        self.refuse = refuse


def wrong_type(where: str, what: str, value: Any) -> RefusedError:
    """Return the error for a value that is missing, or of another type than `what`."""
    code = "missing_required_parameter" if value is None else "invalid_type"
    return RefusedError(Refuse(400, f"'{where}' has to be {what}.", param=where, code=code))


def unsupported(where: str, value: Any, why: str) -> RefusedError:
    """Return the error for a value that the API knows and the gateway has nothing for."""
    message = f"Unsupported value {shown(value)} in '{where}'. {why}"
    return RefusedError(Refuse(400, message, param=where, code="unsupported_value"))


def not_taken(name: str, why: str) -> RefusedError:
    """Return the error for a parameter that is not taken."""
    message = f"Unsupported parameter: '{name}'. {why}"
    return RefusedError(Refuse(400, message, param=name, code="unsupported_parameter"))


def shown(value: Any) -> str:
    """Return a value that a client sent as it may stand in a sentence."""
    is_short = isinstance(value, str) and value.isprintable() and len(value) <= _MOST_SHOWN
    return f"'{value}'" if is_short else "of another form"
