"""The panel in VS Code's own bundle of widgets, in Chromium: its themes, its formulas, and what Insert says there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import pytest

from g4f_magic.gateway import Gateway
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.browser.bare import BarePanel
from tests.browser.lab import chromium, chromium_path
from tests.browser.panel import Panel
from tests.browser.stage import Stage
from tests.environments import FRONTS
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

pytestmark = [
    pytest.mark.fronts,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(FRONTS.missing_node()), reason=FRONTS.missing_node()),
    pytest.mark.skipif(not chromium_path(), reason="no chromium"),
]

ADDRESS = "http://vscode.localhost"
PARTS = Path(__file__).parent / "vscode"
BUNDLE = FRONTS.node_modules / "@vscode" / "jupyter-ipywidgets8" / "dist" / "ipywidgets.js"
DARK = {
    "color-scheme": "dark",
    "font-family": "sans-serif",
    "font-size": "13px",
    "editor-background": "#1f1f1f",
    "editor-foreground": "#cccccc",
    "button-background": "#0078d4",
    "textPreformat-foreground": "#d0d0d0",
    "textPreformat-background": "#3c3c3c",
    "textLink-foreground": "#4daafc",
    "editor-font-family": "monospace",
}
LIGHT = {
    **DARK,
    "color-scheme": "light",
    "editor-background": "#ffffff",
    "editor-foreground": "#3b3b3b",
    "button-background": "#005fb8",
    "textPreformat-foreground": "#3b3b3b",
    "textPreformat-background": "#0000001f",
    "textLink-foreground": "#005fb8",
}
THEMES = {"vscode-dark": DARK, "vscode-light": LIGHT}
REPLY = (
    "## A *reply* with `words` and a [link](https://example.org)\n\n$E = mc^2$ and\n\n$$\\frac{a}{b}$$\n\n"
    "| a | b |\n|---|---|\n| 1 | `2` |\n\n> said\n\n"
    "```python\nclass A:\n    # why\n    def f(self, x=1.5): return f'{x}' + \"s\" @ None\n```\n"
)


class CodePanel(BarePanel):
    """A panel whose page is VS Code's."""

    async def pass_on(self) -> None:
        while True:
            name, value = await self._told.get()
            if name:
                await self._page.evaluate("([name, value]) => window.change(name, value)", [name, value])
            else:
                await self._page.evaluate("content => window.hear(content)", value)


async def _serve(route: Route) -> None:
    name = route.request.url.removeprefix(ADDRESS).strip("/")
    index = Path(anywidget.__file__).parent / "nbextension" / "index.js"
    served = {
        "": PARTS / "page.html",
        "page.js": PARTS / "page.js",
        "ipywidgets.js": BUNDLE,
        "anywidget.js": index,
    }
    file = served.get(name)
    if file is None:
        await route.fulfill(status=404)
        return
    kind = "text/html" if file.suffix == ".html" else "text/javascript"
    await route.fulfill(body=file.read_text("utf-8"), content_type=kind)


@asynccontextmanager
async def shown(tmp_path: Path, stage: Stage) -> AsyncIterator[tuple[Page, Panel]]:
    async with Gateway(stage) as gateway, chromium() as context:
        settings = Settings(history=str(tmp_path / "h.sqlite"), base_url=gateway.base_url, provider="koala")
        session = Session(settings, notebook="book")
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.route(f"{ADDRESS}/**", _serve)
        panel = CodePanel(page, session=session)
        await page.expose_function("toKernel", panel.hear)
        await page.goto(ADDRESS)
        await page.add_script_tag(url=f"{ADDRESS}/page.js")
        await wear(page, "vscode-dark")
        state = json.loads(json.dumps(panel.shown_state() | {"_esm": panel._esm, "_css": panel._css}))
        state |= {"_anywidget_id": "g4f_magic.panel.widget.ChatPanel"}
        await page.evaluate("state => window.show(state)", state)
        passing = asyncio.create_task(panel.pass_on())
        try:
            seen = Panel(page)
            await seen.is_there()
            yield page, seen
            assert problems == []
        finally:
            passing.cancel()
            with suppress(asyncio.CancelledError):
                await passing
            panel.close()
            await session.aclose()


async def wear(page: Page, theme: str) -> None:
    """Have the page look as it does in a theme of VS Code's."""
    colours = {
        name if name == "color-scheme" else f"--vscode-{name}": it for name, it in THEMES[theme].items()
    }
    style = ";".join(f"{name}:{it}" for name, it in colours.items())
    await page.evaluate(
        "([style, kind, ground]) => { document.documentElement.style.cssText = style;"
        " document.documentElement.style.background = ground;"
        " document.body.dataset.vscodeThemeKind = kind; document.body.className = kind; }",
        [style, theme, THEMES[theme]["editor-background"]],
    )


async def violations(page: Page) -> list[tuple[str, Any]]:
    """Return what axe finds wrong in the panel, its contrast with it."""
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    await page.evaluate(axe + "; null")
    result = await page.evaluate("() => axe.run('.g4f-panel')")
    contrast = [node for one in result["passes"] if one["id"] == "color-contrast" for node in one["nodes"]]
    assert len(contrast) > 15
    return [
        (one["id"], [(node["target"], node["failureSummary"]) for node in one["nodes"]])
        for one in result["violations"]
    ]


GROUNDS = """() => [".cell-output-ipywidget-background", ".g4f-panel", ".g4f-reply pre", ".g4f-reply pre code"]
    .map(one => getComputedStyle(document.querySelector(one)).backgroundColor)"""


async def test_the_panel_in_vs_codes_own_widgets(tmp_path: Path) -> None:
    stage = Stage()
    stage.texts = {"first": REPLY}
    async with shown(tmp_path, stage) as (page, panel):
        await panel.ask("first")
        await panel.ask("!401")
        found, grounds = {}, {}
        for theme in THEMES:
            await wear(page, theme)
            found[theme] = await violations(page)
            grounds[theme] = await page.evaluate(GROUNDS)

        assert found == {theme: [] for theme in THEMES}
        # Its extension's ground is white in every theme, and its own for `code` would be stripes.
        assert grounds == dict.fromkeys(THEMES, ["rgba(0, 0, 0, 0)"] * 4)
        # Its typesetter does nothing.
        assert await panel.root.locator("math").count() == 2
        assert "$" not in await panel.reply(0)
        insert = panel.root.locator(".g4f-codebar button").filter(has_text="Insert")
        assert await insert.count() == 1
        await insert.click()
        await panel.told("the code is copied")
