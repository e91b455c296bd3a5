"""`%chat explain`, `%chat fix`, the hint after an error, and what would be sent, in a real kernel."""

from __future__ import annotations

import pytest

from tests.completions import completions
from tests.kernel.kernels import Kernel

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAILING = "ages = {'ada': 36}\nprint(ages['bob'])"
FIXED = "There is no bob.\n\n```python\nages = {'ada': 36}\nprint(ages['ada'])\n```\n"


async def test_the_last_error_goes_along_with_the_cell_that_failed(chat: Kernel):
    await chat.run(FAILING)
    async with completions("It has no such key.") as server:
        ran = await chat.ok(f"%chat explain -p openai -m m --base-url {server.url}")
    assert ran.reply == "It has no such key."
    assert "@error" in ran.provenance
    assert "KeyError" in server.contents[-1]
    assert "ages['bob']" in server.contents[-1]


async def test_a_corrected_cell_is_offered_with_what_changed(chat: Kernel):
    await chat.run(FAILING)
    async with completions(FIXED) as server:
        ran = await chat.ok(f"%chat fix keep the names -p openai -m m --base-url {server.url}", cell="fix")
    (payload,) = ran.payload
    assert payload["text"] == "ages = {'ada': 36}\nprint(ages['ada'])"
    assert not payload["replace"]
    assert "-print(ages['bob'])\n+print(ages['ada'])" in ran.plain
    assert "keep the names" in server.contents[-1]


async def test_a_reply_without_code_offers_nothing(chat: Kernel):
    await chat.run(FAILING)
    ran = await chat.ok("%chat fix")
    assert not ran.payload
    assert "no cell to offer" in ran.plain


async def test_a_reply_that_changes_nothing_offers_nothing(chat: Kernel):
    await chat.run(FAILING)
    async with completions(f"```python\n{FAILING}\n```") as server:
        ran = await chat.ok(f"%chat fix -p openai -m m --base-url {server.url}", cell="same")
    assert not ran.payload
    assert "nothing changed" in ran.plain


async def test_a_chat_that_fails_is_not_the_error_that_is_explained(chat: Kernel):
    await chat.run(FAILING)
    await chat.run("%%chat -p openai -m m --base-url http://127.0.0.1:9/v1\nHello")
    async with completions() as server:
        await chat.ok(f"%chat explain -p openai -m m --base-url {server.url}")
    assert "KeyError" in server.contents[-1]


async def test_a_cell_that_cannot_be_read_is_explained_too(chat: Kernel):
    await chat.run("for x in y print(x)")
    async with completions() as server:
        await chat.ok(f"%chat explain -p openai -m m --base-url {server.url}")
    assert "SyntaxError" in server.contents[-1]
    assert "for x in y print(x)" in server.contents[-1]


async def test_nothing_is_printed_after_an_error_unless_it_is_wanted(chat: Kernel):
    assert not (await chat.run(FAILING)).plain
    await chat.ok("%config ChatMagics.hint_on_error = True")
    hinted = await chat.run(FAILING)
    of_ours = await chat.run("%chat nothing")
    await chat.ok("%config ChatMagics.hint_on_error = False")
    assert "%chat explain" in hinted.plain
    assert not of_ours.plain


async def test_what_would_be_sent_is_shown_whole_and_nothing_is_sent(chat: Kernel):
    await chat.ok("rows = ['<b>Turku</b>'] * 3")
    await chat.ok("%%chat\nFirst")
    async with completions() as server:
        line = f"-p openai -m m --base-url {server.url} --system 'Be brief.'"
        ran = await chat.ok(f"%%chat --dry-run {line}\nLook at {{{{rows}}}}")
        assert not server.bodies
        asked = await chat.ok(f"%%chat {line}\nLook at {{{{rows}}}}")
    assert asked.reply == "Fine."
    for content in server.contents:
        assert content in ran.plain
    assert "4 messages, roughly" in ran.plain
    assert "<b>Turku" not in ran.html


async def test_the_context_shows_earlier_turns_whole(chat: Kernel):
    await chat.ok("rows = ['Turku'] * 3")
    await chat.ok("%%chat\nLook at {{rows}}")
    assert "Turku" in (await chat.ok("%chat context")).plain
