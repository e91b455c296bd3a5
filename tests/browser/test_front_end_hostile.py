"""The part of ours in JupyterLab before notebooks that pretend, and kernels that know less or more than the page."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from g4f_magic.label import KEY
from tests.browser.lab import Book, Desk
from tests.browser.panel import Panel
from tests.browser.stage import LIVE, Stage
from tests.browser.test_front_end_kernels import side_bar
from tests.browser.test_front_end_life import OWN, buttons
from tests.browser.test_front_end_part import LOAD, bar, press, sources

ELSEWHERE = "0a1b2c3d-0000-4000-8000-000000000000"


async def test_a_hostile_notebook_gets_no_more_than_it_may_show(desk: Desk) -> None:
    html = "<div><p onclick='x'>Hi<img src=x onerror='window.hacked = 1'></p><pre>rm -rf</pre>"
    html += "<pre>ls<span class='lm-Widget lm-mod-hidden'>; rm</span></pre><pre>ls<span style='color:white'>; rm</span></pre>"
    html += "<div class='g4f-code'><b class='g4f-cell'>More</b><pre class='lm-Widget lm-mod-hidden'>rm</pre></div><p>A</p><p>B</p></div>"
    forged = {KEY: {"format": "99", "__proto__": {"a": 1}, "constructor": 7}}
    cells = ["%%chat\nx", "1 / 0", "%%chat\ny"]
    path = desk.server.write("hostile.ipynb", *cells)
    saved = nbformat.read(path, 4)
    saved.metadata[KEY] = {"notebook": {"toString": 1}, "identify": "x" * 5000}
    data = {"text/html": html, "text/plain": ["a", "b"]}
    saved.cells[0].outputs = [nbformat.v4.new_output("display_data", data, metadata=forged)]
    error = {"ename": "E", "evalue": "x", "traceback": ["<img src=x onerror='window.hacked = 1'>"]}
    saved.cells[1].outputs = [nbformat.v4.new_output("error", **error)]
    saved.cells[2].outputs = [nbformat.v4.new_output("stream", text="x")]
    nbformat.write(saved, path)
    errors: list[str] = []
    async with desk.open("lab", "hostile.ipynb", fresh=True) as book:
        await book.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        book.page.on("pageerror", lambda error: errors.append(str(error)))
        await book.page.locator(".g4f-output").first.hover()
        names = await bar(book, "Reply").get_by_role("button").all_inner_texts()
        assert "Ask again" not in names  # its kernel has no chat
        assert await book.page.locator("[aria-label='Error']").count() == 0
        await press(book, "Reply", "Copy")  # no more than one sees
        taken = await book.page.evaluate("() => navigator.clipboard.readText()")
        assert taken.split() == ["Hi", "rm", "-rf", "ls", "ls;", "rm", "More", "A", "B"]
        assert await book.page.get_by_role("toolbar", name="Code", include_hidden=True).count() == 1
        await book.page.get_by_text("More", exact=True).click()
        assert len(await sources(book)) == 3
        await press(book, "Code", "To a cell")
        assert (await sources(book))[1] == "rm -rf"
        assert await book.count(1) is None  # it is there to be read, and runs when one wants it
        assert await book.kernel_says("'g4f_magic' in __import__('sys').modules") == "False"
        await book.command("g4f-magic:ask-about")
        assert await book.page.evaluate("() => window.hacked") is None
    assert errors == []


async def test_names_that_every_object_has_are_names_of_cells_too(desk: Desk, stage: Stage) -> None:
    names = ["__proto__", "constructor", "hasOwnProperty"]
    path = desk.server.write("names.ipynb", LOAD, *(f"%%chat\n{name}" for name in names))
    saved = nbformat.read(path, 4)
    for cell, name in zip(saved.cells[1:], names, strict=True):
        cell.id = name
    nbformat.write(saved, path)
    async with desk.open("lab", "names.ipynb", fresh=True) as book:
        await book.run_all()
        await book.run(1)
        assert stage.prompts == [*names, "__proto__"]
        assert await buttons(book, 2) == ["Copy", "Ask again"] or "Ask again from here" in await buttons(
            book, 2
        )
        toolbar = book.cell(1).get_by_role("toolbar", name="Reply")
        await toolbar.get_by_text("2 of 2").wait_for()
        await toolbar.get_by_role("button", name="The answer before this one").click()
        await toolbar.get_by_text("1 of 2").wait_for()


async def test_thousands_of_blocks_in_an_output_hold_nothing_up(desk: Desk) -> None:
    path = desk.server.write("blocks.ipynb", "%%chat\nx")
    saved = nbformat.read(path, 4)
    data = {"text/html": "<div>" + "<pre>x</pre>" * 5000 + "</div>", "text/plain": "x" * 1_000_000}
    saved.cells[0].outputs = [nbformat.v4.new_output("display_data", data, metadata={KEY: {"format": 2}})]
    nbformat.write(saved, path)
    async with desk.open("lab", "blocks.ipynb") as book:
        await book.page.locator(".g4f-output").hover(position={"x": 300, "y": 20})
        await bar(book, "Code").wait_for(state="attached")
        await book.settled()
        assert await book.page.get_by_role("toolbar", name="Code", include_hidden=True).count() == 200


@pytest.mark.parametrize(
    "junk",
    [
        ["a"],
        "text",
        7,
        {"notebook": ["a"]},
        {"notebook": "../../etc"},
        {"notebook": "<img src=x>" * 50},
        None,
    ],
)
async def test_metadata_that_is_edited_by_hand_gets_an_id_again(desk: Desk, stage: Stage, junk: Any) -> None:
    name = f"by-hand-{abs(hash(json.dumps(junk)))}.ipynb"
    async with desk.open("lab", name, LOAD, "%%chat\nfirst", "%%chat\nsecond") as book:
        await book.run(0)
        await book.run(1)
        await book.page.wait_for_function(f"() => ({OWN})().length === 36")
        change = "junk => { const {model} = jupyterapp.shell.currentWidget.content;"
        change += f" junk === null ? model.deleteMetadata('{KEY}') : model.setMetadata('{KEY}', junk); }}"
        await book.page.evaluate(change, junk)
        await book.run(2)
        assert [one.content for one in stage.asked[-1].messages][::2] == ["first", "second"]
        await book.page.wait_for_function(f"() => ({OWN})().length === 36")


async def test_what_a_notebook_says_of_models_is_text(desk: Desk, stage: Stage) -> None:
    model = "<img/src=x/onerror=window.hacked=1>"
    async with desk.open("lab", "models.ipynb", LOAD, f"%%chat -m {model}\nwhat") as book:
        await book.run(0)
        await book.run(1)
        await book.run(1)
        toolbar = book.cell(1).get_by_role("toolbar", name="Reply")
        await toolbar.get_by_text("2 of 2").wait_for()
        await toolbar.get_by_role("button", name="The answer before this one").click()
        await book.page.locator(".g4f-when", has_text=model).wait_for()
        await side_bar(book)
        await Panel(book.page).has(1)
        assert await book.page.evaluate("() => window.hacked ?? null") is None
        assert await book.page.locator("img[src='x']").count() == 0


async def test_a_notebook_is_renamed_while_it_chats(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "is-named.ipynb", LOAD, f"%%chat\n{LIVE}", "%%chat\nafter") as book:
        await book.run(0)
        await book.start(1)
        stage.say("Half of it, ")
        await book.says(1, "Half of it")
        await book.page.evaluate(
            "() => jupyterapp.serviceManager.contents.rename('is-named.ipynb', 'was-named.ipynb').then(() => null)"
        )
        stage.say("and the rest.")
        stage.end()
        await book.says(1, "and the rest.")
        await book.idle()
        await book.run(2)
        messages = [one.content for one in stage.asked[-1].messages]
        assert messages == [LIVE, "Half of it, and the rest.", "after"]
        await side_bar(book)
        panel = Panel(book.page)
        await panel.has(2)
        assert await panel.prompts() == [LIVE, "after"]
        await book.save()


async def _kernel_knows(book: Book, code: str) -> None:
    await book.kernel_says("1", code)


async def test_a_kernel_that_knows_less_says_how_to_bring_it_up(desk: Desk, stage: Stage) -> None:
    less = """
