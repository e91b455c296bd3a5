"""Steering the conversation from a notebook: what is kept, what is sent, and what comes back."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.kernels import Kernel, kernel

pytestmark = pytest.mark.heavy


@pytest.fixture
async def notebook(tmp_path: Path) -> AsyncIterator[Kernel]:
    environment = {
        "G4F_MAGIC_HISTORY": str(tmp_path / "history.sqlite"),
        "JPY_SESSION_NAME": str(tmp_path / "talk.ipynb"),
    }
    async with kernel(**environment) as running:
        await running.run(f"%cd -q {tmp_path}\n%load_ext g4f_magic")
        yield running


async def sent(notebook: Kernel, prompt: str, *, cell: str | None = None, options: str = "") -> list[str]:
    """Ask, and return the contents of the user's messages that the service received."""
    ran = await notebook.run(f"%%chat {options}\n!echo {prompt}", cell=cell)
    assert ran.status == "ok", ran.error
    received, _ = json.JSONDecoder().raw_decode(ran.reply)  # a line may follow that says what is older now
    messages: list[dict[str, Any]] = received["messages"]
    return [message["content"].removeprefix("!echo ") for message in messages if message["role"] == "user"]


async def said(notebook: Kernel, line: str) -> str:
    ran = await notebook.run(line)
    assert ran.status == "ok", ran.error
    return ran.plain


async def test_a_cell_that_is_run_again_replaces_its_turn_and_keeps_the_old_answer(notebook: Kernel) -> None:
    await sent(notebook, "one", cell="a")
    await sent(notebook, "two", cell="b")
    assert await sent(notebook, "one again", cell="a") == ["one again"]
    assert await sent(notebook, "three", cell="c") == ["one again", "two", "three"]
    assert "revision 1" in await said(notebook, "%chat history --all")
    assert "!echo one again" not in await said(notebook, "%chat show 1 1")


async def test_a_restarted_kernel_goes_on_where_it_was(notebook: Kernel, tmp_path: Path) -> None:
    await sent(notebook, "one", cell="a")
    await sent(notebook, "two", cell="b")
    await notebook.restart()
    await notebook.run("%load_ext g4f_magic")
    assert await sent(notebook, "one", cell="a") == ["one"]
    assert await sent(notebook, "two", cell="b") == ["one", "two"]
    assert await sent(notebook, "three", cell="c") == ["one", "two", "three"]


async def test_what_was_done_is_taken_back_and_done_again(notebook: Kernel) -> None:
    await sent(notebook, "one")
    await sent(notebook, "two")
    assert "1 turn now" in await said(notebook, "%chat undo")
    assert "0 turns now" in await said(notebook, "%chat undo")
    await said(notebook, "%chat redo")
    await said(notebook, "%chat redo")
    assert await sent(notebook, "three") == ["one", "two", "three"]


async def test_a_reset_is_brought_back_by_redo(notebook: Kernel) -> None:
    await sent(notebook, "one")
    await said(notebook, "%chat reset")
    assert "sends 0 messages" in await said(notebook, "%chat context")
    await said(notebook, "%chat redo")
    assert await sent(notebook, "two") == ["one", "two"]


async def test_a_fork_goes_on_apart(notebook: Kernel) -> None:
    await sent(notebook, "one")
    await sent(notebook, "two")
    await said(notebook, "%chat fork side 1")
    assert await sent(notebook, "aside") == ["one", "aside"]
    listed = await said(notebook, "%chat conversations")
    assert "`side` (in use)" in listed
    await said(notebook, "%chat switch main")
    assert await sent(notebook, "three") == ["one", "two", "three"]


async def test_an_earlier_answer_is_put_back(notebook: Kernel) -> None:
    await sent(notebook, "first", cell="a")
    await sent(notebook, "second", cell="a")
    await said(notebook, "%chat restore 1 1")
    assert await sent(notebook, "next", cell="b") == ["first", "next"]


async def test_what_is_left_out_of_the_context_is_said(notebook: Kernel) -> None:
    for prompt in ("one", "two", "three"):
        await sent(notebook, prompt)
    ran = await notebook.run("%%chat --context 1\n!echo four")
    assert "without 2 earlier turns" in ran.plain
    await notebook.run("%config ChatMagics.context_turns = 2")
    assert "2 earlier turns left out" in await said(notebook, "%chat context")


