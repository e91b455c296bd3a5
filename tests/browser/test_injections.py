"""Hostile replies in a notebook that the person just ran, and so trusts: nothing of them may run or reach out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.browser.lab import Book, Desk, FrontEnd
from tests.browser.stage import Stage
from tests.browser.test_keeping import export
from tests.injections import PAYLOADS, TRAP
from tests.serving import served

LOAD = "%load_ext g4f_magic"
FLAG = "() => window.__pwned ?? null"
# What stands at the corners and in the middle of the page's frame around the notebook.
FRAME = """() => {
    const bar = document.querySelector('.jp-NotebookPanel-toolbar').getBoundingClientRect();
    const points = [[bar.left + 40, bar.top + bar.height / 2], [2, 2], [innerWidth - 3, 3]];
    return points.map(([x, y]) => document.elementFromPoint(x, y)?.closest('.jp-OutputArea') === null);
}"""


class Canary:
    """A server that nobody has a reason to ask."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""

    async def note(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        return web.Response(headers={"Access-Control-Allow-Origin": "*"})


@asynccontextmanager
async def canary() -> AsyncIterator[Canary]:
    bird = Canary()
    async with served(bird.note, shutdown_timeout=1) as bird.url:
        yield bird


def cells(stage: Stage, bird: Canary, options: str = "") -> list[str]:
    """Return a chat cell for each payload, and have the stage answer with it."""
    trap = f"{bird.url}/trap"
    stage.texts = {
        name: f"Before it.\n\n{text.replace(TRAP, trap)}\n\nAfter it: {name}\n"
        for name, text in PAYLOADS.items()
    }
    return [f"%%chat --once {options}\n{name}" for name in PAYLOADS]


async def seen(book: Book, bird: Canary) -> dict[str, Any]:
    """Return what payloads have done to the page, or by it."""
    await book.settled()
    server = book.address.partition("/lab")[0].partition("/notebooks")[0]
    own = (server, server.replace("http", "ws"), "data:", "blob:", "about:")
    return {
        "flag": await book.page.evaluate(FLAG),
        "asked": bird.asked,
        "elsewhere": [url for url in book.requests if not url.startswith(own)],
        "is_here": book.page.url.startswith(server),
        "is_uncovered": await book.page.evaluate(FRAME),
        "dialogs": await book.page.locator("body > .jp-Dialog").count(),
        "pages": len(book.page.context.pages),
    }


HARMLESS = {
    "flag": None,
    "asked": [],
    "elsewhere": [],
    "is_here": True,
    "is_uncovered": [True, True, True],
    "dialogs": 0,
    "pages": 1,
}


async def test_nothing_in_a_reply_runs_or_reaches_out(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    async with canary() as bird:
        chats = cells(stage, bird)
        name = f"hostile-{front_end}.ipynb"
        async with desk.open(front_end, name, LOAD, *chats, fresh=True) as book:
            await book.unwindow()
            await book.run_all()
            while_run = await seen(book, bird)
            shown = (await book.texts())[1:]
            await book.save()
            await book.open(kernel=False)
            await book.leaf_through()
            await book.says(len(chats), "live ·")
            reopened = await seen(book, bird)

    assert while_run == HARMLESS
    assert reopened == HARMLESS
    assert [name for name, text in zip(PAYLOADS, shown, strict=True) if f"After it: {name}" not in text] == []


async def test_nothing_in_a_reply_runs_in_the_html_export(desk: Desk, stage: Stage) -> None:
    async with canary() as bird:
        chats = cells(stage, bird)
        async with desk.open("lab", "exported.ipynb", LOAD, *chats, fresh=True) as book:
            await book.run_all()
            await book.save()
        path = await export(desk.server.folder / "exported.ipynb")
        async with await desk.context.new_page() as page:
            await page.route("https://**", lambda route: route.abort())
            await page.goto(path.as_uri())
            await page.mouse.move(300, 300)
            result = (await page.evaluate(FLAG), bird.asked, page.url)
            shown = await page.inner_text("body")

    assert result == (None, [], path.as_uri())
    assert [name for name in PAYLOADS if f"After it: {name}" not in shown] == []


async def test_no_other_format_lets_a_reply_run(desk: Desk, stage: Stage) -> None:
    fences = [f"~~~html\n{text}\n~~~" for text in PAYLOADS.values()]
    async with canary() as bird:
        cells(stage, bird)
        texts = {
            "text": "\n\n".join(stage.texts.values()),
            "code": "\n\n".join(fences).replace(TRAP, f"{bird.url}/trap"),
            "json": json.dumps({text: [text, {text: name}] for name, text in stage.texts.items()}),
        }
        frames = [f"%%chat --once --format html\n{name}" for name in stage.texts if name.startswith("html")]
        chats = [f"%%chat --once --format {shape}\n{shape}" for shape in texts]
        stage.texts |= texts
        async with desk.open("lab", "formats.ipynb", LOAD, *chats, *frames, fresh=True) as book:
            await book.unwindow()
            await book.run_all()
            await book.page.evaluate(
                "() => document.querySelectorAll('details').forEach(it => it.open = true)"
            )
            result = await seen(book, bird)
            shown = await book.page.locator(".jp-OutputArea").all_inner_texts()

    assert result == HARMLESS
    assert "".join(shown).count("live ·") == len(chats) + len(frames)


async def test_a_link_opens_elsewhere_and_leaves_the_notebook_where_it_is(
    desk: Desk, stage: Stage, front_end: FrontEnd
) -> None:
    async with canary() as bird:
        stage.texts = {"link": f"A [link]({bird.url}/wanted) to follow."}
        async with desk.open(front_end, f"link-{front_end}.ipynb", LOAD, "%%chat\nlink", fresh=True) as book:
            await book.run(0)
            await book.run(1)
            async with desk.context.expect_page() as opening:
                await book.output(1).locator("a").click()
            other = await opening.value
            await other.wait_for_url(f"{bird.url}/wanted")
            opener = await other.evaluate("() => window.opener")
            await other.close()
            result = await seen(book, bird)

    assert opener is None
    assert result["is_here"]


async def test_the_same_replies_shown_raw_do_run_and_reach_out(desk: Desk, stage: Stage) -> None:
    raw = "from IPython.display import HTML, display\ndisplay(HTML({!r}))"
    async with canary() as bird:
        cells(stage, bird)
        text = stage.texts["html_img_onerror"] + stage.texts["html_img_remote"]
        async with desk.open("lab", "raw.ipynb", raw.format(text), fresh=True) as book:
            await book.run(0)
            await book.page.wait_for_function("() => window.__pwned === 1")
            result = await seen(book, bird)

    assert result["flag"] == 1
    assert set(result["asked"]) == {"/trap.png"}
    assert set(result["elsewhere"]) == {f"{bird.url}/trap.png"}
