"""The functions that one question may use: what a model is told of them, and each call from its name to its result."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from g4f_magic.describing import Share
from g4f_magic.errors import InputError
from g4f_magic.running_turn import ASKING
from g4f_magic.schemas.fitting import loaded
from g4f_magic.tools import results
from g4f_magic.tools.approval import ApprovalQuestion, Approver, by_input
from g4f_magic.tools.arguments import ArgumentsError, made, read
from g4f_magic.tools.drawn import figure_numbers, figures_since, let_go
from g4f_magic.tools.running import ran
from g4f_magic.tools.servers import PREFIX, ConnectedServer, Server, server_named
from g4f_magic.tools.signature import Tool, tool_of
from g4f_magic.turn import ToolCall, ToolResult

_BEFORE = re.compile(r"\A(?:functions?|default_api|tools?|api)[.:/]", re.I)
_BEHIND = re.compile(r"(?:<\|.*|:\d{1,3}|\(\))\Z", re.S)
"""What models write around a name: `functions.price:0`, `default_api:price`, `price<|channel|>commentary`."""
_MOST = 128
"""Functions that services take at once."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a question may go with functions."""

    rounds: int = 8
    """How often a model is answered with results."""
    repeats: int = 3
    """How often the same call runs."""
    seconds: float = 30.0
    """How long one call may take."""
    characters: int = 8_000
    """Of a result that goes back."""


class Unapproved(Exception):  # noqa: N818  # no error of its own: who catches it says which
    """A call asks before it runs, and nobody can be asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Toolbox(Mapping[str, Any]):
    """The functions of one question. As a mapping it is what a model is told of each, by its name."""

    def __init__(
        self,
        tools: Sequence[Tool],
        *,
        servers: Sequence[Server] = (),
        approved: Sequence[str] = (),
        bounds: Bounds | None = None,
        share: Share = "sample",
        approve: Approver = by_input,
        place: object = None,
    ) -> None:
        self._tools = {one.name: one for one in tools}
        self.servers = {PREFIX + one.name: one for one in servers}
        self._theirs: dict[str, Tool] = {}
        """The functions of those servers, while they run."""
        self._approved = set(approved)
        self.bounds = bounds or Bounds()
        self._share = share
        self._approve = approve
        self._place = place
        self._counts: Counter[tuple[str, str]] = Counter()

    def __getitem__(self, name: str) -> dict[str, Any]:
        # What a server has is known once it runs, and a replay starts none: its name stands for it.
        return {"name": name} if name in self.servers else self._tools[name].told

    def __iter__(self) -> Iterator[str]:
        return iter((*self._tools, *self.servers))

    def __len__(self) -> int:
        return len(self._tools) + len(self.servers)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Have the servers run in this context.

        Raises:
            InputError: two functions are called alike, or there are too many.
            ServiceError: a server does not start.
        """
        async with AsyncExitStack() as stack:
            stack.callback(self._theirs.clear)  # the next of a chain has them started anew
            for server in self.servers.values():
                for one in await stack.enter_async_context(ConnectedServer(server)):
                    if one.name in self._all:
                        raise InputError(
                            f"two functions are called {one.name}", hint="Give the server another name."
                        )
                    self._theirs[one.name] = one
            if len(self._all) > _MOST:
                raise InputError(
                    f"there are {len(self._all)} functions, more than {_MOST}", hint="Name fewer."
                )
            yield

    @property
    def _all(self) -> dict[str, Tool]:
        return {**self._tools, **self._theirs}

    def own_name(self, said: str) -> str:
        """Return the name of the function that a model means: some put a namespace before it, or a token behind it."""
        known = self._all
        if said in known:
            return said
        bare = _BEHIND.sub("", _BEFORE.sub("", said.strip()))
        return bare if bare in known else said

    def wire(self) -> list[dict[str, Any]]:
        """Return what OpenAI's protocol calls `tools`."""
        return [{"type": "function", "function": one.told} for one in self._all.values()]

    def schemas(self) -> dict[str, Mapping[str, Any]]:
        """Return the schema of the arguments of each function."""
        return {name: one.parameters for name, one in self._all.items()}

    async def run(self, call: ToolCall) -> ToolResult:
        """Return what a call gives: approved by the person first, unless they said otherwise.

        What goes wrong with it goes back to the model as its result.

        Raises:
            Unapproved: the person has to be asked, and nobody can be.
            CancelledError: it was stopped.
        """
        await loaded()
        tool = self._all.get(call.name)
        if tool is None:
            known = ", ".join(self._all)
            return ToolResult(
                call.id, f"There is no function {call.name[:80]!r}. There are: {known}.", "refused"
            )
        try:
            arguments = read(tool, call.arguments)
        except ArgumentsError as exc:
            return ToolResult(call.id, str(exc), "refused")
        same = (tool.name, json.dumps(arguments, sort_keys=True))
        self._counts[same] += 1
        if self._counts[same] > self.bounds.repeats:
            words = f"{tool.name} ran {self.bounds.repeats} times with these arguments and is not run again."
            return ToolResult(call.id, f"{words} Go on with what it gave.", "refused")
        if tool.asks and self._approved.isdisjoint((tool.name, tool.origin)):
            answer = await self._approve(ApprovalQuestion(tool, arguments))
            if answer is None:
                raise Unapproved(tool.name)
            if answer.kind == "no":
                return ToolResult(call.id, refusal(answer.words), "refused")
            if answer.kind == "always":
                self._approved.add(tool.name)
            if answer.kind == "edit":
                text = json.dumps(answer.arguments, ensure_ascii=False)
                result = await self._ran(call, tool, answer.arguments)
                told = f"The person changed the call to {text}. It gave: {result.text}"
                return replace(result, text=told, edited=text)
        return await self._ran(call, tool, arguments)

    async def again(self, call: ToolCall, recorded: ToolResult) -> ToolResult:
        """Return what a call gives now that was recorded, with the arguments that it ran with then."""
        await loaded()
        tool = self._tools.get(call.name)
        if tool is None:
            raise InputError(
                f"there is no function {call.name[:80]!r} any more", hint="Record the cell anew."
            )
        try:
            result = await self._ran(call, tool, read(tool, recorded.edited or call.arguments))
        except ArgumentsError as exc:
            return ToolResult(call.id, str(exc), "refused")
        if recorded.edited:
            told = f"The person changed the call to {recorded.edited}. It gave: {result.text}"
            return replace(result, text=told, edited=recorded.edited)
        return result

    async def _ran(self, call: ToolCall, tool: Tool, arguments: dict[str, Any]) -> ToolResult:
        limit, seconds = self.bounds.characters, self.bounds.seconds
        try:
            given, named = made(tool, arguments)
        except ArgumentsError as exc:
            return ToolResult(call.id, str(exc), "refused")
        inside = ASKING.set((*ASKING.get(), self._place))
        began, figures = time.monotonic(), figure_numbers()
        try:
            found = await ran(tool.function, given, named, seconds=seconds)
        finally:
            ASKING.reset(inside)
        lasted = round(time.monotonic() - began, 3)
        shown = results.cut(found.printed, limit) if found.printed else ""
        if found.is_out_of_time:
            words = f"It did not end within {seconds:g} seconds and was ended."
            return ToolResult(call.id, words, "failed", lasted, shown)
        if found.error is not None:
            return ToolResult(call.id, results.failure(found.error, limit), "failed", lasted, shown)
        drawn = figures_since(figures)
        name = f"{tool.name}(...)"
        text, picture = results.told(found.value, name=name, limit=limit, share=self._share, drawn=drawn)
        let_go(drawn)
        return ToolResult(call.id, text, "done", lasted, shown, picture=picture)


