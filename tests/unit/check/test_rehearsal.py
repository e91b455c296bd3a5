"""What `check` takes a notebook's cells for is what a session makes of them, whatever the cells are."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import AsyncGenerator
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st
from traitlets import TraitError

from g4f_magic import registry
from g4f_magic.ask import Ask, ask_of, bound_of
from g4f_magic.check.rehearsal import AskedCell, Rehearsal
from g4f_magic.chunks import Chunk, Text
from g4f_magic.commands import run as run_command
from g4f_magic.errors import ChatError
from g4f_magic.grammar import ChatLine
from g4f_magic.options import Options
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn
from tests.answerers import Says

CELLS = (
    "%%chat\nOne",
    "%%chat\nTwo",
    "%%chat -p darkai -m gpt-4o\nThree",
    "%%chat -s 'Be brief.' --context 2\nFour",
    "%%chat -c side\nFive",
    "%%chat -c other --context 100t --seed 7\nSix",
    "%%chat --once\nAlone",
    "%%chat --dry-run\nNothing",
    "%%chat --nonsense\nNothing",
    "%%chat -c '-'\nNothing",
    "%chat use koala",
    "%chat use DarkAI gpt-4o",
    "%chat use openai:gpt-x",
    "%chat use koala,darkai:gpt-4o",
    "%chat use work",
    "%chat use nobody",
    "%chat use",
    "%chat use a b c",
    "%chat use 'koala",
    "%chat mode record",
    "%chat mode REPLAY",
    "%chat mode live",
    "%chat mode sideways",
    "%chat mode",
    "%chat switch side",
    "%chat switch main",
    "%chat switch ''",
    "%chat fork side",
    "%chat fork other 1",
    "%chat fork deep -1",
    "%chat fork far 99",
    "%chat fork side one",
    "%chat undo",
    "%chat undo",
    "%chat redo",
    "%chat reset",
    "%chat restore 1 1",
    "%chat restore 2 9",
    "%chat history",
    "%chat help undo",
    "%chat nonsense",
    "%chat undo now",
    "%config ChatMagics.system = 'Be kind.'",
    "%config ChatMagics.context_turns = 1",
    "%config ChatMagics.context_tokens = 50",
    "%config ChatMagics.provider = 'freenetfly'",
    "%config ChatMagics.model = 'm'",
    "%config ChatMagics.chains = {'work': 'koala,darkai'}",
    "%config ChatMagics.mode = 'sideways'",
    "x = 1",
)


async def _yes(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
    yield Text("Yes.")


class Run:
    """Does what a kernel does with the cells, with an answerer of its own."""

    def __init__(self, folder: Path) -> None:
        self.session = Session(Settings(history="off"))
        self.session.notebook.file = folder / "a.ipynb"
        self.asked: list[tuple[Ask, str, list[str]]] = []

    async def cell(self, source: str) -> None:
        first, _, body = source.partition("\n")
        with suppress(ChatError, TraitError), redirect_stdout(io.StringIO()):
            if first.startswith("%%chat"):
                await self._ask(first.removeprefix("%%chat"), body)
            elif first.startswith("%chat"):
                await run_command(first.removeprefix("%chat"), self.session)
            elif first.startswith("%config"):
                name, _, value = first.removeprefix("%config ChatMagics.").partition(" = ")
                setattr(self.session.settings, name, eval(value))

    async def _ask(self, line: str, body: str) -> None:
        read = ChatLine(line)
        if read.is_dry_run:
            return
        conversation = self.session.conversation(read.options.conversation)
        ask = ask_of(read.prompt(body), read.options, self.session.settings)
        is_kept = not read.options.is_once
        self.asked.append((ask, conversation.name, _prompts(conversation.turns) if is_kept else []))
        await conversation.ask(ask, Says(_yes), is_kept=is_kept).text()


def _prompts(turns: tuple[Turn, ...]) -> list[str]:
    return [turn.prompt for turn in turns]


def state(session: Session) -> tuple[object, ...]:
    settings = session.settings
    talks = {
        outline.name: _prompts(session.conversation(outline.name).turns)
        for outline in session.conversations.outlines()
    }
    return (
        (settings.provider, settings.model, settings.system, settings.mode, dict(settings.chains)),
        bound_of(Options(), settings),
        session.conversation_name,
        {name: prompts for name, prompts in talks.items() if prompts},
    )


async def both(cells: list[str]) -> None:
    asked: list[tuple[Ask, str, list[str]]] = []

    def answer(question: AskedCell) -> Turn:
        asked.append((question.ask, question.conversation, _prompts(question.turns)))
        identity = f"turn {len(asked)}"
        return Turn.plain(
            id=identity,
            slot=identity,
            prompt=question.ask.prompt,
            reply="Yes.",
            provider="",
            model="",
            started_at=0.0,
            status="done",
        )

    rehearsal = Rehearsal(answer, lambda error: None)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder))
        for cell in cells:
            await run.cell(cell)
            rehearsal.cell(cell)
            assert state(rehearsal.session) == state(run.session), cell
        assert asked == run.asked
        assert rehearsal.is_sure
        await run.session.aclose()
    rehearsal.close()


@pytest.mark.heavy
@tried(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(CELLS), max_size=25))
def test_check_and_session_agree_on_whatever_cells_ask(cells: list[str]) -> None:
    asyncio.run(both(cells))


@pytest.mark.parametrize("line", ["import a.json", "forget 1 --yes", "notebook mine", "adopt mine", "panel"])
def test_after_what_only_a_run_can_tell_nothing_is_sure(line: str) -> None:
    rehearsal = Rehearsal(lambda question: None, lambda error: None)
    rehearsal.cell(f"%chat {line}")
    assert not rehearsal.is_sure


@pytest.mark.parametrize("line", ["notebook", "adopt", "forget", "forget 1 2", "history"])
def test_what_only_shows_something_or_fails_leaves_it_sure(line: str) -> None:
    rehearsal = Rehearsal(lambda question: None, lambda error: None)
    rehearsal.cell(f"%chat {line}")
    assert rehearsal.is_sure is (line != "forget")


def test_what_asks_a_model_is_asked_as_its_cell() -> None:
    found: list[AskedCell] = []
    rehearsal = Rehearsal(lambda question: found.append(question), lambda error: None)
    rehearsal.cell("%chat explain -p koala\n%chat fix the sum")
    assert [question.ask.provider for question in found][:1] == ["koala"]
    assert "the sum" in found[1].ask.prompt


def test_those_that_change_what_is_asked_say_so() -> None:
    telling = {
        command.name
        for group in registry.groups()
        for command in group
        if command.effect or command.asks or command.unsettles
    }
    changing = {"use", "connect", "disconnect", "mode", "switch", "fork", "undo", "redo", "reset", "restore"}
    assert {*changing, "forget", "import", "notebook", "adopt", "panel", "explain", "fix"} <= telling
    assert not telling & {"", "help", "history", "show", "search", "context", "export", "cassette check"}
