"""What to say of a request that a cassette does not hold: the nearest one that it holds, and the difference."""

from __future__ import annotations

from itertools import islice

from g4f_magic.cassette.entry import Entry
from g4f_magic.cassette.index import Index
from g4f_magic.cassette.key import Asked
from g4f_magic.errors import MissError

_MOST_COMPARED = 2_000
_MOST_LINES = 12
_WIDEST = 160
_RECORD = "To record it: `%chat mode record`, and run the cell again."


def miss(name: str, index: Index, asked: Asked) -> MissError:
    """Return the error for a request; `name` is the cassette's file."""
    held = index.places(asked.key)
    if held:
        times = "once" if len(held) == 1 else f"{len(held)} times"
        return MissError(
            f"{name} holds this request {times}, and it was asked once more",
            hint=f"`%chat mode replay` begins with the first again. {_RECORD}",
        )
    entries = [entry for _, entry in islice(reversed(index.all()), _MOST_COMPARED)]
    if not entries:
        return MissError(f"{name} holds no recorded turn", hint=_RECORD)
    nearest = max(reversed(entries), key=lambda entry: likeness(entry.asked, asked))
    return MissError(f"{name} does not hold this request", hint=f"{difference(nearest, asked)}\n{_RECORD}")


def likeness(held: Asked, asked: Asked) -> float:
    """Return how much alike two requests are."""
    same = sum(
        (
            held.provider == asked.provider,
            held.model == asked.model,
            held.system == asked.system,
            held.parent == asked.parent,
            dict(held.parameters) == dict(asked.parameters),
        )
    )
    return _ratio(held.prompt[:2_000], asked.prompt[:2_000]) + same / 50


def _ratio(one: str, other: str) -> float:
    if one == other:
        return 1.0
    import difflib

    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    # The exact ratio is quadratic: only for what the quick bound leaves.
    return matcher.quick_ratio() if len(one) * len(other) > 250_000 else matcher.ratio()


def difference(entry: Entry, asked: Asked) -> str:
    """Return in a few lines how a recorded request differs from the one that was asked."""
    held = entry.asked
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
    if held.context != asked.context:
        return (
            f"The same prompt is recorded after {_messages(held.context)} of the conversation, "
            f"and is asked after {_messages(asked.context)}: run the cells in the recorded order."
        )
    return "The same prompt is recorded, but an earlier turn of its conversation was another."


def _prompt_diff(before: str, after: str) -> list[str]:
    import difflib

    found = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1))[2:]
    shown = [
        line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…" for line in found if line[:2] != "@@"
    ]
    more = len(shown) - _MOST_LINES
    return shown if more <= 1 else [*shown[:_MOST_LINES], f"  ({more} more lines)"]


def _shown(value: object) -> str:
    text = str(value) if value else "(none)"
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _messages(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}" if count else "nothing"
