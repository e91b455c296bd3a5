"""What a person attaches in the panel: by name, by choosing, dropping and pasting files; by keyboard too."""

from __future__ import annotations

from base64 import b64decode

from tests.browser.lab import Desk
from tests.browser.panel import Panel, opened
from tests.browser.stage import Stage
from tests.browser.test_panel_access import FOCUSED, focus, violations

ROWS = "rows = ['Turku', 'Pori']"
BRING = """([node, kind, name, type, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, {type}));
    const make = {drop: DragEvent, dragover: DragEvent, paste: ClipboardEvent}[kind];
    const field = kind === 'paste' ? 'clipboardData' : 'dataTransfer';
    node.dispatchEvent(new make(kind, {bubbles: true, cancelable: true, [field]: data}));
}"""


async def bring(panel: Panel, kind: str, name: str, text: str, media_type: str = "text/plain") -> None:
    """Drop a file on the panel, or paste it into the input."""
    target = panel.area if kind == "paste" else panel.root
    await panel.page.evaluate(BRING, [await target.element_handle(), kind, name, media_type, text])


async def chip(panel: Panel, words: str) -> None:
    """Wait until a chip says these words."""
    await panel.root.locator(".g4f-chip").filter(has_text=words).wait_for()


async def test_a_name_is_attached_by_keyboard_shown_as_a_chip_and_sent(desk: Desk, stage: Stage) -> None:
    async with opened(desk, "lab", "panel-attach.ipynb", ROWS) as (book, panel):
        await book.run(2)
        keys = book.page.keyboard
        await focus(panel, "Attach a variable, a file or an output")
        await keys.press("Enter")
        await keys.type("rows")
        await keys.press("Enter")
        await chip(panel, "rows · ")
        await keys.press("Escape")
        assert await panel.has_focus()
        await panel.ask("What is it?")
        assert "Turku" in stage.asked[-1].prompt
        assert await panel.root.locator(".g4f-chip").count() == 0
        assert "with rows (" in await panel.line().inner_text()
        await panel.ask("second")
        await panel.turn(0).get_by_text("What was sent").click()
        await panel.turn(0).locator(".g4f-sent pre").filter(has_text="Turku").wait_for()
        await panel.root.get_by_text("Attach", exact=True).click()
        await keys.type("rows[0]")
        await keys.press("Enter")
        await chip(panel, "rows[0] · ")
        await bring(panel, "dragover", "a.txt", "")
        assert await violations(book) == []


async def test_a_chip_is_taken_off_and_the_focus_stays_in_the_panel(desk: Desk, stage: Stage) -> None:
    async with opened(desk, "lab", "panel-attach.ipynb") as (book, panel):
        await bring(panel, "drop", "a.txt", "first of all")
        await bring(panel, "paste", "b.txt", "second")
        await chip(panel, "a.txt · ")
        await chip(panel, "b.txt · ")
        await focus(panel, "Remove a.txt")
        await book.page.keyboard.press("Enter")
        assert await book.page.evaluate(FOCUSED) == "Remove b.txt"
        await panel.ask("Read it")
        assert "second" in stage.asked[-1].prompt
        assert "first of all" not in stage.asked[-1].prompt


async def test_what_is_not_there_is_said_and_leaves_no_chip(desk: Desk, stage: Stage) -> None:
    async with opened(desk, "lab", "panel-attach.ipynb") as (_, panel):
        await panel.root.get_by_text("Attach", exact=True).click()
        field = panel.root.get_by_label("A variable, a file, @error, @out, @cells or @input")
        await field.fill("nothere")
        await field.press("Enter")
        await panel.told("nothere")
        assert await panel.root.locator(".g4f-chip").count() == 0


async def test_what_cannot_be_sent_comes_back_with_its_chips(desk: Desk, stage: Stage) -> None:
    picture = (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    async with opened(desk, "lab", "panel-attach.ipynb") as (_, panel):
        inputs = panel.root.locator("input[type=file]")
        await inputs.set_input_files(
            {"name": "dot.png", "mimeType": "image/png", "buffer": b64decode(picture)}
        )
        await chip(panel, "dot.png · ")
        await panel.send("What colour?")
        await panel.told("takes text alone")
        await chip(panel, "dot.png")
        assert await panel.area.input_value() == "What colour?"
        assert not stage.asked
