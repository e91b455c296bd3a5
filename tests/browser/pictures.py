"""The pictures of README and docs, made anew in a real JupyterLab.

    python -m tests.browser.pictures [FOLDER [PART ...]]

They go to `docs/`. With a folder they go there, and beside them in `look/` those of `tour` and `tour_cells`, for who changes how
things look: one text with everything in it, in a cell, in the panel and in JupyterLab's own Markdown cell (`everything`), the
panel in each of its states (`states`), replies in cells in theirs (`cells`), and the panel in the side bar (`side`), light and
dark, wide and narrow; with PART those alone. The replies come from a script.
"""

from __future__ import annotations

import asyncio
import math
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from g4f_magic.gateway import Gateway
from tests.browser.lab import Book, Desk, chromium, jupyter
from tests.browser.panel import LOAD, SHOW, Panel
from tests.browser.stage import Stage
from tests.browser.tour import everything, states
from tests.browser.tour_cells import at_the_side, in_cells

DOCS = Path(__file__).parents[2] / "docs"
MEAN = "Write a short Python function for the mean of a list."
INTEGRAL = "How do I integrate numerically? Formula, code and how good it is."
SCIPY = "And in one line, with SciPy?"
SAID = {
    f"{MEAN}\nIt's for `prices`; don't use NumPy.": "```python\ndef mean(prices):\n    return sum(prices) / len(prices)\n```\n\n"
    "It adds the prices up and divides by how many there are; an empty list has no mean.",
    INTEGRAL: r"""Simpson's rule fits a parabola through every three points:

$$\int_a^b f(x)\,dx \approx \frac{h}{3}\left(f_0 + 4f_1 + 2f_2 + \cdots + f_n\right)$$

```python
def simpson(f, a, b, n=10):
    "Return the integral of f from a to b."
    h = (b - a) / n
    inner = sum((4 if k % 2 else 2) * f(a + k * h) for k in range(1, n))
    return h / 3 * (f(a) + inner + f(b))
```

| rule | error | for $\int_0^\pi \sin x\,dx$, $n = 10$ |
|---|---|---|
| trapezoid | $O(h^2)$ | 1.983524 |
| Simpson | $O(h^4)$ | 2.000110 |
""",
    SCIPY: "Yes: `scipy.integrate.quad(f, a, b)` returns the value and a bound of its error.",
}


PARTS = {"everything": everything, "states": states, "cells": in_cells, "side": at_the_side}


async def main(folder: Path, parts: list[str]) -> None:
    stage = Stage()
    stage.texts.update(SAID)
    with TemporaryDirectory() as place:
        async with Gateway(stage) as gateway:
            environment = {
                "G4F_MAGIC_HISTORY": f"{place}/history.sqlite",
                "G4F_MAGIC_BASE_URL": gateway.base_url,
                "G4F_MAGIC_PROVIDER": "koala",
                "G4F_MAGIC_ENGINE": "script",
            }
            async with jupyter(Path(place) / "jupyter", **environment) as server, chromium() as context:
                desk = Desk(server, context)
                await a_panel(desk, folder / "panel.png")
                await the_part(desk, folder / "jupyterlab.png")
                await about(desk, folder / "ask_about.png")
                for part in parts:
                    (folder / "look").mkdir(parents=True, exist_ok=True)
                    await PARTS[part](desk, stage, folder / "look")


async def a_panel(desk: Desk, file: Path) -> None:
    """Picture the panel with two questions."""
    async with desk.open("lab", "numbers.ipynb", LOAD, SHOW, fresh=True) as book:
        await book.page.set_viewport_size({"width": 1000, "height": 980})
        await book.command("application:toggle-left-area")
        await book.run(0)
        await book.run(1)
        panel = Panel(book.page)
        await panel.is_there()
        for question in (INTEGRAL, SCIPY):
            await panel.ask(question)
        await panel.root.locator(".g4f-grip").scroll_into_view_if_needed()
        await pictured(book, file)


async def the_part(desk: Desk, file: Path) -> None:
    """Picture a prompt as text, a reply with its buttons, and the panel in the side bar on the same conversation."""
    cells = (LOAD, f"%%chat\n{MEAN}\nIt's for `prices`; don't use NumPy.", "")
    async with desk.open("lab", "prices.ipynb", *cells, fresh=True) as book:
        await book.page.set_viewport_size({"width": 1280, "height": 620})
        await book.command("application:toggle-left-area")
        await book.run(0)
        for _ in range(2):
            await book.run(1)
        await book.command("g4f-magic:chat")
        side = Panel(book.page)
        await side.is_there()
        await wider(book)
        await side.ask(SCIPY)
        await book.page.locator(".g4f-output").last.hover()
        await book.page.get_by_role("toolbar", name="Reply").get_by_text("2 of 2").wait_for()
        await pictured(book, file)


async def about(desk: Desk, file: Path) -> None:
    """Picture how an error goes along with a question in the side bar."""
    cells = (LOAD, "rates = {'EUR': 1.0}\nrates['USD'] * 3", "")
    async with desk.open("lab", "rates.ipynb", *cells, fresh=True) as book:
        await book.page.set_viewport_size({"width": 1280, "height": 620})
        await book.command("application:toggle-left-area")
        await book.run(0)
        await book.run(1)
        await book.command("g4f-magic:chat")
        await Panel(book.page).is_there()
        await wider(book)
        await book.output(1).first.click(button="right")
        await book.page.get_by_role("menuitem", name="Ask about This").click()
        await book.page.locator(".g4f-chip").filter(has_text="lines").wait_for()
        await book.page.locator(".g4f-output").last.hover()
        await pictured(book, file)


async def wider(book: Book) -> None:
    """Pull the side bar wider than JupyterLab opens it, as a person does who uses it."""
    handle = book.page.locator("#jp-main-split-panel > .lm-SplitPanel-handle:not(.lm-mod-hidden)").last
    place = await handle.bounding_box()
    assert place is not None
    x, y = place["x"] + place["width"] / 2, place["y"] + 200
    await book.page.mouse.move(x, y)
    await book.page.mouse.down()
    await book.page.mouse.move(x - 130, y, steps=4)
    await book.page.mouse.up()


async def pictured(book: Book, file: Path) -> None:
    """Write a picture of the page, in the 256 colours of which it has most: a third of the bytes."""
    from PIL import Image

    await book.settled()
    await book.page.screenshot(path=file)
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    counted = sorted(picture.getcolors(picture.width * picture.height), reverse=True)
    kept = [colour for _, colour in counted[:256]]
    places = {colour: place for place, colour in enumerate(kept)}
    for _, colour in counted[256:]:
        places[colour] = min(range(len(kept)), key=lambda at, colour=colour: math.dist(kept[at], colour))
    few = Image.new("P", picture.size)
    few.putpalette([part for colour in kept for part in colour])
    few.putdata([places[colour] for colour in picture.getdata()])
    few.save(file, optimize=True)


if __name__ == "__main__":
    named, *chosen = [*sys.argv[1:], ""][: max(1, len(sys.argv) - 1)]
    asyncio.run(main(Path(named) if named else DOCS, chosen or (list(PARTS) if named else [])))