def refusal(words: str) -> str:
    """Return what goes back to a model where the person refused a call."""
    return f"The person refused this call: {words}" if words else "The person refused this call."


def toolbox_of(
    named: Sequence[Any],
    names: Mapping[str, Any],
    *,
    approved: Sequence[str] = (),
    **how: Any,
) -> Toolbox:
    """Return the functions that a person names, found in `names` and nowhere else, or given as they are.

    Raises:
        InputError: one is not there, is no function, or cannot be described; nothing was sent.
    """
    found: dict[str, Any] = {}
    servers: dict[str, Server] = {}
    for one in named:
        if isinstance(one, str) and one.strip().startswith(PREFIX):
            server = server_named(one.strip().removeprefix(PREFIX))
            servers[server.name] = server
            continue
        name = one.strip() if isinstance(one, str) else str(getattr(one, "__name__", type(one).__name__))
        if isinstance(one, str):
            if name not in names:
                raise _missing(name, names)
            one = names[name]
        if name in found and found[name] is not one:
            raise InputError(f"--tools: two functions are called {name}", hint="Give one another name.")
        found[name] = one
    if len(found) > _MOST:
        raise InputError(f"--tools names {len(found)} functions, more than {_MOST}", hint="Name fewer.")
    theirs = tuple(f"{name}__" for name in servers)
    unknown = [
        name
        for name in approved
        if not (name in found or name.removeprefix(PREFIX) in servers or name.startswith(theirs))
    ]
    if unknown:
        raise InputError(
            f"--approve names {unknown[0][:80]!r}, which --tools does not", hint="Name it in --tools, too."
        )
    return Toolbox(
        [tool_of(name, one) for name, one in found.items()],
        servers=tuple(servers.values()),
        approved=approved,
        **how,
    )


def _missing(name: str, names: Mapping[str, Any]) -> InputError:
    import difflib

    callables = [one for one, value in names.items() if not one.startswith("_") and callable(value)]
    near = difflib.get_close_matches(name, callables, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    return InputError(
        f"--tools: there is no function {name[:80]!r} in the notebook",
        hint=f"{hint}Run the cell that defines it first.",
    )
