"""What a person writes in the panel's field, and what waits: each test was a finding of somebody who saw it for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic.panel.examples import examples_of
from tests.browser.bare import BarePage, BarePanel
from tests.browser.panel import Panel
from tests.browser.stage import LIVE, Stage

if TYPE_CHECKING:
    from g4f_magic.session import Session

Shown = tuple[BarePanel, Panel]


async def test_the_arrow_brings_earlier_questions_back(shown: Shown) -> None:
    _, panel = shown
    for text in ("first", "second"):
        await panel.ask(text)
    seen = []
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"):
        await panel.area.press(key)
        seen.append(await panel.area.input_value())
    assert seen == ["second", "first", "first", "second", ""]
    await panel.area.fill("of my own")
    await panel.area.press("ArrowUp")
    assert await panel.area.input_value() == "of my own"


async def test_what_is_typed_while_a_reply_comes_waits_visibly(shown: Shown, stage: Stage) -> None:
    _, panel = shown
    await panel.send(LIVE)
    stage.say("Some words")
    await panel.says("Some words")
    for text in ("second", "third", "fourth"):
        await panel.send(text)
    waiting = panel.root.locator(".g4f-queued")
    await waiting.nth(2).wait_for()
    await waiting.nth(1).get_by_role("button", name="Do not ask this").click()
    await waiting.nth(1).get_by_role("button", name="Take it back into the field").click()
    assert await panel.area.input_value() == "fourth"
    assert "waits for the reply before it" in await waiting.first.inner_text()
    assert await panel.button() == "Stop"
    stage.end()
    await panel.settles(1)
    await panel.has(2)
    assert await panel.prompts() == [LIVE, "second"]
    assert stage.prompts == [LIVE, "second"]


async def test_what_waits_comes_back_into_the_field_when_the_reply_is_stopped(
    shown: Shown, stage: Stage
) -> None:
    _, panel = shown
    await panel.send(LIVE)
    stage.say("Some words")
    await panel.says("Some words")
    await panel.send("second")
    await panel.root.locator(".g4f-queued").wait_for()
    await panel.area.press("Escape")
    await panel.told("It is in the field again")
    assert await panel.area.input_value() == "second"
    assert stage.prompts == [LIVE]


async def test_an_example_is_taken_into_the_field_and_sent_by_the_person_alone(
    shown: Shown, stage: Stage, session: Session
) -> None:
    kernel, panel = shown
    [first, *_] = examples_of(session, kernel.host)
    await panel.root.locator(".g4f-example").first.click()
    assert await panel.area.input_value() == first["text"]
    assert stage.asked == []
    await panel.area.press("Enter")
    await panel.settles()
    assert not await panel.root.locator(".g4f-example").first.is_visible()


async def test_a_new_conversation_leaves_the_focus_in_the_field(shown: Shown, bare: BarePage) -> None:
    kernel, panel = shown
    await panel.root.get_by_role("button", name="Conversation: main").click()
    await panel.root.get_by_label("New conversation").fill("aside")
    await bare.page.keyboard.press("Enter")
    await bare.page.keyboard.type("typed next")
    await panel.root.get_by_role("button", name="Conversation: aside").wait_for()
    assert await panel.area.input_value() == "typed next"
    assert kernel.conversation == "aside"
