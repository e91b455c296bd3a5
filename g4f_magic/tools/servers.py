"""Functions of MCP servers: named in services.toml, started for one question, and ended with it.

```toml
[mcp.files]
command = ["uvx", "some-mcp-server", "--read-only"]
env = { API_KEY = "$FILES_KEY" }
folder = "~/documents"
```

A server is a program that the person wrote into their own file: no notebook and no model can name another one. It starts
in the folder of that file, or in the one that it names, and never in the notebook's: there `python -m` and `npx` would run
what somebody else put beside the notebook. What it says of its functions, and what they give, are a stranger's words.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import shlex
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from g4f_magic.errors import ChatError, InputError, ServiceError
from g4f_magic.providers import connections
from g4f_magic.schemas.fitting import check_schema, check_size
from g4f_magic.settings import environment, home_path
from g4f_magic.tools.docstring import LONGEST
from g4f_magic.tools.signature import Tool

PREFIX = "mcp:"
_MOST_TOOLS = 100
_MOST_PAGES = 20
_START_SECONDS = 60.0
"""Some are fetched when they are first started."""
_EXAMPLE = '[mcp.NAME]\ncommand = ["program", "argument"]'


@dataclass(frozen=True, slots=True)
class Server:
    """One server, as the person's file has it."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path = field(default_factory=Path)
    """Where it starts."""


def server_named(name: str) -> Server:
    """Return the server of that name in the person's file.

    Raises:
        InputError: it is not there, or not as it should be.
    """
    file = connections.services_file()
    try:
        tables = connections.tables_of(file, file.stat().st_mtime_ns).get(connections.SERVERS, {})
    except OSError:
        tables = {}
    table = tables.get(name) if isinstance(tables, Mapping) else None
    if not isinstance(table, Mapping):
        raise InputError(
            f"--tools: services.toml names no MCP server {name[:80]!r}",
            hint=f"Write it into {file}: {_EXAMPLE.replace('NAME', name[:80])}".replace("\n", " "),
        )
    command, env, folder = table.get("command"), table.get("env", {}), table.get("folder", "")
    parts = shlex.split(command) if isinstance(command, str) else command
    if not (isinstance(parts, list) and parts and all(isinstance(one, str) for one in parts)):
        raise connections.not_understood(file, f"[mcp.{name}] has no command")
    if not (isinstance(env, Mapping) and all(isinstance(one, str) for one in env.values())):
        raise connections.not_understood(file, f"[mcp.{name}] has an env that holds more than texts")
    if not isinstance(folder, str):
        raise connections.not_understood(file, f"[mcp.{name}] has a folder that is no text")
    filled = {str(key): _filled(name, value) for key, value in env.items()}
    return Server(name, tuple(parts), filled, file.parent.absolute() / home_path(folder))


def _filled(name: str, value: str) -> str:
    if not value.startswith("$"):
        return value
    if not (found := environment(value[1:])):
        raise InputError(
            f"the MCP server {name} wants the variable {value[1:][:80]}, which is not set",
            hint="Set it in the environment of Jupyter.",
        )
    return found


