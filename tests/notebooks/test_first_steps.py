"""The notebooks run from top to bottom, offline, as a machine runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("G4F_MAGIC_HISTORY", "off")
    monkeypatch.setenv("G4F_MAGIC_ENGINE", "guide")
    notebook = nbformat.read(request.param, as_version=4)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return notebook


def test_every_chat_cell_answers_with_one_static_output(notebook: Any) -> None:
    chats = [cell for cell in notebook.cells if cell.source.startswith("%%chat")]
    assert chats
    for cell in chats:
        (output,) = cell.outputs
        assert set(output.data) == {"text/html", "text/plain"}
        assert output.metadata["g4f_magic"]["status"] == "done"


def test_nothing_is_written_to_stderr(notebook: Any) -> None:
    streams = [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "stream"]
    assert [output.text for output in streams if output.name == "stderr"] == []


def test_no_widget_state_is_saved(notebook: Any) -> None:
    assert "widgets" not in notebook.metadata


def test_the_first_notebook_asks_all_five_providers() -> None:
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    asked = {cell.source.split()[2] for cell in notebook.cells if cell.source.startswith("%%chat --provider")}
    assert asked == {"koala", "darkai", "freenetfly", "aura", "whiterabbitneo"}
