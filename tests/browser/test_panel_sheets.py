"""All that opens in the panel, by axe and by keyboard alone, in the colours of three front ends."""

from __future__ import annotations

import pytest

from tests.browser.bare import BarePage, BarePanel
from tests.browser.panel import Panel
from tests.browser.stage import LIVE, Stage
from tests.browser.test_panel_access import AXE

Shown = tuple[BarePanel, Panel]
LIGHT = "color-scheme: light; --jp-layout-color1: white; --jp-ui-font-color1: rgba(0, 0, 0, .87); --jp-brand-color1: #1976d2"
DARK = "color-scheme: dark; --jp-layout-color1: #111; --jp-ui-font-color1: rgba(255, 255, 255, .87); --jp-brand-color1: #1976d2"
CODE = (
    "color-scheme: dark; --jp-layout-color1: white; --vscode-editor-background: #1f1f1f;"
    " --vscode-editor-foreground: #ccc; --vscode-button-background: #0078d4"
)
GROUND = {LIGHT: "white", DARK: "#111", CODE: "#1f1f1f"}


async def wrong(bare: BarePage) -> list[tuple[str, list[str]]]:
    """Return what axe finds, and where."""
    await bare.page.evaluate(AXE + "; null")
    result = await bare.page.evaluate("() => axe.run('.g4f-panel')")
    return [(one["id"], [str(node["target"]) for node in one["nodes"]]) for one in result["violations"]]


@pytest.mark.parametrize(
    ("colours", "width"),
    [(LIGHT, 1280), (DARK, 1280), (CODE, 1280), (LIGHT, 250), (DARK, 250)],
    ids=["light", "dark", "vscode", "narrow and light", "narrow and dark"],
)
async def test_axe_finds_nothing_wrong_in_anything_that_opens(
    shown: Shown, bare: BarePage, stage: Stage, colours: str, width: int
) -> None:
    kernel, panel = shown
    await bare.page.set_viewport_size({"width": width, "height": 1000})
    await bare.page.evaluate(
        "style => { document.documentElement.style.cssText = style; }",
        f"{colours}; background: {GROUND[colours]}",
    )
    try:
        found = {"empty": await wrong(bare)}
        kernel.hear({"do": "switch", "key": "k", "text": "aside"})
        stage.texts = {
            "code": "Some `code`:\n\n```python\nx = 1  # why\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
        }
        await panel.ask("code")
        await panel.send("!401")
        await panel.settles(1)
        kernel.note("The history was corrupt, and begins anew.", stays=True)
        await panel.root.locator(".g4f-notice").wait_for()
        await panel.send(LIVE)
        await panel.has(3)
        await panel.send("next")
        await panel.root.locator(".g4f-queued").wait_for()
        found["talk"] = await wrong(bare)
        kernel.send({"kind": "approve", "key": "call", "name": "price", "code": "price(item='tea')"})
        await panel.root.locator(".g4f-approving").get_by_text("Run it").wait_for()
        found["a call to approve"] = await wrong(bare)
        await panel.root.locator(".g4f-approving").get_by_role("button", name="No, because").press("Enter")
        found["why not"] = await wrong(bare)
        kernel.send({"kind": "approve", "key": "", "name": "", "code": ""})
        attach = panel.root.get_by_role("button", name="Attach a variable, a file or an output")
        await attach.press("Enter")
        found["what goes along"] = await wrong(bare)
        await attach.press("Enter")
        for name in ("Model and service", "Conversation: aside", "Settings", "Menu"):
            opener = panel.root.locator(".g4f-top").get_by_role("button", name=name).first
            if not await opener.is_visible():
                await panel.from_menu(f"{name} …")
                found[name] = await wrong(bare)
                await bare.page.keyboard.press("Escape")
                continue
            await opener.press("Enter")
            found[name] = await wrong(bare)
            await bare.page.keyboard.press("Escape")
            assert await opener.evaluate("node => node === document.activeElement")
        await panel.action("Edit", 0).press("Enter")
        await panel.area.press("Control+f")
        found["edit and find"] = await wrong(bare)
        kernel.stop()
        await panel.settles(2)
        assert {place: what for place, what in found.items() if what} == {}
    finally:
        await bare.page.evaluate("() => { document.documentElement.style.cssText = ''; }")
        await bare.page.set_viewport_size({"width": 1280, "height": 1000})


async def test_a_sheet_closes_as_one_goes_elsewhere_and_only_one_is_open(
    shown: Shown, bare: BarePage
) -> None:
    _, panel = shown
    sheets = panel.root.locator(".g4f-sheet:visible")
    for name in ("Settings", "Menu"):
        await panel.root.get_by_role("button", name=name, exact=True).click()
        assert await sheets.count() == 1
    await panel.area.click()
    assert await sheets.count() == 0
    assert await panel.has_focus()


async def test_the_list_of_models_is_gone_through_by_arrows(shown: Shown, bare: BarePage) -> None:
    kernel, panel = shown
    kernel.hear({"do": "choose", "key": "c", "values": {"provider": "darkai"}})
    await panel.root.get_by_role("button", name="darkai · llama-3-70b").press("Enter")
    pointed = panel.root.locator(".g4f-pointed .g4f-name-of")
    assert await pointed.inner_text() == "llama-3-70b"
    await bare.page.keyboard.press("ArrowDown")
    assert await pointed.inner_text() == "gpt-3.5-turbo"
    field = panel.root.get_by_role("combobox", name="Find a model or a service")
    active = await field.get_attribute("aria-activedescendant")
    assert await panel.root.locator(f"#{active}").get_attribute("role") == "option"
    await bare.page.keyboard.press("Enter")
    await panel.root.get_by_role("button", name="darkai · gpt-3.5-turbo").wait_for()
    assert kernel.model == "gpt-3.5-turbo"
