"""Settings and subcommands in a real kernel."""

from __future__ import annotations

import pytest

from g4f_magic.testing.script import SCRIPT_TEXT
from tests.kernel.kernels import kernel

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOWN = SCRIPT_TEXT.rstrip("\n")


async def test_config_sets_the_provider(chat):
    await chat.ok('%config ChatMagics.provider = "darkai"')
    try:
        assert " · darkai · " in (await chat.ok("%%chat\nHello")).provenance
    finally:
        await chat.ok('%config ChatMagics.provider = "auto"')


async def test_use_sets_the_provider_and_its_model(chat):
    await chat.ok("%chat use DarkAI gpt-4o")
    try:
        assert " · darkai · gpt-4o · " in (await chat.ok("%%chat\nHello")).provenance
        ran = await chat.ok("%%chat -p freenetfly\nHello")
        assert " · freenetfly · gpt-3.5-turbo" in ran.provenance
    finally:
        await chat.ok("%chat use auto")


async def test_the_environment_sets_the_provider():
    async with kernel(G4F_MAGIC_PROVIDER="freenetfly", G4F_MAGIC_SYSTEM="Be kind.") as one:
        await one.ok("%load_ext g4f_magic")
        ran = await one.run("%%chat\n!echo")
        assert " · freenetfly" in ran.provenance
        assert ran.received["messages"][0] == {"role": "system", "content": "Be kind."}


async def test_chat_alone_says_where_one_stands(chat):
    await chat.ok("%%chat\nHello")
    ran = await chat.ok("%chat")
    for words in (
        "with its engine `script` (ChatMagics.engine says so)",
        "| **conversation** | main, 1 turn |",
        "| **replies** | live, and not recorded |",
        "script",
    ):
        assert words in ran.plain


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("providers", "`whiterabbitneo`"),
        ("models darkai", "llama-3-70b"),
        ("models Aura", "offers no choice"),
        ("history", "Nothing was said"),
        ("help asking", "--max-tokens"),
        ("help", "connect"),
        ("gateway", "gateway"),
        ("gateway status", "gateway"),
        ("gateway stop", "gateway"),
        ("gateway start", "script"),
    ],
)
async def test_each_subcommand_answers(chat, line, words):
    assert words in (await chat.ok(f"%chat {line}")).plain


async def test_a_subcommand_works_between_other_lines_of_a_cell(chat):
    ran = await chat.ok("x = 1\n%chat providers\nprint(x)")
    assert "`darkai`" in ran.plain
    assert ran.stdout == "1\n"


async def test_the_gateway_starts_again_after_it_was_stopped(chat):
    await chat.ok("%%chat\nHello")
    assert "stopped" in (await chat.ok("%chat gateway stop")).plain
    assert (await chat.ok("%%chat\nHello")).reply == SHOWN


@pytest.mark.parametrize("line", ["hello, how are you?", "what's that?", "history??"])
async def test_a_question_on_the_line_is_told_of_the_cell(chat, line):
    ran = await chat.run(f"%chat {line}")
    assert ran.status == "error"
    assert "To ask something: %ask" in ran.error[-1]
    assert ran.stdout == ""


@pytest.mark.parametrize("line", ["%chat?", "%chat??", "%%chat?"])
async def test_question_marks_alone_are_ipythons_own(chat, line):
    ran = await chat.ok(line)
    pages = [page["data"]["text/plain"] for page in ran.payload]
    assert "Ask a language model" in "".join(pages) + ran.plain + ran.stdout


async def test_a_base_url_of_another_kind_is_told_which_there_are(chat):
    ran = await chat.run("%%chat --base-url ftp://x\nHello")
    assert ran.status == "error"
    assert "http:// or https://" in ran.error[0]
    assert "none" not in ran.error[0]


async def test_nothing_leaked_in_all_of_this(chat):
    assert await chat.leaks() == []


IS_PATCHED = "hasattr(__import__('asyncio'), '_nest_patched')"


async def test_a_set_up_cell_leaves_asyncio_as_it_was():
    async with kernel() as one:
        lines = (
            "%load_ext g4f_magic",
            "%chat mode live",
            "%chat use auto",
            "%chat",
            "%chat context",
            "x = 1",
        )
        ran = await one.ok("\n".join(lines))
        assert "sends 0 messages" in ran.plain
        assert await one.value(IS_PATCHED) == "False"
        assert (await one.run("%chat mode live\n%chat no-such-thing")).status == "error"


async def test_lines_that_wait_are_awaited_among_others():
    async with kernel() as one:
        await one.ok("%load_ext g4f_magic")
        ran = await one.ok("y = 2\n%chat gateway start\nif y:\n    %chat mode live\nprint(y)")
        assert "script answers in it" in ran.plain
        assert ran.stdout == "2\n"
        assert await one.value(IS_PATCHED) == "False"
        assert "stopped" in (await one.ok("%chat gateway stop\nz = 3")).plain
