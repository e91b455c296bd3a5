"""What goes wrong in a chat cell: the cell fails with two lines, what had arrived stays, and the next cell works."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from g4f_magic.testing.behaviours import behaviours
from g4f_magic.testing.script import SCRIPT_TEXT
from tests.kernel.kernels import WITHOUT_WAITS, Kernel, Ran

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.heavy]

SHOWN = SCRIPT_TEXT.rstrip("\n")

WRONG = {
    "an empty prompt": ("%%chat\n", "InputError"),
    "no body": ("%%chat", "InputError"),
    "only spaces": ("%%chat\n  \t \n   \n", "InputError"),
    "an unknown provider": ("%%chat -p kaola\nHello", "InputError"),
    "an unknown model": ("%%chat -p darkai -m gpt-5\nHello", "ModelNotSupportedError"),
    "a model where there is no choice": ("%%chat -p aura -m x\nHello", "InputError"),
    "an unknown option": ("%%chat --provder koala\nHello", "InputError"),
    "an option without its value": ("%%chat --provider\nHello", "InputError"),
    "a number that is none": ("%%chat -t warm\nHello", "InputError"),
    "an open quote": ("%%chat --system 'it\nHello", "InputError"),
    "a parameter without a value": ("%%chat -p openai --param top_p\nHello", "InputError"),
    "a parameter that is not taken": ("%%chat -p koala -t 0.2\nHello", "InputError"),
    "a variable's name that is none": ("%%chat --out 1a\nHello", "InputError"),
    "a keyword as a variable's name": ("%%chat --out class\nHello", "InputError"),
    "a format that there is not": ("%%chat --format pdf\nHello", "InputError"),
    "a time-out of zero": ("%%chat --timeout 0\nHello", "InputError"),
    "a time-out below zero": ("%%chat --timeout -1\nHello", "InputError"),
    "a time-out that is not a number": ("%%chat --timeout nan\nHello", "InputError"),
    "a base URL that is none": ("%%chat --base-url nonsense\nHello", "InputError"),
    "a port that is none": ("%%chat --base-url http://127.0.0.1:99999999\nHello", "InputError"),
    "two hosts": ("%%chat --gateway --base-url http://127.0.0.1:9\nHello", "InputError"),
    "cookies that are not taken": ("%%chat --cookies x.txt\nHello", "InputError"),
    "a cookie file that is not there": ("%%chat -p whiterabbitneo --cookies /nowhere/x.txt\nHello", None),
    "a proxy that is not found": (
        "%%chat -p openai --base-url http://127.0.0.1:9 --proxy nowhere.invalid\nHello",
        "UnreachableError",
    ),
    "a proxy of a kind that there is not": (
        "%%chat -p openai --base-url http://127.0.0.1:9 --proxy ftp://127.0.0.1:9\nHello",
        "InputError",
    ),
    "a proxy without a host": (
        "%%chat -p openai --base-url http://127.0.0.1:9 --proxy http:///x\nHello",
        "InputError",
    ),
    "a proxy with a blank in its name": (
        "%%chat -p openai --base-url http://127.0.0.1:9 --proxy 'a b'\nHello",
        "InputError",
    ),
    "a proxy that refuses": (
        "%%chat -p openai --base-url http://127.0.0.1:9 --proxy http://127.0.0.1:9\nHello",
        "UnreachableError",
    ),
    "a host that refuses": ("%%chat --base-url http://127.0.0.1:9\nHello", "UnreachableError"),
    "a name that does not resolve": ("%%chat --base-url http://nowhere.invalid\nHello", "UnreachableError"),
    "an unknown behaviour": ("%%chat\n!no-such-behaviour", None),
    "an unknown subcommand": ("%chat hsitory", "InputError"),
    "an open quote in a subcommand": ("%chat use 'koala", "InputError"),
    "too many words": ("%chat use koala gpt-4o-mini more", "InputError"),
    "a gateway's word that there is not": ("%chat gateway restart", "InputError"),
    "the models of nobody": ("%chat models nobody", "InputError"),
    "an unknown provider to use": ("%chat use nobody", "InputError"),
}

FAILED = {
    "401": "MissingAuthError",
    "402": "RateLimitError",
    "403": None,
    "403-cloudflare": "CloudflareError",
    "404": "ResponseStatusError",
    "429": "RateLimitError",
    "500": "ResponseStatusError",
    "500-html": "ResponseStatusError",
    "503": "ResponseStatusError",
    "504": "ChatTimeoutError",
    "html": "WireError",
    "redirect": None,
    "cut-off-before": None,
    "silent": "ChatTimeoutError",
    "silent-before": "ChatTimeoutError",
    "empty": "ServiceError",
    "nothing": None,
    "error-event-first": None,
}
"""Behaviours in which nothing arrives. None: which error it is depends on the protocol."""
BROKEN = {
    "cut-off": "BrokenOffError",
    "reset": "BrokenOffError",
    "no-end-mark": "BrokenOffError",
    "silent-after": "ChatTimeoutError",
    "error-event": "BrokenOffError",
}
"""Behaviours in which the reply begins, and does not come to its end."""
WHOLE = {
    "plain",
    "slow",
    "reasoning",
    "split-utf8",
    "byte-by-byte",
    "bad-json-line",
    "hang-after-end",
}
"""Behaviours that a person need not notice."""
APART = {"long", "echo", "never-closing", "junk"}
"""Behaviours that other tests look at."""

AWAITED = "%%chat {options}\n{prompt}"
PLAIN = "get_ipython().run_cell_magic('chat', '{options}', {prompt!r})"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(shared: Kernel) -> Kernel:
    await shared.ok(WITHOUT_WAITS)
    return shared


def assert_two_lines(ran: Ran, kind: str | None) -> None:
    assert ran.status == "error"
    assert len(ran.error) == 2, ran.error
    assert all(line.strip() and "\n" not in line for line in ran.error), ran.error
    name, _, what = ran.error[0].partition(": ")
    assert what
    assert name.endswith("Error")
    assert kind in (None, name), ran.error
    assert ran.stdout == ""


async def assert_the_next_cell_works(chat: Kernel) -> None:
    ran = await chat.ok("%%chat\nHello")
    assert ran.reply == SHOWN
    assert ran.stdout == ""


async def statuses(chat: Kernel) -> str:
    return await chat.value(
        "[turn.status for turn in get_ipython().magics_manager.registry['ChatMagics']"
        ".session.conversation().turns]"
    )


async def test_every_behaviour_of_the_script_is_looked_at():
    assert FAILED.keys() | BROKEN.keys() | WHOLE | APART == set(behaviours())


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_wrong_from_the_start_is_said_in_two_lines(chat, case):
    code, kind = WRONG[case]
    assert_two_lines(await chat.run(code), kind)
    assert "'open'" not in await statuses(chat)
    await assert_the_next_cell_works(chat)


@pytest.mark.parametrize("behaviour", FAILED)
@pytest.mark.parametrize("way", [AWAITED, PLAIN], ids=["awaited", "plain"])
async def test_a_service_that_fails_makes_the_cell_fail(chat, way, behaviour):
    ran = await chat.run(way.format(options="--timeout 0.3", prompt=f"!{behaviour}"))
    assert_two_lines(ran, FAILED[behaviour])
    assert ran.reply == ""
    assert ran.provenance.startswith("failed · ")
    assert await statuses(chat) == "['failed']"
    await assert_the_next_cell_works(chat)


@pytest.mark.parametrize("behaviour", BROKEN)
@pytest.mark.parametrize("way", [AWAITED, PLAIN], ids=["awaited", "plain"])
async def test_a_reply_that_breaks_off_stays_as_far_as_it_came(chat, way, behaviour):
    options = "--timeout 0.3 -p openai --gateway"
    ran = await chat.run(way.format(options=options, prompt=f"!{behaviour}"))
    assert_two_lines(ran, BROKEN[behaviour])
    assert ran.reply
    assert SHOWN.startswith(ran.reply)
    assert ran.provenance.startswith("broken off · ")
    assert await statuses(chat) == "['broken']"
    assert "broken" in (await chat.ok("%chat history")).plain
    await assert_the_next_cell_works(chat)


@pytest.mark.parametrize("behaviour", sorted(WHOLE))
async def test_what_a_person_need_not_notice_makes_no_error(chat, behaviour):
    ran = await chat.ok(f"%%chat -p openai --gateway\n!{behaviour}")
    assert ran.reply == SHOWN
    assert await statuses(chat) == "['done']"


async def test_the_count_of_a_refusal_says_how_long_to_wait(chat):
    await chat.ok("_waited.clear()")
    assert "7 s" in " ".join((await chat.run("%%chat\n!429")).error)
    assert await chat.value("[round(seconds) for seconds in _waited]") == "[7, 7]"


async def test_a_prompt_of_five_megabytes_arrives_whole(chat):
    await chat.ok("digits = '0123456789abcdef' * (5 * 65536)")
    ran = await chat.ok("get_ipython().run_cell_magic('chat', '', digits)")
    assert ran.reply == SHOWN
    ran = await chat.ok("%%chat\n" + "0123456789abcdef" * (5 * 65536))
    assert ran.reply == SHOWN
    same = "[turn.prompt == digits for turn in get_ipython().magics_manager.registry['ChatMagics']"
    assert await chat.value(same + ".session.conversation().turns]") == "[True, True]"
    await assert_the_next_cell_works(chat)


@asynccontextmanager
async def secure_server(folder) -> AsyncIterator[str]:
    """Serve TLS with a certificate that nobody vouches for, and give the address."""
    trustme = pytest.importorskip("trustme")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(context)

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"


async def test_a_certificate_that_nobody_vouches_for_is_not_accepted(chat, tmp_path):
    async with secure_server(tmp_path) as address:
        ran = await chat.run(f"%%chat --base-url {address}\nHello")
    assert_two_lines(ran, "UnreachableError")
    assert "certificate" in ran.error[0]
    await assert_the_next_cell_works(chat)


async def test_tls_with_a_host_that_speaks_none_is_said(chat):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        ran = await chat.run(f"%%chat --base-url https://127.0.0.1:{port}\nHello")
    assert_two_lines(ran, "UnreachableError")


async def test_a_host_that_accepts_and_says_nothing_times_out(chat):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ran = await chat.run(f"%%chat --timeout 0.3 --base-url http://127.0.0.1:{port}\nHello")
    assert_two_lines(ran, "ChatTimeoutError")


async def test_a_failed_cell_can_be_caught(chat):
    ran = await chat.ok(
        "from g4f_magic import ChatError\n"
        "try:\n    get_ipython().run_cell_magic('chat', '', '!401')\n"
        "except ChatError as exc:\n    print(type(exc).__name__)"
    )
    assert ran.stdout == "MissingAuthError\n"


async def test_nothing_leaked_in_all_of_this(chat):
    assert await chat.leaks() == []
