"""The last error: `%chat explain` and `%chat fix`."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from g4f_magic.attaching.questions import explaining, fixing
from g4f_magic.commands.choosing import front_of, offer
from g4f_magic.commands.output import say
from g4f_magic.endings import is_cut
from g4f_magic.errors import InputError
from g4f_magic.quoting import code_fence
from g4f_magic.subcommand import Given, Group

if TYPE_CHECKING:
    from g4f_magic.session import Session

COMMANDS = Group("The last error")

_MOST_LINES = 60


@COMMANDS.entry(
    "explain",
    "what the last error means, and what to do",
    takes="[options...]",
    is_waiting=True,
    asks=explaining,
)
async def explain(session: Session, given: Given) -> None:
    """Ask about the last error of the notebook: it goes along with the cell that failed, and the values on its line.

    Options are those of a cell: `%chat explain -p openai`.
    """
    if given.words and not given.word().startswith("-"):
        raise InputError(
            "%chat explain takes only options",
            hint="To ask more, begin a cell: `%%chat -w @error`, and your question.",
        )
    await front_of(session).ask(*explaining(given.words))


@COMMANDS.entry("fix", "a corrected cell for the last error", takes="[WHAT...]", is_waiting=True, asks=fixing)
async def fix(session: Session, given: Given) -> None:
    """Ask for the cell that failed, corrected: it is offered as the next input, and what changed is shown.

    What is to be heeded stands behind it, options of a cell after that: `%chat fix keep the loop -p openai`.
    """
    front = front_of(session)
    failure = front.source().failure()
    turn = await front.ask(*fixing(given.words))
    if turn is None or turn.status != "done" or is_cut(turn.finish):
        return
    code = _last_code(turn.reply)
    if not code:
        say("**Note:** the reply ends in no code, so there is no cell to offer.")
        return
    before = "" if failure is None else failure.code
    if before.strip() == code.strip():
        say("**Note:** the cell in the reply is the one that failed: nothing changed.")
        return
    is_offered = offer(front, code)
    where = "is offered as the next input" if is_offered else "stands in the reply, to be copied"
    say(f"The corrected cell {where}.{_changes(before, code)}")


def _last_code(reply: str) -> str:
    """Return the code of the last block of a reply; empty where there is none."""
    from g4f_magic.renderers.formats import PYTHON, fences, language_name

    found = [code for code, language in fences(reply) if language_name(language) in {"", *PYTHON}]
    return found[-1].strip("\n") if found else ""


def _changes(before: str, after: str) -> str:
    """Return Markdown that shows what changed between the cell that failed and the corrected one; empty for nothing."""
    lines = list(difflib.unified_diff(before.strip("\n").splitlines(), after.splitlines(), lineterm="", n=2))[
        2:
    ]
    shown = [line for line in lines if not line.startswith("@@")]
    if not before.strip() or not shown:
        return ""
    more = [f"({len(shown) - _MOST_LINES} more lines)"] if len(shown) > _MOST_LINES else []
    text = "\n".join([*shown[:_MOST_LINES], *more])
    marks = code_fence(text)
    return f" What changed:\n\n{marks}diff\n{text}\n{marks}"
