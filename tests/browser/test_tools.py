"""Functions that a model may ask for, in a real JupyterLab: a question in the cell, switches and buttons in the panel."""

from __future__ import annotations

import asyncio
import os

from tests.browser.lab import Desk, FrontEnd
from tests.browser.panel import LOAD, SHOW, Panel
from tests.contract.tools.serving import service
from tests.contract.tools.streams import anthropic, words
from tests.injections import HTML

FUNCTIONS = f"""
ran = []
def price(item: str, times: int = 1) -> str:
    "Look up what something costs."
    print("looked at the menu for", item)
    ran.append(item)
    return {HTML["img_onerror"]!r} + item
def untyped(x): ...
"""
FLAG = "() => window.__pwned ?? null"
HITS = """text => new Promise(done => {
    const seen = new MutationObserver(() => {
        const asked = [...document.querySelectorAll('.g4f-approving, .jp-Stdin')].find(one => one.textContent.includes(text));
        const button = [...(asked?.querySelectorAll('button') ?? [])].find(one => one.textContent === 'Run it');
        if (!button) return;
        seen.disconnect();
        button.scrollIntoView();
        const {x, y, width, height} = button.getBoundingClientRect();
        const hit = document.elementFromPoint(x + width / 2, y + height / 2);
        done([button.contains(hit), asked.contains(hit)]);
    });
    seen.observe(document.body, {childList: true, subtree: true, characterData: true, attributes: true});
})"""
"""Whether a click would hit "Run it" the moment that a question stands there, and whether it would hit the question."""


async def test_a_call_is_approved_in_the_cell_and_stands_folded(desk: Desk, front_end: FrontEnd) -> None:
    async with service([anthropic([("price", {"item": "tea"})]), words("It costs 3 euros.")]) as server:
        ask = f"%%chat -p {server.url} -m m --tools price\nWhat does tea cost?"
        async with desk.open(front_end, f"tools-{front_end}.ipynb", LOAD, FUNCTIONS, ask, "ran") as book:
            await book.run(0)
            await book.run(1)
            hits = asyncio.ensure_future(book.page.evaluate(HITS, "tea"))
            await book.start(2)
            field = book.page.locator(".jp-Stdin-input")
            await field.wait_for()
            assert "price(item='tea')" in await book.output(2).first.inner_text()
            assert await hits == [False, True]  # it may have been meant for what stood there before
            if picture := os.environ.get("G4F_MAGIC_TEST_PICTURE"):
                await book.page.screenshot(path=picture.replace(".png", "-cell.png"))
            answers = book.page.locator(".g4f-answers")
            await answers.get_by_role("button", name="Edit").click()
            assert await field.input_value() == "edit price(item='tea')"
            await answers.get_by_role("button", name="Run it").click()
            await book.says(2, "It costs 3 euros.")
            await book.says(2, "live ·")
            fold = book.output(2).locator("details").first
            await fold.locator("summary").click()
            assert "onerror" in await fold.inner_text()
            assert await book.output(2).locator("img").count() == 0
            assert await book.page.evaluate(FLAG) is None
            if picture:
                await book.page.screenshot(path=picture)
            await book.run(3)
            await book.says(3, "['tea']")


async def test_functions_are_switched_on_and_approved_in_the_panel(desk: Desk, front_end: FrontEnd) -> None:
    streams = [anthropic([("price", {"item": "tea"})]), words("It costs 3 euros.")]
    async with service(streams) as server:
        setup = f"{LOAD}\n%config ChatMagics.provider = 'openai'\n%config ChatMagics.base_url = '{server.url}'\n%config ChatMagics.model = 'm'"
        async with desk.open(
            front_end, f"panel-tools-{front_end}.ipynb", setup, FUNCTIONS, SHOW, "ran"
        ) as book:
            for number in range(3):
                await book.run(number)
            panel = Panel(book.page)
            await panel.is_there()
            await panel.root.get_by_role("button", name="Settings").click()
            switch = panel.root.get_by_role("switch", name="price")
            await switch.check()
            assert await panel.root.get_by_role("switch", name="untyped").is_disabled()
            if picture := os.environ.get("G4F_MAGIC_TEST_PICTURE"):
                await book.page.screenshot(path=picture.replace(".png", "-switches.png"))
            await panel.root.get_by_role("button", name="Settings").click()
            hits = asyncio.ensure_future(book.page.evaluate(HITS, "tea"))
            await panel.send("What does tea cost?")
            asked = panel.root.locator(".g4f-approving")
            await asked.locator("pre").filter(has_text="price(item='tea')").wait_for()
            assert await hits == [False, True]
            if picture:
                await book.page.screenshot(path=picture.replace(".png", "-asked.png"))
            await asked.get_by_role("button", name="Edit").click()
            await asked.get_by_role("textbox").fill("price('milk', times=2)")
            await asked.get_by_role("button", name="Send").click()
            await panel.settles()
            assert "changed by you" in await panel.turn().locator(".g4f-calls").inner_text()
            await panel.turn().locator(".g4f-calls summary").click()
            assert await panel.turn().locator("img").count() == 0
            assert await book.page.evaluate(FLAG) is None
            if picture:
                await book.page.screenshot(path=picture.replace(".png", "-panel.png"))
            assert await asked.is_hidden()
            await book.run(3)
            await book.says(3, "['milk']")
