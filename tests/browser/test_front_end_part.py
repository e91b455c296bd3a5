"""The part of ours that JupyterLab and Notebook 7 load: prompts as text, buttons on outputs, and the chat in the side bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat

from g4f_magic.gateway.actions import Refuse
from g4f_magic.label import KEY
from tests.browser.lab import Book, Desk, FrontEnd
from tests.browser.stage import Stage

if TYPE_CHECKING:
    from playwright.async_api import Locator

LOAD = "%load_ext g4f_magic"
CODE = "Look:\n\n```python\nprint('hello')\n```\n\nand more"


def bar(book: Book, name: str) -> Locator:
    return book.page.get_by_role("toolbar", name=name).first


async def press(book: Book, toolbar: str, name: str) -> None:
    await book.page.locator(".g4f-output").last.hover()
    await bar(book, toolbar).get_by_role("button", name=name, exact=True).click()


async def sources(book: Book) -> list[str]:
    found: list[str] = await book.page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.sharedModel.getSource())"
    )
    return found


async def test_prompts_are_edited_as_text_and_code_as_code(desk: Desk, front_end: FrontEnd) -> None:
    cells = ["%%chat -p koala\nI don't know *why*: {{df}}", "# above\n%%chat\nHi", "x = 1"]
    async with desk.open(front_end, f"prompts-{front_end}.ipynb", *cells) as book:
        kinds = "() => jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.mimeType)"
        for number, kind in ((0, "text/x-ipythongfm"), (2, "text/x-ipython")):  # the kernel says what code is
            await book.page.wait_for_function(f"() => ({kinds})()[{number}] === '{kind}'")
        assert await book.page.evaluate(kinds) == ["text/x-ipythongfm", "text/x-ipythongfm", "text/x-ipython"]
        assert await book.cell(0).locator(".g4f-command").inner_text() == "%%chat -p koala"
        assert await book.cell(0).locator(".g4f-reference").inner_text() == "{{df}}"
        assert await book.cell(1).locator(".g4f-comment").inner_text() == "# above"
        assert await book.cell(0).locator(".cm-content").get_attribute("spellcheck") == "true"
        assert await book.cell(2).locator(".g4f-command").count() == 0
        await book.cell(2).locator(".cm-content").click()
        await book.page.keyboard.press("Control+Home")
        await book.page.keyboard.type("%%chat\n")
        await book.page.wait_for_function(f"() => ({kinds})()[2] === 'text/x-ipythongfm'")
        await book.page.keyboard.press("Control+A")
        await book.page.keyboard.type("y = 2")
        await book.page.wait_for_function(f"() => ({kinds})()[2] === 'text/x-ipython'")


async def test_a_replys_code_goes_where_one_wants_it(desk: Desk, stage: Stage) -> None:
    stage.texts["code"] = CODE
    async with desk.open("lab", "actions.ipynb", LOAD, "%%chat\ncode", "x = 1") as book:
        await book.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await book.run_all()
        await press(book, "Reply", "Copy")
        await bar(book, "Reply").get_by_role("button", name="Copied").wait_for()
        assert (await book.page.evaluate("() => navigator.clipboard.readText()")).startswith(CODE)
        await bar(book, "Code").wait_for()
        assert await bar(book, "Code").get_by_role("button").all_inner_texts() == ["Replace"]
        await press(book, "Code", "Replace")
        assert (await sources(book))[1] == "print('hello')"
        await book.cell(1).locator(".cm-content").click()
        await book.page.keyboard.press("Control+Z")
        assert (await sources(book))[1] == "%%chat\ncode"


async def test_code_of_a_reply_that_is_not_trusted_can_be_taken(desk: Desk) -> None:
    html = "<div data-g4f-magic='{}'><p>Look:</p><pre><code>print('hello')\n</code></pre></div>"
    data = {"text/html": html, "text/plain": CODE}
    path = desk.server.write("untrusted.ipynb", "%%chat\ncode", "x = 1")
    saved = nbformat.read(path, 4)
    saved.cells[0].outputs = [nbformat.v4.new_output("display_data", data, metadata={KEY: {"format": 2}})]
    nbformat.write(saved, path)
    async with desk.open("lab", "untrusted.ipynb") as book:
        await book.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await press(book, "Code", "Copy")
        await bar(book, "Code").get_by_role("button", name="Copied").wait_for()
        assert await book.page.evaluate("() => navigator.clipboard.readText()") == "print('hello')"
        await press(book, "Code", "To a cell")
        assert await sources(book) == ["%%chat\ncode", "print('hello')", "x = 1"]


async def test_each_reply_is_asked_again_and_what_never_came_is_not_copied(desk: Desk, stage: Stage) -> None:
    stage.refusals["no"] = Refuse(400, "no such thing")
    path = desk.server.write("bars.ipynb", "%%chat\ncode", LOAD, "%%chat\nno")
    saved = nbformat.read(path, 4)
    saved.cells[0].outputs = [  # as one is left whose last words needed no output of their own
        nbformat.v4.new_output("display_data", {"text/html": html}, metadata={KEY: {"format": 2}})
        for html in ("<div data-g4f-magic='{\"characters\":5}'><p>Look.</p></div>", "")
    ]
    nbformat.write(saved, path)
    async with desk.open("lab", "bars.ipynb") as book:
        await book.run(1)
        await book.run(2)
        names = "() => [...document.querySelectorAll('.jp-Cell')].map(cell => "
        names += "[...cell.querySelectorAll('.g4f-toolbar')].map(bar => [...bar.children].map(one => one.textContent)))"
        await book.page.wait_for_function(
            f"() => JSON.stringify(({names})().slice(0, 3)) === JSON.stringify([[['Copy', 'Ask again']], [], [['Ask again']]])"
        )


async def test_older_answers_are_paged_through_and_it_is_asked_again(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "older.ipynb", LOAD, "%%chat\nwhat") as book:
        stage.texts["what"] = "the first answer"
        await book.run_all()
        stage.texts["what"] = "the second answer"
        await press(book, "Reply", "Ask again")
        await book.says(1, "the second answer")
        await book.idle()
        await book.page.locator(".g4f-output").last.hover()
        await bar(book, "Reply").get_by_text("2 of 2").wait_for()
        await press(book, "Reply", "The answer before this one")
        await book.page.locator(".g4f-older").get_by_text("the first answer").wait_for()
        assert "koala" in await book.page.locator(".g4f-when").inner_text()
        assert not await book.output(1).first.is_visible()
        await press(book, "Reply", "The answer after this one")
        await book.says(1, "the second answer")
        assert "the first answer" not in str(await book.outputs(1))


async def test_an_error_is_explained_in_a_cell_below(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "fails.ipynb", LOAD, "1 / 0", "x = 1") as book:
        await book.run(0)
        await book.run(1)
        await press(book, "Error", "Explain")
        await book.page.wait_for_function(
            "() => jupyterapp.shell.currentWidget.content.widgets[2].model.executionCount !== null"
        )
        assert (await sources(book))[2:] == ["%chat explain", "x = 1"]
        assert "ZeroDivisionError" in stage.prompts[-1]


async def test_a_cell_that_was_never_saved_stands_in_its_place(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "unsaved.ipynb", LOAD, "%%chat\nfirst", "%%chat\nlast") as book:
        await book.run_all()
        await book.cell(1).locator(".jp-InputPrompt").click()
        await book.command("notebook:insert-cell-below")
        await book.cell(2).locator(".cm-content").click()
        await book.page.keyboard.type("%%chat\nbetween")
        await book.run(2)
        assert [message.content for message in stage.asked[-1].messages][::2] == ["first", "between"]


async def test_the_side_bar_chats_with_the_notebook_in_front(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    async with desk.open(front_end, f"side-{front_end}.ipynb", "x = 1", "%%chat\nin a cell") as book:
        await book.command("g4f-magic:chat")
        assert await book.kernel_says("'g4f_magic' in __import__('sys').modules") == "False"
        await book.page.get_by_role("button", name="Start the chat").click()
        side = book.page.locator(".g4f-side")
        await side.get_by_role("textbox", name="Message", exact=True).fill("from the side")
        await book.page.keyboard.press("Enter")
        await side.get_by_text("You said: from the side").wait_for()
        await book.run(1)
        assert [message.content for message in stage.asked[-1].messages][::2] == [
            "from the side",
            "in a cell",
        ]
        assert (await sources(book))[:2] == [
            "x = 1",
            "%%chat\nin a cell",
        ]  # Shift+Enter at the end makes an empty cell
        await side.get_by_text("You said: in a cell").wait_for()


async def test_what_is_older_is_asked_again_from_there(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "stale.ipynb", LOAD, "%%chat\none", "%%chat\ntwo", "%%chat\nthree") as book:
        await book.run_all()
        stage.texts["one"] = "another answer"
        await book.run(1)
        await book.says(2, "An answer above has changed")
        reply = book.cell(2).locator(".g4f-output").last
        await reply.hover()
        again = reply.get_by_role("button", name="Ask again from here")
        await again.wait_for()
        asked = len(stage.asked)
        await again.click()
        await book.page.wait_for_function(
            "() => jupyterapp.shell.currentWidget.content.widgets[3].model.executionCount > 5"
        )
        await book.idle()
        assert stage.prompts[asked:] == ["two", "three"]
        assert [one.content for one in stage.asked[-1].messages][1] == "another answer"
        assert "An answer above has changed" not in await book.text(2)


async def test_the_keyboard_reaches_each_button_of_a_reply(desk: Desk, stage: Stage) -> None:
    stage.texts["code"] = CODE
    async with desk.open("lab", "keys.ipynb", LOAD, "%%chat\ncode") as book:
        await book.run_all()
        await book.run(1)  # a second answer
        await (
            book.page.locator(".g4f-output").last.get_by_role("button", name="Copy", exact=True).first.focus()
        )
        await bar(book, "Reply").get_by_text("2 of 2").wait_for()
        names = []
        for _ in range(5):
            names.append(
                await book.page.evaluate(
                    "() => document.activeElement.ariaLabel || document.activeElement.textContent"
                )
            )
            await book.page.keyboard.press("Tab")
        pages = ["The answer before this one", "The answer after this one"]
        assert names == ["Copy", "Ask again", *pages, "Replace"]


async def test_what_is_marked_an_output_an_error_or_a_cell_is_asked_about(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    cells = [LOAD, "total = 6 * 7\ntotal", "1 / 0"]
    async with desk.open(front_end, f"about-{front_end}.ipynb", *cells) as book:
        for number in range(3):
            await book.run(number)
        chips = book.page.locator(".g4f-side .g4f-chip")

        async def ask_about(place: Locator) -> None:
            await place.click(button="right")
            await book.page.get_by_role("menuitem", name="Ask about This").click()

        await ask_about(book.output(1).first)
        await chips.filter(has_text="Output 2.txt").wait_for()
        await ask_about(book.output(2).first)
        await chips.filter(has_text="Error 3.txt").wait_for()
        await ask_about(book.cell(1).locator(".jp-InputPrompt"))
        await chips.filter(has_text="Cell 2.py").wait_for()
        await book.cell(1).locator(".cm-content").click()
        await book.page.keyboard.press("Control+Home")
        await book.page.keyboard.press("Shift+End")
        await book.command("g4f-magic:ask-about")
        await chips.filter(has_text="selection.txt").wait_for()
        await book.page.locator(".g4f-side").get_by_role("textbox", name="Message", exact=True).fill("why")
        await book.page.keyboard.press("Enter")
        await book.page.locator(".g4f-side").get_by_text("You said: ").first.wait_for()
        sent = stage.prompts[-1]
        for text in ("42", "ZeroDivisionError", "total = 6 * 7\ntotal"):
            assert text in sent
        assert "\x1b" not in sent


async def test_no_python_is_offered_in_a_prompt(desk: Desk) -> None:
    cells = [LOAD, "customers = [1]", "%%chat\nTell me of imp", "%%chat --prov", "%%chat\nTell me of {{cust"]
    async with desk.open("lab", "tab.ipynb", *cells) as book:
        await book.run(0)
        await book.run(1)
        offers = book.page.locator(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-match")
        for number, words in ((2, []), (3, ["--provider"]), (4, ["customers"])):
            await book.cell(number).locator(".cm-content").click()
            await book.page.keyboard.press("Control+End")
            await book.page.wait_for_selector(".jp-mod-completer-enabled")
            await book.command("completer:invoke-notebook")
            if words:
                await offers.first.wait_for()
            await book.idle()
            await book.settled()
            assert await offers.all_inner_texts() == words
            await book.page.keyboard.press("Escape")


async def test_a_notebook_keeps_its_own_id_from_the_first_question_on(desk: Desk) -> None:
    own = "() => jupyterapp.shell.currentWidget.content.model.getMetadata('g4f_magic')?.notebook ?? ''"
    async with desk.open("lab", "own.ipynb", LOAD, "1 + 1", "%%chat\none") as book:
        await book.run(0)
        await book.run(1)
        assert await book.page.evaluate(own) == ""
        await book.run(2)
        await book.page.wait_for_function(f"() => ({own})().length === 36")
        await book.save()
        first = await book.page.evaluate(own)
    copied = (desk.server.folder / "own.ipynb").read_bytes()
    assert first.encode() in copied
    (desk.server.folder / "own-copy.ipynb").write_bytes(copied)
    async with desk.open("lab", "own-copy.ipynb") as book:
        await book.command("notebook:clear-all-cell-outputs")  # and the counts, by which a run is seen to end
        await book.run(0)
        await book.run(2)
        await book.page.wait_for_function(f"first => ({own})() !== first", arg=first)
        await book.says(2, "looks like a copy of own.ipynb")


async def test_a_busy_kernel_is_spoken_of_kindly(desk: Desk) -> None:
    cells = [LOAD, "input()"]
    async with desk.open("lab", "busy.ipynb", *cells) as book:
        await book.run(0)
        await book.start(1)
        await book.page.locator(".jp-Stdin-input").wait_for()
        await book.command("g4f-magic:chat")
        side = book.page.locator(".g4f-side")
        await side.get_by_text("The kernel runs a cell. The chat opens when that is done.").wait_for()
        await book.page.locator(".jp-Stdin-input").fill("go on")
        await book.page.keyboard.press("Enter")
        await side.get_by_role("textbox", name="Message", exact=True).wait_for()
