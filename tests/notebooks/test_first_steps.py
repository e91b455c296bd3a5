"""The first notebook runs live from top to bottom, as a machine runs it, against a server that says some code."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import pytest_asyncio
from nbclient import NotebookClient

from g4f_magic.gateway import Gateway
from g4f_magic.label import label_of
from g4f_magic.testing.script import ScriptEngine
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_first_steps.ipynb"
SAID = "Like this:\n\n```python\nx = 1\n```\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def notebook() -> AsyncIterator[Any]:
    """The first notebook after a live run."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    async with Gateway(ScriptEngine(SAID)) as gateway:
        settings = {"HISTORY": "off", "BASE_URL": gateway.openai_base_url}
        environment = {**os.environ, **{f"G4F_MAGIC_{name}": value for name, value in settings.items()}}
        await NotebookClient(notebook, timeout=int(PATIENCE_SECONDS), kernel_name="python3").async_execute(
            env=environment
        )
    yield notebook


async def test_every_chat_cell_answers_with_one_static_output(notebook: Any) -> None:
    chats = [cell for cell in notebook.cells if cell.source.startswith("%%chat")]
    assert chats
    for cell in chats:
        (output,) = cell.outputs
        assert set(output.data) == {"text/html", "text/markdown", "text/plain"}
        assert label_of(output)["status"] == "done"


async def test_nothing_is_written_to_stderr(notebook: Any) -> None:
    streams = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    assert [output.text for output in streams if output.name == "stderr"] == []


async def test_no_widget_state_is_saved(notebook: Any) -> None:
    assert "widgets" not in notebook.metadata


async def test_its_way_to_connect_a_model_is_shown_and_not_taken(notebook: Any) -> None:
    (cell,) = [cell for cell in notebook.cells if cell.cell_type == "code" and "%chat connect" in cell.source]
    assert all(line.startswith("#") for line in cell.source.splitlines())
    assert cell.outputs == []
