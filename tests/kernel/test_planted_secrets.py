"""Secrets are planted wherever a person may keep them; then everything is used, and none may be read anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kernel import planted
from tests.kernel.planted import garden

pytestmark = pytest.mark.heavy

WAYS = {
    "a variable": "-p openai -m m",
    "the keyring": "-p ring",
    ".env": "-p dotenv",
    "an access code": "-p freenetfly --base-url http://{here}",
    "cookies": "-p whiterabbitneo --base-url http://{here} --cookies cookies.txt",
    "a chain": "-p ring,dotenv",
}
ORDERS = [
    "reply",
    "think",
    "cut",
    "event",
    "html",
    "redirect",
    "reason",
    "text:401",
    "text:429",
    "status:400",
    "status:500",
]
FEW = ["reply", "text:401", "status:400"]
BRIEF = ("the keyring", ".env", "an access code", "a chain")
"""What differs there from the others is where the secret lies."""
COMMANDS = [
    "",
    "help",
    "providers",
    "models openai",
    "models ring --fresh",
    "doctor",
    "doctor --online",
    "history --all",
    "show 1",
    "context",
    "conversations",
    "search sent",
    "search Authorization",
    "gateway start",
    "gateway status",
    "cassette",
    "cassette check",
    "login",
    "use openai",
    "undo",
    "redo",
    *(f"export talk.{suffix}" for suffix in ("md", "json", "jsonl", "ipynb")),
    "import talk.json",
]
FROM_PYTHON = """
from g4f_magic import Chat
from g4f_magic.settings import Settings
for given in ({{"proxy": os.environ["PLANTED_PROXY"]}}, {{"base_url": os.environ["PLANTED_BASE"]}}):
    for order in {orders}:
        chat = Chat("koala", **({{"base_url": "http://service.invalid"}} | given))
        try:
            print(await chat.ask("do:" + order))
        except Exception as exc:
            get_ipython().showtraceback()
            print(repr(exc), exc, getattr(exc, "hint", ""), repr(exc.__cause__), exc.__cause__)
        print(repr(chat), chat.turns, chat.messages, repr(vars(chat)))
"""
REPRS = """
import g4f_magic, gc
from g4f_magic import options, session as _s
from g4f_magic.answering import keys
from g4f_magic.secret import Secret
mine = get_ipython().magics_manager.registry["ChatMagics"]
mine.proxy, mine.upstream = os.environ["PLANTED_PROXY"], os.environ["PLANTED_BASE"]
%config ChatMagics
%config ChatMagics.proxy
%config ChatMagics.upstream
print(mine.session, vars(mine.session), mine.session.services, vars(mine.session.services))
print(keys.find("ring"), keys.find("dotenv", ("PLANTED_API_KEY",), __import__("pathlib").Path()))
print([repr(one) for one in gc.get_objects() if str(type(one).__module__).startswith("g4f_magic")])
"""
OWN_PROVIDER = """
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult
@g4f_magic.provider
class Careless(AsyncGeneratorProvider):
    @classmethod
    def create_async_generator(cls, model, messages, **kwargs):
        async def stream():
            key = os.environ["OPENAI_API_KEY"]
            raise RuntimeError(f"my key {key} is wrong")
            yield
        return AsyncResult(stream)
@g4f_magic.provider
async def talkative(messages):
    key = os.environ["OPENAI_API_KEY"]
    yield key[:5]
    yield key[5:]
    raise ValueError(key)
"""

PANEL = """
import asyncio, uuid
from IPython.display import display
from g4f_magic import ChatPanel
panel = ChatPanel()
display(panel)
async def asked(do, **fields):
    panel._requests.hear({"do": do, "key": uuid.uuid4().hex, **fields})
    while panel.background.tasks:
        await asyncio.wait(set(panel.background.tasks))
await asked("hello", page="one")
"""
PANEL_ASKS = """
panel.provider = {provider!r}
for order in {orders}:
    await asked("send", text=f"Please do:{{order}} now")
    try:
        print(await panel.ask(f"Please do:{{order}} now"))
    except Exception:
        get_ipython().showtraceback()
"""
PANEL_SHOWS = """
for kind in ("md", "json", "jsonl", "ipynb"):
    await asked("export", text=kind)
last = panel.turns[-1]
for do in ("source", "regenerate", "revision", "earlier", "undo", "redo", "models"):
    await asked(do, turn=last.id, page="one")
await asked("hello", page="two")
print(repr(panel), panel.get_state(), vars(panel), panel.turns, panel.value)
"""


@pytest.mark.asyncio
async def test_nothing_planted_can_be_read_in_a_panel(tmp_path: Path) -> None:
    async with garden(tmp_path) as (here, _):
        await here.run(planted.STORE_IN_KEYRING)
        await here.run(PANEL)
        for provider in ("openai", "ring", "dotenv", "ring,dotenv"):
            await here.run(PANEL_ASKS.format(provider=provider, orders=ORDERS))
        await here.run(PANEL_SHOWS)
        statuses = await here.kernel.value("[turn.status for turn in panel.turns]")
        await here.kernel.ok("panel.close()")
    assert statuses.count("done") >= 4
    assert here.found() == []
    written = dict(here.files())
    assert b"***" in written["planted.main.md"], "the service did not repeat what it was sent"
    told = json.dumps(
        [content["data"] for content in here.shown if "comm_id" in content and "data" in content]
    )
    assert "I was sent" in told
    assert "***" in told
    for words in ("RateLimitError", "MissingAuthError", "the reply broke off"):
        assert words in json.dumps(here.shown), words


@pytest.mark.asyncio
async def test_nothing_planted_can_be_read_anywhere(tmp_path: Path) -> None:
    async with garden(tmp_path) as (here, address):
        await here.run(planted.STORE_IN_KEYRING)
        for mode in ("", "--record --once"):
            for way, options in WAYS.items():
                for order in FEW if mode or way in BRIEF else ORDERS:
                    await here.run(f"%%chat {options.format(here=address)} {mode}\nPlease do:{order} now")
        statuses = await here.kernel.value(
            "[turn.status for turn in get_ipython().magics_manager.registry['ChatMagics'].session.conversation().turns]"
        )
        await here.run("%%chat -p ring --once --replay\nPlease do:reply now")
        await here.run(FROM_PYTHON.format(orders=ORDERS))
        await here.run(REPRS)
        await here.run("import g4f_magic\n" + OWN_PROVIDER)
        for name in ("careless", "talkative"):
            await here.run(f"%%chat -p {name}\nHello")
            await here.run(f"get_ipython().run_cell_magic('chat', '-p {name}', 'Hello')")
        for command in COMMANDS:
            await here.run(f"%chat {command}")
        token = tmp_path / "token"
        await here.run(
            "mine = get_ipython().magics_manager.registry['ChatMagics'].session\n"
            f"_ = open({str(token)!r}, 'w').write((await mine.gateway.started()).token)"
        )
        await here.run("%%chat -p koala\nHello")
    assert eval(statuses).count("done") >= len(WAYS)
    assert here.found() == []
    assert token.read_text() not in json.dumps(here.shown)
    written = dict(here.files())
    assert {
        "history.sqlite",
        "planted.chat.jsonl",
        "talk.md",
        "talk.json",
        "talk.jsonl",
        "talk.ipynb",
        "all.log",
    } <= set(written)
    assert b"***" in written["talk.md"], "the service did not repeat what it was sent"
    shown = json.dumps(here.shown)
    for kind in (
        "MissingAuthError",
        "RateLimitError",
        "ResponseStatusError",
        "BrokenOffError",
        "ServiceError",
        "RuntimeError",
    ):
        assert kind in shown
