"""What a reply in a cell looks like, and what can be done with its code, in a real page."""

from __future__ import annotations

from tests.browser.lab import Book, Desk, FrontEnd
from tests.browser.stage import LIVE, Stage

LOAD = "%load_ext g4f_magic"
LONG = "x = 1  # " + "a long comment that does not fit into a line of the page, " * 8
CODE = f"```python\nimport os\n{LONG}\n```\n\n```\nsecond = 2\n```\n"
WIDE = "| a | b | c |\n|---|--:|---|\n| " + "word" * 60 + " | 1 | a<br>b |\n"
STYLE = "(it, name) => getComputedStyle(it)[name]"


async def _sources(book: Book) -> list[str]:
    found: list[str] = await book.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets.map(it => it.model.sharedModel.getSource())"
    )
    return found


async def test_code_has_a_ground_its_language_and_lines_that_do_not_break(desk: Desk, stage: Stage) -> None:
    stage.texts["code"] = CODE
    async with desk.open("lab", "code-looks.ipynb", LOAD, "%%chat\ncode") as book:
        await book.run(0)
        await book.run(1)
        output = book.output(1)
        frame, pre = output.locator(".g4f-code").first, output.locator("pre").first
        assert await output.locator(".g4f-head > :first-child").all_inner_texts() == ["python", "code"]
        assert await frame.evaluate(STYLE, "backgroundColor") == "rgba(136, 136, 136, 0.067)"
        assert await pre.evaluate("it => it.scrollWidth > it.clientWidth")
        keyword = output.locator("pre span").first
        themed = await book.page.evaluate(
            "() => getComputedStyle(document.body).getPropertyValue('--jp-mirror-editor-keyword-color').trim()"
        )
        shown = await keyword.evaluate(
            "(it, color) => { const probe = document.createElement('i'); probe.style.color = color;"
            " document.body.append(probe); const wanted = getComputedStyle(probe).color; probe.remove();"
            " return [getComputedStyle(it).color, wanted]; }",
            themed,
        )
        assert shown[0] == shown[1]


async def test_code_goes_into_a_new_cell_below_with_a_click_and_does_not_run(
    desk: Desk, stage: Stage
) -> None:
    stage.texts["code"] = CODE
    async with desk.open("lab", "code-to-cell.ipynb", LOAD, "%%chat\ncode", "after = 1") as book:
        await book.run(0)
        await book.run(1)
        await book.output(1).get_by_role("button", name="Code to a new cell").nth(1).click()
        await book.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.content.widgets[2].model.sharedModel.getSource()"
            ".includes('second')"
        )
        assert await _sources(book) == [LOAD, "%%chat\ncode", "second = 2", "after = 1"]
        assert await book.count(2) is None


async def test_code_is_copied_with_a_click_or_a_key_and_says_so(desk: Desk, stage: Stage) -> None:
    stage.texts["code"] = CODE
    async with desk.open("lab", "code-copy.ipynb", LOAD, "%%chat\ncode") as book:
        await book.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await book.run(0)
        await book.run(1)
        copy = book.output(1).get_by_role("button", name="Copy code")
        await copy.first.click(trial=True)  # nothing lies over it
        await copy.nth(1).click()
        await book.output(1).locator(".g4f-did").wait_for()
        assert await book.page.evaluate("navigator.clipboard.readText()") == "second = 2"
        await copy.first.focus()
        await book.page.keyboard.press("Enter")
        await book.page.wait_for_function(
            "navigator.clipboard.readText().then(it => it.startsWith('import os'))"
        )
        assert await _sources(book) == [LOAD, "%%chat\ncode", ""]


async def test_a_wide_table_scrolls_and_breaks_no_word(desk: Desk, stage: Stage) -> None:
    stage.texts["table"] = f"{WIDE}\n{'w' * 400}\n"
    async with desk.open("lab", "table.ipynb", LOAD, "%%chat\ntable") as book:
        await book.run(0)
        await book.run(1)
        cell = book.output(1).locator("td").first
        assert await cell.evaluate("it => it.closest('div').scrollWidth > it.closest('div').clientWidth")
        assert await cell.evaluate(STYLE, "textAlign") == "left"
        assert await book.output(1).locator("td").nth(1).evaluate(STYLE, "textAlign") == "right"
        assert await cell.evaluate("it => it.clientHeight < 60")
        word = book.output(1).locator("p").filter(has_text="www")
        assert await word.evaluate("it => it.scrollWidth <= it.clientWidth")


