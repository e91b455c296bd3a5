"""A question with functions: asked in rounds, each answered with the results of the calls before it, until words come.

One answer of several rounds is one reply: its calls and results stand among its chunks, so that it is kept, recorded and
replayed as any other. Each round is a request of its own, which the budget is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeAlias

from g4f_magic.answering.ends import Ends
from g4f_magic.answering.form import Form, Send
from g4f_magic.causes import Cause
from g4f_magic.chunks import (
    Chunk,
    Finish,
    Named,
    Notice,
    Reasoning,
    Rethought,
    Served,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from g4f_magic.context import answered
from g4f_magic.endings import Ending, ending_of
from g4f_magic.errors import ChatError, InputError, ServiceError
from g4f_magic.schemas.fitting import loaded
from g4f_magic.tools import Toolbox
from g4f_magic.tools.toolbox import Unapproved
from g4f_magic.tools.written import calls_in
from g4f_magic.turn import ReasoningStep, Step, TextStep
from g4f_magic.visible import numbered

_MOST_AT_ONCE = 32
"""Calls of one round that run; the others are told that they did not."""


Sees: TypeAlias = Callable[[], Awaitable[bool]]
"""Says whether the model takes pictures; asked once there is one."""


async def _blind() -> bool:
    return False


async def in_rounds(send: Send, toolbox: Toolbox, *, name: str, sees: Sees = _blind) -> AsyncGenerator[Chunk]:
    """Yield a reply, with the calls of functions and their results.

    `name` is who is asked; where `sees` says that it does, the pictures that functions give go along. What was counted of all rounds is counted together.

    Raises:
        InputError: a call asks before it runs, and nobody can be asked; or the service takes no functions.
        ServiceError: the model went on asking for functions beyond the bound.
        ChatError: as the service.
    """
    async with toolbox.opened():
        rounds = _Rounds(send, toolbox, name, sees=sees)
        loading = asyncio.create_task(loaded())  # what checks arguments takes a second, the model too
        for number in range(toolbox.bounds.rounds + 1):
            async with aclosing(rounds.asked(is_first=not number)) as chunks:
                async for chunk in chunks:
                    yield chunk
            if not rounds.calls:
                break
            await loading
            for call in rounds.calls:
                yield call
            is_over = number == toolbox.bounds.rounds
            async with aclosing(rounds.closed(is_over=is_over)) as results:
                async for result in results:
                    yield result
            if is_over:
                raise ServiceError(
                    f"{name}: the model asked for functions in {numbered(number, 'round')}, and then again",
                    hint="What they gave is kept. Allow more with ChatMagics.tool_rounds, or ask for less at once.",
                )
        for chunk in rounds.ends.chunks():
            yield chunk
        if ending_of(rounds.ends.reason) is Ending.TOOL:
            raise ServiceError(
                f"{name}: the model asked for a function, and its call did not come",
                hint="What it said is kept. Ask again; look whether the server has a parser for this model's calls.",
            )


class _Rounds:
    """What one question has come to."""

    def __init__(self, send: Send, toolbox: Toolbox, name: str, *, sees: Sees) -> None:
        self._send = send
        self._toolbox = toolbox
        self._name = name
        self._steps: list[Step] = []
        self._ask_sight = sees
        self._sees = False
        self._has_said = False
        self._named = ""
        self.ends = Ends()
        self.calls: list[ToolCall] = []
        """Those that the last round asked for."""

    async def asked(self, *, is_first: bool) -> AsyncGenerator[Chunk]:
        """Yield what the next round says; its end and its counts are held back."""
        parameters = {"tools": self._toolbox.wire(), "gives_calls": True}
        self.calls, said, thought = [], "", ""
        self.ends.begin()
        is_begun = False
        try:
            further = answered(self._steps, with_pictures=self._sees)
            form = Form(parameters=parameters, further=tuple(further))
            async with aclosing(self._send(form)) as chunks:
                async for chunk in chunks:
                    match chunk:
                        case ToolCall():
                            self.calls.append(chunk)
                        case Finish() | Usage():
                            self.ends.hold(chunk)
                        case Served() if not is_first:
                            pass
                        case Named(model) if model == self._named:
                            pass
                        case Text(text):
                            if not said and self._has_said and text.strip():
                                yield Text("\n\n")  # else two rounds' words stand in one line
                            said += text
                            is_begun = True
                            yield chunk
                        case Reasoning(text):
                            thought += text
                            yield chunk
                        case Rethought():
                            thought, said = thought + said, ""
                            yield chunk
                        case _:
                            if isinstance(chunk, Named):
                                self._named = chunk.model
                            yield chunk
        except ChatError as exc:
            if is_first and not is_begun:
                _explain(exc, self._name)
            raise
        if not self.calls and (written := self._written(said)):
            self.calls, thought, said = written, thought + said, ""
            yield Rethought()
        self._has_said = self._has_said or bool(said.strip())
        self.calls = self._unlike(self.calls)
        self._steps += [ReasoningStep(thought), TextStep(said), *self.calls]

    async def closed(self, *, is_over: bool) -> AsyncGenerator[Chunk]:
        """Yield the result of each call of the last round.

        Raises:
            InputError: a call asks before it runs, and nobody can be asked.
        """
        unapproved: Unapproved | None = None
        for number, call in enumerate(self.calls):
            if is_over or unapproved or number >= _MOST_AT_ONCE:
                result = ToolResult(call.id, self._why_not(unapproved, is_over=is_over), "refused")
            else:
                try:
                    result = await self._toolbox.run(call)
                except Unapproved as exc:
                    unapproved = exc
                    result = ToolResult(call.id, self._why_not(exc, is_over=False), "refused")
            if result.picture and not self._sees:
                self._sees = await self._ask_sight()
            self._steps.append(result)
            if result.status == "refused" and not is_over:
                yield Notice(f"{call.name[:60]} was not run")
            yield result
        if unapproved is not None:
            raise InputError(
                f"the model asks to run {unapproved.name}, and nobody can be asked here: it was not run",
                hint=f"Where that is meant, write --approve {unapproved.name}, or mark it: @g4f_magic.tool(asks=False).",
            )

    def _written(self, said: str) -> list[ToolCall]:
        """Return the calls that the model wrote into its text, where its server did not read them."""
        if ending_of(self.ends.reason) in (Ending.LIMIT, Ending.FILTER, Ending.REFUSAL):
            return []
        found = calls_in(said, self._toolbox.schemas())
        return [ToolCall(f"call_{number}", *one) for number, one in enumerate(found, start=1)]

    def _why_not(self, unapproved: Unapproved | None, *, is_over: bool) -> str:
        if is_over:
            return f"It was not run: there were {self._toolbox.bounds.rounds} rounds of calls, which is the bound."
        if unapproved is not None:
            return "It was not run: the person has to approve it, and nobody can be asked."
        return f"It was not run: at most {_MOST_AT_ONCE} calls run in one round."

    def _unlike(self, calls: list[ToolCall]) -> list[ToolCall]:
        """Return the calls with ids that no earlier round has, as some servers count anew in each, and with our names."""
        taken = {step.id for step in self._steps if isinstance(step, ToolCall)}
        found = []
        for call in calls:
            identity, number = call.id, 2
            while identity in taken:
                identity, number = f"{call.id}_{number}", number + 1
            taken.add(identity)
            found.append(replace(call, id=identity, name=self._toolbox.own_name(call.name)))
        return found


_NEVER = frozenset({Cause.WRONG_KEY, Cause.NO_CREDIT, Cause.RATE_LIMITED, Cause.OVERLOADED})


def _explain(error: ChatError, name: str) -> None:
    """Put into an error's hint that the model may take no functions, where the service's words say so."""
    words = str(error).lower()
    speaks_of_it = any(word in words for word in ("tool", "function call", "function_call"))
    if speaks_of_it and error.cause not in _NEVER and "--param" not in error.hint:
        error.hint = (
            f"{name} or this model takes no tools, it seems. Leave --tools out, or name another model."
        )