import g4f_magic.page as page
page.PROTOCOL = 0
answer = page.PageLink._answer
page.PageLink._answer = lambda self, data: answer(self, {**data, "what": "unknown"})
"""
    async with desk.open("lab", "less.ipynb", LOAD, "%%chat\nwhat") as book:
        await _kernel_knows(book, less)
        await book.run(0)
        await book.run(1)
        await book.run(1)
        assert (await buttons(book, 1))[:2] == ["Copy", "Ask again"]
        side = await side_bar(book)
        await side.get_by_text("is older than this page: %pip install --upgrade g4f-magic").wait_for()
        await side.get_by_role("button", name="Start the chat").wait_for()


async def test_a_kernel_that_knows_more_is_asked_for_what_both_know(desk: Desk, stage: Stage) -> None:
    more = """
import g4f_magic.page as page
page.PROTOCOL = 99
tell = page.PageLink.tell
def tell_more(self, older, answers):
    tell(self, older, answers)
    for channel in self._channels:
        channel.send({"protocol": 99, "future": {"a": 1}, "answer": "x", "identify": 7})
page.PageLink.tell = tell_more
"""
    async with desk.open("lab", "more.ipynb", LOAD, "%%chat\nwhat") as book:
        await _kernel_knows(book, more)
        await book.run(0)
        await book.run(1)
        await book.run(1)
        toolbar = book.cell(1).get_by_role("toolbar", name="Reply")
        await toolbar.get_by_text("2 of 2").wait_for()
        await side_bar(book)
        await Panel(book.page).says("You said: what")
