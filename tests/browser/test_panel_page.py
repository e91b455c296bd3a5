"""What a person finds in the panel at once: each test was a finding of somebody who saw it for the first time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from g4f_magic import page
from g4f_magic.chunks import Notice
from g4f_magic.panel.examples import examples_of
from g4f_magic.renderers.code_blocks import STYLE
from tests.browser.bare import BarePage, BarePanel
from tests.browser.panel import Panel
from tests.browser.stage import LIVE, Stage

if TYPE_CHECKING:
    from g4f_magic.session import Session

LONG = "\n\n".join(f"Paragraph {number} of a long reply." for number in range(120))
CLIPBOARD = "() => navigator.clipboard.readText()"
IN_SIGHT = """node => { const it = node.getBoundingClientRect();
    const view = node.closest('.g4f-transcript').getBoundingClientRect();
    return it.top >= view.top && it.bottom <= view.bottom && it.bottom <= innerHeight; }"""
AT_END = """() => { const it = document.querySelector('.g4f-transcript');
    return it.scrollTop > 100 && it.scrollHeight - it.scrollTop - it.clientHeight < 40; }"""
AT_CENTRE = """node => { const it = node.getBoundingClientRect();
    const hit = document.elementFromPoint(it.x + it.width / 2, it.y + it.height / 2);
    return node.contains(hit) ? '' : `${node.title}: ${hit?.outerHTML.slice(0, 80)}`; }"""
FRONT_END = (Path(page.__file__).parent / "labextension" / "static" / "style.css").read_text("utf-8")
"""What JupyterLab's page has beside the panel's own look."""
Shown = tuple[BarePanel, Panel]


async def test_an_edit_opens_in_sight_also_above_a_long_reply(shown: Shown, stage: Stage) -> None:
    _, panel = shown
    stage.texts = {"long": LONG}
    await panel.ask("long")
    await panel.turn().locator(".g4f-asked").scroll_into_view_if_needed()
    await panel.action("Edit").click()
    field = panel.root.get_by_role("textbox", name="What to ask instead")
    assert await field.evaluate(IN_SIGHT)
    assert await field.evaluate("node => node === document.activeElement")
    await field.press("Escape")
    assert await panel.has_focus()


async def test_an_edit_stays_in_sight_while_a_reply_grows(shown: Shown, stage: Stage) -> None:
    _, panel = shown
    stage.texts = {"long": LONG}
    await panel.ask("long")
    await panel.send(LIVE)
    stage.say("The beginning.\n\n")
    await panel.says("The beginning.")
    await panel.action("Edit", 0).click()
    stage.say(LONG)
    await panel.says("Paragraph 119")
    assert await panel.root.get_by_role("textbox", name="What to ask instead").evaluate(IN_SIGHT)
    stage.end()
    await panel.settles()


async def test_copying_answers_on_the_button(shown: Shown, bare: BarePage, stage: Stage) -> None:
    _, panel = shown
    await bare.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stage.texts = {"code": "Some *code*:\n\n```python\nx = 1\n```\n"}
    await panel.ask("code")
    for where, text in ((".g4f-codebar", "x = 1"), (".g4f-foot", stage.texts["code"].strip())):
        await panel.watch(f"{where} .g4f-answered")
        await panel.turn().locator(where).get_by_text("Copy", exact=True).click()
        assert await panel.watched() == "Copied"
        assert (await bare.page.evaluate(CLIPBOARD)).strip() == text
        await panel.turn().locator(where).get_by_text("Copy", exact=True).wait_for()


async def test_an_error_stands_once_where_it_happened_with_what_to_do(shown: Shown, stage: Stage) -> None:
    kernel, panel = shown
    await panel.send("!401")
    await panel.settles()
    [turn] = kernel.turns
    texts = await panel.root.locator("> :not(.g4f-unseen)").all_inner_texts()
    assert "\n".join(texts).count(turn.error) == 1
    assert turn.hint in await panel.turn().locator(".g4f-error").inner_text()
    assert await panel.status.inner_text() == ""
    stage.texts = {"!401": "never"}
    await panel.turn().get_by_role("button", name="Try again").click()
    await panel.turn().locator(".g4f-pager").filter(has_text="2 of 2").wait_for()
    assert len(stage.asked) == 2


async def test_undo_and_redo_are_there_when_there_is_something(shown: Shown) -> None:
    _, panel = shown
    menu = panel.root.get_by_role("button", name="Menu", exact=True)
    items = panel.root.get_by_role("dialog", name="Menu").locator("button:visible .g4f-name-of")
    await menu.click()
    before = await items.all_inner_texts()
    await menu.press("Escape")
    await panel.ask("hello")
    await menu.click()
    await items.filter(has_text="Undo").wait_for()
    asked = await items.all_inner_texts()
    await panel.root.get_by_role("button", name="Undo", exact=True).click()
    await panel.has(0)
    await menu.click()
    await items.filter(has_text="Redo").wait_for()
    undone = await items.all_inner_texts()
    assert ("Undo" in before, "Redo" in before) == (False, False)
    assert ("Undo" in asked, "Redo" in asked) == (True, False)
    assert ("Undo" in undone, "Redo" in undone) == (False, True)


async def test_an_answer_says_who_gave_it_and_when(shown: Shown) -> None:
    kernel, panel = shown
    await panel.ask("hello")
    who = panel.turn().locator(".g4f-who")
    [turn] = kernel.turns
    assert await who.locator("strong").inner_text() == "koala"
    assert turn.model in await who.inner_text()
    assert (await who.locator("time").inner_text()).strip()


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


async def test_a_new_conversation_leaves_the_focus_in_the_field(shown: Shown, bare: BarePage) -> None:
    kernel, panel = shown
    await panel.root.get_by_role("button", name="Conversation: main").click()
    await panel.root.get_by_label("New conversation").fill("aside")
    await bare.page.keyboard.press("Enter")
    await bare.page.keyboard.type("typed next")
    await panel.root.get_by_role("button", name="Conversation: aside").wait_for()
    assert await panel.area.input_value() == "typed next"
    assert kernel.conversation == "aside"


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


async def test_a_wait_counts_down(shown: Shown, bare: BarePage, stage: Stage) -> None:
    kernel, panel = shown
    await panel.send(LIVE)
    await panel.has(1)
    [live] = kernel.following._streaming.values()
    live.take(Notice("busy · waiting 40 s before try 2 of 4", 40.0))
    await panel.says("waiting 40 s before")
    await panel.says("waiting 39 s before")
    stage.end()
    stage.say("The end.")
    kernel.stop()
    await panel.settles()


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


async def test_its_height_follows_the_mouse_and_the_keys(shown: Shown, bare: BarePage, stage: Stage) -> None:
    kernel, panel = shown
    stage.texts = {"long": LONG}
    await panel.ask("long")
    grip = panel.root.get_by_role("separator", name="Height of the conversation")
    before = await panel.transcript.evaluate("node => node.offsetHeight")
    await grip.press("ArrowUp")
    smaller = await panel.transcript.evaluate("node => node.offsetHeight")
    place = await grip.bounding_box()
    assert place is not None
    await bare.page.mouse.move(place["x"] + 9, place["y"] + 3)
    await bare.page.mouse.down()
    await bare.page.mouse.move(place["x"] + 9, place["y"] - 97)
    await bare.page.mouse.up()
    pulled = await panel.transcript.evaluate("node => node.offsetHeight")
    assert (before - smaller, smaller - pulled) == (32, 100)
    await bare.page.wait_for_function("height => model.get('height') === height", arg=f"{pulled}px")
    assert kernel.height == f"{pulled}px"


@pytest.mark.parametrize("width", [350, 1400])
async def test_nothing_is_wider_than_the_panel(
    shown: Shown, bare: BarePage, stage: Stage, width: int
) -> None:
    _, panel = shown
    row = "| " + " | ".join(f"a long heading {number}" for number in range(12)) + " |\n"
    table = row + "|---" * 12 + "|\n" + row
    stage.texts = {"wide": f"{table}\n```python\n{'x = 1  # ' + 'y' * 400}\n```\n\n{'w' * 300}\n"}
    await bare.page.set_viewport_size({"width": width, "height": 900})
    await panel.ask("wide")
    await panel.send("!401")
    await panel.settles(1)
    try:
        wide = await panel.root.evaluate("""root => { const most = root.getBoundingClientRect().right + 1;
            return [...root.querySelectorAll('*')].filter(one => !one.closest('pre, table, .g4f-unseen')
                && one.offsetParent && one.getBoundingClientRect().right > most).map(one => one.className); }""")
        cells = await panel.turn(0).locator("th").evaluate_all("all => all.map(one => one.clientHeight)")
        assert wide == []
        assert await panel.transcript.evaluate("node => node.scrollWidth <= node.clientWidth")
        assert max(cells) < 120  # no word is broken to make room
    finally:
        await bare.page.set_viewport_size({"width": 1280, "height": 1000})


@pytest.mark.parametrize("width", [350, 500, 700, 1000, 1400])
async def test_each_button_of_a_message_is_what_a_click_on_it_hits(
    shown: Shown, bare: BarePage, width: int
) -> None:
    _, panel = shown
    await bare.page.set_viewport_size({"width": width, "height": 900})
    looks = await bare.page.add_style_tag(content=FRONT_END + STYLE.removeprefix("<style>").split("<")[0])
    try:
        await panel.ask("one")
        await panel.action("Ask again").click()
        await panel.turn().locator(".g4f-pager").filter(has_text="2 of 2").wait_for()
        await panel.send("!401")
        await panel.settles(1)
        buttons = await panel.turns.locator("button:visible").all()
        misses = []
        for button in buttons:
            await button.scroll_into_view_if_needed()
            misses.append(await button.evaluate(AT_CENTRE))
            place = await button.bounding_box()
            assert place is not None
            await bare.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
            misses.append(await button.evaluate(AT_CENTRE))
        assert len(buttons) == 9  # two to edit, two to page, and what else there is to do
        assert [*filter(None, misses)] == []
    finally:
        await looks.evaluate("node => node.remove()")
        await bare.page.set_viewport_size({"width": 1280, "height": 1000})


async def test_code_stays_where_it_is_as_its_reply_ends(shown: Shown, stage: Stage) -> None:
    _, panel = shown
    place = """node => { const text = document.createRange(); text.selectNodeContents(node);
        return text.getClientRects()[0].top; }"""
    await panel.send(LIVE)
    stage.say("```python\nx = 1\n")
    await panel.says("x = 1")
    before = await panel.turn().locator("pre code").evaluate(place)
    stage.end()
    await panel.settles()
    assert abs(await panel.turn().locator("pre code").evaluate(place) - before) < 2
