"""Whose conversation it is, with notebooks made, renamed and copied as a person does it in JupyterLab."""

from __future__ import annotations

from tests.browser.lab import Book, Desk
from tests.browser.panel import LOAD
from tests.browser.stage import Stage


async def new_notebook(book: Book, *cells: str) -> str:
    """Make a new notebook, write cells into it, and return the name that JupyterLab gave it."""
    await close(book)
    await book.command("notebook:create-new", kernelName="python3", cwd="")
    await book.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.context?.path.startsWith('Untitled')"
    )
    await book._is_shown()
    await book.idle()
    for number, cell in enumerate(cells):
        if number:
            await book.command("notebook:insert-cell-below")
        await book.cell(number).locator(".cm-content").click()
        await book.command("notebook:replace-selection", text=cell)
    name: str = await book.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
    return name


async def close(book: Book) -> None:
    """Close what is open; its kernel goes on."""
    await book.page.evaluate(
        "() => [...window.jupyterapp.shell.widgets('main')].forEach(widget => widget.dispose())"
    )


async def rename(book: Book, old: str, new: str) -> None:
    """Do what the field of the rename dialog does."""
    await book.page.evaluate(
        "([old, now]) => window.jupyterapp.serviceManager.contents.rename(old, now).then(() => null)",
        [old, new],
    )
    await book.page.wait_for_function(
        "now => window.jupyterapp.shell.currentWidget?.context?.path === now", arg=new
    )


def questions(stage: Stage) -> list[str]:
    """Return the questions that the service received last."""
    return [message.content for message in stage.asked[-1].messages][::2]


async def test_a_new_notebook_of_an_old_name_knows_nothing_of_the_one_before(
    desk: Desk, stage: Stage
) -> None:
    async with desk.open("lab", "whose.ipynb", "1", fresh=True) as book:
        untitled = await new_notebook(book, LOAD, "%%chat\nfrom a3", "%%chat\nmore from a3")
        await rename(book, untitled, "a3.ipynb")
        await book.run(0)
        await book.run(1)
        assert questions(stage) == ["from a3"]
        await book.save()

        assert await new_notebook(book, LOAD, "%%chat\nfrom a4", "%chat history") == untitled
        await rename(book, untitled, "a4.ipynb")
        await book.run(0)
        await book.run(1)
        assert questions(stage) == ["from a4"]
        await book.run(2)
        assert "from a3" not in await book.text(2)

        await book.save()
        await close(book)
        await book.open_here("a3.ipynb")
        await book.run(2)
        assert questions(stage) == ["from a3", "more from a3"]
        assert "after 1 turn" in await book.text(2)


async def test_a_renamed_notebook_goes_on_and_its_copy_begins_empty(desk: Desk, stage: Stage) -> None:
    cells = (LOAD, "%%chat\none", "%%chat\ntwo", "%chat adopt renamed.ipynb")
    async with desk.open("lab", "named.ipynb", *cells, fresh=True) as book:
        await book.run(0)
        await book.run(1)
        await rename(book, "named.ipynb", "renamed.ipynb")
        await book.save()
        await book.agree("kernelmenu:restart")
        await book.command("notebook:clear-all-cell-outputs")  # and the counts, by which a run is seen to end
        await book.idle()
        await book.run(0)
        await book.run(2)
        assert questions(stage) == ["one", "two"]
        await book.command("notebook:clear-all-cell-outputs")
        await book.save()
    (desk.server.folder / "copy.ipynb").write_bytes((desk.server.folder / "renamed.ipynb").read_bytes())
    async with desk.open("lab", "copy.ipynb", fresh=True) as book:
        await book.run(0)
        await book.run(2)
        assert questions(stage) == ["two"]
        assert "looks like a copy of renamed.ipynb (2 turns)" in await book.text(2)
        await book.run(3)
        assert "2 turns of" in await book.text(3)
        await book.run(2)
        assert questions(stage) == ["one", "two"]
