"""A reply in a real JupyterLab and a real Notebook 7: seen to grow, stopped, and static at the end."""

from __future__ import annotations

from itertools import pairwise

from g4f_magic.label import label_of
from g4f_magic.markdown_source import text_of
from tests.browser.lab import Book, Desk, FrontEnd
from tests.browser.stage import LIVE, Stage

LOAD = "%load_ext g4f_magic"
ASK = f"%%chat\n{LIVE}"
PIECES = (
    ("## Growing\n\n", "Growing"),
    ("The first *paragraph* of all.\n\n", "of all"),
    ("- one\n- two\n  - three\n\n", "three"),
    ("| name | value |\n|------|------:|\n| alpha | 1 |\n| beta | 2 |\n\n", "beta"),
    ("```python\ndef square(x):\n    return x * x\n```\n\n", "return x * x"),
    ("The **last** words.\n", "last words"),
)
REPLY = "".join(text for text, _ in PIECES)


async def is_static(book: Book, index: int) -> bool:
    """Say whether one output of the cell holds all of the reply, without a widget, and no part is still painted."""
    outputs = await book.outputs(index)
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    painted = await book.cell(index).locator("[aria-busy=true]").count()
    held = [bool(text_of(output["data"])) for output in outputs]
    return (
        held == [True, *[False] * (len(outputs) - 1)]
        and kinds <= {"text/html", "text/markdown", "text/plain"}
        and not painted
    )


