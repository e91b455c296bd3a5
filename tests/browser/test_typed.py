"""A typed reply in a real JupyterLab: a tree that grows, and the value in the next cell."""

from __future__ import annotations

import os

from g4f_magic.schemas import schema_of
from g4f_magic.schemas.asked import in_words
from tests.browser.lab import Book, Desk, FrontEnd
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
