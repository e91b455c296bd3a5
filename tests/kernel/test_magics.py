"""`%%chat` in a real kernel, through real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from g4f_magic.testing.script import SCRIPT_TEXT
from tests.kernel.kernels import Kernel, Ran
from tests.serving import served

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOWN = SCRIPT_TEXT.rstrip("\n")
THROUGH_THE_GATEWAY = {
    "koala": "-p koala",
    "darkai": "-p darkai",
    "freenetfly": "-p FreeNetfly",
    "aura": "-p AURA",
    "whiterabbitneo": "-p whiterabbitneo --gateway",
    "openai": "-p openai --gateway",
}
AS_PLAIN_MAGIC = {
    "run_cell_magic": "get_ipython().run_cell_magic('chat', '', {prompt!r})",
    "inside %%time": "%%time\n%%chat\n{prompt}",
    "without autoawait": "%autoawait off\n",
}


async def roles(chat: Kernel) -> list[str]:
    """Return the roles of the messages that the next request carries, its own included."""
    return [message["role"] for message in (await chat.run("%%chat\n!echo")).received["messages"]]


# One cell.


@pytest.mark.parametrize("name", THROUGH_THE_GATEWAY)
async def test_every_provider_streams_into_its_cell(chat, name):
    ran = await chat.ok(f"%%chat {THROUGH_THE_GATEWAY[name]}\nHello")
    assert ran.reply == SHOWN
    assert f" · {name} · " in f"{ran.provenance} · "
    assert "live · via local gateway (script)" in ran.provenance
    assert "<li>two</li>" in ran.html
    assert [content["data"].keys() for content in ran.displays.values()] == [
        {"text/html", "text/markdown", "text/plain"}
    ]


@pytest.mark.parametrize("name", THROUGH_THE_GATEWAY)
async def test_every_provider_shows_words_before_the_last_one_has_come(chat, name):
    shown: list[str] = []

    def keep(message):
        shown.append(message["content"].get("data", {}).get("text/html", ""))

    ran = await chat.run(f"%%chat {THROUGH_THE_GATEWAY[name]}\n!slow", on_message=keep)
    assert ran.reply == SHOWN
    assert any("quick" in html and "two" not in html for html in shown)


async def test_a_cell_shows_no_out(chat):
    ran = await chat.ok("%%chat\nHello")
    assert ran.of_type("execute_result") == []


async def test_the_history_of_input_keeps_the_cell_as_it_was_written(chat):
    await chat.ok("%%chat -p darkai\nHello there")
    raw = await chat.value("list(get_ipython().history_manager.input_hist_raw)[-2]")
    assert raw == repr("%%chat -p darkai\nHello there")


@pytest.mark.parametrize(
    "prompt",
    [
        "{braces} {0} {{double}} {}",
        "$dollar ${HOME} $$ \\$",
        """'single' "double" '''triple''' \"\"\"triple\"\"\" `back`""",
        "back\\slash \\n \\x41 \\N{DASH} \\\\ and a last one \\",
        "emoji 🦊 👩‍👩‍👧 and 懒狗 größer \u200b \u2028 ¡",
        "! ls\n!pwd\n%time 1\n%%html\n? what?\nlen??",
        "a line\n\n\n    indented\n\ttab\ntrailing spaces   \n   \nlast",
        "if True:\n    ...\n>>> doctest\n... more\nIn [1]: prompt",
        "# a comment\nawait x; 'return'",
        "<script>alert(1)</script> &amp; %s %(x)d",
    ],
)
@pytest.mark.parametrize("way", ["awaited", "plain"])
async def test_a_prompt_arrives_as_it_was_written(chat, prompt, way):
    said = "!echo " + prompt
    call = f"get_ipython().run_cell_magic('chat', '', {said!r})"
    ran = await chat.run(f"%%chat\n{said}" if way == "awaited" else call)
    assert ran.received["messages"][-1]["content"] == said


async def test_braces_in_the_line_are_not_filled_in(chat):
    await chat.ok("x = 'filled in'")
    ran = await chat.run("%%chat -p darkai --system 'Say {x} and $x'\n!echo")
    assert ran.received["messages"][0] == {"role": "system", "content": "Say {x} and $x"}


@pytest.mark.parametrize(
    "code",
    [
        "\n\n\n%%chat -p darkai\n!echo",
        "   \n\t\n%%chat -p darkai\n!echo",
        "    %%chat -p darkai\n    !echo",
        "%%chat -p darkai\r\n!echo\r\n",
        "\r\n%%chat -p darkai   \r\n!echo",
        "%%chat\t-p darkai\n!echo",
        "%%chat -p darkai\n\n\n!echo\n\n",
    ],
)
async def test_blank_lines_indents_and_windows_line_ends_do_not_matter(chat, code):
    ran = await chat.run(code)
    assert ran.received["messages"] == [{"role": "user", "content": "!echo"}]
    assert " · darkai" in ran.provenance