async def test_a_notebook_that_is_not_trusted_shows_the_same_without_buttons(
    desk: Desk, stage: Stage
) -> None:
    stage.texts["both"] = f"{WIDE}\n{CODE}"
    async with desk.open("lab", "untrusted.ipynb", LOAD, "%%chat\nboth", fresh=True) as book:
        await book.run(0)
        await book.run(1)
        await book.save()
    path = desk.server.folder / "untrusted.ipynb"
    (desk.server.folder / "from-elsewhere.ipynb").write_text(path.read_text().replace("second", "third"))
    async with desk.open("lab", "from-elsewhere.ipynb", kernel=False, fresh=True) as book:
        output = book.output(1)
        await output.locator("td").first.wait_for()
        assert await output.locator("[onclick], style, [role=button]").count() == 0
        assert await output.locator("td").first.evaluate(STYLE, "textAlign") == "left"
        assert await output.locator("pre").first.evaluate(STYLE, "whiteSpace") == "pre"
        assert "Copy" not in await book.text(1)
        assert await output.locator("pre span").first.evaluate(STYLE, "color") != await output.evaluate(
            STYLE, "color"
        )


DIAGRAM = "Before.\n\n```mermaid\ngraph LR\n  A[Start] --> B[Done]\n```\n\nAfter.\n"


async def test_a_diagram_is_drawn_where_it_stands(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    stage.texts["diagram"] = DIAGRAM
    async with desk.open(front_end, f"diagram-{front_end}.ipynb", LOAD, "%%chat\ndiagram") as book:
        await book.run(0)
        await book.run(1)
        await book.cell(1).locator(".jp-RenderedMermaid :is(img, svg)").first.wait_for()
        text = await book.text(1)
        assert text.index("Before.") < text.index("After.")


async def test_a_stopped_reply_is_no_alarm_though_its_cell_fails(desk: Desk, stage: Stage) -> None:
    after = "print('not run')"
    async with desk.open("lab", "quiet-stop.ipynb", LOAD, f"%%chat\n{LIVE}", after) as book:
        await book.run(0)
        await book.start(1)
        stage.say("Kept words")
        await book.says(1, "Kept words")
        await book.start(2)
        await book.stop()
        await book.says(1, "stopped")
        await book.idle()
        said = book.output(1).filter(has_text="What had arrived is kept")
        colours = await said.evaluate(
            "it => [it, ...it.querySelectorAll('*')].map(one => getComputedStyle(one).backgroundColor)"
        )
        assert set(colours) == {"rgba(0, 0, 0, 0)"}
        assert any(one["output_type"] == "error" for one in await book.outputs(1))
        assert await book.output(2).count() == 0
        await stage.left.wait()


async def test_a_caret_stands_where_a_reply_grows_and_goes_with_its_end(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "caret.ipynb", LOAD, f"%%chat\n{LIVE}") as book:
        await book.run(0)
        await book.start(1)
        stage.say("So far")
        await book.says(1, "So far▍")
        stage.end()
        await book.says(1, "live ·")
        assert "▍" not in await book.text(1)


async def test_answers_below_an_edited_cell_say_that_they_are_older_and_are_asked_again(
    desk: Desk, stage: Stage
) -> None:
    async with desk.open("lab", "older.ipynb", LOAD, "%%chat\none", "%%chat\ntwo", "%chat rerun") as book:
        for number in range(3):
            await book.run(number)
        stage.texts["one"] = "Another answer."
        await book.run(1)
        await book.says(1, "1 later answer was given before this one changed")
        await book.says(2, "An answer above has changed")
        stage.texts["two"] = "Asked anew."
        await book.run(3)
        await book.says(2, "Asked anew.")
        assert "has changed" not in await book.text(2)
        assert "later answer" not in await book.text(1)


ABOVE = "it => getComputedStyle(it, '::before').content"


async def test_answers_of_a_kernel_that_is_gone_are_marked_as_older_too(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "older-gone.ipynb", LOAD, "%%chat\none", "%%chat\ntwo") as book:
        await book.run_all()
        await book.save()
        await book.agree("kernelmenu:restart")
        await book.idle()
        stage.texts["one"] = "Another answer."
        await book.start(0)  # its number is 1 as before
        await book.start(1)
        await book.says(1, "1 later answer was given before this one changed")
        first = book.cell(2).locator(".jp-OutputArea-child").first
        await book.cell(2).and_(book.page.locator(".g4f-stale")).wait_for()
        assert "%chat rerun asks it again" in await first.evaluate(ABOVE)
        assert "has changed" not in str(await book.outputs(2))  # nothing of it is saved
        await book.start(2)
        await book.cell(2).and_(book.page.locator(".g4f-fresh")).wait_for()
        assert await first.evaluate(ABOVE) == "none"
