"""The person's word on a call before it runs: yes, no and why, always in this cell, or another call in its place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from g4f_magic.host import here
from g4f_magic.loop import interruptible
from g4f_magic.tools.arguments import ArgumentsError, edited, python_of, without_middle
from g4f_magic.tools.signature import Tool

_MOST_TRIES = 5
_YES = frozenset({"y", "yes"})
_ALWAYS = frozenset({"a", "always", "always in this cell"})
_NO = frozenset({"n", "no"})


@dataclass(frozen=True, slots=True)
class ApprovalQuestion:
    """A call that is to be approved."""

    tool: Tool
    arguments: dict[str, Any]

    @property
    def code(self) -> str:
        """Return the Python that would run."""
        return without_middle(python_of(self.tool, self.arguments))


@dataclass(frozen=True, slots=True)
class ApprovalAnswer:
    """What the person said."""

    kind: Literal["yes", "no", "always", "edit"]
    words: str = ""
    """Why not."""
    arguments: dict[str, Any] = field(default_factory=dict)
    """Of an edited call."""


Approver: TypeAlias = Callable[[ApprovalQuestion], Awaitable[ApprovalAnswer | None]]
"""Asks the person; None: nobody can be asked."""


async def by_input(question: ApprovalQuestion) -> ApprovalAnswer | None:
    """Ask by a line of input, where the front end takes one."""
    host = here()
    if not host.has_stdin:
        return None
    said = f"The model asks to run\n\n    {question.code}\n\n"
    choice = "yes / no, because … / always in this cell / edit: "
    for _ in range(_MOST_TRIES):
        with interruptible():
            typed = host.ask(said + choice)
        if typed is None:
            return None
        try:
            answer = answer_of(question.tool, typed)
            if answer is None and typed.strip().lower() in ("e", "edit"):
                with interruptible():
                    code = host.ask("The call to run in its place: ")
                answer = None if code is None else answer_of(question.tool, f"edit {code}")
        except ArgumentsError as exc:
            said = f"{exc}\n\n"
            continue
        if answer is not None:
            return answer
        said = ""
    return ApprovalAnswer("no", "no answer was given")


def answer_of(tool: Tool, typed: str) -> ApprovalAnswer | None:
    """Return what a typed line means; None where it is none of the answers.

    Raises:
        ArgumentsError: it is a call that cannot be.
    """
    text = typed.strip()
    word, _, rest = text.partition(" ")
    lower = text.lower()
    if lower in _YES:
        return ApprovalAnswer("yes")
    if lower in _ALWAYS:
        return ApprovalAnswer("always")
    if word.lower().rstrip(",.:;") in _NO:
        return ApprovalAnswer("no", rest.strip().removeprefix("because").strip(" ,:"))
    if word.lower().rstrip(":") in ("e", "edit") and rest.strip():
        return ApprovalAnswer("edit", arguments=edited(tool, rest))
    if text.startswith(f"{tool.name}("):
        return ApprovalAnswer("edit", arguments=edited(tool, text))
    return None
