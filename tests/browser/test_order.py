"""The conversation follows the notebook, whatever a person does to its cells."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from g4f_magic.gateway import Gateway
from tests.browser.lab import Book, Desk, chromium, jupyter
from tests.browser.panel import opened
from tests.browser.stage import Stage


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plain_desk(theatre: Gateway, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A desk whose pages tell the kernel nothing beside the cells: it knows the notebook by its file."""
    folder = tmp_path_factory.mktemp("plain")
    environment = {
        "G4F_MAGIC_HISTORY": str(folder / "history.sqlite"),
        "G4F_MAGIC_BASE_URL": theatre.base_url,
        "G4F_MAGIC_PROVIDER": "koala",
    }
    async with jupyter(folder, without="g4f-magic", **environment) as server, chromium() as context:
        yield Desk(server, context)


async def select(book: Book, index: int) -> None:
    """Select a cell, as one that is not written in."""
    await book.cell(index).locator(".jp-InputPrompt").click()


async def test_cells_are_inserted_deleted_brought_back_and_moved(desk: Desk, stage: Stage) -> None:
    await turned_over(desk, stage)


@pytest.mark.heavy
async def test_the_same_where_the_front_end_part_is_off(plain_desk: Desk, stage: Stage) -> None:
    await turned_over(plain_desk, stage)


async def turned_over(desk: Desk, stage: Stage) -> None:
    """Insert, delete, bring back and move cells, saving each time, and look what goes along."""
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
