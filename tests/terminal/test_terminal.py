"""`%%chat` in IPython in a real terminal."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator

import pytest

from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import ScriptEngine
from tests.patience import PATIENCE_SECONDS
from tests.terminal.terminals import CTRL_C, ENTER, Terminal, terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")

STOPPED = "Stopped. What had arrived is kept."


@pytest.fixture
async def ipython(tmp_path) -> AsyncIterator[Terminal]:
    async with terminal(tmp_path) as one:
        await one.run(["%load_ext g4f_magic"], 2)
        yield one


async def test_a_reply_is_printed_and_then_the_next_prompt_comes(ipython):
    printed = await ipython.run(["%%chat", "Hello", "", ""], 3)
    assert "The quick brown fox" in printed
    assert "懒狗" in printed
    assert "live · via local gateway (script) · openai" in printed
    assert "Out[" not in printed
    assert "Error" not in printed


async def test_the_first_line_is_not_taken_for_a_whole_cell(ipython):
    ipython.type("%%chat" + ENTER)
    await ipython.expect(r"\.\.\.:")
    ipython.type("!echo first" + ENTER)
    await ipython.expect("first[^#]*\\.\\.\\.:")
    printed = await ipython.run(["second", "", ""], 3)
    assert "messages" in printed
    assert "first" in printed
    assert "second" in printed


async def test_the_conversation_goes_on_from_cell_to_cell(ipython):
    await ipython.run(["%%chat", "Hello there", "", ""], 3)
    printed = await ipython.run(["%%chat", "!echo", "", ""], 4)
    assert "Hello there" in printed
    assert "assistant" in printed
    assert re.search(r"main, 2 turns\b", await ipython.run(["%chat"], 5))


@pytest.mark.heavy
async def test_a_format_is_kept_to_in_a_terminal_too(ipython):
    printed = await ipython.run(["%%chat -f json", "!echo", "", ""], 3)
    assert '"messages": [\n    {\n      "role": "user"' in printed
    printed = await ipython.run(["%%chat -f json", "Hello", "", ""], 4)
    assert "WireError: the reply is not valid JSON" in printed


@pytest.mark.heavy
async def test_the_code_of_a_reply_stands_in_the_next_input_of_a_terminal(ipython):
    await ipython.run(["import g4f_magic"], 3)
    reply = '"Do:\\n\\n```python\\nx = 6 * 7\\n```\\n"'
    await ipython.run(["@g4f_magic.provider", f"async def coder(messages): yield {reply}", "", ""], 4)
    printed = await ipython.run(["%%chat -p coder -f code", "Hello", "", ""], 5)
    assert "Do:" not in printed
    await ipython.run([""], 6)
    assert "42" in await ipython.run(["x"], 7)


async def test_html_and_tex_are_shown_as_written_while_they_come_and_at_the_end(ipython):
    words = "Use List<String> or vector<int>, <b>bold</b>, and \\(x^2\\,dx\\) besides, then go on: "
    text = f"<script>\n\n{words}" + "more words " * 20 + "\n\n<div>\nlast\n</div>\n"
    async with Gateway(ScriptEngine(text=text, delay_seconds=0.02)) as gateway:
        printed = await ipython.run(
            [f"%%chat -p openai --base-url {gateway.base_url}/v1", "Hello", "", ""], 3
        )
    frames, at_the_end = printed.rpartition("Use List")[::2]
    assert "Use List<String> or" in frames
    assert "Use List or" not in printed
    assert "<script>" in printed
    shown = " ".join(("Use List" + at_the_end).split())
    assert words.strip() in shown
    assert "<div> last </div>" in shown


async def test_code_comes_in_colours_with_its_lines_whole(ipython):
    line = "x = '" + "long " * 40 + "'"
    async with Gateway(ScriptEngine(text=f"Do:\n\n```python\n{line}\n```\n\n```sh\nls\n```\n")) as gateway:
        ask = f"%%chat -p openai --base-url {gateway.base_url}/v1 -f code"
        printed = await ipython.run([ask, "Hello", "", ""], 3)
    assert "openai · waiting" in printed
    assert f"{line}\n\nls\n— live · via " in printed
    assert "Do:" not in printed
    assert re.search(r"\x1b\[[\d;]+mlong", ipython.raw)


@pytest.mark.heavy
async def test_json_comes_in_colours(ipython):
    await ipython.run(["%%chat -f json", "!echo", "", ""], 3)
    assert re.search(r'\x1b\[[\d;]+m"messages"\x1b', ipython.raw)


@pytest.mark.heavy
async def test_code_of_a_stopped_reply_is_kept_and_not_offered(ipython):
    await ipython.run(["%%chat -f code", "Hello", "", ""], 3)
    await ipython.type_lines(["%%chat -f code", "!never-closing", "", ""])
    await ipython.expect("waiting")
    await asyncio.sleep(0.5)
    ipython.type(CTRL_C)
    stopped = await ipython.prompt(4)
    assert "brown fox" in stopped
    assert stopped.count(STOPPED) == 1
    assert "six 42" in await ipython.run(["print('six', 6 * 7)"], 5)


@pytest.mark.heavy
async def test_the_html_of_a_reply_is_printed_as_its_source(ipython):
    async with Gateway(ScriptEngine(text="<p>\n  <b>bold</b>\n</p>\n")) as gateway:
        ask = f"%%chat -p openai --base-url {gateway.base_url}/v1 -f html"
        assert "<p>\n  <b>bold</b>\n</p>\n— live · via " in await ipython.run([ask, "Hello", "", ""], 3)


async def test_ctrl_c_stops_with_one_line_and_nothing_goes_on(ipython):
    for number in (2, 4, 6):
        await ipython.type_lines(["%%chat", "!never-closing", "", ""])
        await ipython.expect("brown fox[^$]*brown fox")
        ipython.type(CTRL_C)
        stopped = await ipython.prompt(number + 1)
        assert stopped.count(STOPPED) == 1
        assert "— stopped · " in stopped
        assert "Traceback" not in stopped
        following = await ipython.run(["import time; time.sleep(0.3); print('six', 6 * 7)"], number + 2)
        assert "six 42" in following
        assert "fox" not in following


async def test_ctrl_c_stops_a_silent_service(ipython):
    await ipython.run(["%%chat", "Hello", "", ""], 3)
    await ipython.type_lines(["%%chat", "!silent", "", ""])
    await ipython.expect("waiting")
    await asyncio.sleep(0.3)
    ipython.type(CTRL_C)
    assert STOPPED in await ipython.prompt(4)
    assert "The quick brown fox" in await ipython.run(["%%chat", "Hello", "", ""], 5)


@pytest.mark.heavy
@pytest.mark.parametrize(
    "call",
    [
        "get_ipython().run_cell_magic('chat', '', '{prompt}')",
        "%time get_ipython().run_cell_magic('chat', '', '{prompt}')",
    ],
)
async def test_the_plain_magic_works_and_stops_too(ipython, call):
    assert "The quick brown fox" in await ipython.run([call.format(prompt="Hello")], 3)
    ipython.type(call.format(prompt="!never-closing") + ENTER)
    await ipython.expect("brown fox[^$]*brown fox")
    ipython.type(CTRL_C)
    stopped = await ipython.prompt(4)
    assert stopped.count(STOPPED) == 1
    assert "The quick brown fox" in await ipython.run(["%%chat", "Hello", "", ""], 5)


@pytest.mark.heavy
@pytest.mark.parametrize(
    "call",
    [
        "await chat.ask('!never-closing')",
        "await asyncio.gather(*[chat.ask('!never-closing') for _ in range(3)])",
        "_ = [one async for one in chat.stream('!never-closing')]",
    ],
)
async def test_ctrl_c_ends_what_a_cell_awaits_and_nothing_goes_on(ipython, call):
    # With a chat before: what Ctrl-C ends in the middle of an import, Python 3.11 itself may fail to import.
    await ipython.run(
        ["import asyncio; from g4f_magic import Chat; chat = Chat.current(); _ = await chat.ask('Hello')"], 3
    )
    begun = "while len(chat.turns) < 2: await asyncio.sleep(0.01)"
    await ipython.run(["async def tell():", begun, "print('it has', 'begun')", "", ""], 4)
    ipython.type(f"_ = asyncio.create_task(tell()); {call}" + ENTER)
    await ipython.expect("it has begun")
    ipython.type(CTRL_C)
    stopped = await ipython.prompt(5)
    assert stopped.count(STOPPED) == 1
    assert "Traceback" not in stopped
    statuses = "import time; time.sleep(0.3); print([turn.status for turn in chat.turns])"
    assert "['done', 'stopped']" in await ipython.run([statuses], 6)
    assert "The quick brown fox" in await ipython.run(["%%chat", "Hello", "", ""], 7)


@pytest.mark.heavy
async def test_ctrl_c_ends_a_cell_beside_a_stream_that_was_left_open(ipython):
    await ipython.run(["import asyncio, time; from g4f_magic import Chat; chat = Chat.current()"], 3)
    await ipython.run(["left = chat.stream('!never-closing'); await left.__anext__();"], 4)
    ipython.type("print('it has', 'begun'); time.sleep(60)" + ENTER)
    await ipython.expect("it has begun")
    ipython.type(CTRL_C)
    assert "KeyboardInterrupt" in await ipython.prompt(5)
    assert "The quick brown fox" in await ipython.run(["%%chat -c other", "Hello", "", ""], 6)


async def test_an_error_takes_two_lines(ipython):
    printed = await ipython.run(["%%chat -p kaola", "Hello", "", ""], 3)
    assert "InputError: no provider is called 'kaola'" in printed
    assert "Did you mean koala?" in printed
    assert "Traceback" not in printed


async def test_what_a_model_sends_does_not_steer_the_terminal(ipython):
    hostile = "before \x1b]0;pwned\x07 \x1b[2J\x1b[31m red \x9b31m \x08\x08 \x1bc after\n"
    async with Gateway(ScriptEngine(text=hostile)) as gateway:
        ipython.raw = ""
        ipython._seen = 0
        printed = await ipython.run(
            [f"%%chat -p openai --base-url {gateway.base_url}/v1", "Hello", "", ""], 3
        )
    assert "before" in printed
    assert "after" in printed
    for sequence in ("\x1b]0;pwned", "\x1b[2J", "\x9b", "\x1bc", "\x08\x08"):
        assert sequence not in ipython.raw.partition("before")[2].partition("after")[0]


@pytest.mark.heavy
async def test_what_a_model_said_does_not_steer_the_terminal_later_on(ipython):
    hostile = "before \x1b]0;pwned\x07 \x1b[2J \x9b31m \x1bc \u202eafter\n"
    async with Gateway(ScriptEngine(text=hostile)) as gateway:
        await ipython.run([f"%%chat -p openai --base-url {gateway.base_url}/v1", "Hello", "", ""], 3)
    for number, command in enumerate(("show 1", "history", "search before", "context"), 4):
        ipython.raw = ""
        ipython._seen = 0
        printed = await ipython.run([f"%chat {command}"], number)
        assert "before" in printed
        for sequence in ("\x1b]0;pwned", "\x1b[2J", "\x9b", "\x1bc", "\u202e"):
            assert sequence not in ipython.raw, command


@pytest.mark.heavy
async def test_what_a_service_says_in_an_error_does_not_steer_the_terminal(ipython):
    printed = await ipython.run(
        [r"from g4f_magic.errors import ChatError; raise ChatError('no \x1b]0;pwned\x07', hint='a \x1b[2J')"],
        3,
    )
    assert "no ␛]0;pwned␇" in printed
    assert "a ␛[2J" in printed
    assert "\x1b]0;pwned" not in ipython.raw


@pytest.mark.heavy
async def test_what_a_command_says_is_rendered(ipython):
    await ipython.run(["%%chat", "What does **bold** mean, and a_b?", "", ""], 3)
    printed = await ipython.run(["%chat context"], 4)
    assert "What does **bold** mean, and a_b?" in printed
    assert "\\" not in printed
    assert "| --- |" not in printed


async def test_leaving_after_a_chat_ends_without_a_word(ipython):
    await ipython.run(["%%chat", "Hello", "", ""], 3)
    ipython.type("exit" + ENTER)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while asyncio.get_running_loop().remove_reader(ipython._descriptor):
            asyncio.get_running_loop().add_reader(ipython._descriptor, ipython._read)
            await asyncio.sleep(0.05)
    # IPython 7 leaves its own event loop open, and says so.
    for sign in (
        "Traceback",
        "Unclosed",
        "destroyed",
        "never",
        "unclosed transport",
        "unclosed <",
        "Exception",
    ):
        assert sign not in ipython.text
