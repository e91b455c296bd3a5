"""The person's word on a function that the model asks for: shown on the pages as the Python that would run, answered there."""

from __future__ import annotations

import asyncio
import inspect
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from g4f_magic.errors import InputError
from g4f_magic.panel.protocol import Approval
from g4f_magic.panel.steering import text_of
from g4f_magic.tools.approval import ApprovalAnswer, ApprovalQuestion, answer_of
from g4f_magic.tools.arguments import ArgumentsError
from g4f_magic.tools.signature import tool_of

if TYPE_CHECKING:
    from g4f_magic.panel.asked_panel import AskedPanel

_MOST_OFFERED = 200


class Approvals:
    """What is asked of the person now, on all pages: the first that answers counts."""

    def __init__(self, panel: AskedPanel) -> None:
        self._panel = panel
        self.is_seen = False
        """Whether a page has come that shows it."""
        self._asked: dict[str, tuple[ApprovalQuestion, asyncio.Future[ApprovalAnswer]]] = {}

    async def ask(self, question: ApprovalQuestion) -> ApprovalAnswer | None:
        """Return what the person says; None where no page looks on."""
        if not self.is_seen:
            return None
        key = uuid4().hex[:12]
        future: asyncio.Future[ApprovalAnswer] = asyncio.get_running_loop().create_future()
        self._asked[key] = question, future
        self._panel.say(self.told())
        try:
            return await future
        finally:
            del self._asked[key]
            self._panel.say(self.told())

    def told(self) -> Approval:
        """Return what the pages are to show: the oldest question, or none."""
        for key, (question, _) in self._asked.items():
            return Approval(kind="approve", key=key, name=question.tool.name, code=question.code)
        return Approval(kind="approve", key="", name="", code="")

    def do_answer(self, content: dict[str, Any]) -> None:
        """Take what the person says of the call `name`."""
        question, future = self._asked.get(text_of(content, "name"), (None, None))
        if question is None or future is None or future.done():
            return  # another page was first, or the reply was stopped
        try:
            answer = answer_of(question.tool, text_of(content, "text"))
        except ArgumentsError as exc:
            raise InputError(str(exc).removesuffix("."), hint="The call waits for your answer.") from None
        if answer is not None:
            future.set_result(answer)

    def do_functions(self, content: dict[str, Any]) -> None:
        """Tell which functions of the notebook a model could ask for, and why it could not ask for others."""
        host = self._panel.host
        found: list[dict[str, Any]] = []
        for name in sorted(host.variables(), key=str.lower):
            value = host.names.get(name)
            if inspect.isroutine(value) and not name.startswith("_") and len(found) < _MOST_OFFERED:
                found.append(_offer(name, value))
        self._panel.say({"kind": "source", "key": text_of(content, "key"), "text": json.dumps(found)})


def _offer(name: str, function: Any) -> dict[str, Any]:
    try:
        tool = tool_of(name, function)
    except InputError as exc:
        return {"name": name, "about": str(exc).removeprefix("--tools: "), "is_possible": False}
    asks = "" if tool.asks else "runs without asking"
    return {"name": name, "about": " · ".join(filter(None, (asks, tool.description))), "is_possible": True}
