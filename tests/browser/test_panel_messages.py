"""What a person finds in the panel's messages: each test was a finding of somebody who saw it for the first time."""

from __future__ import annotations

from g4f_magic.chunks import Notice
from tests.browser.bare import BarePage, BarePanel
from tests.browser.panel import Panel
from tests.browser.stage import LIVE, Stage

LONG = "\n\n".join(f"Paragraph {number} of a long reply." for number in range(120))
CLIPBOARD = "() => navigator.clipboard.readText()"
IN_SIGHT = """node => { const it = node.getBoundingClientRect();
    const view = node.closest('.g4f-transcript').getBoundingClientRect();
    return it.top >= view.top && it.bottom <= view.bottom && it.bottom <= innerHeight; }"""
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


async def test_an_answer_that_is_older_than_what_stands_above_it_says_so_until_it_is_asked_again(
    shown: Shown, stage: Stage
) -> None:
    _, panel = shown
    for prompt in ("one", "two"):
        await panel.ask(prompt)
    older = panel.turn(1).locator(".g4f-old")
    assert not await older.is_visible()
    await panel.action("Edit", 0).click()
    await panel.root.get_by_role("textbox", name="What to ask instead").fill("another")
    await panel.page.keyboard.press("Enter")
    await older.get_by_text("Something above has changed").wait_for()
    assert not await panel.turn(0).locator(".g4f-old").is_visible()
    await older.get_by_role("button").click()
    await panel.turn(1).locator(".g4f-pager").filter(has_text="2 of 2").wait_for()
    await older.wait_for(state="hidden")
    assert stage.prompts == ["one", "two", "another", "two"]
