"""Answers that are older than what they build on are marked, and asked again in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from g4f_magic.gateway import Gateway
from tests.browser.stage import Stage
from tests.kernel.kernels import Kernel, Ran, kernel

LOAD = "%load_ext g4f_magic"
RERUN = "%chat rerun"


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[tuple[Stage, str]]:
    async with Gateway(Stage()) as gateway:
        assert isinstance(gateway.engine, Stage)
        yield gateway.engine, gateway.base_url


async def _asked(chat: Kernel, prompt: str, cell: str, options: str = "") -> Any:
    return await chat.ok(f"%%chat {options}\n{prompt}", cell=cell)


def _marks(ran: Ran) -> list[str]:
    shown = [one["data"].get("text/html", "") for one in ran.of_type("update_display_data")]
    return [html for html in shown if "asks it again" in html and "You said" in html]


async def test_an_edited_cell_marks_the_answers_below_and_rerun_asks_them_again(
    stage: tuple[Stage, str],
) -> None:
    engine, base = stage
    async with kernel(G4F_MAGIC_BASE_URL=base, G4F_MAGIC_PROVIDER="koala") as chat:
        await chat.ok(LOAD)
        for cell in "abc":
            await _asked(chat, f"first {cell}", cell)
        edited = await _asked(chat, "second a", "a")
        assert "2 later answers were given before this one changed" in edited.html
        assert len(_marks(edited)) == 2
        engine.texts["first b"] = "A new answer."
        again = await chat.ok(RERUN, cell="z")
        assert engine.prompts == ["first a", "first b", "first c", "second a", "first b", "first c"]
        assert "Asked again: 2 questions" in again.html
        last = {
            one["transient"]["display_id"]: one["data"]["text/html"]
            for one in again.of_type("update_display_data")
        }
        assert any("A new answer." in html for html in last.values()), "it stands in its own cell again"
        assert not any("asks it again" in html for html in last.values())
        assert "No answer is older" in (await chat.ok(RERUN, cell="z")).html
        same = await _asked(chat, "second a", "a")
        assert "later answer" not in same.html


async def test_a_restarted_kernel_knows_what_is_older_and_asks_it_again(
    stage: tuple[Stage, str], tmp_path: Path
) -> None:
    engine, base = stage
    kept = {"G4F_MAGIC_BASE_URL": base, "G4F_MAGIC_PROVIDER": "koala"}
    kept["G4F_MAGIC_HISTORY"] = str(tmp_path / "history.sqlite")
    async with kernel(**kept) as chat:
        await chat.ok(f"{LOAD}\n%chat notebook book")
        for cell in "ab":
            await _asked(chat, f"first {cell}", cell)
    async with kernel(**kept) as chat:
        await chat.ok(f"{LOAD}\n%chat notebook book")
        edited = await _asked(chat, "second a", "a")
        assert "1 later answer was given before this one changed" in edited.html
        again = await chat.ok(RERUN, cell="z")
        assert "You said: first b" in again.html, "the kernel that showed it is gone: it stands here"
        assert engine.prompts == ["first a", "first b", "second a", "first b"]
        assert "No answer is older" in (await chat.ok(RERUN, cell="z")).html


async def test_a_question_is_not_asked_again_by_another_way(stage: tuple[Stage, str]) -> None:
    engine, base = stage
    async with kernel() as chat:
        await chat.ok(LOAD)
        for cell in "ab":
            await _asked(chat, f"first {cell}", cell, f"-p koala --base-url {base}")
        await _asked(chat, "second a", "a", f"-p koala --base-url {base}")
        ran = await chat.run(RERUN, cell="z")
        assert "Run its cell again" in "\n".join(ran.error)
        assert len(engine.prompts) == 3
