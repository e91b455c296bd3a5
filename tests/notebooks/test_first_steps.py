"""The first notebook runs live from top to bottom, as a machine runs it: through the gateway, with the offline guide."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_first_steps.ipynb"


@pytest.fixture(scope="module")
def notebook() -> Any:
    """The first notebook after a live run, through the gateway."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    environment = {**os.environ, "G4F_MAGIC_HISTORY": "off", "G4F_MAGIC_ENGINE": "guide"}
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute(env=environment)
    return notebook


def test_every_chat_cell_answers_with_one_static_output(notebook: Any) -> None:
    chats = [cell for cell in notebook.cells if cell.source.startswith("%%chat")]
    assert chats
    for cell in chats:
        (output,) = cell.outputs
        assert set(output.data) == {"text/html", "text/plain"}
        assert output.metadata["g4f_magic"]["status"] == "done"


def test_nothing_is_written_to_stderr(notebook: Any) -> None:
    streams = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    assert [output.text for output in streams if output.name == "stderr"] == []


def test_no_widget_state_is_saved(notebook: Any) -> None:
    assert "widgets" not in notebook.metadata


def test_the_first_notebook_asks_all_five_providers() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    asked = {cell.source.split()[2] for cell in notebook.cells if cell.source.startswith("%%chat --provider")}
    assert asked == {"koala", "darkai", "freenetfly", "aura", "whiterabbitneo"}
