"""The chat panel in a real JupyterLab and a real Notebook 7: asking, seeing the reply grow, stopping."""

from __future__ import annotations

from itertools import pairwise

from tests.browser.lab import Desk, FrontEnd
from tests.browser.panel import PANELS, opened
from tests.browser.stage import LIVE, Stage
from tests.browser.test_streaming import PIECES, REPLY

MATH = "The area is $\\pi r^2$:\n\n$$\\int_0^1 x^2\\,dx = \\frac{1}{3}$$\n"


async def test_a_question_streams_into_the_panel(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    stage.texts = {"math": MATH}
    async with opened(desk, front_end, f"panel-{front_end}.ipynb") as (_, panel):
        await panel.send(LIVE)
        was = await panel.button()
        lengths = []
        for text, words in PIECES:
            stage.say(text)
            await panel.says(words)
            lengths.append(len(await panel.reply()))
        while_open = await panel.button()
        stage.end()
        await panel.settles()

        assert (was, while_open, await panel.button()) == ("Stop", "Stop", "Send")
        assert all(before < after for before, after in pairwise(lengths))
        reply = panel.turn().locator(".g4f-reply")
        assert await reply.locator("h2").inner_text() == "Growing"
        assert await reply.locator("li li").inner_text() == "three"
        assert await reply.locator("table td").all_inner_texts() == ["alpha", "1", "beta", "2"]
        assert await reply.locator("pre code").inner_text() == "def square(x):\n    return x * x\n"
        assert "live ·" in await panel.line().inner_text()

        await panel.area.press_sequentially("math")
        await panel.act.click()
        await panel.settles(1)

        assert await panel.turn().locator("math").count() == 2
        assert await panel.has_focus()
        assert await panel.area.input_value() == ""
        assert [[message.content for message in ask.messages] for ask in stage.asked] == [
            [LIVE],
            [LIVE, REPLY, "math"],
        ]


async def test_stop_keeps_what_was_said_and_closes_the_connection(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    async with opened(desk, front_end, f"panel-stop-{front_end}.ipynb") as (_, panel):
        for number, stop in enumerate((panel.act.click, lambda: panel.area.press("Escape"))):
            await panel.send(f"{LIVE} {number}")
            stage.say("Kept are these words", f"{LIVE} {number}")
            await panel.says("Kept are these words", number)
            await stop()
            await panel.settles(number)
            await stage.left.wait()
            stage.left.clear()

            assert await panel.reply(number) == "Kept are these words"
            assert "stopped" in await panel.line(number).inner_text()
            assert await panel.has_focus()


async def test_a_cell_that_runs_meanwhile_keeps_its_output_to_itself(desk: Desk, stage: Stage) -> None:
    cells = ("import asyncio\nfor n in range(3):\n    print('cell', n)\n    await asyncio.sleep(0)", "1 + 1")
    async with opened(desk, "lab", "panel-cells.ipynb", *cells) as (book, panel):
        await panel.send(LIVE)
        stage.say("Said before the cells.\n\n")
        await panel.says("before the cells")
        await book.run(2)
        stage.say("Said between them.\n\n")
        await panel.says("between them")
        await book.run(3)
        stage.say("Said after them.\n\n")
        stage.end()
        await panel.settles()

        assert await book.text(2) == "cell 0\ncell 1\ncell 2\n"
        assert await book.text(3) == "2"
        assert len(await book.outputs(2)) == len(await book.outputs(3)) == 1
        assert [line for line in (await panel.reply()).splitlines() if line] == [
            "Said before the cells.",
            "Said between them.",
            "Said after them.",
        ]


async def test_new_lines_grow_the_input_and_nothing_empty_or_twice_is_sent(desk: Desk, stage: Stage) -> None:
    async with opened(desk, "lab", "panel-input.ipynb") as (book, panel):
        small = await panel.area.evaluate("area => area.clientHeight")
        await panel.area.fill("   ")
        await panel.area.press("Enter")
        await panel.told("Write something")
        await panel.area.fill("one")
        await panel.area.press("Shift+Enter")
        await panel.area.press_sequentially("two")
        large = await panel.area.evaluate("area => area.clientHeight")
        await panel.act.dblclick()
        await panel.has(1)
        await panel.settles()
        await book.idle()

        assert large > small
        assert await panel.area.evaluate("area => area.clientHeight") == small
        assert stage.prompts == ["one\ntwo"]

        await book.kernel_says("1", f"{PANELS}[0].send_with = 'ctrl+enter'")
        await panel.area.fill("three")
        await panel.area.press("Enter")
        await panel.area.press_sequentially("four")
        await panel.area.press("Control+Enter")
        await panel.settles(1)
        assert stage.prompts == ["one\ntwo", "three\nfour"]


async def test_a_diagram_is_drawn_with_its_source_at_hand(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    stage.texts = {"draw": "Before.\n\n```mermaid\ngraph LR\n  A[Start] --> B[Done]\n```\n\nAfter.\n"}
    async with opened(desk, front_end, f"panel-diagram-{front_end}.ipynb") as (book, panel):
        await panel.ask("draw")
        picture = panel.turn().locator(".g4f-picture :is(img, svg)").first
        light = await picture.evaluate("it => it.outerHTML")
        try:  # in the colours of the other theme its lines would be as dark as the page
            await book.command("apputils:change-theme", theme="JupyterLab Dark")
            await book.page.wait_for_function(
                "light => { const it = document.querySelector('.g4f-picture :is(img, svg)'); return it && it.outerHTML !== light; }",
                arg=light,
            )
        finally:
            await book.command("apputils:change-theme", theme="JupyterLab Light")
        source = panel.turn().locator(".g4f-source")
        assert not await source.locator("pre").is_visible()
        await source.locator("summary").click()
        assert "A[Start] --> B[Done]" in await source.locator("pre").inner_text()
