"""What stays under a panel, and when it follows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from g4f_magic.panel.kept import KeptOutputs
from g4f_magic.panel.showing import RESTS
from g4f_magic.turn import Turn
from tests.hosts import Notebook
from tests.shows import settled


async def test_what_settles_while_the_outputs_are_renewed_is_in_them_too() -> None:
    notebook, turns = Notebook(), [settled("One.")]
    kept = KeptOutputs("main", notebook, lambda turn: [turn.reply], tell=lambda *_: None)
    loop = asyncio.get_running_loop()

    def now() -> tuple[str, Sequence[Turn]]:
        found = tuple(turns)
        if len(turns) == 1:
            turns.append(settled("Two."))
            loop.call_soon(kept.follow, loop, now)
        return "main", found

    kept.show("main", ())
    kept.follow(loop, now)
    assert kept._task is not None
    await kept._task
    assert "One." in notebook.html
    assert "Two." in notebook.html


def test_a_kept_error_says_what_to_do_and_the_first_output_that_the_panel_rests() -> None:
    notebook = Notebook()
    failed = replace(settled(""), status="failed", error="koala: HTTP 401", hint="Run %chat login koala")
    kept = KeptOutputs("c1", notebook, lambda turn: [], tell=lambda *_: None)
    kept.show("main", (failed,))
    assert "koala: HTTP 401. Run %chat login koala" in notebook.html
    assert notebook.html.count("<style>") == 1
    assert RESTS in notebook.html
    assert ".g4f-kept-c1" in notebook.html
