"""One conversation in several places: cells, two panels, two tabs, and a page that is loaded anew."""

from __future__ import annotations

from tests.browser.lab import Book, Desk, FrontEnd
from tests.browser.panel import Panel, opened
from tests.browser.stage import LIVE, Stage

WORDS = [f"word{number:03d}" for number in range(120)]
PARTS = [" ".join(WORDS[start : start + 40]) + "\n\n" for start in range(0, 120, 40)]


async def test_cells_and_two_panels_show_the_same_conversation_live(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    cells = (f"%%chat\n{LIVE} cell", "%%chat\nfrom a cell")
    name = f"panel-both-{front_end}.ipynb"
    async with opened(desk, front_end, name, *cells, panels=2) as (book, first, second):
        await first.send(LIVE)
        stage.say("Said in the first panel")
        for panel in (first, second):
            await panel.says("Said in the first panel")
        stage.end()
        for panel in (first, second):
            await panel.settles()

        await book.start(3)
        stage.say("Said in the cell", f"{LIVE} cell")
        for panel in (first, second):
            await panel.says("Said in the cell", 1)
        stage.end(f"{LIVE} cell")
        await book.idle()
        await second.ask("from the second")
        await book.run(4)
        for panel in (first, second):
            await panel.settles(3)

        prompts = [LIVE, f"{LIVE} cell", "from the second", "from a cell"]
        assert await first.prompts() == await second.prompts() == prompts
        assert [await first.reply(n) for n in range(4)] == [await second.reply(n) for n in range(4)]
        assert [message.content for message in stage.asked[-1].messages] == [
            *(LIVE, "Said in the first panel"),
            *(f"{LIVE} cell", "Said in the cell"),
            *("from the second", "You said: from the second"),
            "from a cell",
        ]


async def test_a_reload_and_a_second_tab_in_mid_stream_miss_nothing(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    async with opened(desk, front_end, f"panel-reload-{front_end}.ipynb") as (book, panel):
        await panel.ask("before")
        await book.save()
        await panel.send(LIVE)
        stage.say(PARTS[0])
        await panel.says(WORDS[39])
        await book.open(kernel=False)
        stage.say(PARTS[1])
        await panel.says(WORDS[79])
        async with await desk.context.new_page() as page:
            other = Book(page, book.address)
            await other.open(kernel=False)
            beside = Panel(page)
            await beside.says(WORDS[79])
            stage.say(PARTS[2])
            stage.end()
            for one in (panel, beside):
                await one.settles(1)
            await beside.ask("in the second tab")
            await panel.settles(2)

            for one in (panel, beside):
                assert await one.prompts() == ["before", LIVE, "in the second tab"]
                assert (await one.reply(1)).split() == WORDS
                assert await one.root.locator(".g4f-turn").count() == 3
        assert await book.page.locator(".g4f-kept").locator("visible=true").count() == 0
        # What is saved after a reload holds what was said after it.
        kept = book.page.locator(".g4f-kept", has_text="in the second tab")
        await kept.wait_for(state="attached")
