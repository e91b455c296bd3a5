"""The conversation follows the notebook, whatever a person does to its cells."""

from __future__ import annotations

from tests.browser.lab import Book, Desk
from tests.browser.panel import opened
from tests.browser.stage import Stage


async def select(book: Book, index: int) -> None:
    """Select a cell, as one that is not written in."""
    await book.cell(index).locator(".jp-InputPrompt").click()


async def test_cells_are_inserted_deleted_brought_back_and_moved(desk: Desk, stage: Stage) -> None:
    async with opened(desk, "lab", "order.ipynb", "%%chat\nfirst", "%%chat\nlast") as (book, panel):
        await book.run(2)
        await book.run(3)

        await select(book, 2)
        await book.command("notebook:insert-cell-below")
        await book.cell(3).locator(".cm-content").click()
        await book.command("notebook:replace-selection", text="%%chat\nbetween")
        await book.save()
        await book.run(3)
        await panel.settles(1)
        assert await panel.prompts() == ["first", "between", "last"]
        assert [message.content for message in stage.asked[-1].messages][::2] == ["first", "between"]

        await book.page.wait_for_timeout(1000)  # JupyterLab takes edits within half a second as one to undo
        await select(book, 2)
        await book.command("notebook:delete-cell")
        await book.save()
        await book.run(3)
        await panel.has(2)
        assert await panel.prompts() == ["between", "last"]
        assert [message.content for message in stage.asked[-1].messages][::2] == ["between", "last"]

        await book.command("notebook:undo-cell-action")
        await select(book, 4)
        await book.command("notebook:move-cell-up")
        await book.save()
        await panel.ask("from the panel")
        assert await panel.prompts() == ["first", "last", "between", "from the panel"]
        asked = [message.content for message in stage.asked[-1].messages][::2]
        assert asked == ["first", "last", "between", "from the panel"]
        await panel.act.filter(has_text="Send").wait_for()
