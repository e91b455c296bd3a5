"""Who answers and how, as chosen in the panel; and what the panel says of what cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.lab import Desk
from tests.browser.panel import PANELS, Panel, opened
from tests.browser.stage import Stage

if TYPE_CHECKING:
    from playwright.async_api import Locator

AT_HOME = "del __import__('os').environ['G4F_MAGIC_BASE_URL']"


async def test_providers_stand_under_how_they_are_reached_and_models_follow(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "panel-choices.ipynb", AT_HOME, "%load_ext g4f_magic", "%chat panel") as book:
        await book.run_all()
        panel = Panel(book.page)
        await panel.is_there()
        assert await panel.root.locator(".g4f-words").text_content() == (
            "koala: its public site is gone; the local gateway speaks its protocol"
        )
        await panel.root.get_by_role("button", name="Model and service").click()
        groups = panel.root.locator(".g4f-options > [role=group]")

        def group(name: str) -> Locator:
            return groups.filter(has=book.page.get_by_text(name, exact=True)).locator(".g4f-name-of")

        assert {"koala", "darkai"} <= set(await group("Through the local gateway").all_inner_texts())
        assert {"groq", "openai"} <= set(await group("Needs a key or a sign-in").all_inner_texts())
        assert "ollama" in await group("Not running here").all_inner_texts()

        await book.page.keyboard.type("darkai")
        await book.page.keyboard.press("Enter")
        await group("Models of darkai").nth(2).wait_for()
        assert await group("Models of darkai").all_inner_texts() == ["llama-3-70b", "gpt-3.5-turbo", "gpt-4o"]
        await book.page.keyboard.type("gpt-4o")
        await book.page.keyboard.press("Enter")
        await panel.ask("hello")
        assert (await panel.root.locator(".g4f-who").last.inner_text()).split()[:2] == ["darkai", "gpt-4o"]

        await panel.root.get_by_role("button", name="Model and service").click()
        await book.page.keyboard.type("ollama")
        await book.page.keyboard.press("Enter")
        await panel.root.get_by_text("Models of ollama", exact=True).wait_for()
        await book.page.keyboard.type("my-model")
        await book.page.keyboard.press("Enter")
        await panel.root.get_by_role("button", name="ollama · my-model").wait_for()
        assert (
            await book.kernel_says(f"({PANELS}[0].provider, {PANELS}[0].model)") == "('ollama', 'my-model')"
        )


async def test_parameters_are_sent_along_and_a_wrong_one_gives_the_text_back(
    desk: Desk, stage: Stage
) -> None:
    async with opened(desk, "lab", "panel-parameters.ipynb") as (_, panel):
        await panel.root.get_by_role("button", name="Settings", exact=True).click()
        await panel.root.get_by_label("System prompt").fill("Be brief.")
        heat = panel.root.get_by_label("Temperature")
        await heat.fill("hot")
        await panel.send("first")
        await panel.told("temperature: 'hot' is not a number")
        assert await panel.area.input_value() == "first"
        assert await panel.button() == "Send"
        assert await panel.root.locator(".g4f-pending .g4f-turn").count() == 0
        assert stage.asked == []

        await panel.root.get_by_role("button", name="Settings", exact=True).click()
        await heat.fill("")
        await panel.area.press("Enter")
        await panel.settles()
        [ask] = stage.asked
        assert [message.content for message in ask.messages] == ["first Be brief."]  # koala's own form
        assert await panel.status.inner_text() == ""


async def test_a_failure_is_told_and_the_panel_goes_on(desk: Desk, stage: Stage) -> None:
    async with opened(desk, "lab", "panel-fails.ipynb") as (_, panel):
        for count, (answer, words) in enumerate(
            [("!401", "401"), ("!500", "500"), ("!cut-off", "broke off"), ("!empty", "empty")]
        ):
            await panel.send(answer)
            await panel.has(count + 1)
            await panel.settles(count)
            assert words in await panel.turn(count).locator(".g4f-error").inner_text()
            assert await panel.status.inner_text() == ""
        await panel.ask("hello")

        assert await panel.reply() == "You said: hello"
        assert await panel.button() == "Send"
        assert stage.prompts[-1] == "hello"
