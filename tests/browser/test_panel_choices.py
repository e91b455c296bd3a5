"""Who answers and how, as chosen in the panel; and what the panel says of what cannot be."""

from __future__ import annotations

from tests.browser.lab import Desk
from tests.browser.panel import PANELS, Panel, opened
from tests.browser.stage import Stage

AT_HOME = "del __import__('os').environ['G4F_MAGIC_BASE_URL']"
GROUPS = """select => Object.fromEntries(
    [...select.querySelectorAll('optgroup')].map(group => [group.label, [...group.children].map(it => it.value)]))"""


async def test_providers_stand_under_how_they_are_reached_and_models_follow(desk: Desk, stage: Stage) -> None:
    async with desk.open("lab", "panel-choices.ipynb", AT_HOME, "%load_ext g4f_magic", "%chat panel") as book:
        await book.run_all()
        panel = Panel(book.page)
        await panel.is_there()
        provider = panel.root.get_by_label("Provider", exact=True)
        groups = await provider.evaluate(GROUPS)
        words = await panel.root.locator(".g4f-words").inner_text()

        assert {"koala", "darkai"} <= set(groups["Through the local gateway"])
        assert {"groq", "openai"} <= set(groups["Needs a key or a sign-in"])
        assert "ollama" in groups["Not running here"]
        assert words == "koala: through the local gateway: its public site is gone"

        await provider.select_option("darkai")
        model = panel.root.get_by_role("combobox", name="Model", exact=True)
        await panel.page.wait_for_function(
            "() => document.querySelectorAll('.g4f-panel select').length === 4"
        )
        assert await model.locator("option").all_inner_texts() == [
            *("llama-3-70b (default)", "gpt-4o", "gpt-3.5-turbo")
        ]
        await model.select_option("gpt-4o")
        await panel.ask("hello")
        assert "darkai · gpt-4o · via local gateway" in await panel.line().inner_text()

        await provider.select_option("ollama")
        await panel.root.locator("input[list]").fill("my-model")
        await panel.send("hello")
        await panel.told("ollama")
        assert (
            await book.kernel_says(f"({PANELS}[0].provider, {PANELS}[0].model)") == "('ollama', 'my-model')"
        )


async def test_parameters_are_sent_along_and_a_wrong_one_gives_the_text_back(
    desk: Desk, stage: Stage
) -> None:
    async with opened(desk, "lab", "panel-parameters.ipynb") as (_, panel):
        await panel.root.get_by_text("Parameters", exact=True).click()
        await panel.root.get_by_label("System prompt").fill("Be brief.")
        heat = panel.root.get_by_label("Temperature")
        await heat.fill("hot")
        await panel.send("first")
        await panel.told("temperature: 'hot' is no number")
        assert await panel.area.input_value() == "first"
        assert await panel.button() == "Send"
        assert await panel.root.locator(".g4f-pending .g4f-turn").count() == 0
        assert stage.asked == []

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
            assert words in await panel.status.inner_text()
        await panel.ask("hello")

        assert await panel.reply() == "You said: hello"
        assert await panel.button() == "Send"
        assert stage.prompts[-1] == "hello"
