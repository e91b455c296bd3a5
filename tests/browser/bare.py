"""The panel in a page with nothing else: the kernel's side runs in this process, the page's in Chromium.

What belongs to the panel alone is tried so; what belongs to a front end, in JupyterLab and Notebook (see `lab`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from g4f_magic.panel import ChatPanel
from g4f_magic.session import Session
from tests.browser.panel import Panel
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

ADDRESS = "http://bare.localhost/"
_PAGE = (
    "<!doctype html><html lang=en><title>Panel</title><body style='margin:8px'><main></main></body></html>"
)
_MODEL = """async ({esm, css, state}) => {
    document.querySelector('main').replaceChildren();
    document.getElementById('panel-style')?.remove();
    const style = Object.assign(document.createElement('style'), {id: 'panel-style', textContent: css});
    document.head.append(style);
    const listeners = {};
    const tell = (name, value) => { for (const one of [...(listeners[name] ?? [])]) one(value); };
    window.model = {
        state, widget_manager: window.widgetManager ?? {},
        get: name => state[name],
        on: (name, one) => { (listeners[name] ??= []).push(one); },
        off: (name, one) => { listeners[name] = (listeners[name] ?? []).filter(it => it !== one); },
        send: content => window.toKernel(content),
        hear: content => tell('msg:custom', content),
        change: (name, value) => { state[name] = value; tell(`change:${name}`); },
    };
    window.page ??= await import(URL.createObjectURL(new Blob([esm], {type: 'text/javascript'})));
    window.away?.();
    window.away = window.page.default.render({model: window.model, el: document.querySelector('main')});
}"""


class BarePanel(ChatPanel):
    """A panel whose page is the bare one."""

    def __init__(self, page: Page, **options: Any) -> None:
        self._page = page
        self._told: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        super().__init__(**options)
        self.observe(lambda change: self._told.put_nowait((change["name"], change["new"])), list(self.keys))

    def send(self, content: Any, buffers: Any = None) -> None:
        self._told.put_nowait(("", content))

    async def pass_on(self) -> None:
        """Tell the page what is said to it, in order."""
        while True:
            name, value = await self._told.get()
            if name:
                await self._page.evaluate(
                    "([name, value]) => window.model.change(name, value)", [name, value]
                )
            else:
                await self._page.evaluate("content => window.model.hear(content)", value)

    def hear(self, content: dict[str, Any]) -> None:
        """Do what the page asks for."""
        self._requests.hear(content)

    def shown_state(self) -> dict[str, Any]:
        """Return the traits that a page has."""
        return {name: getattr(self, name) for name in self.keys if name not in ("layout", "comm", "tooltip")}


class BarePage:
    """One page, for many panels one after the other."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        """What the page itself complained of."""
        self._hear: Callable[[Any], None] = lambda content: None
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def load(self) -> None:
        """Load it."""
        await self.page.route(
            f"{ADDRESS}**", lambda route: route.fulfill(body=_PAGE, content_type="text/html")
        )
        await self.page.expose_function("toKernel", lambda content: self._hear(content))
        await self.page.goto(ADDRESS)

    @asynccontextmanager
    async def shows(self, session: Session, **options: Any) -> AsyncGenerator[tuple[BarePanel, Panel]]:
        """Show a panel; at the end nothing may have gone wrong in the page."""
        panel = BarePanel(self.page, session=session, **options)
        self._hear = panel.hear
        parts = {"esm": panel._esm, "css": panel._css, "state": panel.shown_state()}
        await self.page.evaluate(_MODEL, parts)
        passing = asyncio.create_task(panel.pass_on())
        try:
            shown = Panel(self.page)
            await shown.is_there()
            yield panel, shown
            assert self.errors == []
        finally:
            passing.cancel()
            panel.close()
            self.errors.clear()


@asynccontextmanager
async def bare_page(context: BrowserContext) -> AsyncGenerator[BarePage]:
    """Open the page."""
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    bare = BarePage(page)
    await bare.load()
    try:
        yield bare
    finally:
        await page.close()