async def test_an_empty_cell_line_gives_an_error_and_not_a_hang(chat):
    ran = await chat.run("%%chat")
    assert ran.status == "error"


# Options.


async def test_the_next_request_carries_what_was_said(chat):
    await chat.ok("%%chat\nFirst")
    await chat.ok("%%chat -p darkai\nSecond")
    assert (await chat.run("%%chat\n!echo")).received["messages"] == [
        {"role": "user", "content": "First"},
        {"role": "assistant", "content": SCRIPT_TEXT},
        {"role": "user", "content": "Second"},
        {"role": "assistant", "content": SCRIPT_TEXT},
        {"role": "user", "content": "!echo"},
    ]


async def test_once_sees_nothing_and_leaves_nothing(chat):
    await chat.ok("%%chat\nFirst")
    ran = await chat.run("%%chat --once\n!echo")
    assert ran.received["messages"] == [{"role": "user", "content": "!echo"}]
    assert await roles(chat) == ["user", "assistant", "user"]


async def test_a_named_conversation_is_apart(chat):
    await chat.ok("%%chat\nFirst")
    ran = await chat.run("%%chat -c elsewhere\n!echo")
    assert len(ran.received["messages"]) == 1
    assert len((await chat.run("%%chat --conversation elsewhere\n!echo")).received["messages"]) == 3
    assert await roles(chat) == ["user", "assistant", "user"]


async def test_out_is_a_text_that_knows_where_it_came_from(chat):
    await chat.ok("%%chat -p darkai -m gpt-4o --out answer\nHello")
    assert await chat.value("answer == " + repr(SCRIPT_TEXT)) == "True"
    assert await chat.value("isinstance(answer, str), answer.provider, answer.model, answer.turn.status") == (
        "(True, 'darkai', 'gpt-4o', 'done')"
    )


async def test_out_holds_what_had_arrived_of_a_reply_that_broke_off(chat):
    assert (await chat.run("%%chat --out part\n!cut-off")).status == "error"
    assert await chat.value("part != '' and " + repr(SCRIPT_TEXT) + ".startswith(part)") == "True"
    assert await chat.value("part.turn.status") == "'broken'"


async def test_out_keeps_what_it_held_where_nothing_came(chat):
    await chat.ok("kept = 'of before'")
    assert (await chat.run("%%chat --out kept\n!status-500")).status == "error"
    assert await chat.value("kept") == "'of before'"


@pytest.mark.parametrize("name", ["darkai", "freenetfly", "aura", "openai"])
async def test_the_system_prompt_goes_first(chat, name):
    ran = await chat.run(f"%%chat {THROUGH_THE_GATEWAY[name]} --system 'Be brief.'\n!echo")
    assert ran.received["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "!echo"},
    ]


async def test_parameters_arrive(chat):
    ran = await chat.run("%%chat -p freenetfly -t 0.3 --param top_p=0.5\n!echo")
    sent = ran.received["parameters"]
    assert (sent["temperature"], sent["top_p"]) == (0.3, 0.5)
    ran = await chat.run(
        "%%chat -p openai --gateway --max-tokens 9 --param seed=7 --param stop='[\"x\"]'\n!echo"
    )
    sent = ran.received["parameters"]
    assert (sent["max_tokens"], sent["seed"], sent["stop"]) == (9, 7, ["x"])


