"""Keys, plug-ins, chains and Tab in a real kernel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import SCRIPT_TEXT, ScriptEngine
from tests.kernel.kernels import Kernel, kernel
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "gsk_0123456789abcdefghij"
PARROT = """
import g4f_magic
@g4f_magic.provider
async def parrot(messages, model="green"):
    yield f"{model}: " + messages[-1]["content"]
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Kernel, Path]]:
    """A kernel with a data folder, a keyring in a file and a working folder of its own."""
    home = tmp_path_factory.mktemp("home")
    environment = {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
        "GROQ_API_KEY": "",
    }
    async with kernel(**environment) as one:
        # In a new home, Jedi would read Python anew for its first offer: five seconds for what is not ours.
        await one.ok(f"%config IPCompleter.use_jedi = False\n%load_ext g4f_magic\n%cd -q {home}")
        (home / "data" / "g4f_magic").mkdir(parents=True)
        yield one, home


async def offered(one: Kernel, code: str, at: int | None = None) -> list[str]:
    """Return what Tab offers."""
    reply: Any = await one.client.complete(
        code, len(code) if at is None else at, reply=True, timeout=PATIENCE_SECONDS
    )
    return list(reply["content"]["matches"])


async def test_ten_lines_in_a_cell_make_a_provider(house: tuple[Kernel, Path]) -> None:
    one, _ = house
    await one.ok(PARROT)
    ran = await one.ok("%%chat -p parrot -m red\nPolly")
    assert ran.reply == "red: Polly"
    assert "parrot · red" in ran.provenance
    assert "`parrot`" in (await one.ok("%chat providers")).plain
    assert await offered(one, "%%chat -p par") == ["parrot"]


@pytest.mark.parametrize(
    ("code", "some"),
    [
        ("%%chat --prov", "--provider"),
        ("%%chat -p gro", "groq"),
        ("%%chat -p groq,koa", "-p groq,koala"),
        ("%%chat -p koala --format ma", "markdown"),
        ("%%chat -p darkai -m llama-3-", "llama-3-70b"),
        ("%%chat -p groq -m openai/gpt-o", "openai/gpt-oss-120b"),
        ("%chat pro", "providers"),
        ("%chat use open", "openai"),
        ("%chat mode re", "replay"),
        ("%chat login gr", "groq"),
    ],
)
async def test_tab_offers_what_fits(house: tuple[Kernel, Path], code: str, some: str) -> None:
    """How much of the word is replaced is the front end's to say: what counts is the line afterwards."""
    one, _ = house
    reply: Any = await one.client.complete(code, len(code), reply=True, timeout=PATIENCE_SECONDS)
    start = reply["content"]["cursor_start"]
    assert any(f"{code[:start]}{match}".endswith(some) for match in reply["content"]["matches"])


async def test_tab_offers_on_the_first_line_and_not_in_the_prompt(house: tuple[Kernel, Path]) -> None:
    one, _ = house
    code = "%%chat --prov\n--prov"
    assert await offered(one, code, len("%%chat --prov")) == ["--provider"]
    assert "--provider" not in await offered(one, code)


async def test_tab_offers_the_conversations_there_are(house: tuple[Kernel, Path]) -> None:
    one, _ = house
    await one.ok("%%chat -c thoughts\nHello")
    assert "thoughts" in await offered(one, "%%chat -c tho")
    assert "thoughts" in await offered(one, "%chat switch tho")


async def login(one: Kernel, code: str, typed: str) -> tuple[dict[str, Any], Any]:
    """Run a cell that asks for something unseen, type it, and return the question and what the cell did."""
    identity, asked = await one.asked(code)
    one.client.input(typed)
    return asked, await one.finish(identity)


