"""What came of rows as columns of a table: the reply or a typed reply's fields, and what is told of each. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from g4f_magic.errors import InputError, UnfitReplyError
from g4f_magic.many.answer import Answer, Outcome, Unanswered, said_of
from g4f_magic.many.rows import TOLD
from g4f_magic.schemas import Schema


def check_names(schema: Schema | None) -> None:
    """Make sure that a typed reply's fields have columns of their own.

    Raises:
        InputError: one has the name of a column in which something else is told of each row.
    """
    taken = [] if schema is None or schema.is_many else [name for name in schema.fields if name in TOLD]
    if taken:
        raise InputError(
            f"the schema has a field {taken[0]!r}, and so is a column called that tells of each row",
            hint="Call it otherwise in the schema; nothing was sent.",
        )


def said_in(
    outcomes: Sequence[Outcome], values: Sequence[Any], schema: Schema | None
) -> dict[str, list[Any]]:
    """Return the column `reply`; of a typed reply that is a record, a column for each of its fields."""
    if schema is None:
        return {"reply": [one.reply if isinstance(one, Answer) else None for one in outcomes]}
    if schema.is_many or not schema.fields:
        return {"reply": list(values)}
    rows = [None if value is None else schema.row(value) for value in values]
    return {name: [None if row is None else row[name] for row in rows] for name in schema.fields}


def told_of(outcomes: Sequence[Outcome]) -> dict[str, list[Any]]:
    """Return the columns `error`, `seconds` and `tokens`."""
    answers = [one if isinstance(one, Answer) else None for one in outcomes]
    return {
        "error": [one.why if isinstance(one, Unanswered) else None for one in outcomes],
        "seconds": [one.seconds if one else None for one in answers],
        "tokens": [one.tokens if one else None for one in answers],
    }


def judged(schema: Schema | None, outcome: Outcome) -> tuple[Outcome, Any]:
    """Return what came of a request, and the value of an answer that has to fit `schema`: one that does not is none."""
    if schema is None or not isinstance(outcome, Answer):
        return outcome, None
    try:
        return outcome, schema.validate(outcome.reply)
    except UnfitReplyError as exc:
        return Unanswered(said_of(exc), error=exc), None