@asynccontextmanager
async def listener() -> AsyncIterator[tuple[str, list[str]]]:
    """Give the address of a server that knows nothing, and the list of the requests that it got."""
    seen: list[str] = []

    async def refuse(request: web.Request) -> web.Response:
        seen.append(f"{request.method} {request.path}")
        return web.Response(status=404)

    async with served(refuse) as address:
        yield address, seen


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ("-p koala", "/api/gpt/"),
        ("-p darkai", "/chat"),
        ("-p freenetfly", "/api/openai/v1/chat/completions"),
        ("-p whiterabbitneo --cookies {cookies}", "/api/chat"),
        ("-p openai", "/chat/completions"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/x", "/x/y/"])
async def test_the_base_url_is_where_the_request_goes(chat, tmp_path, options, path, prefix):
    cookies = tmp_path / "cookies.txt"
    cookies.write_text(
        "# Netscape HTTP Cookie File\n.whiterabbitneo.com\tTRUE\t/\tFALSE\t2147483647\tsession\tvalue\n"
    )
    async with listener() as (address, seen):
        ran = await chat.run(f"%%chat {options.format(cookies=cookies)} --base-url {address}{prefix}\nHello")
        assert ran.status == "error"
        there = prefix.rstrip("/")
        asked_first = [f"GET {there}/models"] if options == "-p openai" else []  # which model is to answer
        assert seen == [*asked_first, f"POST {there}{path}"]


# Cells and turns.


async def test_running_a_cell_again_replaces_its_turn(chat):
    await chat.ok("%%chat\nOne", cell="a")
    await chat.ok("%%chat\nTwo", cell="b")
    again = (await chat.run("%%chat\n!echo again", cell="a")).received["messages"]
    assert again == [{"role": "user", "content": "!echo again"}]
    last = (await chat.run("%%chat\n!echo", cell="c")).received["messages"]
    assert [message["content"] for message in last if message["role"] == "user"] == [
        "!echo again",
        "Two",
        "!echo",
    ]


async def test_two_chats_in_one_cell_are_two_turns(chat):
    both = "get_ipython().run_cell_magic('chat', '', 'One')\nget_ipython().run_cell_magic('chat', '', 'Two')"
    for _ in range(2):
        ran = await chat.ok(both, cell="pair")
        assert ran.plain.count(SHOWN) == 2
    last = (await chat.run("%%chat\n!echo", cell="z")).received["messages"]
    assert [message["content"] for message in last if message["role"] == "user"] == ["One", "Two", "!echo"]


# Callers that cannot await.


@pytest.mark.parametrize(
    "code",
    [
        "%%time\n%%chat\nHello",
        "get_ipython().run_cell_magic('chat', '', 'Hello')",
        "def ask():\n    get_ipython().run_cell_magic('chat', '', 'Hello')\nask()",
        "get_ipython().run_cell('%%chat\\nHello'); None",
        "for _ in range(1):\n    get_ipython().run_cell_magic('chat', '-p darkai', 'Hello')",
        "import asyncio; await asyncio.sleep(0)\nget_ipython().run_cell_magic('chat', '', 'Hello')",
    ],
)
async def test_who_cannot_await_is_answered_too(chat, code):
    ran = await chat.ok(code)
    assert ran.reply == SHOWN
    assert (await chat.ok("%%chat\nHello")).reply == SHOWN


async def test_capture_keeps_one_output_and_shows_none(chat):
    ran = await chat.ok("%%capture kept\n%%chat\nHello")
    assert ran.displays == {}
    assert await chat.value("len(kept.outputs)") == "1"
    assert (
        SHOWN
        in json.loads((await chat.ok("import json; print(json.dumps(kept.outputs[0].data))")).stdout)[
            "text/plain"
        ]
    )


async def test_with_autoawait_off_a_cell_still_works(chat):
    await chat.ok("%autoawait off")
    try:
        assert (await chat.ok("%%chat\nHello")).reply == SHOWN
        assert "answers" in (await chat.ok("%chat")).plain
    finally:
        await chat.ok("%autoawait on")


async def answers(one: Kernel, codes: list[str]) -> list[Ran]:
    """Send all cells at once, as Run All does, and return what each did."""
    sent = [one.send(code, cell=f"cell-{number}") for number, code in enumerate(codes)]
    return [await one.finish(identity) for identity in sent]


@pytest.mark.parametrize(
    "form",
    [
        "%%chat\n{prompt}",
        "get_ipython().run_cell_magic('chat', '', {prompt!r})",
        "%%time\n%%chat\n{prompt}",
    ],
)
async def test_all_cells_of_a_queue_are_answered_in_order(chat, form):
    prompts = [f"!echo {number}" for number in range(5)]
    ran = await answers(chat, [form.format(prompt=prompt) for prompt in prompts])
    for number, one in enumerate(ran):
        said = [message["content"] for message in one.received["messages"] if message["role"] == "user"]
        assert said == prompts[: number + 1]


async def test_a_mixed_queue_is_answered_whole(chat):
    ran = await answers(
        chat,
        [
            "%%chat\nHello",
            "get_ipython().run_cell_magic('chat', '', 'Hello')",
            "6 * 7",
            "%%chat -p darkai\n!slow",
            "%%time\n%%chat\nHello",
            "import asyncio; await asyncio.sleep(0.01); 'awaited'",
        ],
    )
    assert [one.status for one in ran] == ["ok"] * 6
    assert [ran[number].reply for number in (0, 1, 3, 4)] == [SHOWN] * 4
    assert ran[2].of_type("execute_result")[0]["data"]["text/plain"] == "42"


async def test_nothing_leaked_in_all_of_this(chat):
    assert await chat.leaks() == []


async def test_a_cell_that_asks_less_often_than_before_sends_nothing_of_the_run_before(chat: Kernel) -> None:
    loop = "for word in {words}: get_ipython().run_cell_magic('chat', '', '!echo ' + word)"
    await chat.ok(loop.format(words=["one", "two", "three"]), cell="loop")
    await chat.ok(loop.format(words=["once"]), cell="loop")
    asked = (await chat.ok("%%chat\n!echo after", cell="after")).received["messages"]
    assert [one["content"] for one in asked if one["role"] == "user"] == ["!echo once", "!echo after"]
