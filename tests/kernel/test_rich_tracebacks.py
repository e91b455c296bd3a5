"""A kernel in which rich shows each error with all variables of each frame: a failed chat is short there as well."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.kernel import planted
from tests.kernel.kernels import Ran
from tests.kernel.planted import PLANTED, garden

pytestmark = pytest.mark.heavy

INSTALL = """
import rich.traceback
_ = rich.traceback.install(show_locals=True, locals_max_string=100_000)
"""
WAYS = {
    "a variable": "-p openai -m m",
    "the keyring": "-p ring",
    "a chain": "-p ring,dotenv",
    "nobody there": "-p openai -m m --base-url http://127.0.0.1:9/v1",
    "no such host": "-p openai -m m --base-url http://service.invalid/v1",
    "a proxy": "-p openai -m m --base-url http://service.invalid/v1",
    "a wrong line": "-p ring --no-such-option",
    "own code": "-p talkative",
    "own class": "-p careless",
}


def lines_shown(ran: Ran) -> list[str]:
    """Return what is shown of an error, line by line, without colours."""
    texts = []
    for message in ran.messages:
        content = message["content"]
        if message["msg_type"] == "error":
            texts += content["traceback"]
        elif message["msg_type"] == "stream":
            texts.append(content["text"])
        elif message["msg_type"] == "display_data" and "g4f_magic" not in content["metadata"]:
            texts.append(content["data"].get("text/plain", ""))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(texts))
    return [line for line in plain.splitlines() if line.strip()]


@pytest.mark.asyncio
async def test_a_failed_chat_is_short_where_rich_shows_all_variables(tmp_path: Path) -> None:
    async with garden(tmp_path) as (here, _):
        await here.run(planted.STORE_IN_KEYRING)
        await here.run("import os, g4f_magic")
        from tests.kernel.test_planted_secrets import OWN_PROVIDER

        await here.run(OWN_PROVIDER)
        await here.run(INSTALL)
        for way, options in WAYS.items():
            if way == "a proxy":
                await here.run(
                    "get_ipython().magics_manager.registry['ChatMagics'].proxy = os.environ['PLANTED_PROXY']"
                )
            for order in ("text:401", "cut", "event"):
                for cell in (
                    f"%%chat {options}\nPlease do:{order} now",
                    f"get_ipython().run_cell_magic('chat', {options!r}, 'Please do:{order} now')",
                ):
                    ran = await here.run(cell)
                    shown = lines_shown(ran)
                    assert 1 <= len(shown) <= 14, (way, order, shown)
        assert here.found() == []
        assert "***" in json.dumps(here.shown)
        assert not [name for name, value in PLANTED.items() if value in json.dumps(here.shown)]
