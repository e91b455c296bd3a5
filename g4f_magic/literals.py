"""Parameters as a person writes them: values of JSON, else a Python literal, else the text itself; no keys. No I/O."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterable
from typing import Any, NoReturn

from g4f_magic.errors import InputError
from g4f_magic.syntax import expression_of

_QUOTED = "A text that begins so goes into double quotes, inside single ones: stop='\"[INST]\"'."


def value_of(text: str, name: str) -> Any:
    """Return the value of the parameter `name`: of JSON, or of a Python literal (`None`, `(1, 2)`); else the text.

    Raises:
        InputError: it begins as JSON does and is none, names one thing twice, or holds a number that JSON has no
            form for.
    """
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except json.JSONDecodeError as exc:
        is_literal, value = _literal(text)
        if not is_literal:
            if not _looks_like_json(text):
                return text
            place = f"at character {exc.pos + 1}" if text[exc.pos :].strip() else "at its end"
            raise InputError(f"{name}: no valid JSON {place} ({exc.msg})", hint=_QUOTED) from None
    except _NotSendableError as exc:
        if not _looks_like_json(text):  # `NaN` alone is a word like any other
            return text
        raise InputError(f"{name}: {exc}", hint="Correct the value.") from None
    except (ValueError, RecursionError):
        raise InputError(f"{name}: the value is too long or nested too deeply", hint="Shorten it.") from None
    return _as_sent(value, name)


def _as_sent(value: Any, name: str) -> Any:
    """Return a value as it arrives: tuples are lists, names are texts."""
    try:
        sent = json.dumps(value, allow_nan=False, ensure_ascii=False)
        sent.encode()
        return json.loads(sent, object_pairs_hook=_unique)
    except UnicodeEncodeError:
        raise InputError(f"{name}: the value holds half a character", hint="Write the sign itself.") from None
    except _NotSendableError as exc:
        raise InputError(f"{name}: {exc}", hint="Correct the value.") from None
    except (ValueError, RecursionError):
        raise InputError(f"{name}: the value is not a number that can be sent", hint="Correct it.") from None


def text_of(value: Any) -> str:
    """Return one line that reads as that value; a text as it stands, where that reads as itself."""
    if isinstance(value, str) and value and value.isprintable() and value == value.strip():
        try:
            if value_of(value, "") == value:
                return value
        except InputError:
            pass
    return json.dumps(value, ensure_ascii=True)


def holds_key(value: Any) -> bool:
    """Say whether an object in the value names a key and gives its text; a schema's property of that name is none."""
    if isinstance(value, dict):
        return any(
            (names_a_key(name) and isinstance(one, str) and bool(one)) or holds_key(one)
            for name, one in value.items()
        )
    return isinstance(value, list) and any(map(holds_key, value))


_KEYS = frozenset(
    {"apikey", "key", "token", "accesstoken", "authtoken", "authorization", "password", "secret", "bearer"}
)


def names_a_key(name: str) -> bool:
    """Say whether an option or a parameter of that name would be a key."""
    return "".join(filter(str.isalpha, name.lower())) in _KEYS


def no_key_here() -> InputError:
    """Return the error for a key on the line; the key is not repeated."""
    return InputError(
        "a key must not stand in the notebook: take it out of the cell",
        hint="Run %chat login PROVIDER, or set its variable (OPENAI_API_KEY, ...) in the environment or in .env.",
    )


def params_of(texts: Iterable[str]) -> dict[str, Any]:
    """Return further parameters, each written `KEY=VALUE`.

    Raises:
        InputError: one cannot be read, or is given twice.
    """
    found: dict[str, Any] = {}
    for text in texts:
        key, value = param_of(text)
        if key in found:
            raise InputError(f"the parameter {key} is given twice", hint="Leave one of the two out.")
        found[key] = value
    return found


def param_of(text: str) -> tuple[str, Any]:
    """Return the name and the value of a further parameter, written `KEY=VALUE`.

    Raises:
        InputError: it has no value, one that looks like JSON and is none, or names a key.
    """
    key, equals, value = text.partition("=")
    if names_a_key(key):
        raise no_key_here()
    if not equals or not key:
        raise InputError(
            f"--param {key!r} has no value", hint="Write --param KEY=VALUE, for example top_p=0.9."
        )
    found = value_of(value, key)
    if holds_key(found):
        raise no_key_here()
    return key, found


class _NotSendableError(ValueError):
    """JSON that Python reads and others do not, or read otherwise."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _NotSendableError(f"{name[:40]!r} is given twice")
        found[name] = value
    return found


def _no_number(word: str) -> NoReturn:
    raise _NotSendableError(f"{word} is not a number in JSON")


def _literal(text: str) -> tuple[bool, Any]:
    """Return whether it is a Python literal that JSON has a form for, and its value."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of "\d" in what may be no Python at all
            node = expression_of(text)
        value = None if node is None else ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return False, None
    return node is not None and _has_form(value), value


def _has_form(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_name, value)) and all(map(_has_form, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_has_form, value))
    return value is None or isinstance(value, bool | int | float | str)


def _is_name(key: Any) -> bool:
    """Say whether it is a name, or a number, which JSON writes as one (`logit_bias={50256: -100}`)."""
    return isinstance(key, str) or (isinstance(key, int) and not isinstance(key, bool))


def _looks_like_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[", '"')
