"""`%%chat --compare`: a cell that asks several at once, a column each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from g4f_magic import renderers
from g4f_magic.errors import WireError
from g4f_magic.renderers.compared import fields, words
from g4f_magic.renderers.provenance import shown_name
from g4f_magic.renderers.renderer import Part
from g4f_magic.schemas import schema_of
from g4f_magic.side_by_side.agreement import fields_of
from g4f_magic.side_by_side.asking import compared, none_of
from g4f_magic.side_by_side.columns import Column, columns_of
from g4f_magic.side_by_side.differences import differences

if TYPE_CHECKING:
    from g4f_magic.attaching.source import NotebookSource
    from g4f_magic.comparison import Comparison
    from g4f_magic.grammar import ChatLine, CompareOptions
    from g4f_magic.host.base import Host
    from g4f_magic.session import Session
    from g4f_magic.turn import Turn


async def ask_compared(
    session: Session,
    line: ChatLine,
    beside: CompareOptions,
    prompt: str,
    slot: str,
    host: Host,
    source: Callable[[], NotebookSource],
    offer: Callable[[str], None],
) -> Turn | None:
    """Ask as the cell says, show the replies, and return the turn that the conversation goes on from; None with `--dry-run`.

    The dict of `--out` has the replies of those that answered, also when the rest is stopped.

    Raises:
        InputError: something of what was asked for cannot be; nothing was sent.
        ServiceError: none of them answered.
    """
    columns = columns_of(line.options, beside.providers, beside.models, session.settings)
    if line.is_dry_run:
        await _show_before(session, columns, prompt, slot, source)
        return None
    comparison = await compared(session, prompt, columns, slot=slot, source=source)
    shown = renderers.choose_columns(format=line.format, settings=session.settings, host=host, offer=offer)
    shown.begin([one.name for one in columns], comparison.turns)

    def settled(number: int) -> None:
        turn = comparison.turns[number]
        problem = shown.settle(number, turn, comparison.first_seconds[number])
        if problem:
            comparison.errors[number] = WireError(problem)

    below: list[Part] = []
    try:
        await comparison.run(shown.show, settled)
        below = _below(comparison, columns, is_diff=beside.is_diff)
    finally:
        kept = comparison.kept
        shown.end(-1 if line.options.is_once else comparison.turns.index(kept), below)
        session.last = kept
        if not line.options.is_once:
            session.older.show(kept, shown, line.options.conversation)
        if line.out and len(comparison.errors) < len(columns):
            host.names[line.out] = _values(comparison, columns, line.format)
    if len(comparison.errors) == len(columns):
        raise none_of(comparison, columns)
    return kept


def _below(comparison: Comparison, columns: tuple[Column, ...], *, is_diff: bool) -> list[Part]:
    """Return what stands below the columns: where typed replies agree, and the words that differ."""
    found = []
    turns = comparison.turns
    names = [one.name for one in columns]
    answered = [number for number, turn in enumerate(turns) if turn.status == "done"]
    schema = turns[0].ask.schema
    if schema is not None and answered:
        values = [reply.value if reply.turn.status == "done" else None for reply in comparison.replies]
        found.append(fields(names, fields_of(values, schema_of(schema))))
    if is_diff and len(answered) > 1:
        first, *others = answered
        compared = [(number, differences(turns[first].reply, turns[number].reply)) for number in others]
        found.append(
            words(
                _title(first, names),
                [
                    (
                        _title(number, names),
                        None if one is None else one.pieces,
                        0 if one is None else one.percent,
                    )
                    for number, one in compared
                ],
            )
        )
    return found


def _title(number: int, names: list[str]) -> str:
    return f"{number + 1} · {shown_name(names[number])}"


def _values(comparison: Comparison, columns: tuple[Column, ...], format_name: str) -> dict[str, object]:
    return {
        column.name: renderers.shown_value(reply.value, reply.turn, format_name)
        for number, (column, reply) in enumerate(zip(columns, comparison.replies, strict=True))
        if number not in comparison.errors and reply.turn.status == "done"
    }


async def _show_before(
    session: Session,
    columns: tuple[Column, ...],
    prompt: str,
    slot: str,
    source: Callable[[], NotebookSource],
) -> None:
    from g4f_magic.commands.output import as_text, say
    from g4f_magic.commands.sending import show_question

    for number, column in enumerate(columns, 1):
        ask, _ = session.filled(prompt, column.options, source)
        say(f"**{number} · {as_text(column.name)}**")
        await show_question(session, ask, column.options, slot)
