"""The Markdown beside a reply's HTML, for programs that show none: here is a page that shows it all the same."""

from __future__ import annotations

from g4f_magic.renderers.portable import portable
from tests.browser.lab import Desk
from tests.browser.stage import Stage
from tests.browser.test_injections import HARMLESS, canary, cells, seen
from tests.injections import PAYLOADS

AT_ONCE = 5
"""Payloads in one output: a page shows fifty of them."""


async def test_nothing_of_it_runs_where_it_is_shown(desk: Desk, stage: Stage) -> None:
    async with canary() as bird:
        cells(stage, bird)
        texts = list(stage.texts.values())
        groups = [texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]
        shown = [portable("\n\n".join(group)) for group in groups]
        code = f"from IPython.display import display\nfor one in {shown!r}: display({{'text/markdown': one}}, raw=True)"
        async with desk.open("lab", "markdown.ipynb", code, fresh=True) as book:
            await book.run(0)
            await book.says(0, f"After it: {next(reversed(PAYLOADS))}")
            result = await seen(book, bird)

    assert all(shown)
    assert result == HARMLESS
