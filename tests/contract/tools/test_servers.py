"""Functions of a real MCP server, over standard input and output: named in services.toml, approved as any other."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import psutil
import pytest
from aiohttp import web

from g4f_magic import Chat
from g4f_magic.ask import Ask
from g4f_magic.cassette import Asked
from g4f_magic.errors import InputError, ServiceError
from g4f_magic.providers import connections
from g4f_magic.providers.openai import OpenAI
from g4f_magic.providers.plugins import forget, register
from g4f_magic.settings import Settings
from g4f_magic.tools import toolbox_of
from g4f_magic.tools.servers import ConnectedServer, server_named
from g4f_magic.turn import ToolResult
from tests.completions import completions
from tests.contract.tools.serving import service
from tests.contract.tools.streams import openai, words

pytest.importorskip("mcp")
SHOP = Path(__file__).with_name("mcp_server.py")
CALL = openai([("shop__price", {"item": "tea"})])


@pytest.fixture
def services() -> Path:
    """The person's own file, with a shop in it."""
    file = connections.services_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    command = json.dumps([sys.executable, str(SHOP)])
    path = json.dumps(os.pathsep.join(sys.path))  # a server is given nothing of our environment
    file.write_text(
        f'[mcp.shop]\ncommand = {command}\nenv = {{ CURRENCY = "$SHOP_CURRENCY", PYTHONPATH = {path} }}\n'
        f'[mcp.gone]\ncommand = ["no-such-program-anywhere"]\n'
        f"[mcp.mute]\ncommand = {json.dumps([sys.executable, '-c', 'pass'])}\n"
        "[mcp.wrong]\ncommand = 3\n"
        '[local-shop]\nbase_url = "http://127.0.0.1:9/v1"\n'
    )
    return file


@pytest.fixture(autouse=True)
def currency(services: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_CURRENCY", "euros")


def children() -> list[int]:
    return [one.pid for one in psutil.Process().children() if "mcp_server" in " ".join(one.cmdline())]


async def test_a_function_of_a_server_is_told_of_called_and_ended_with_the_question() -> None:
    async with service([CALL, words("3 euros.")]) as server, Chat(server.url, model="m") as chat:
        reply = await chat.ask("What does tea cost?", tools=["mcp:shop"], approve=["mcp:shop"])
    assert reply == "3 euros."
    told = {one["function"]["name"]: one["function"] for one in server.bodies[0]["tools"]}
    assert set(told) == {"shop__price", "shop__sleeps"}
    assert told["shop__price"]["description"] == "Look up a price."
    assert told["shop__price"]["parameters"]["required"] == ["item"]
    assert server.bodies[1]["messages"][-1]["content"] == "tea: 3 euros"
    assert children() == []


async def test_it_is_approved_as_any_other_and_by_its_own_name_too() -> None:
    async with service([CALL, words("Well.")]) as server, Chat(server.url, model="m") as chat:
        with pytest.raises(InputError, match="asks to run shop__price, and nobody can be asked"):
            await chat.ask("What does tea cost?", tools=["mcp:shop"])
        assert children() == []
    async with service([CALL, words("Well.")]) as server, Chat(server.url, model="m") as chat:
        await chat.ask("What does tea cost?", tools=["mcp:shop"], approve=["shop__price"])
    assert server.bodies[1]["messages"][-1]["content"] == "tea: 3 euros"


async def test_an_error_of_a_server_goes_back_and_arguments_are_checked_here() -> None:
    calls = openai([("shop__price", {"item": "gold"}), ("shop__price", {"item": 3})])
    async with service([calls, words("Well.")]) as server, Chat(server.url, model="m") as chat:
        reply = await chat.ask("Try it", tools=["mcp:shop"], approve=["mcp:shop"])
    results = [one for one in reply.turn.steps if isinstance(one, ToolResult)]
    assert [one.status for one in results] == ["failed", "refused"]
    assert results[0].text.startswith("MCPError: Error executing tool price")
    assert "is not a string" in results[1].text


async def test_a_call_that_takes_too_long_is_left_and_its_server_ended() -> None:
    settings = Settings(history="off", tool_seconds=0.1)
    async with (
        service([openai([("shop__sleeps", {})]), words("Well.")]) as server,
        Chat(server.url, model="m", settings=settings) as chat,
    ):
        reply = await chat.ask("Try it", tools=["mcp:shop"], approve=["mcp:shop"])
    (result,) = (one for one in reply.turn.steps if isinstance(one, ToolResult))
    assert result.text == "It did not end within 0.1 seconds and was ended."
    assert children() == []


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("nowhere", InputError, "names no MCP server 'nowhere'"),
        ("wrong", InputError, "has no command"),
        ("gone", ServiceError, "the MCP server gone does not start"),
        ("mute", ServiceError, "the MCP server mute does not start"),
    ],
)
async def test_a_server_that_is_not_there_takes_two_lines_and_nothing_is_sent(
    name: str, error: type[Exception], told: str
) -> None:
    async with service([words("Well.")]) as server, Chat(server.url, model="m") as chat:
        with pytest.raises(error, match=told):
            await chat.ask("Try it", tools=[f"mcp:{name}"])
    assert not server.bodies