async def test_words_are_found_and_forgotten_for_good(notebook: Kernel, tmp_path: Path) -> None:
    await sent(notebook, "a word like zanzibar")
    assert "zanzibar" in await said(notebook, "%chat search zanzibar")
    ran = await notebook.run("%chat forget 1")
    assert ran.status == "error"
    assert "--yes" in ran.error[-1]
    await said(notebook, "%chat forget 1 --yes")
    assert await said(notebook, "%chat search zanzibar") == "Nothing was found."
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("history.sqlite*"))
    assert b"zanzibar" not in kept


async def test_what_is_older_is_forgotten_when_asked_to(notebook: Kernel) -> None:
    await sent(notebook, "something new")
    assert "0 turns" in await said(notebook, "%chat forget --older 90d --yes")
    wrong = await notebook.run("%chat forget --older soon --yes")
    assert wrong.error[-1] == "Write it as 90d, 6w, 3m or 1y."
    assert (await notebook.run("%chat forget 1 --older 90d")).status == "error"
    assert "1 turn" in await said(notebook, "%chat")


ASKING = ["%chat forget 1", "get_ipython().run_line_magic('chat', 'forget 1')"]


@pytest.mark.parametrize("code", ASKING)
async def test_stop_ends_the_question_at_once_and_nothing_is_forgotten(notebook: Kernel, code: str) -> None:
    await sent(notebook, "a word like zanzibar")
    identity, question = await notebook.asked(code)
    assert question["prompt"].startswith("Forget turn 1")
    await notebook.interrupt()
    ran = await notebook.finish(identity)
    assert ran.status == "error"
    assert ran.error == ["Stopped."]
    assert "zanzibar" in await said(notebook, "%chat search zanzibar")


@pytest.mark.parametrize("code", ASKING)
async def test_a_question_that_is_answered_is_followed(notebook: Kernel, code: str) -> None:
    await sent(notebook, "a word like zanzibar")
    identity, _ = await notebook.asked(code)
    notebook.client.input("yes")
    ran = await notebook.finish(identity)
    assert "Forgotten for good: 1 turn" in ran.plain
    assert await said(notebook, "%chat search zanzibar") == "Nothing was found."


@pytest.mark.parametrize("suffix", ["json", "jsonl", "ipynb"])
async def test_a_conversation_goes_out_and_comes_back(notebook: Kernel, suffix: str) -> None:
    await sent(notebook, "one")
    await sent(notebook, "two")
    assert "2 turns" in await said(notebook, f"%chat export talk.{suffix}")
    await said(notebook, "%chat switch other")
    await said(notebook, f"%chat import talk.{suffix}")
    assert await sent(notebook, "three") == ["one", "two", "three"]


async def test_a_number_that_there_is_not_is_refused_in_two_lines(notebook: Kernel) -> None:
    ran = await notebook.run("%chat show 9")
    assert ran.status == "error"
    assert len(ran.error) == 2


async def test_the_notebooks_own_conversation_is_there_in_python(notebook: Kernel) -> None:
    await sent(notebook, "one")
    ran = await notebook.run(
        "from g4f_magic import Chat\nchat = Chat.current()\nreply = await chat.ask('!echo two')\nprint(len(chat.turns))"
    )
    assert ran.stdout.strip() == "2"
    assert await sent(notebook, "three") == ["one", "two", "three"]


async def test_who_exports_twice_is_told_of_the_option(notebook: Kernel) -> None:
    await sent(notebook, "one")
    await said(notebook, "%chat export talk.md")
    ran = await notebook.run("%chat export talk.md")
    assert "--overwrite" in ran.error[-1]
    assert "1 turn written" in await said(notebook, "%chat export talk.md --overwrite")
    assert "%chat export FILE [--overwrite]" in await said(notebook, "%chat help notebooks")


async def test_what_was_found_is_shown_as_text_with_the_words_marked(notebook: Kernel) -> None:
    prompt = "cost is $5 or $6 `x = **y` for a zanzibar <b> *here* & a_b_c [link](http://x) | end_"
    await sent(notebook, prompt)
    for words in ("zanzibar", "x"):
        ran = await notebook.ok(f"%chat search {words}")
        cells = re.findall("<td[^>]*>(.*?)</td>", ran.html, re.DOTALL)
        assert html.unescape(re.sub("<[^>]*>", "", cells[2])) == f"!echo {prompt}"[:60].strip()
        assert set(re.findall("<(?!/)[^>]*>", cells[3])) == {"<strong>", "<span>"}
        assert f"<strong>{words}</strong>" in cells[3]
    assert "`x = **y` for a zanzibar <b> *here*" in html.unescape(re.sub("<[^>]*>", "", cells[3]))
