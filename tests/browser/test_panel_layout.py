"""The room that the panel takes, and that each thing in it can be seen and hit."""

from __future__ import annotations

from pathlib import Path

import pytest

from g4f_magic import page
from g4f_magic.renderers.code_blocks import STYLE
from tests.browser.bare import BarePage, BarePanel
from tests.browser.panel import Panel
from tests.browser.stage import Stage

LONG = "\n\n".join(f"Paragraph {number} of a long reply." for number in range(120))
AT_CENTRE = """node => { const it = node.getBoundingClientRect();
    const hit = document.elementFromPoint(it.x + it.width / 2, it.y + it.height / 2);
    return node.contains(hit) ? '' : `${node.title}: ${hit?.outerHTML.slice(0, 80)}`; }"""
FRONT_END = (Path(page.__file__).parent / "labextension" / "static" / "style.css").read_text("utf-8")
"""What JupyterLab's page has beside the panel's own look."""
Shown = tuple[BarePanel, Panel]


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