async def test_a_key_is_typed_unseen_used_and_taken_out(house: tuple[Kernel, Path]) -> None:
    one, home = house
    async with Gateway(ScriptEngine()) as gateway:
        services = home / "data" / "g4f_magic" / "services.toml"
        services.write_text(
            f'[locked]\nbase_url = "{gateway.openai_base_url}"\nkeys = ["LOCKED_KEY"]\nmodel = "m"\n'
        )
        ran = await one.run("%%chat -p locked\nHello")
        assert ran.error[-1] == "Set LOCKED_KEY, or run %chat login locked."
        asked, ran = await login(one, "%chat login locked", KEY)
        assert asked["password"] is True
        assert KEY not in repr(ran.messages)
        ran = await one.ok("%%chat -p locked\nHello")
        assert ran.reply == SCRIPT_TEXT.rstrip("\n")
        assert gateway.requests[-1].headers["authorization"] == f"Bearer {KEY}"
        assert "with your key (keyring)" in (await one.ok("%chat providers")).plain
        assert "keyring" in (await one.ok("%chat doctor")).plain
        await one.ok("%chat logout locked")
        assert (await one.run("%%chat -p locked\nHello")).status == "error"
        services.unlink()


@pytest.mark.parametrize("code", ["%chat login groq", "get_ipython().run_line_magic('chat', 'login groq')"])
async def test_stop_ends_the_question_for_a_key_and_nothing_is_stored(
    house: tuple[Kernel, Path], code: str
) -> None:
    one, _ = house
    identity, _ = await one.asked(code)
    await one.interrupt()
    ran = await one.finish(identity)
    assert ran.status == "error"
    assert ran.error[-1].startswith("Stopped")
    assert "No key" in (await one.ok("%chat logout groq")).plain


async def test_what_runs_on_this_machine_is_found_at_its_port(house: tuple[Kernel, Path]) -> None:
    one, home = house
    services = home / "data" / "g4f_magic" / "services.toml"
    async with Gateway(ScriptEngine(models=("llama",))) as gateway:
        services.write_text(
            f'[here]\nbase_url = "{gateway.openai_base_url}"\nlocal = true\n'
            '[gone]\nbase_url = "http://127.0.0.1:9/v1"\nlocal = true\nadvice = "Start it."\n'
        )
        lines = (await one.ok("%chat providers")).plain.splitlines()
        assert "| `here` | llama | runs on this machine |" in lines
        assert any(line.startswith("| `gone` | it is not running. Start it.") for line in lines)
        assert "here · llama" in (await one.ok("%%chat -p here\nHello")).provenance
    services.unlink()


async def test_models_are_asked_for_once_a_day(house: tuple[Kernel, Path]) -> None:
    one, home = house
    services = home / "data" / "g4f_magic" / "services.toml"
    async with Gateway(ScriptEngine(models=("large", "small"))) as gateway:
        services.write_text(f'[corp]\nbase_url = "{gateway.openai_base_url}"\nmodel = "small"\n')
        asked = (await one.ok("%chat models corp")).plain
    assert [word in asked for word in ("`large`", "`small`", "default")] == [True] * 3
    assert (await one.ok("%chat models corp")).plain == asked
    assert (await one.run("%chat models corp --fresh")).status == "error"
    assert await offered(one, "%%chat -p corp -m la") == ["large"]
    services.unlink()


async def test_a_key_on_the_login_line_is_refused_and_not_repeated(house: tuple[Kernel, Path]) -> None:
    one, _ = house
    ran = await one.run(f"%chat login groq {KEY}")
    assert ran.status == "error"
    assert KEY not in "".join(ran.error)


async def test_where_nobody_can_be_asked_the_other_ways_are_told(house: tuple[Kernel, Path]) -> None:
    one, _ = house
    ran = await one.run("%chat login groq")
    assert ran.status == "error"
    assert "GROQ_API_KEY" in ran.error[-1]


