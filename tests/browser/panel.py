"""The chat panel in a notebook, as a person sees and uses it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.browser.lab import Book, Desk, FrontEnd

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

LOAD = "%load_ext g4f_magic"
SHOW = "%chat panel"
COMMS = "len(get_ipython().kernel.comm_manager.comms)"
PANELS = "[*__import__('g4f_magic.asker').asker.loaded_magics().session.panels.values()]"
UNLOAD = "get_ipython().run_line_magic('unload_ext', 'g4f_magic')"


_WATCH = """selector => { window.g4fWatched = new Promise(done => {
    const watch = new MutationObserver(() => {
        const found = document.querySelector(selector);
        if (!found) return;
        watch.disconnect();
        done(found.textContent);
    });
    watch.observe(document, {subtree: true, childList: true, attributes: true});
}); }"""


class Panel:
    """One panel in a page."""

    def __init__(self, page: Page, number: int = 0) -> None:
        self.page = page
        self.root = page.locator(".g4f-panel").nth(number)
        self.area = self.root.get_by_role("textbox", name="Message", exact=True)
        self.act = self.root.locator(".g4f-act:visible").first
        self.status = self.root.get_by_role("status")
        self.turns = self.root.locator(".g4f-list > .g4f-turn")
        self.transcript = self.root.locator(".g4f-transcript")

    async def is_there(self) -> None:
        """Wait until the kernel has told the page what there is."""
        await self.root.locator(".g4f-words").filter(has_text=":").wait_for(state="attached")

    async def send(self, text: str) -> None:
        """Write something and press Enter."""
        await self.area.fill(text)
        await self.area.press("Enter")

    async def ask(self, text: str) -> None:
        """Send something and wait until the reply has settled."""
        count = await self.turns.count()
        await self.send(text)
        await self.settles(count)

    async def settles(self, index: int = -1) -> None:
        """Wait until the reply of a turn has settled."""
        await self.line(index).filter(has_text="—").wait_for()

    def turn(self, index: int = -1) -> Locator:
        """Return what shows a turn."""
        return self.turns.nth(index)

    def line(self, index: int = -1) -> Locator:
        """Return what says of a turn who answered and how it ended."""
        return self.turn(index).locator(".g4f-line")

    def action(self, name: str, index: int = -1) -> Locator:
        """Return the button of a turn that has this word on it."""
        return self.turn(index).locator(".g4f-bar button").filter(has_text=name)

    async def watch(self, selector: str) -> None:
        """From now on notice what the selector fits, also where that is there for a moment only."""
        await self.page.evaluate(_WATCH, selector)

    async def watched(self) -> str:
        """Wait until something of that kind is there, or was; return its text."""
        text: str = await self.page.evaluate("() => window.g4fWatched")
        return text

    async def from_menu(self, name: str) -> None:
        """Choose something in the menu."""
        await self.root.get_by_role("button", name="Menu", exact=True).click()
        menu = self.root.get_by_role("dialog", name="Menu")
        await menu.get_by_role("button", name=name, exact=True).click()

    async def says(self, words: str, index: int = -1) -> None:
        """Wait until these words stand in the reply of a turn."""
        await self.turn(index).locator(".g4f-reply").filter(has_text=words).wait_for()

    async def told(self, words: str) -> None:
        """Wait until the panel says this below the transcript."""
        await self.status.filter(has_text=words).wait_for()

    async def has(self, turns: int) -> None:
        """Wait until so many turns are shown."""
        await self.page.wait_for_function(
            "([root, count]) => root.querySelectorAll('.g4f-list > .g4f-turn').length === count",
            arg=[await self.root.element_handle(), turns],
        )

    async def reply(self, index: int = -1) -> str:
        """Return what a person reads in the reply of a turn, also where it is scrolled away."""
        reply = self.turn(index).locator(".g4f-reply")
        texts = await reply.locator("> .g4f-blocks, > .g4f-tail").all_text_contents()
        return "".join(texts).strip()

    async def prompts(self) -> list[str]:
        """Return what the turns were asked, in the order in which they are shown."""
        return await self.turns.locator(".g4f-prompt").all_inner_texts()

    async def has_focus(self) -> bool:
        """Say whether what is typed goes into the input."""
        return bool(await self.area.evaluate("area => area === document.activeElement"))

    async def button(self) -> str:
        """Return what the one button says."""
        return await self.act.inner_text()


@asynccontextmanager
async def opened(
    desk: Desk, front_end: FrontEnd, name: str, *cells: str, panels: int = 1, fresh: bool = False
) -> AsyncGenerator[tuple[Book, *tuple[Panel, ...]]]:
    """Open a notebook with panels in its cells from the second on, and `cells` after them.

    At the end no comm may be open once the extension is unloaded.
    """
    async with desk.open(front_end, name, LOAD, *[SHOW] * panels, *cells, fresh=fresh) as book:
        shown = [Panel(book.page, number) for number in range(panels)]
        for number in range(panels + 1):
            await book.run(number)
        for panel in shown:
            await panel.is_there()
        yield book, *shown
        assert await book.kernel_says(COMMS, UNLOAD) == "0"
