"""Record and replay in a real kernel."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from g4f_magic.label import label_of
from tests.kernel.kernels import Kernel, kernel
from tests.notebook_file import write_notebook

CLOSED = """
import sys
def _refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto") and not isinstance(args[-1], (str, bytes)):
        raise OSError("the network is closed: " + repr(args[1:]))
sys.addaudithook(_refuse)
"""
"""Closes the network to the kernel's Python; its own channels are not Python's sockets."""


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return tmp_path / "analysis.ipynb"


@pytest.fixture
async def one(notebook: Path) -> AsyncIterator[Kernel]:
    async with kernel(JPY_SESSION_NAME=str(notebook)) as one:
        await one.ok("%load_ext g4f_magic")
        yield one


def lines(notebook: Path) -> list[dict[str, Any]]:
    cassette = notebook.with_name("analysis.chat.jsonl")
    return [json.loads(line) for line in cassette.read_text().splitlines()]


async def test_a_notebook_that_was_recorded_runs_without_a_network(notebook: Path) -> None:
    async with kernel(is_warm=False, JPY_SESSION_NAME=str(notebook)) as one:
        await one.ok("%load_ext g4f_magic")
        await one.ok("%chat mode record")
        live = [await one.ok(f"%%chat\n{prompt}", cell=prompt) for prompt in ("One", "Two", "Three")]
        await one.restart()
        await one.ok(CLOSED)
        await one.ok("%load_ext g4f_magic")
        await one.ok("%chat mode replay")
        replayed = [
            await one.ok(f"%%chat --pace fast\n{prompt}", cell=prompt) for prompt in ("One", "Two", "Three")
        ]
        assert [ran.reply for ran in replayed] == [ran.reply for ran in live]
        assert ["live" in ran.provenance for ran in live] == [True] * 3
        assert [ran.provenance.startswith("replayed · ") for ran in replayed] == [True] * 3
        session = "get_ipython().magics_manager.registry['ChatMagics'].session"
        assert await one.value(f"{session}.gateway.running is None") == "True"
        assert len(lines(notebook)) == 3
        assert await one.value("'aiohttp' in __import__('sys').modules") == "False"


async def test_a_replay_leaves_the_same_output_each_time(one: Kernel) -> None:
    await one.ok("%%chat --record\nHello", cell="a")
    shown = []
    for _ in range(2):
        ran = await one.ok("%%chat --replay --pace fast\nHello", cell="a")
        (output,) = ran.displays.values()
        shown.append(output)
    assert shown[0]["data"] == shown[1]["data"]
    assert label_of(shown[0])["source"] == "replayed"


async def test_a_replay_streams(one: Kernel) -> None:
    await one.ok("%%chat --record\n!slow", cell="a")
    ran = await one.ok("%%chat --replay --pace real\n!slow", cell="a")
    assert len(ran.of_type("update_display_data")) > 3


async def test_a_miss_fails_the_cell_in_a_few_lines(one: Kernel) -> None:
    await one.ok("%%chat --record\nWhat is a cell?", cell="a")
    ran = await one.run("%%chat --replay\nWhat is a call?", cell="a")
    assert ran.status == "error"
    assert ran.error[0] == "MissError: analysis.chat.jsonl does not hold this request"
    assert "-What is a cell?\n+What is a call?" in ran.error[1]
    assert len("\n".join(ran.error).splitlines()) <= 6


async def test_recording_one_cell_again_changes_one_line(one: Kernel, notebook: Path) -> None:
    await one.ok("%chat mode record")
    for cell in ("One", "Two", "Three"):
        await one.ok(f"%%chat\n{cell}", cell=cell)
    before = lines(notebook)
    await one.ok("%%chat\nTwo, please", cell="Two")
    after = lines(notebook)
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]


@pytest.mark.parametrize("command", ["%chat gateway start", "%chat models openai", "%%chat --record\nHello"])
async def test_nothing_leaves_where_the_mode_is_replay(one: Kernel, command: str) -> None:
    await one.ok("%config ChatMagics.mode = 'replay'")
    ran = await one.run(command)
    assert ran.error[:1] == ["InputError: the mode is replay: nothing is sent"]


async def test_a_key_in_a_prompt_is_warned_of_and_the_warning_stays(one: Kernel) -> None:
    ran = await one.ok("%%chat --record\n!long 8 sk-abcdefghijklmnopqrstuvwx", cell="a")
    kinds = [message["msg_type"] for message in ran.messages]
    first = ran.of_type("display_data")[0]["data"]["text/plain"]
    assert "looks like an API key" in first
    assert "clear_output" not in kinds


async def test_the_commands_list_check_and_prune(one: Kernel, notebook: Path) -> None:
    await one.ok("%chat mode record")
    await one.ok("%%chat\nOne", cell="a")
    await one.ok("%%chat --once\nAlone", cell="b")
    assert "| 2 | Alone | auto |" in (await one.ok("%chat cassette")).plain
    await one.restart()
    await one.ok("%load_ext g4f_magic")
    await one.ok("%chat mode replay")
    await one.ok("%%chat --pace fast\nOne", cell="a")
    assert "- Line 2: nothing asked for it." in (await one.ok("%chat cassette check")).plain
    assert "1 turn taken out" in (await one.ok("%chat cassette prune")).plain
    assert [line["prompt"] for line in lines(notebook)] == ["One"]


async def test_the_saved_notebook_says_what_is_still_asked(one: Kernel, notebook: Path) -> None:
    await one.ok("%chat mode record")
    await one.ok("%%chat\nOne", cell="a")
    write_notebook(notebook, "%%chat\nOne", "%%chat\nTwo", ids="ab")
    await one.restart()
    await one.ok("%load_ext g4f_magic")
    assert "0 turns taken out" in (await one.ok("%chat cassette prune")).plain
    shown = (await one.ok("%chat cassette check")).plain
    assert "1 cell of the saved notebook: recorded" in shown
    assert "Miss: code cell 2" in shown


@pytest.mark.parametrize(
    "wrong", ["%chat mode nonsense", "%chat cassette notes.txt", "%%chat --pace slow\nHello"]
)
async def test_a_wrong_word_is_an_error_of_two_lines(one: Kernel, wrong: str) -> None:
    ran = await one.run(wrong)
    assert ran.status == "error"
    assert len(ran.error) == 2


async def test_python_code_in_the_notebook_obeys_the_mode(one: Kernel, notebook: Path) -> None:
    await one.ok("%chat mode record")
    code = "from g4f_magic import Chat\nanswer = await Chat.current(is_once=True).ask('Hello')"
    await one.ok(code)
    await one.ok("%chat mode replay")
    await one.ok(code)
    assert await one.value("answer.turn.source") == "'replayed'"


async def test_identical_requests_of_several_chats_in_one_cell_are_as_many_turns(
    one: Kernel, notebook: Path
) -> None:
    code = "from g4f_magic import Chat\n[await Chat().ask('yes?') for _ in range(3)]"
    await one.ok("%chat mode record")
    for _ in range(2):  # run again, it records the same three anew
        await one.ok(code, cell="a")
        assert [line["prompt"] for line in lines(notebook)] == ["yes?"] * 3


async def test_replay_holds_for_a_chat_with_settings_of_its_own(notebook: Path) -> None:
    async with kernel(JPY_SESSION_NAME=str(notebook)) as one:
        await one.ok(
            "from g4f_magic import Chat\nfrom g4f_magic.settings import Settings\nearly = Chat('koala')"
        )
        await one.ok("%load_ext g4f_magic\n%chat mode replay")
        for chat in ("early", "Chat('koala', settings=Settings())"):
            ran = await one.run(f"await {chat}.ask('Hello')")
            assert "MissError" in ran.error[0]


async def test_a_mode_that_is_set_for_the_whole_run_stays(notebook: Path) -> None:
    cassette = str(notebook.with_name("analysis.chat.jsonl"))
    forced = {"G4F_MAGIC_FORCED_MODE": "replay", "G4F_MAGIC_FORCED_CASSETTE": cassette}
    async with kernel(JPY_SESSION_NAME=str(notebook), **forced) as one:
        await one.ok("%load_ext g4f_magic")
        for wanted in ("auto", "record", "live"):
            assert "stays **replay**" in (await one.ok(f"%chat mode {wanted}")).plain
            assert "MissError" in (await one.run("%%chat\nHello")).error[0]
        await one.ok("%config ChatMagics.mode = 'record'")
        assert "MissError" in (await one.run("%%chat\nHello")).error[0]
    assert not notebook.with_name("analysis.chat.jsonl").exists()


async def test_what_is_recorded_after_turns_that_are_not_is_told_of(one: Kernel) -> None:
    await one.ok("%%chat\nLive")
    assert "replays for nobody else yet" in (await one.ok("%%chat --record\nRecorded")).plain
    assert "goes along from before" not in (await one.ok("%%chat --record\nAnother")).plain


async def test_what_code_asks_is_not_pruned_before_it_has_run(one: Kernel, notebook: Path) -> None:
    code = "from g4f_magic import Chat\nawait Chat().ask('by code')"
    write_notebook(notebook, code, ids="a")
    await one.ok("%chat mode record")
    await one.ok(code, cell="a")
    await one.restart()
    await one.ok("%load_ext g4f_magic")
    ran = await one.run("%chat cassette prune")
    assert "asks by code, too" in ran.error[0]
    assert "nothing asked for it" not in (await one.ok("%chat cassette check")).plain
    await one.ok("%chat mode replay")
    await one.ok(code, cell="a")
    assert "0 turns taken out" in (await one.ok("%chat cassette prune")).plain
    assert len(lines(notebook)) == 1


async def test_a_broken_line_is_named_in_the_cell(one: Kernel, notebook: Path) -> None:
    await one.ok("%%chat --record\nHello", cell="a")
    cassette = notebook.with_name("analysis.chat.jsonl")
    cassette.write_text("<<<<<<< HEAD\n" + cassette.read_text())
    ran = await one.run("%%chat --replay\nHello", cell="a")
    assert ran.error[0] == "InputError: analysis.chat.jsonl, line 1: it is the mark of a merge conflict"


async def test_code_that_asks_again_gets_the_same_answers(one: Kernel) -> None:
    code = "\n".join(
        [
            "from g4f_magic import Chat",
            "chat = Chat(is_once=True)",
            "answers = [(await chat.ask(prompt)).turn.source for prompt in ('One', 'One', 'Two')]",
        ]
    )
    await one.ok("%chat mode record")
    await one.ok(code, cell="a")
    await one.ok("%chat mode replay")
    for _ in range(2):
        await one.ok(code, cell="a")
        assert await one.value("answers") == "['replayed', 'replayed', 'replayed']"
