"""Pictures of all that a person sees: one text with everything in it, and each thing that opens in the panel.

`python -m tests.browser.pictures FOLDER` makes them, in a real JupyterLab: the text in a cell, in the panel and in
JupyterLab's own Markdown cell, light and dark, 1400 and 700 pixels wide; and the panel in each of its states.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import nbformat

from tests.browser.lab import Book, Desk
from tests.browser.panel import LOAD, PANELS, SHOW, Panel
from tests.browser.stage import LIVE, Stage

ALL = "Show me everything."
EVERYTHING = r"""# Everything at once

Words with *emphasis*, **weight**, ~~what is gone~~, `code`, a [link](https://example.org), an address on its own,
https://example.org/a/path?with=query, and H<sub>2</sub>O, x<sup>2</sup>, <kbd>Ctrl</kbd>+<kbd>C</kbd>, <mark>marked</mark>.
It costs $5 to $10, `$HOME` is a folder, and a\
new line. A word without a gap: Donaudampfschifffahrtsgesellschaftskapitaensmuetzenabzeichenfabrikationsmaschinenbedienungsanleitung.

## Lists

1. First
2. Second
   - nested, with a longer text that goes over more than one line where the page is narrow, as it is in a side panel
   - and another
     - deeper

- [x] done
- [ ] to do

> A quotation, which somebody said.
>
> > And one within it.

### Code

```python
import numpy as np

def simpson(f, a: float, b: float, n: int = 10) -> float:
    "Return the integral of f from a to b."  # a long comment that does not fit into the line and so has to be scrolled sideways, not broken
    h = (b - a) / n
    inner = sum((4 if k % 2 else 2) * f(a + k * h) for k in range(1, n))
    return h / 3 * (f(a) + inner + f(b))
```

```diff
- what was
+ what is
```

```
no language
```

### Formulas

Inline $e^{i\pi} + 1 = 0$ and $\sum_{k=1}^n k = \frac{n(n+1)}{2}$, and on their own:

$$\int_a^b f(x)\,dx \approx \frac{h}{3}\left(f_0 + 4f_1 + 2f_2 + \cdots + f_n\right) \tag{1}$$

\begin{aligned}
(a + b)^2 &= a^2 + 2ab + b^2 \\
(a - b)^2 &= a^2 - 2ab + b^2
\end{aligned}

$$|x| = \begin{cases} x & x \ge 0 \\ -x & x < 0 \end{cases} \qquad
A = \begin{pmatrix} a & b \\ c & d \end{pmatrix}, \quad \text{price} = \$5$$

### Tables

| rule | error | result | what it does, in words that take some room |
|:---|:---:|---:|---|
| trapezoid | $O(h^2)$ | 1.983524 | joins the points by straight lines |
| Simpson | $O(h^4)$ | 2.000110 | lays a parabola through each three<br>points |

| a | b | c | d | e | f | g | h | i | j | k | l |
|---|---|---|---|---|---|---|---|---|---|---|---|
| one_long_word | two_long_words | three_long_words | four_long_words | five_long_words | six | seven | eight | nine | ten | eleven | twelve |

#### A diagram

```mermaid
graph LR
  A[Question] --> B{Known?}
  B -->|yes| C[Answer]
  B -->|no| D[Look it up]
  D --> C
```

<details><summary>More, for who wants it</summary>

Folded words.

</details>

[INFO]: this is a line of a log, and no definition

A claim with a note[^1], and one more[^2].

---

שלום עולם, a line that begins from the right.

[^1]: The note.
[^2]: The other note, with `code`.
"""
SHORT = "Yes: `scipy.integrate.quad(f, a, b)` returns the value and a bound of its error."
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WIDTHS = (1400, 700)


THINGS = ("import pandas as pd\nsales = pd.DataFrame({'city': ['Rome', 'Oslo'], 'sold': [3, 4]})", "1 / 0")
"""Cells that make what goes along."""
OPENED = ("attach", "talk", "queue", "models", "conversations", "settings", "menu", "find", "edit")
"""What opens in the panel, or comes to stand in it."""


async def everything(desk: Desk, stage: Stage, folder: Path) -> None:
    """Picture the one text in a cell, in JupyterLab's own Markdown cell, and in the panel."""
    stage.texts[ALL] = EVERYTHING
    path = desk.server.write("everything.ipynb", LOAD, f"%%chat\n{ALL}", SHOW)
    saved = nbformat.read(path, 4)
    saved.cells.insert(2, nbformat.v4.new_markdown_cell(EVERYTHING))
    nbformat.write(saved, path)
    async with desk.open("lab", "everything.ipynb", fresh=True) as book:
        await book.page.set_viewport_size({"width": 1400, "height": 4200})
        await book.command("application:toggle-left-area")
        await book.unwindow()
        for cell in (0, 1, 3):
            await book.run(cell)
        panel = Panel(book.page)
        await panel.is_there()
        await book.kernel_says(
            "1",
            "[*get_ipython().magics_manager.registry['ChatMagics'].session.panels.values()][0].height = '1850px'",
        )
        async for name in looks(book):
            await book.settled()
            await book.page.wait_for_timeout(500)
            for what, cell in (("cell", 1), ("markdown", 2), ("panel", 3)):
                await book.cell(cell).screenshot(path=folder / f"{what}-{name}.png")


async def looks(book: Book, widths: tuple[int, ...] = WIDTHS) -> AsyncGenerator[str]:
    """Give the page each of its looks, one after the other."""
    for theme, called in THEMES.items():
        await book.command("apputils:change-theme", theme=called)
        light = str(theme == "light").lower()
        await book.page.locator(f"body[data-jp-theme-light='{light}']").wait_for(state="attached")
        for width in widths:
            size = book.page.viewport_size
            assert size is not None
            await book.page.set_viewport_size({"width": width, "height": size["height"]})
            await book.settled()
            yield f"{theme}-{width}"


async def states(desk: Desk, stage: Stage, folder: Path) -> None:
    """Picture the panel empty, failed, waiting, and with each thing open that it has."""
    stage.texts["And in one line?"] = SHORT
    async with desk.open("lab", "states.ipynb", LOAD, SHOW, *THINGS, fresh=True) as book:
        book.page.set_default_timeout(30_000)
        await book.page.set_viewport_size({"width": 1400, "height": 1000})
        await book.command("application:toggle-left-area")
        for cell in range(4):
            await book.run(cell)
        panel = Panel(book.page)
        await panel.is_there()
        async for name in looks(book):
            await book.kernel_says("1", f"{PANELS}[0].session.conversation().reset(); {PANELS}[0].refresh()")
            await panel.has(0)
            for what in ("empty", *OPENED):
                async with state(panel, stage, what):
                    await book.settled()
                    await book.page.mouse.move(0, 0)
                    await panel.root.screenshot(path=folder / f"panel-{what}-{name}.png")


@asynccontextmanager
async def state(panel: Panel, stage: Stage, what: str) -> AsyncGenerator[None]:
    """Bring the panel into a state, and back."""
    keys = panel.page.keyboard
    if what == "empty":
        await panel.root.locator(".g4f-example").first.wait_for()
        yield
        return
    if what == "attach":
        await panel.root.get_by_role("button", name="Attach a variable, a file or an output").click()
        for name in ("sales", "@error"):
            await panel.root.get_by_role("combobox", name="A variable, a file").fill(name)
            await keys.press("Enter")
        await panel.root.locator(".g4f-chip").nth(1).wait_for()
        yield
        for _ in range(2):
            await panel.root.locator(".g4f-chip button").first.click()
        await panel.area.focus()
        await panel.root.get_by_role("button", name="Attach a variable, a file or an output").click()
        return
    if what == "talk":
        await panel.ask("And in one line?")
        await panel.ask("Why?")
        await panel.send("!401")
        await panel.settles(2)
        await panel.action("Edit", 0).click()
        await panel.root.get_by_role("textbox", name="What to ask instead").fill("And in one line, please?")
        await keys.press("Enter")
        await panel.turn(0).locator(".g4f-pager").wait_for()
        await panel.settles(0)
        yield
        return
    if what == "queue":
        await panel.send(LIVE)
        stage.say("Some words of a reply that goes on, with\n\n```python\nx = 1\n")
        await panel.says("x = 1")
        await panel.send("What waits.")
        await panel.root.locator(".g4f-queued").wait_for()
        yield
        await panel.area.press("Escape")
        await panel.settles()
        await panel.area.fill("")
        await stage.left.wait()
        stage.left.clear()
        return
    openers = {
        "models": "Model and service",
        "conversations": "Conversation:",
        "settings": "Settings",
        "menu": "Menu",
    }
    if what in openers:
        opener = panel.root.locator(".g4f-top").get_by_role("button", name=openers[what]).first
        if await opener.is_visible():
            await opener.click()
        else:
            await panel.from_menu("Settings …")
        yield
        await keys.press("Escape")
        return
    if what == "find":
        await panel.area.press("Control+f")
        await keys.type("said")
        await panel.root.locator(".g4f-found").first.wait_for()
        yield
        await keys.press("Escape")
        return
    await panel.action("Edit", 0).click()
    yield
    await keys.press("Escape")
