"""What is said of a credential under a reply: where it came from, or that it was not sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel import planted
from tests.kernel.kernels import PROVENANCE
from tests.kernel.planted import garden

DOTENV = "The key of dotenv came from .env beside the notebook (PLANTED_API_KEY)."


@pytest.mark.asyncio
async def test_a_key_of_a_file_is_named_once_and_under_the_reply(tmp_path: Path) -> None:
    async with garden(tmp_path) as (here, _):
        first = await here.run("%%chat -p dotenv\nPlease do:reply now")
        again = await here.run("%%chat -p dotenv\nPlease do:reply now")
    assert (first.status, again.status) == ("ok", "ok")
    assert DOTENV in first.plain.rpartition(PROVENANCE)[2].replace("\\", "")
    assert ".env" not in again.plain


@pytest.mark.asyncio
async def test_what_was_not_sent_is_said_with_the_way_to_send_it(tmp_path: Path) -> None:
    async with garden(tmp_path) as (here, address):
        await here.run(planted.STORE_IN_KEYRING)
        key = await here.run(
            f"%%chat -p ring --base-url http://{address.replace('127.0.0.1', 'localhost')}/v1\ndo:reply"
        )
        cookies = await here.run(
            f"%%chat -p whiterabbitneo --cookies cookies.txt --base-url http://{address}\nPlease do:reply now"
        )
        panel = await here.run(
            "import asyncio\nfrom g4f_magic import ChatPanel\npanel = ChatPanel('dotenv')\ndisplay(panel)\n"
            "_ = await panel.ask('Please do:reply now')"
        )
    assert f"%chat login localhost:{address.partition(':')[2]}" in key.plain
    assert planted.KEYRING not in key.plain
    assert "No cookies were sent" in cookies.plain
    assert planted.COOKIE not in cookies.plain
    told = [message["content"] for message in panel.messages if message["msg_type"] == "comm_msg"]
    assert DOTENV in str(told)
