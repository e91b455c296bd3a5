"""A typed reply in a real JupyterLab: a tree that grows, and the value in the next cell."""

from __future__ import annotations

import os

from g4f_magic.schemas import schema_of
from g4f_magic.schemas.asked import in_words
from tests.browser.lab import Book, Desk, FrontEnd
from tests.browser.panel import Panel
from tests.browser.stage import LIVE, Stage

LOAD = "%load_ext g4f_magic"
SCHEMA = "label: positive|negative, why: str, stars: [int]"
PROMPT = f"{LIVE} and typed"
SENT = f"{PROMPT}\n\n{in_words(schema_of(SCHEMA).json)}"
"""The service that is asked takes no schema: it is told in words."""
ASK = f'%%chat --schema "{SCHEMA}" -o x\n{PROMPT}'


async def tree(book: Book, index: int) -> str:
    return " ".join((await book.text(index)).split())


async def test_a_typed_reply_grows_as_a_tree(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    async with desk.open(
        front_end, f"typed-{front_end}.ipynb", LOAD, ASK, "x['label'], type(x.turn)"
    ) as book:
        await book.run(0)
        await book.start(1)
        stage.say('{"label": "positive", "why": "the waiter ', SENT)
        await book.says(1, "the waiter")
        assert '"label": "positive"' in await tree(book, 1)
        stage.say('made us laugh", "stars": [4', SENT)
        await book.says(1, "made us laugh")
        stage.say(", 5]}", SENT)
        stage.end(SENT)
        await book.says(1, "live ·")
        await book.idle()
        assert await book.output(1).locator("details").count() == 2
        assert '{3 keys} "label": "positive"' in await tree(book, 1)
        await book.run(2)
        await book.says(2, "'positive'")
        if picture := os.environ.get("G4F_MAGIC_TEST_PICTURE"):
            await book.page.screenshot(path=picture)


async def test_in_the_panel_it_grows_as_a_tree_too(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    async with desk.open(front_end, f"typed-panel-{front_end}.ipynb", LOAD, "%chat panel", ASK) as book:
        await book.run(0)
        await book.run(1)
        panel = Panel(book.page)
        await panel.is_there()
        await book.start(2)
        stage.say('{"label": "positive", "why": "the waiter ', SENT)
        reply = panel.turn().locator(".g4f-reply")
        await reply.filter(has_text="the waiter").wait_for()
        assert '"label": "positive"' in await reply.inner_text()
        stage.say('made us laugh", "stars": [4, 5]}', SENT)
        stage.end(SENT)
        await panel.settles()
        assert await reply.locator("details details").count() == 1
        assert '{3 keys}\n"label": "positive"' in await reply.inner_text()
        if picture := os.environ.get("G4F_MAGIC_TEST_PICTURE"):
            await book.page.screenshot(path=picture)
        await book.idle()


ROWS = "rows = [f'{number} was a fine day' for number in range(300)]"
EACH = "%%chat -p koala --each rows -o out --background\n{{item}}"


async def test_rows_in_the_background_are_counted_below_their_cell_while_others_run(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    async with desk.open(
        front_end, f"rows-{front_end}.ipynb", LOAD, ROWS, EACH, "1 + 1", "await out"
    ) as book:
        for index in (0, 1, 2, 3):
            await book.run(index)
        await book.says(3, "2")
        await book.says(2, "requests")
        await book.run(4)
        await book.says(2, "300 of 300 requests")
        if picture := os.environ.get("G4F_MAGIC_TEST_PICTURE"):
            await book.page.screenshot(path=picture)
