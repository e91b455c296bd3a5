"""The panel for who sees little, uses no mouse, listens, or wants no motion."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from tests.browser.lab import Book, Desk
from tests.browser.panel import PANELS, Panel, opened
from tests.browser.stage import LIVE, Stage
from tests.browser.test_keeping import FIRST, SECOND
from tests.browser.themes import in_light_and_dark

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
MORE = "```python\nclass A:\n    # why\n    def f(self, x=1.5): return f'{x}' + \"s\" @ None\n```\n"
SHOWN = (
    "```diff\n- was\n+ is\n```\n\n```mermaid\ngraph LR\n  A --> B\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
)
FOCUSED = """() => { const it = document.activeElement;
    return it.getAttribute('aria-label') ?? it.labels?.[0]?.textContent ?? it.textContent; }"""


async def violations(book: Book) -> list[tuple[str, Any]]:
    """Return what axe finds wrong in the panel, and where."""
    await book.page.evaluate(AXE + "; null")
    ratios: list[float] = []
    for _ in range(20):  # what is not laid out yet counts as hidden, and is not looked at
        await book.page.bring_to_front()
        await book.page.evaluate("() => { document.body.style.minHeight = '100vh'; }")
        await book.settled()
        result = await book.page.evaluate("() => axe.run('.g4f-panel')")
        contrast = [one["nodes"] for one in result["passes"] if one["id"] == "color-contrast"]
        measured = [node["any"][0]["data"] or {} for nodes in contrast for node in nodes]
        ratios = [one["contrastRatio"] for one in measured if one.get("contrastRatio")]
        if len(ratios) > 20:
            break
    assert len(ratios) > 20
    return [
        (one["id"], [(node["target"], node["failureSummary"]) for node in one["nodes"]])
        for one in result["violations"]
    ]


async def test_axe_finds_nothing_wrong_in_light_and_dark(desk: Desk, stage: Stage) -> None:
    stage.texts = {"first": FIRST + MORE, "second": SECOND, "third": SHOWN}
    async with opened(desk, "lab", "panel-axe.ipynb", fresh=True) as (book, panel):
        # What is out of sight is not looked at; and JupyterLab's body has no height, so that all in it counts as such.
        await book.page.set_viewport_size({"width": 1280, "height": 2000})
        await book.page.evaluate("() => { document.body.style.minHeight = '100vh'; }")
        await book.kernel_says("1", f"{PANELS}[0].height = '200em'")
        for prompt in ("first", "second", "third", "!401"):
            await panel.ask(prompt)
        await panel.turn(2).locator("img").wait_for()
        assert await panel.turn(2).locator("[tabindex='0']").filter(has=book.page.locator("tr")).count() == 1
        await panel.action("Edit", 0).click()
        await panel.send(LIVE)
        stage.say("Some `words`\n\n```\nand code\n")
        await panel.says("and code")
        found = await in_light_and_dark(book, violations)
        stage.end()
        await panel.settles()

        assert found == {"JupyterLab Light": [], "JupyterLab Dark": []}


async def test_all_of_it_works_by_keyboard_and_starts_and_ends_are_read_out(desk: Desk, stage: Stage) -> None:
    async with opened(desk, "lab", "panel-keys.ipynb") as (book, panel):
        keys = book.page.keyboard
        await panel.area.focus()
        await keys.type("one")
        await keys.press("Enter")
        await panel.settles()
        await keys.type(LIVE)
        await keys.press("Enter")
        stage.say("Many words that nobody wants to hear one by one")
        await panel.says("one by one")
        await keys.press("Escape")
        await panel.settles(1)
        await focus(panel, "Ask again; this answer stays, to page back to")
        await keys.press("Enter")
        stage.say("Said anew")
        await panel.says("Said anew", 1)
        stage.end()
        await panel.settles(1)
        focused = await panel.has_focus()
        said = await panel.root.get_by_role("log").locator("> div").all_inner_texts()
        await focus(panel, "Edit what was asked, and ask it again")
        await keys.press("Space")
        editing = await book.page.evaluate(FOCUSED)
        await keys.press("Escape")

        assert focused
        assert editing == "What to ask instead"
        assert await panel.has_focus()
        assert said == [
            *("The reply has answered", "The reply begins", "The reply was stopped"),
            *("The reply begins", "The reply has answered"),
        ]


async def focus(panel: Panel, name: str) -> None:
    """Go back from the input by Shift and Tab until the control of that name has the focus."""
    await panel.area.focus()
    for _ in range(40):
        await panel.page.keyboard.press("Shift+Tab")
        if await panel.page.evaluate(FOCUSED) == name:
            return
    raise AssertionError(f"nothing called {name!r} can be reached by Tab")


async def test_nothing_moves_for_who_wants_no_motion(desk: Desk, stage: Stage) -> None:
    moving = "() => document.querySelector('.g4f-panel').getAnimations({subtree: true}).length"
    async with opened(desk, "lab", "panel-motion.ipynb", fresh=True) as (book, panel):
        await panel.send(LIVE)
        await panel.turn().locator(".g4f-wait").wait_for()
        usual = await book.page.evaluate(moving)
        await book.page.emulate_media(reduced_motion="reduce")
        reduced = await book.page.evaluate(moving)
        stage.say("```python\nx = 1\n")
        await panel.says("x = 1")
        place = """node => { const text = document.createRange(); text.selectNodeContents(node);
            return text.getClientRects()[0].top; }"""
        before = await panel.turn().locator("pre code").evaluate(place)
        stage.end()
        await panel.settles()
        after = await panel.turn().locator("pre code").evaluate(place)

        assert (usual, reduced) == (1, 0)
        assert abs(after - before) < 2
