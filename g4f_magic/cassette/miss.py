"""What to say of a request that a cassette does not hold: the nearest one that it holds, and the difference."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from g4f_magic.cassette.entry import Entry
from g4f_magic.cassette.index import Index
from g4f_magic.cassette.key import Asked
from g4f_magic.errors import MissError
from g4f_magic.settings import AUTO, BEFORE_AUTO
from g4f_magic.visible import numbered, shortened

_MOST_COMPARED = 2_000
_MOST_EXACT = 12
_MOST_LINES = 12
_MOST_COMPARED_LINES = 300
_WIDEST = 160
_LEAST_TOLD = 3
"""Of something that went along: its name, its kind, and its text."""
RECORD = (
    "To ask it: `%chat mode live`, or `%chat mode record` to keep the answer, too; then run the cell again."
)


def miss_error(
    name: str, index: Index, asked: Asked, *, is_there: bool = True, record: str = RECORD
) -> MissError:
    """Return the error for a request; `name` is the cassette's file, which need not be there, `record` says how to fill it."""
    held = index.refs(asked.key)
    if held:
        times = "once" if len(held) == 1 else f"{len(held)} times"
        return MissError(
            f"{name} holds this request {times}, and it was asked once more",
            hint=f"`%chat mode replay` begins with the first again. {record}",
        )
    entries = [entry for _, entry in islice(reversed(index.all()), _MOST_COMPARED)]
    if not entries:
        text = "holds no recorded turn" if is_there else "is not there: nothing is recorded yet"
        return MissError(f"{name} {text}", hint=record)
    # Told apart roughly first: the exact measure is quadratic, and others may have filled the file.
    oldest_first = entries[::-1]
    near = sorted(oldest_first, key=lambda entry: likeness(entry.asked, asked, is_exact=False), reverse=True)
    nearest = max(near[:_MOST_EXACT], key=lambda entry: likeness(entry.asked, asked))
    return MissError(f"{name} does not hold this request", hint=f"{difference(nearest, asked)}\n{record}")


def likeness(held: Asked, asked: Asked, *, is_exact: bool = True) -> float:
    """Return how much alike two requests are; where it need not be exact, at most too much."""
    same = sum(
        (
            held.provider == asked.provider,
            held.model == asked.model,
            held.system == asked.system,
            held.parent == asked.parent,
            dict(held.parameters) == dict(asked.parameters),
        )
    )
    same += held.attached == asked.attached
    return _ratio(held.prompt[:2_000], asked.prompt[:2_000], is_exact) + same / 50


def _ratio(one: str, other: str, is_exact: bool) -> float:
    if one == other:
        return 1.0
    import difflib

    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    is_short = len(one) * len(other) <= 250_000
    return matcher.ratio() if is_exact and is_short else matcher.quick_ratio()


def difference(entry: Entry, asked: Asked) -> str:
    """Return in a few lines how a recorded request differs from the one that was asked."""
    held = entry.asked
    if held.provider == BEFORE_AUTO and asked.provider == AUTO:
        held = replace(held, provider=AUTO)  # what answers it, too
    lines = []
    for name in ("provider", "model", "system", "parameters"):
        before, after = getattr(held, name), getattr(asked, name)
        if before != after:
            lines += [f"- {name}: {_shown(before)}", f"+ {name}: {_shown(after)}"]
    if held.prompt != asked.prompt:
        return "\n".join(
            ["The nearest recorded one differs so:", *lines, *_prompt_diff(held.prompt, asked.prompt)]
        )
    if lines:
        return "\n".join(["The same prompt is recorded with:", *lines])
    if held.attached != asked.attached:
        return "\n".join(["The same prompt is recorded with other data:", *_data_diff(held, asked)])
    if held.context != asked.context:
        return (
            f"The same prompt is recorded after {_messages(held.context)} of the conversation, "
            f"and is asked after {_messages(asked.context)}: run the cells in the recorded order."
        )
    return "The same prompt is recorded, but an earlier turn of its conversation was another."


def _data_diff(held: Asked, asked: Asked) -> list[str]:
    """Return how what went along differs: what is there on one side alone, and the lines of what changed."""
    before, after = _texts(held), _texts(asked)
    lines = [f"- with {_shown(name)}" for name in before if name not in after]
    lines += [f"+ with {_shown(name)}" for name in after if name not in before]
    for name in (name for name in after if name in before and before[name] != after[name]):
        found = _prompt_diff(before[name][0], after[name][0])
        lines += [f"{_shown(name)}:", *(found or ["  the picture is another one"])]
    return lines[: 2 * _MOST_LINES] or ["  in another order"]


def _texts(asked: Asked) -> dict[str, tuple[str, ...]]:
    """Return the texts of what went along, by their names; of a picture its digest beside its text."""
    found = {}
    for one in asked.attached:
        if isinstance(one, list) and len(one) >= _LEAST_TOLD and all(isinstance(part, str) for part in one):
            found[one[0]] = tuple(one[2:])
    return found


def _prompt_diff(before: str, after: str) -> list[str]:
    import difflib

    old, new = before.splitlines(), after.splitlines()
    first = next(
        (n for n, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]),
        min(len(old), len(new)),
    )
    part = slice(max(0, first - 1), first + _MOST_COMPARED_LINES)  # comparing is quadratic at worst
    found = list(difflib.unified_diff(old[part], new[part], lineterm="", n=1))[2:]
    shown = [shortened(line, _WIDEST) for line in found if line[:2] != "@@"]
    more = len(shown) - _MOST_LINES
    return shown if more <= 1 else [*shown[:_MOST_LINES], f"  ({more} more lines)"]


def _shown(value: object) -> str:
    text = str(value) if value else "(none)"
    return shortened(text, _WIDEST)


def _messages(count: int) -> str:
    return numbered(count, "message") if count else "nothing"
