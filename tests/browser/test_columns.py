"""Replies side by side in a real page: beside each other where there is room, else one below the other."""

from __future__ import annotations

from tests.browser.lab import Book, Desk
from tests.browser.panel import LOAD
from tests.browser.test_keeping import without_kernel

TOYS = """
import g4f_magic

@g4f_magic.provider
async def tick(messages):
    yield "Tick\\n\\n" + "x = " + "'long'" * 60

@g4f_magic.provider
async def tock(messages):
    yield "Tock"
"""
ASK = "%%chat -p tick,tock --compare\nWhich?"
WIDE, NARROW = {"width": 1400, "height": 900}, {"width": 420, "height": 900}


async def boxes(book: Book) -> list[dict[str, float]]:
    """Return where the heads of the columns stand, and how wide they are."""
    found = []
    for name in ("1 · tick", "2 · tock"):
        box = await book.page.get_by_text(name).last.bounding_box()
        assert box is not None
        found.append(dict(box))
    return found


async def are_beside_each_other(book: Book) -> bool:
    await book.page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # as its own type has it
    first, second = await boxes(book)
    return first["y"] == second["y"] and second["x"] > first["x"] + 280


async def are_below_each_other(book: Book) -> bool:
    await book.page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # as its own type has it
    first, second = await boxes(book)
    return second["y"] > first["y"] + 20 and second["x"] == first["x"]


async def test_columns_stand_as_there_is_room_also_in_the_saved_notebook(desk: Desk) -> None:
    async with desk.open("lab", "columns.ipynb", LOAD, TOYS, ASK, fresh=True) as book:
        await book.command("application:toggle-left-area")
        for index in range(3):
            await book.run(index)
        assert await are_beside_each_other(book)
        assert await are_below_each_other(book)
        await book.save()
    copy = "columns-untrusted.ipynb"
    without_kernel(desk.server.folder / "columns.ipynb", desk.server.folder / copy)
    async with desk.open("lab", copy, kernel=False) as book:
        await book.page.locator(".jp-Dialog select").select_option(label="No Kernel")
        await book.page.locator(".jp-Dialog .jp-mod-accept").click()
        await book.command("application:toggle-left-area")
        await book.says(2, "2 · tock")
        assert await are_beside_each_other(book)
        assert await are_below_each_other(book)
