"""What can be done with a message and with its code."""

from __future__ import annotations

from tests.browser.lab import Desk, FrontEnd
from tests.browser.panel import PANELS, opened
from tests.browser.stage import Stage

CODE = "Some *code*:\n\n```python\nx = 6 * 7\nprint(x)\n```\n"
CLIPBOARD = "() => navigator.clipboard.readText()"


async def test_an_answer_is_copied_asked_again_edited_deleted_and_brought_back(
    desk: Desk, stage: Stage
) -> None:
    stage.texts = {"one": "The *first* answer"}
    async with opened(desk, "lab", "panel-steer.ipynb") as (book, panel):
        await book.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await panel.ask("one")
        await panel.action("Copy").click()
        await panel.root.get_by_role("log").filter(has_text="Reply copied").wait_for()
        assert await book.page.evaluate(CLIPBOARD) == "The *first* answer"

        stage.texts = {"one": "The second answer"}
        await panel.action("Ask again").click()
        await panel.says("The second answer")
        await panel.settles()
        assert (
            await panel.turn().locator(".g4f-pager").text_content()
            == "Earlier answerAnswer 2 of 2Later answer"
        )
        await panel.root.get_by_role("button", name="Earlier answer").click()
        await panel.says("The first answer")
        await panel.root.get_by_role("button", name="Later answer").click()
        await panel.says("The second answer")

        await panel.action("Edit").click()
        await panel.root.get_by_role("textbox", name="What to ask instead").fill("two")
        await book.page.keyboard.press("Enter")
        await panel.says("You said: two")
        await panel.settles()
        assert await panel.prompts() == ["two"]
        assert await panel.has_focus()

        await panel.action("Delete").click()
        await panel.has(0)
        await panel.from_menu("Undo")
        await panel.says("You said: two")
        await panel.from_menu("Undo")
        await panel.says("The second answer")
        await panel.from_menu("Redo")
        await panel.says("You said: two")
        assert stage.prompts == ["one", "one", "two"]
        assert [[message.content for message in ask.messages] for ask in stage.asked] == [
            ["one"],
            ["one"],
            ["two"],
        ]


async def test_code_is_copied_put_into_a_cell_and_into_a_variable(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    stage.texts = {"code": CODE}
    async with opened(desk, front_end, f"panel-code-{front_end}.ipynb", "1") as (book, panel):
        await book.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await panel.ask("code")
        code = panel.turn().locator(".g4f-codebar")
        await code.get_by_text("Copy").click()
        await panel.root.get_by_role("log").filter(has_text="Code copied").wait_for()
        assert await book.page.evaluate(CLIPBOARD) == "x = 6 * 7\nprint(x)"

        await code.get_by_text("To a variable").click()
        await panel.root.get_by_role("textbox", name="Name of the variable").fill("1x")
        await book.page.keyboard.press("Enter")
        await panel.told("'1x' is not a name for a variable")
        await code.get_by_text("To a variable").click()
        await panel.root.get_by_role("textbox", name="Name of the variable").fill("found")
        await book.page.keyboard.press("Enter")
        await panel.told("found holds the code")
        assert await book.kernel_says("found") == repr("x = 6 * 7\nprint(x)")

        await panel.watch(".jp-Notebook .jp-Cell.g4f-new-cell")
        await code.get_by_text("Insert below").click()
        assert "x = 6 * 7" in await panel.watched()
        await book.cell(3).wait_for()
        await book.run(2)
        assert await book.text(2) == "42\n"
        assert await panel.has_focus() is False


async def test_conversations_are_switched_begun_and_exported(desk: Desk, stage: Stage) -> None:
    async with opened(desk, "lab", "panel-talks.ipynb") as (book, panel):
        await panel.ask("in main")
        await panel.root.get_by_role("button", name="Conversation: main").click()
        await panel.root.get_by_label("New conversation").fill("aside")
        await book.page.keyboard.press("Enter")
        await panel.has(0)
        await panel.ask("in aside")
        assert await panel.prompts() == ["in aside"]
        assert await book.kernel_says(f"{PANELS}[0].conversation") == "'aside'"

        await panel.root.get_by_role("button", name="Conversation: aside").click()
        talks = panel.root.locator(".g4f-talk .g4f-name-of")
        assert await talks.all_inner_texts() == ["main", "aside"]
        await talks.first.click()
        await panel.says("You said: in main")

        kinds = {"Markdown": "md", "Notebook": "ipynb", "JSON": "json", "JSON lines": "jsonl"}
        for name, kind in kinds.items():
            await panel.from_menu(name)
            await panel.told(f"panel-talks.main.{kind}")
            file = desk.server.folder / f"panel-talks.main.{kind}"
            assert "in main" in file.read_text("utf-8")
        assert [ask.prompt for ask in stage.asked] == ["in main", "in aside"]