async def test_a_reply_grows_while_it_streams_and_ends_static(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    async with desk.open(front_end, f"grows-{front_end}.ipynb", LOAD, ASK) as book:
        await book.run(0)
        await book.start(1)
        lengths = []
        for text, words in PIECES:
            stage.say(text)
            await book.says(1, words)
            lengths.append(len(await book.text(1)))
        was_idle = await book.is_idle()
        stage.end()
        await book.says(1, "live ·")
        await book.idle()

        assert not was_idle
        assert all(before < after for before, after in pairwise(lengths))
        assert await is_static(book, 1)
        assert "Loading widget" not in await book.text(1)
        output = book.output(1)
        assert await output.locator("h2").inner_text() == "Growing"
        assert await output.locator("li li").inner_text() == "three"
        assert await output.locator("table td").all_inner_texts() == ["alpha", "1", "beta", "2"]
        assert await output.locator("pre code").inner_text() == "def square(x):\n    return x * x\n"
        assert await output.locator("strong").inner_text() == "last"
        saved, *_ = await book.outputs(1)
        assert text_of(saved["data"]).startswith(REPLY.rstrip("\n"))
        assert label_of(saved)["status"] == "done"


A_LINE = 32
"""Pixels that the page may move by: the line under the reply comes, and the space between outputs goes."""
SCROLLED_TO_THE_END = """() => {
    const area = window.jupyterapp.shell.currentWidget.content.widgets[1].outputArea.node;
    const scrolls = node => node.scrollHeight > node.clientHeight + 5
        && getComputedStyle(node).overflowY !== 'visible';
    let view = area;
    while (!scrolls(view)) view = view.parentElement;
    view.scrollTop = view.scrollHeight;
    const seen = window.__seen = [];
    const look = () => { seen.push([view.scrollTop, view.scrollHeight]); requestAnimationFrame(look); };
    requestAnimationFrame(look);
}"""
"""Scrolls what holds the outputs to its end and notes in each frame where it stands. Clearing the outputs made
JupyterLab's page shrink for a moment and begin at its top again, and Notebook 7's show all of them at once."""


async def test_nothing_jumps_when_a_reply_ends(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    async with desk.open(front_end, f"jumps-{front_end}.ipynb", LOAD, ASK) as book:
        await book.run(0)
        await book.start(1)
        for number in range(25):
            stage.say(f"Paragraph {number}.\n\n- with `code`\n- and a **list**\n\n")
            await book.says(1, f"Paragraph {number}.")
        stage.say("The end.")
        await book.says(1, "The end.")
        await book.settled()
        await book.page.evaluate(SCROLLED_TO_THE_END)
        await book.settled()
        before = await book.page.evaluate("() => window.__seen.at(-1)")
        stage.end()
        await book.says(1, "live ·")
        await book.idle()
        await book.settled()
        seen = await book.page.evaluate("() => window.__seen")

    tops, heights = zip(*seen[seen.index(before) :], strict=True)
    assert min(tops) >= before[0] - A_LINE
    assert abs(tops[-1] - before[0]) <= 2 * A_LINE
    assert before[1] - A_LINE <= min(heights)
    assert abs(heights[-1] - before[1]) <= 2 * A_LINE


LOOKS = """() => {
    const area = window.jupyterapp.shell.currentWidget.content.widgets[1].outputArea.node;
    const found = (...names) => names.map(name => [...area.querySelectorAll(name)].filter(
        it => it.textContent.trim() && !it.matches(".g4f-caret")));
    const names = ["backgroundColor", "borderRadius", "color", "fontFamily", "fontSize", "fontStyle", "fontWeight",
        "lineHeight", "marginBottom", "marginTop", "overflowX", "padding", "textAlign", "whiteSpace"];
    const looks = it => Object.fromEntries(names.map(name => [name, getComputedStyle(it)[name]]));
    return found(".g4f-code", ".g4f-code pre", ".g4f-code code", ".g4f-code code > *", "[tabindex='0']:has(> table)",
        "th", "td").map(each => each.map(it => [it.textContent.replace("▍", ""), looks(it)]));
}"""
FRAMED = """```python
def work(values):  # a comment
    return len(values) + 12 + "text"
```

| name | value | so |
|------|------:|:--:|
| alpha | 1 | **yes** |

"""


async def test_code_and_tables_look_as_they_grow_as_they_do_at_the_end(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    async with desk.open(front_end, f"looks-{front_end}.ipynb", LOAD, ASK) as book:
        await book.run(0)
        await book.start(1)
        stage.say(FRAMED)
        stage.say("The end.")
        await book.says(1, "The end.")
        growing = await book.page.evaluate(LOOKS)
        was_painted = await book.cell(1).locator("[aria-busy=true] .g4f-code").count()
        stage.end()
        await book.says(1, "live ·")
        await book.idle()
        settled = await book.page.evaluate(LOOKS)

    assert was_painted
    assert [len(each) for each in settled] == [1, 1, 1, 7, 1, 3, 3]
    assert growing == settled


CARETS = """() => [...window.jupyterapp.shell.currentWidget.content.widgets[1].outputArea.node
    .querySelectorAll(".g4f-caret")].filter(it => it.checkVisibility()).map(it => it.parentElement.textContent)"""


async def test_one_caret_stands_where_the_last_words_are(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    seen = []
    async with desk.open(front_end, f"caret-{front_end}.ipynb", LOAD, ASK) as book:
        await book.run(0)
        await book.start(1)
        for number in range(6):
            stage.say("Words that fill an output of the cell. " * 30 + f"End of {number}.\n\n")
            await book.says(1, f"End of {number}.")
            await book.settled()
            seen.append(await book.page.evaluate(CARETS))
        stage.end()
        await book.says(1, "live ·")
        await book.idle()
        left = await book.page.evaluate(CARETS)

    assert [len(each) for each in seen] == [1] * 6
    assert [each[0].endswith(f"End of {number}.▍") for number, each in enumerate(seen)] == [True] * 6
    assert left == []


async def test_the_stop_button_keeps_what_was_said(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    after = "print('the cell below did not run')"
    async with desk.open(front_end, f"stop-{front_end}.ipynb", LOAD, ASK, after) as book:
        await book.run(0)
        await book.start(1)
        stage.say("Kept are these words")
        await book.says(1, "Kept are these words")
        await book.start(2)
        await book.stop()
        await book.says(1, "stopped")
        await book.idle()

        assert "Kept are these words" in await book.text(1)
        assert len(await book.text(1)) < 600
        assert await book.output(2).count() == 0
        await stage.left.wait()


async def test_a_reload_in_the_middle_loses_nothing(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    cells = (LOAD, ASK, "%chat history")
    async with desk.open(front_end, f"reload-{front_end}.ipynb", *cells) as book:
        await book.run(0)
        await book.save()
        await book.start(1)
        stage.say("Said before the reload, ")
        await book.says(1, "before the reload")
        await book.open(kernel=False)
        stage.say("and said after it.")
        stage.end()
        await book.idle()
        await book.run(2)

        assert "Said before the reload, and said after it." in await book.text(2)


async def test_a_failure_fails_the_cell_in_two_lines(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    cells = (LOAD, "%%chat --base-url http://127.0.0.1:9\nhello", "print('went on')")
    async with desk.open(front_end, f"fails-{front_end}.ipynb", *cells) as book:
        await book.run_all()

        outputs = await book.outputs(1)
        errors = [output for output in outputs if output["output_type"] == "error"]
        assert len(errors) == 1
        assert len("\n".join(errors[0]["traceback"]).splitlines()) <= 2
        assert await book.output(2).count() == 0
