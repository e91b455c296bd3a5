"""Answers that are older than what they build on are marked in the panel, whoever changed what stands above them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from g4f_magic.gateway import Gateway
from g4f_magic.options import Options
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.browser.stage import Stage
from tests.panel.heard import Heard, until
from tests.panel.sending import send


async def test_what_was_answered_before_a_change_above_is_marked_until_it_is_asked_again(
    panel: Heard, stage: Stage
) -> None:
    for prompt in ("one", "two", "three"):
        await send(panel, prompt)
    first, second, third = (turn.id for turn in panel.turns)
    assert panel.page.older == []
    panel.request("edit", turn=first, text="another")
    await until(lambda: panel.page.older == [second, third])
    late = panel.join("two")
    assert late.older == [second, third]
    await until(lambda: not panel.asking.is_under_way)
    panel.request("regenerate", turn=second)
    await until(lambda: panel.page.older == [third])
    await until(lambda: not panel.asking.is_under_way)
    panel.request("delete", turn=third)
    await until(lambda: panel.page.older == [])
    assert panel.page.misfits == 0


async def test_a_cell_that_is_asked_again_marks_what_stands_below_it(panel: Heard, stage: Stage) -> None:
    session = panel.session
    for cell in "ab":
        reply = await session.ask(f"from {cell}", Options(), slot=cell)
        await reply.text()
    reply = await session.ask("something else", Options(), slot="a")
    await reply.text()
    await until(lambda: panel.page.older == [turn.id for turn in panel.turns if turn.slot == "b"])


async def test_a_kernel_that_was_restarted_knows_what_is_older(tmp_path: Path) -> None:
    async with Gateway(Stage()) as gateway:
        settings = Settings(
            history=str(tmp_path / "history.sqlite"), base_url=gateway.base_url, provider="koala"
        )
        before = Session(settings, notebook="book")
        for slot, prompt in (("a", "one"), ("b", "two"), ("a", "another")):
            reply = await before.ask(prompt, Options(), slot=slot)
            await reply.text()
        await before.aclose()
        after = Session(settings, notebook="book")
        panel = Heard(session=after)
        try:
            assert [turn.slot for turn in after.older.turns()] == ["b"]
            assert panel.page.older == [panel.turns[1].id]
        finally:
            panel.close()
            await asyncio.sleep(0)
            await after.aclose()
