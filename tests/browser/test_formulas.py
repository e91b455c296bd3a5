r"""A page typesets the formulas of all outputs in one state: what strangers say changes nothing for the next cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic.gateway.actions import Refuse
from tests.browser.lab import Book, Desk
from tests.browser.panel import LOAD, SHOW, Panel
from tests.browser.stage import Stage

if TYPE_CHECKING:
    from playwright.async_api import Locator

SAID = r"$\let\alpha\beta x$ \(\def\gamma{z}y\)"
TRIED = "\n\n".join(
    f"{opening}{tex}{closing}"
    for tex in (
        r"\let\alpha\beta x",
        r"\def\alpha{y}x",
        r"\gdef\alpha{y}x",
        r"\renewcommand{\alpha}{y}x",
        r"\newcommand{\gamma}{z}x",
        r"\require{action}x",
        r"\href{https://example.org}{x}",
        r"\class{a}{x}",
        r"\newenvironment{matrix}{y}{z}x",
        r"\Newextarrow{\alpha}{5,5}{0x21C0}x",
        r"\DeclareMathOperator{\gamma}{y}x",
    )
    for opening, closing in (("$", "$"), ("$$", "$$"), (r"\(", r"\)"), ("\\[\n", "\n\\]"))
)
OWN = (
    "from IPython.display import HTML, Markdown, display\n"
    r"display(Markdown(r'$\alpha$ $\gamma$ $\begin{matrix}\alpha\end{matrix}$'), HTML(r'$\alpha$ $\gamma$'))"
)
LETTERS = "αγααγ"


async def letters(book: Book, index: int) -> str:
    """Return what MathJax drew in a cell, once it has drawn five formulas."""
    drawn = book.output(index).locator("mjx-container")
    await drawn.nth(4).wait_for()
    return "".join([await _letters(formula) for formula in await drawn.all()])


async def _letters(formula: Locator) -> str:
    text: str = await formula.evaluate(
        "it => (it.querySelector('mjx-assistive-mml') ?? it).textContent.trim()"
        " || [...it.querySelectorAll('mjx-c')].map(c => c.className).join(' ')"
    )
    return text


async def test_an_error_defines_nothing_for_the_next_cell(desk: Desk, stage: Stage) -> None:
    stage.refusals["fail"] = Refuse(400, SAID)
    async with desk.open("lab", "formulas.ipynb", LOAD, SHOW, "%%chat\nfail", OWN, fresh=True) as book:
        await book.run(0)
        await book.run(1)
        panel = Panel(book.page)
        await panel.is_there()
        await panel.ask("fail")
        await book.run(2)
        await book.page.locator(".g4f-kept").filter(has_text="let").wait_for(state="attached")
        await book.run(3)
        drawn = await letters(book, 3)
        shown = (await book.text(2), await panel.turn().inner_text())
        typeset = [await book.cell(number).locator("mjx-container").count() for number in (1, 2)]
        await book.save()
    async with desk.open("lab", "formulas.ipynb", kernel=False, fresh=True) as book:
        again = await letters(book, 3)

    assert drawn == again == LETTERS
    assert all(r"\let\alpha\beta" in text for text in shown)
    assert typeset == [0, 0]


async def test_a_reply_defines_nothing_for_the_next_cell(desk: Desk, stage: Stage) -> None:
    stage.texts["formulas"] = f"{TRIED}\n\n$\\alpha$"
    async with desk.open("lab", "tried.ipynb", LOAD, "%%chat\nformulas", OWN, fresh=True) as book:
        for number in range(3):
            await book.run(number)
        drawn = await letters(book, 2)
        own = await book.output(1).locator("mjx-container").count()

    assert drawn == LETTERS
    assert own == 1


async def test_the_same_shown_raw_does_define(desk: Desk) -> None:
    raw = rf"from IPython.display import HTML, display; display(HTML(r'{SAID}'))"
    async with desk.open("lab", "defines.ipynb", raw, OWN, fresh=True) as book:
        await book.run(0)
        await book.output(0).locator("mjx-container").nth(1).wait_for()
        await book.run(1)
        drawn = await letters(book, 1)

    assert drawn == "βzββz"


SAME = "\n\n".join(
    (
        r"Inline $x = \$5$ and ($M) with cost ($M).",
        r"$$\begin{aligned} a &= \int_0^1 x\,dx \\ &= \left(\frac{1}{2}\right) \end{aligned}$$",
        "\\begin{align}\nx &= 1 \\\\\ny &= 2\n\\end{align}",
        r"$$ E = mc^2 \tag{1} $$",
        r"$$\nosuchcommand{x}$$",
    )
)


async def test_a_cell_the_panel_and_the_kept_copy_typeset_the_same_formulas(desk: Desk, stage: Stage) -> None:
    stage.texts["same"] = SAME
    async with desk.open("lab", "same.ipynb", LOAD, "%%chat\nsame", SHOW, fresh=True) as book:
        await book.run(0)
        await book.run(1)
        await book.run(2)
        panel = Panel(book.page)
        await panel.is_there()
        in_cell = book.output(1).locator("mjx-container")
        in_panel = book.cell(2).locator(".g4f-panel mjx-container")
        await in_panel.nth(3).wait_for()
        await in_cell.nth(3).wait_for()
        drawn = [[await _letters(one) for one in await where.all()] for where in (in_cell, in_panel)]
        shown = [await where.count() for where in (in_cell, in_panel)]
        in_kept = book.page.locator(".g4f-kept mjx-container")
        # It is kept, and typeset, a moment after the panel has shown it.
        await in_kept.nth(3).wait_for(state="attached")
        kept = await in_kept.count()
        sources = [await book.cell(number).locator("code").all_inner_texts() for number in (1, 2)]

    assert shown == [4, 4]
    assert kept == 4
    assert drawn[0] == drawn[1]
    assert all(r"$$\nosuchcommand{x}$$" in texts for texts in sources)