async def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_CURRENCY")
    async with Chat("http://127.0.0.1:9/v1", model="m") as chat:
        with pytest.raises(InputError, match="wants the variable SHOP_CURRENCY"):
            await chat.ask("Try it", tools=["mcp:shop"])


def test_the_key_of_a_recording_holds_the_servers_name_and_starts_nothing() -> None:
    toolbox = toolbox_of(["mcp:shop"], {})
    asked = Asked.of(Ask(prompt="x", tools=tuple(toolbox), toolbox=toolbox))
    assert asked.further["tools"] == [{"name": "mcp:shop"}]
    assert children() == []


def test_a_table_of_servers_is_no_service() -> None:
    from g4f_magic import providers

    assert "mcp" not in providers.known_presets()
    assert "local-shop" in providers.known_presets()


async def test_the_next_of_a_chain_has_the_server_started_anew() -> None:
    def refuses() -> web.Response:
        return web.json_response({"error": {"message": "busy"}}, status=503)

    async with completions(refuses) as first, service([CALL, words("3.")]) as second:
        register("one", OpenAI.at(first.url))
        register("two", OpenAI.at(second.url))
        try:
            async with Chat("one:m,two:m", settings=Settings(history="off")) as chat:
                assert await chat.ask("Try it", tools=["mcp:shop"], approve=["mcp:shop"]) == "3."
        finally:
            forget("one")
            forget("two")
    assert children() == []


PAGED = """\
import json, sys
for line in sys.stdin:
    said = json.loads(line)
    match said.get("method"):
        case "initialize":
            about = {"protocolVersion": said["params"]["protocolVersion"], "serverInfo": {"name": "s", "version": "1"}}
            answer = {**about, "capabilities": {"tools": {}}}
        case "tools/list":
            after = (said.get("params") or {}).get("cursor")
            tool = {"name": f"after_{after}", "description": "x", "inputSchema": {"type": "object"}}
            answer = {"tools": [tool], **({} if after else {"nextCursor": "first"})}
        case _:
            continue
    print(json.dumps({"jsonrpc": "2.0", "id": said["id"], "result": answer}), flush=True)
"""


def named(services: Path, folder: Path, *more: str) -> None:
    """Write a server into the person's file that is started by its module's name, and lies in `folder`."""
    path = json.dumps(os.pathsep.join([str(folder), *sys.path]))
    command = json.dumps([sys.executable, "-m", "a_server"])
    table = [f"[mcp.own]\ncommand = {command}\nenv = {{ PYTHONPATH = {path} }}", *more]
    services.write_text("\n".join(table), "utf-8")


async def test_what_lies_beside_the_notebook_is_not_started_in_its_place(
    services: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, theirs = tmp_path / "own", tmp_path / "theirs"
    for folder in (own, theirs):
        folder.mkdir()
    (own / "a_server.py").write_text(PAGED)
    (theirs / "a_server.py").write_text("open(__file__ + '.ran', 'w').close()\n" + PAGED)
    named(services, own)
    monkeypatch.chdir(theirs)
    async with ConnectedServer(server_named("own")) as tools:
        assert [one.name for one in tools] == ["own__after_None", "own__after_first"]
    assert [one.name for one in theirs.iterdir()] == ["a_server.py"]


async def test_a_server_starts_in_the_folder_that_its_table_names(services: Path, tmp_path: Path) -> None:
    (tmp_path / "a_server.py").write_text(PAGED)
    named(services, tmp_path / "nowhere", f"folder = {json.dumps(str(tmp_path))}")
    async with ConnectedServer(server_named("own")) as tools:
        assert len(tools) == 2