@pytest.mark.parametrize("mode", ["Verbose", "Context"])
@pytest.mark.parametrize("behaviour", ["!401", "!500", "!cut-off", "!silent"])
async def test_no_traceback_shows_a_key(house: tuple[Kernel, Path], mode: str, behaviour: str) -> None:
    one, home = house
    async with Gateway(ScriptEngine()) as gateway:
        services = home / "data" / "g4f_magic" / "services.toml"
        services.write_text(
            f'[locked]\nbase_url = "{gateway.openai_base_url}"\nkeys = ["LOCKED_KEY"]\nmodel = "m"\nlocal = true\n'
        )
        await one.ok(f"%xmode {mode}\nimport os; os.environ['LOCKED_KEY'] = {KEY!r}")
        ran = await one.run(f"%%chat -p locked --timeout 0.3\n{behaviour}")
        assert ran.status == "error"
        assert gateway.requests[-1].headers["authorization"] == f"Bearer {KEY}"
        assert KEY not in repr(ran.messages)
        ran = await one.run("%tb")
        assert KEY not in repr(ran.messages)
        services.unlink()
    await one.ok("import os; del os.environ['LOCKED_KEY']\n%xmode Context")


async def test_an_unexpected_error_shows_no_key_either(house: tuple[Kernel, Path]) -> None:
    one, _ = house
    await one.ok(
        "import os, g4f_magic\nos.environ['PARROT_KEY'] = "
        f"{KEY!r}\nclass Broken(BaseException): pass\n"
        "async def mute(messages, api_key=None):\n    raise Broken\n    yield\n"
        "mute.key_variables = ('PARROT_KEY',)\ng4f_magic.provider(mute)\ndel os"
    )
    await one.ok("%xmode Verbose")
    ran = await one.run("%%chat -p mute\nHello")
    assert "Broken" in "".join(ran.error)
    assert KEY not in repr(ran.messages)
    await one.ok("%xmode Context")


async def test_the_reply_says_which_of_a_chain_answered(house: tuple[Kernel, Path]) -> None:
    one, home = house
    services = home / "data" / "g4f_magic" / "services.toml"
    services.write_text('[gone]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n')
    ran = await one.ok("%%chat -p gone,koala\nHello")
    assert (
        "via local gateway (script), fallback after gone (no connection) · koala · gpt-4o-mini"
        in ran.provenance
    )
    services.unlink()


async def test_a_chain_can_be_chosen_for_all_cells(house: tuple[Kernel, Path]) -> None:
    one, _ = house
    await one.ok("%config ChatMagics.chains = {'work': 'ollama,koala'}")
    await one.ok("%chat use work")
    assert "fallback after ollama" in (await one.ok("%%chat\nHello")).provenance
    await one.ok("%chat use koala")


async def test_waiting_before_another_try_can_be_stopped(house: tuple[Kernel, Path]) -> None:
    one, home = house
    async with Gateway(ScriptEngine(behaviour="429")) as gateway:
        services = home / "data" / "g4f_magic" / "services.toml"
        services.write_text(f'[busy]\nbase_url = "{gateway.openai_base_url}"\nmodel = "m"\n')
        seen = asyncio.Event()
        identity = one.send("%%chat -p busy\nHello")

        def look(message: dict[str, Any]) -> None:
            if "waiting 7 s before try 2 of 3" in repr(message["content"]):
                seen.set()

        finishing = asyncio.create_task(one.finish(identity, look))
        await asyncio.wait_for(seen.wait(), PATIENCE_SECONDS)
        await one.interrupt()
        ran = await finishing
        assert "Stopped" in "".join(ran.error)
        assert len(gateway.requests) == 1
        services.unlink()
    assert await one.leaks() == []


async def test_the_doctor_tells_of_the_last_success_and_the_last_error(house: tuple[Kernel, Path]) -> None:
    one, _ = house
    await one.ok("%%chat -p darkai\nHello")
    await one.run("%%chat -p darkai\n!500")
    plain = (await one.ok("%chat doctor")).plain
    row = next(line for line in plain.splitlines() if line.startswith("| `darkai`"))
    cells = [cell.strip() for cell in row.split("|")]
    head = next(line for line in plain.splitlines() if "last success" in line)
    heads = [cell.strip() for cell in head.split("|")]
    assert cells[heads.index("last success")].startswith("20")
    assert "HTTP 500" in cells[heads.index("last error")]
    assert "`gemini`" in plain.partition("Not set up: ")[2]
    assert "| python |" in plain
