"""What the panel looks like: each test was a finding of somebody who saw it for the first time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.bare import BarePage, BarePanel
from tests.browser.panel import Panel
from tests.browser.stage import LIVE, Stage

LONG = "\n\n".join(f"Paragraph {number} of a long reply." for number in range(120))
SIDE_BAR = 250
"""Pixels: about as wide as JupyterLab opens its side bar."""
EDGE = """head => { const ground = getComputedStyle(head.closest('.g4f-panel')).getPropertyValue('--ground');
    const probe = document.createElement('i'); probe.style.color = ground; document.body.append(probe);
    const [edge, behind] = [getComputedStyle(head).borderBottomColor, getComputedStyle(probe).color];
    probe.remove();
    return [parseFloat(getComputedStyle(head).borderBottomWidth), edge !== behind,
        document.querySelector('.g4f-transcript').getBoundingClientRect().top - head.getBoundingClientRect().bottom]; }"""
PULSES = """node => [...node.querySelectorAll('.g4f-wait, .g4f-foot')].filter(one => one.isConnected && one.offsetParent
    && getComputedStyle(one, '::before').animationName === 'g4f-pulse').length"""
Shown = tuple[BarePanel, Panel]


@pytest_asyncio.fixture(loop_scope="session")
async def narrow(bare: BarePage, shown: Shown) -> AsyncIterator[Shown]:
    await bare.page.set_viewport_size({"width": SIDE_BAR, "height": 900})
    yield shown
    await bare.page.set_viewport_size({"width": 1280, "height": 1000})


async def test_an_edge_stands_where_text_scrolls_under_the_head(
    shown: Shown, bare: BarePage, stage: Stage
) -> None:
    _, panel = shown
    stage.texts = {"long": LONG}
    await panel.ask("long")
    await panel.transcript.evaluate("node => { node.scrollTop = 300; }")
    width, is_seen, gap = await panel.root.locator(".g4f-top").evaluate(EDGE)
    assert (width, is_seen, gap) == (1, True, 0)


@pytest.mark.parametrize("width", [SIDE_BAR, 700, 1400])
async def test_before_the_talk_stands_one_line(shown: Shown, bare: BarePage, width: int) -> None:
    _, panel = shown
    await bare.page.set_viewport_size({"width": width, "height": 900})
    try:
        head = panel.root.locator(".g4f-top")
        buttons = await head.locator("> button:visible").evaluate_all(
            "all => all.map(one => { const it = one.getBoundingClientRect(); return it.top + it.height / 2; })"
        )
        assert max(buttons) - min(buttons) < 2
        assert await head.evaluate("it => it.offsetHeight") < 45
    finally:
        await bare.page.set_viewport_size({"width": 1280, "height": 1000})


async def test_the_talk_takes_the_room_there_is(shown: Shown, bare: BarePage, stage: Stage) -> None:
    _, panel = shown
    stage.texts = {"long": LONG}
    await bare.page.set_viewport_size({"width": 1280, "height": 900})
    try:
        await panel.ask("long")
        assert await panel.transcript.evaluate("it => it.offsetHeight") > 600
        assert await panel.root.evaluate("it => it.offsetHeight") < 900
    finally:
        await bare.page.set_viewport_size({"width": 1280, "height": 1000})


async def test_code_says_its_language_from_its_first_line_on(shown: Shown, stage: Stage) -> None:
    _, panel = shown
    await panel.send(LIVE)
    stage.say("```python\nx = 1\n")
    await panel.says("x = 1")
    growing = panel.turn().locator(".g4f-tail pre")
    shows = "node => { const {content} = getComputedStyle(node, '::before'); return content; }"
    first = await growing.evaluate(shows)
    stage.say("```\n\n```\ny = 2\n")
    await panel.says("y = 2")
    second = await growing.evaluate(shows)
    stage.end()
    await panel.settles()
    assert (first, second) == ('"python"', '"code"')
    assert await panel.turn().locator(".g4f-language").all_inner_texts() == ["python", "code"]


async def test_something_moves_while_a_reply_is_waited_for_and_while_it_grows(
    shown: Shown, stage: Stage
) -> None:
    _, panel = shown
    await panel.send(LIVE)
    await panel.has(1)
    waits = await panel.turn().evaluate(PULSES)
    stage.say("Some words")
    await panel.says("Some words")
    grows = await panel.turn().evaluate(PULSES)
    stage.end()
    await panel.settles()
    assert (waits, grows, await panel.turn().evaluate(PULSES)) == (1, 1, 0)


async def test_a_service_and_a_model_are_named_once_with_an_answer(shown: Shown) -> None:
    kernel, panel = shown
    await panel.ask("hello")
    [turn] = kernel.turns
    text = await panel.turn().inner_text()
    assert (text.count("koala"), text.count(turn.model)) == (1, 1)


async def test_as_narrow_as_a_side_bar_the_model_is_seen_and_the_menu_has_the_settings(
    narrow: Shown, bare: BarePage
) -> None:
    kernel, panel = narrow
    head = panel.root.locator(".g4f-top")
    assert await head.locator(".g4f-opener .g4f-word").first.inner_text() == kernel._models["default"]
    assert not await head.get_by_role("button", name="Settings", exact=True).is_visible()
    await panel.from_menu("Settings …")
    await panel.root.get_by_role("dialog", name="Settings").get_by_label("System prompt").press("Escape")
    assert await panel.has_focus()


async def test_as_narrow_as_a_side_bar_what_can_be_done_stands_in_one_row(
    narrow: Shown, stage: Stage
) -> None:
    _, panel = narrow
    stage.texts = {"code": "```python\nx = 1\n```\n"}
    await panel.ask("code")
    await panel.action("Ask again").click()
    await panel.turn().locator(".g4f-pager").filter(has_text="2 of 2").wait_for()
    rows = "all => new Set(all.map(one => Math.round(one.getBoundingClientRect().top))).size"
    for bar in (".g4f-foot > .g4f-bar", ".g4f-codebar"):
        buttons = panel.turn().locator(f"{bar} button:visible")
        assert await buttons.count() > 1
        assert await buttons.evaluate_all(rows) == 1
        assert "" not in await buttons.evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