class ConnectedServer:
    """A server while one question is asked."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._over = asyncio.Event()
        self._ready: asyncio.Future[list[Tool]] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> list[Tool]:
        """Return its functions.

        Raises:
            InputError: the package mcp is not installed.
            ServiceError: it does not start, or does not say what it has.
        """
        # A task of its own: what the library opens has to be closed where it was opened.
        self._task = asyncio.create_task(self._keep())
        name = self._server.name
        try:
            async with asyncio.timeout(_START_SECONDS):
                return await asyncio.shield(self._ready)
        except TimeoutError:
            await self._end()
            raise ServiceError(
                f"the MCP server {name} did not say within {_START_SECONDS:.0f} s what it has",
                hint="Start it by itself, and see what it says.",
            ) from None
        except BaseException:
            await self._end()
            raise

    async def __aexit__(self, *exc_info: object) -> None:
        await self._end()

    async def _end(self) -> None:
        self._over.set()
        if not self._ready.done():
            self._ready.cancel()
            if self._task is not None:
                self._task.cancel()
        if self._task is not None:
            with suppress(asyncio.CancelledError):
                await asyncio.shield(self._task)

    async def _keep(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                session = await self._opened(stack)
                tools = await self._tools(session)
                if not self._ready.done():
                    self._ready.set_result(tools)
                await self._over.wait()
        except (Exception, asyncio.CancelledError) as exc:  # the library wraps errors in groups
            if not self._ready.done():
                self._ready.set_exception(_failure(self._server.name, exc))

    async def _opened(self, stack: AsyncExitStack) -> Any:
        try:
            mcp, stdio = import_module("mcp"), import_module("mcp.client.stdio")
        except ImportError:
            raise InputError(
                "functions of MCP servers need the package mcp", hint="pip install 'g4f-magic[mcp]'"
            ) from None
        program, *arguments = self._server.command
        parameters = mcp.StdioServerParameters(
            command=program,
            args=arguments,
            env=dict(self._server.environment) or None,
            cwd=self._server.folder,
        )
        # A kernel's own stream of errors is no file that a program could write into.
        log = stack.enter_context(open(os.devnull, "w"))  # noqa: SIM115, ASYNC230
        read, write = await stack.enter_async_context(stdio.stdio_client(parameters, errlog=log))
        session = await stack.enter_async_context(mcp.ClientSession(read, write))
        await session.initialize()
        return session

    async def _tools(self, session: Any) -> list[Tool]:
        found: list[Any] = []
        listed = await session.list_tools()
        for _ in range(_MOST_PAGES):
            found += listed.tools
            cursor = _either(listed, "next_cursor", "nextCursor")
            if not cursor or len(found) >= _MOST_TOOLS:
                break
            listed = await session.list_tools(**_after(session, cursor))
        return [self._tool(session, one) for one in found[:_MOST_TOOLS]]

    def _tool(self, session: Any, told: Any) -> Tool:
        own = str(told.name)

        async def call(**arguments: Any) -> str:
            result = await session.call_tool(own, arguments)
            text = _text_of(result)
            if _either(result, "is_error", "isError"):
                raise MCPError(text)
            return text

        schema = dict(_either(told, "input_schema", "inputSchema") or {})
        schema = {"type": "object", "properties": {}, **schema}
        check_size(schema)
        check_schema(schema)
        name = re.sub(r"[^a-zA-Z0-9_]", "_", f"{self._server.name}__{own}")[:64]
        words = " ".join(str(told.description or "").split())[:LONGEST]
        return Tool(name, words, schema, call, origin=PREFIX + self._server.name)


class MCPError(Exception):
    """What a server says where a function of its failed."""


def _failure(name: str, exc: BaseException) -> ChatError:
    while isinstance(exc, BaseExceptionGroup) and exc.exceptions:
        exc = exc.exceptions[0]
    if isinstance(exc, ChatError):
        return exc
    what = f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__
    return ServiceError(
        f"the MCP server {name} does not start: {what[:300]}",
        hint="Start it by itself, and see what it says.",
    )


def _text_of(result: Any) -> str:
    """Return what a function gave as text; what is none is named."""
    parts = []
    for one in result.content:
        kind = str(getattr(one, "type", ""))
        resource = getattr(one, "resource", None)
        text = getattr(one, "text", None) or getattr(resource, "text", None)
        parts.append(text if isinstance(text, str) else f"[{kind or 'something'} that is not text]")
    return "\n".join(parts)


def _after(session: Any, cursor: str) -> dict[str, Any]:
    """Return how a session is asked for what comes after a page of functions, in its version of the library."""
    if "params" in inspect.signature(session.list_tools).parameters:
        return {"params": import_module("mcp.types").PaginatedRequestParams(cursor=cursor)}
    return {"cursor": cursor}


def _either(value: Any, name: str, earlier: str) -> Any:
    """Return an attribute by its name, or by that of earlier versions of the library."""
    return getattr(value, name, None) if hasattr(value, name) else getattr(value, earlier, None)
