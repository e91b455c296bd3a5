"""The published prices, made smaller: what tells a model, and what its tokens cost. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from g4f_magic.errors import InputError

FORMAT = 1
_CLAUSES = ("equals", "starts_with", "ends_with", "contains", "regex")
_LONGEST = 300
"""Characters of a pattern."""
_MOST_MODELS = 20_000


def compact(providers: Any, *, date: str, source: str) -> str:
    """Return the file of the prices: a line that says what it is, and one for each seller.

    `providers` is the list that genai-prices publishes as data.json.

    Raises:
        InputError: it is no such list.
    """
    try:
        sellers = [_seller(one) for one in providers if one.get("api_pattern")]
    except (AttributeError, KeyError, TypeError, ValueError, re.error) as exc:
        raise InputError(
            f"what came is not a list of prices ({type(exc).__name__})", hint="The prices at hand stay."
        ) from exc
    count = sum(len(one["models"]) for one in sellers)
    if not 10 < count < _MOST_MODELS:
        raise InputError(f"what came has prices of {count:,} models", hint="The prices at hand stay.")
    head = {
        "format": FORMAT,
        "date": date,
        "source": source,
        "models": count,
        "sellers": [[one["id"], one["api"]] for one in sellers],
    }
    lines = [head, *({"also": one["also"], "models": one["models"]} for one in sellers)]
    return "".join(json.dumps(one, ensure_ascii=True, separators=(",", ":")) + "\n" for one in lines)


def _seller(one: Mapping[str, Any]) -> dict[str, Any]:
    models = [
        [match, prices]
        for model in one["models"]
        if (prices := _prices(model["prices"])) and (match := _match(model["match"]))
    ]
    return {
        "id": str(one["id"])[:80],
        "api": _pattern(one["api_pattern"]),
        "also": [str(name) for name in one.get("fallback_model_providers") or ()],
        "models": models,
    }


def _match(clause: Mapping[str, Any]) -> dict[str, Any]:
    for name in ("or", "and"):
        if name in clause:
            return {name: [_match(each) for each in clause[name]]}
    name = next(name for name in _CLAUSES if name in clause)
    value = clause[name]
    return {name: _pattern(value) if name == "regex" else str(value)[:_LONGEST].lower()}


def _pattern(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError("a pattern")
    re.compile(value)
    return value


def _prices(given: Any) -> list[list[Any]]:
    """Return since when each price holds, and what it is: for the prompt, for the reply, and for each request.

    Where it depends on the hour, the higher one is taken.
    """
    found: list[list[Any]] = []
    for one in given if isinstance(given, Sequence) else [{"prices": given}]:
        constraint = one.get("constraint") or {}
        prices = one["prices"]
        row: list[Any] = [
            str(constraint.get("start_date") or ""),
            _steps(prices.get("input_mtok")),
            _steps(prices.get("output_mtok")),
        ]
        if prices.get("requests_kcount") is not None:
            row.append(float(prices["requests_kcount"]) / 1_000)
        if constraint and not row[0] and found:
            if (row[1] or [0])[0] > (found[-1][1] or [0])[0]:
                found[-1] = [found[-1][0], *row[1:]]
            continue
        found.append(row)
    return found if any(row[1] or row[2] for row in found) else []


def _steps(given: Any) -> list[float] | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        return [_number(given)]
    tiers: Iterable[Mapping[str, Any]] = given.get("tiers") or ()
    further = [number for one in tiers for number in (_number(one["start"]), _number(one["price"]))]
    return [_number(given["base"]), *further]


def _number(given: Any) -> float:
    number = float(given)
    if not 0 <= number < 1e9:
        raise ValueError("a price")
    return int(number) if number == int(number) else number
