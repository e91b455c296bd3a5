"""What a person finds through the panel's head, and in a long conversation: each test was a finding of somebody who saw it for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.bare import BarePage, BarePanel
from tests.browser.panel import Panel
from tests.browser.stage import Stage

if TYPE_CHECKING:
    from g4f_magic.session import Session

LONG = "\n\n".join(f"Paragraph {number} of a long reply." for number in range(120))
AT_END = """() => { const it = document.querySelector('.g4f-transcript');
    return it.scrollTop > 100 && it.scrollHeight - it.scrollTop - it.clientHeight < 40; }"""
Shown = tuple[BarePanel, Panel]


async def test_a_conversation_is_renamed_and_deleted_by_keyboard(shown: Shown, bare: BarePage) -> None:
    kernel, panel = shown
    kernel.hear({"do": "switch", "key": "k", "text": "aside"})
    await panel.ask("hello")
    await panel.root.get_by_role("button", name="Conversation: aside").press("Enter")
    await panel.root.get_by_role("button", name="Rename aside").press("Enter")
    await bare.page.keyboard.type("plots")
    await bare.page.keyboard.press("Enter")
    await panel.root.get_by_role("button", name="Delete plots").press("Enter")
    await panel.root.get_by_text("for good?").wait_for()
    assert "1 turn" in await panel.root.locator(".g4f-question").inner_text()
    await panel.root.get_by_role("button", name="Delete for good").press("Enter")
    await panel.has(0)
    assert kernel.conversation == "main"


async def test_no_field_shows_what_could_be_taken_for_its_value(shown: Shown) -> None:
    _, panel = shown
    await panel.root.get_by_role("button", name="Settings", exact=True).click()
    sheet = panel.root.get_by_role("dialog", name="Settings")
    fields = sheet.locator("input, textarea")
    assert await fields.count() > 4
    assert await fields.evaluate_all("all => all.map(one => one.placeholder).join('')") == ""
    system = sheet.get_by_label("System prompt")
    hint = await system.evaluate(
        "node => document.getElementById(node.getAttribute('aria-describedby')).textContent"
    )
    assert hint == "For example: Be brief."


async def test_all_models_are_listed_and_fewer_as_one_types_ready_services_first(
    shown: Shown, bare: BarePage
) -> None:
    kernel, panel = shown
    kernel.hear({"do": "choose", "key": "c", "values": {"provider": "darkai"}})
    opener = panel.root.get_by_role("button", name="Model and service: darkai · llama-3-70b")
    await opener.click()
    options = panel.root.get_by_role("option")
    names = options.locator(".g4f-name-of")
    groups = await panel.root.locator(".g4f-options .g4f-group").all_inner_texts()
    all_names = await names.all_inner_texts()
    assert {"llama-3-70b", "gpt-4o", "gpt-3.5-turbo", "koala", "groq"} <= set(all_names)
    assert groups.index("Ready") < groups.index("Needs a key or a sign-in")
    await bare.page.keyboard.type("gpt 4")
    assert await names.all_inner_texts() == ["gpt-4o"]
    await bare.page.keyboard.press("Enter")
    await panel.root.get_by_role("button", name="Model and service: darkai · gpt-4o").wait_for()
    assert (kernel.provider, kernel.model) == ("darkai", "gpt-4o")
    assert await panel.has_focus()


async def test_who_reads_further_up_can_jump_to_the_newest(
    shown: Shown, bare: BarePage, stage: Stage
) -> None:
    _, panel = shown
    stage.texts = {"long": LONG}
    await panel.ask("long")
    newest = panel.root.get_by_role("button", name="Jump to the newest message")
    await bare.page.wait_for_function(AT_END)
    assert not await newest.is_visible()
    await panel.transcript.evaluate("node => { node.scrollTop = 0; }")
    await newest.click()
    await newest.wait_for(state="hidden")
    await bare.page.wait_for_function(AT_END)
    assert await panel.has_focus()


async def test_words_are_found_also_where_they_are_not_loaded(
    bare: BarePage, session: Session, stage: Stage
) -> None:
    conversation = session.conversation()
    for number in range(40):
        stage.texts[f"q {number}"] = f"Answer {number}{' needle' if number in (1, 38) else ''}"
        async with bare.shows(session) as (kernel, _):
            await kernel.ask(f"q {number}")
    assert len(conversation.turns) == 40
    async with bare.shows(session) as (_, panel):
        await panel.says("Answer 39")
        await panel.area.press("Control+f")
        await bare.page.keyboard.type("needle")
        await panel.root.locator(".g4f-found").filter(has_text="Answer 38").wait_for()
        await bare.page.keyboard.press("Enter")
        await panel.root.locator(".g4f-found").filter(has_text="Answer 1 ").wait_for()
        assert "1 of 2" in await panel.root.locator(".g4f-find").inner_text()
        await bare.page.keyboard.press("Escape")
        assert await panel.has_focus()


async def test_a_notice_of_the_session_stands_until_it_is_dismissed(shown: Shown, session: Session) -> None:
    _, panel = shown
    session._warnings.append("The history was corrupt, and begins anew.")
    await panel.ask("hello")
    notice = panel.root.locator(".g4f-notice")
    await panel.ask("again")
    assert await notice.all_inner_texts() == ["The history was corrupt, and begins anew."]
    await notice.get_by_role("button").click()
    assert await notice.count() == 0
    assert await panel.has_focus()
