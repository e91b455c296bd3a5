"""Pyodide, and JupyterLite's kernel in it: a chat replays with no thread and no socket, and asks by the page's own `fetch`.

It is npm's `pyodide`, which node runs. What Python needs is the pure part of what is installed for the other front ends.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from g4f_magic.gateway import Gateway
from g4f_magic.markdown_source import source_of
from g4f_magic.testing.script import SCRIPT_TEXT, ScriptEngine
from tests.environments import FRONTS, TESTS
from tests.fronts.machines import record
from tests.patience import PATIENCE_SECONDS

pytestmark = [
    pytest.mark.fronts,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(FRONTS.missing()), reason=FRONTS.missing()),
    pytest.mark.skipif(bool(FRONTS.missing_node()), reason=FRONTS.missing_node()),
]

LITE = Path(__file__).parent / "lite"
SAID = SCRIPT_TEXT.strip()
# These have parts in C besides, built for another machine than this one.
PURE = [f"{name}_NO_EXTENSIONS" for name in ("AIOHTTP", "MULTIDICT", "YARL", "FROZENLIST", "PROPCACHE")]


async def within(folder: Path, code: str) -> Any:
    """Run code in Pyodide, in a folder; return what it ends with, a text of JSON."""
    (packages,) = (FRONTS.python.parents[1] / "lib").glob("python*/site-packages")
    kernels = FRONTS.python.parents[1].glob("share/jupyter/labextensions/@jupyterlite/*/static/pypi/*.whl")
    wheels = [file for file in kernels if file.name.startswith(("pyodide_kernel", "piplite"))]
    told = {
        "env": {**dict.fromkeys(PURE, "1"), "PYTHONDONTWRITEBYTECODE": "1"},
        "mounts": {
            "/packages": str(packages),
            "/repository": str(TESTS.parent),
            "/kernel": str(wheels[0].parent),
            "/lite": str(LITE),
            "/work": str(folder),
        },
        "path": [
            "/lite/stand_in",
            "/lite",
            *(f"/kernel/{wheel.name}" for wheel in wheels),
            "/repository",
            "/packages",
        ],
        "work": "/work",
        "code": code,
    }
    process = await asyncio.create_subprocess_exec(
        "node",
        "lite.mjs",
        json.dumps(told),
        cwd=FRONTS.folder / "node",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, problems = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    assert process.returncode == 0, problems.decode()[-3000:]
    return json.loads(said.decode().strip().splitlines()[-1])


async def cells(folder: Path, *codes: str) -> list[dict[str, Any]]:
    """Run cells in JupyterLite's kernel; return what each showed."""
    asked = json.dumps(codes)
    found: list[dict[str, Any]] = await within(
        folder, f"import cells, json\nawait cells.run_all(json.loads({asked!r}))"
    )
    return found


def plain(cell: dict[str, Any]) -> str:
    assert cell["status"] == "ok", cell["error"]
    return "\n".join(
        shown["text/plain"] if "text/plain" in shown else source_of(shown["text/markdown"])
        for shown in cell["shown"]
    )


async def test_code_replays(tmp_path: Path) -> None:
    await record(tmp_path, "a", "Hello")
    code = (
        "import json\nfrom g4f_magic import Chat\nfrom g4f_magic.settings import Settings\n"
        "reply = await Chat('koala', settings=Settings(mode='replay', cassette='a.chat.jsonl')).ask('Hello')\n"
        "json.dumps([reply, reply.turn.source])"
    )
    reply, source = await within(tmp_path, code)
    assert (reply.strip(), source) == (SAID, "replayed")


async def test_cells_replay_and_ask_by_fetch(tmp_path: Path) -> None:
    await record(tmp_path, "a", "Hello")
    async with Gateway(ScriptEngine()) as gateway:
        address = f"--base-url {gateway.base_url}"
        loaded, _, replayed, missed, _, live, refused, unreached, nested = await cells(
            tmp_path,
            "%load_ext g4f_magic",
            "%chat mode replay",
            "%%chat -p koala\nHello",
            "%%chat -p koala\nSomething else",
            "%chat mode live",
            f"%%chat -p koala {address} -o answer\nHello",
            f"%%chat -p koala {address}\n!401",
            "%%chat -p koala --base-url http://127.0.0.1:9\nHello",
            "from g4f_magic import Chat\nChat('koala').ask_sync('Hello')",
        )
    assert loaded["status"] == "ok", loaded["error"]
    assert plain(replayed).startswith(SAID)
    assert "— replayed" in plain(replayed)
    assert "MissError" in missed["error"][0]
    assert plain(live).startswith(SAID)
    assert "— live" in plain(live)
    for cell, words in (
        (refused, "401"),
        (unreached, "the page could not ask it"),
        (nested, "Python in a browser takes no call inside another one"),
    ):
        assert len(cell["error"]) == 2, cell["error"]
        assert words in cell["error"][0]
