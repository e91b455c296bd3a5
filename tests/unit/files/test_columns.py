"""A notebook whose cells compared several, imported: the column that is kept is the turn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from g4f_magic.errors import InputError
from g4f_magic.files import importing
from g4f_magic.renderers import choose_columns
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn
from tests.hosts import Notebook


async def notebook(path: Path, kept: int) -> Path:
    host = Notebook()
    turns = [
        Turn.plain(
            id=name,
            slot="s",
            prompt="Q",
            provider=name,
            model="m",
            started_at=0.0,
            reply=reply,
            status="done",
        )
        for name, reply in (("one", "First.\n\n— not a line"), ("two", "2 · two\n\nSecond."))
    ]
    shown = choose_columns(format="markdown", settings=Settings(), host=host, offer=host.offer)
    shown.begin(["one", "two"], turns)
    for number, turn in enumerate(turns):
        shown.settle(number, turn, None)
    shown.end(kept)
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "c1",
        "metadata": {},
        "source": "%%chat -p one,two --compare\nQ",
        "outputs": host.shown,
    }
    path.write_text(
        json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "utf-8"
    )
    return path


@pytest.mark.parametrize(
    ("kept", "provider", "reply"),
    [
        (0, "one", "First.\n\n— not a line"),
        (1, "two", "2 · two\n\nSecond."),
        (-1, "one", "First.\n\n— not a line"),
    ],
)
async def test_the_kept_column_is_imported(tmp_path: Path, kept: int, provider: str, reply: str) -> None:
    (turn,) = importing.read(await notebook(tmp_path / "a.ipynb", kept))
    assert (turn.provider, turn.reply, turn.prompt) == (provider, reply, "Q")


async def test_a_label_that_lies_is_refused(tmp_path: Path) -> None:
    path = await notebook(tmp_path / "a.ipynb", 0)
    text = path.read_text("utf-8")
    path.write_text(text.replace('\\"place\\":[', '\\"place\\":[9999,'), "utf-8")
    with pytest.raises(InputError, match="side by side"):
        importing.read(path)
