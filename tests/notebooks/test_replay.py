"""The demo notebooks show, offline, exactly what is committed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from g4f_magic.cassette import beside
from g4f_magic.check.rerun import differences, executed_copy, replay_environment
from g4f_magic.cli import main
from g4f_magic.guide.answers import FOOTER
from tests.notebooks.record import DRAWN_ANEW
from tests.patience import PATIENCE_SECONDS

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = [path for path in sorted(FOLDER.glob("*.ipynb")) if beside(path).exists()]
MOST_BYTES = 60_000

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def closed(path: Path, log: Path) -> dict[str, str]:
    """Return the environment of a kernel that replays with the network closed, and notes attempts in `log`."""
    folder = str(Path(__file__).parent / "closed")
    return {**replay_environment(beside(path)), "PYTHONPATH": folder, "CLOSED_NETWORK_LOG": str(log)}


def shown(notebook: Any) -> list[str]:
    """Return each code cell's outputs as JSON, without the counters."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and DRAWN_ANEW not in cell.metadata.get("tags", ()):
            outputs = [{**output, "execution_count": None} for output in cell.outputs]
            found.append(json.dumps(outputs, indent=1, sort_keys=True, ensure_ascii=False))
    return found


@every_notebook
def test_it_shows_byte_for_byte_what_is_committed_with_the_network_closed(path: Path, tmp_path: Path) -> None:
    log = tmp_path / "attempts"
    saved = nbformat.read(path, as_version=4)
    executed = nbformat.read(path, as_version=4)
    client = NotebookClient(
        executed,
        timeout=int(PATIENCE_SECONDS),
        kernel_name="python3",
        resources={"metadata": {"path": str(FOLDER)}},
    )
    client.execute(env=closed(path, log))
    assert shown(executed) == shown(saved)
    assert not log.exists(), log.read_text()


@every_notebook
def test_its_recordings_answer_its_cells_as_far_as_can_be_known(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(path)]) == 0
    assert "no cell asks for" not in capsys.readouterr().out


@every_notebook
def test_it_and_its_cassette_are_small(path: Path) -> None:
    assert path.stat().st_size <= MOST_BYTES
    assert beside(path).stat().st_size <= MOST_BYTES


@every_notebook
def test_it_carries_no_traces_of_the_machine_that_made_it(path: Path) -> None:
    text = path.read_text() + beside(path).read_text()
    assert os.path.expanduser("~") not in text.replace("~", "")
    assert str(FOLDER) not in text


def test_the_notebooks_that_can_be_recorded_are() -> None:
    names = {path.stem for path in NOTEBOOKS}
    assert names >= {
        "01_first_steps",
        "02_panel",
        "03_history_and_rerun",
        "04_record_and_replay",
        "05_providers",
        "08_tools",
        "09_side_by_side",
    }


def test_the_network_is_closed_where_it_is_said_to_be(tmp_path: Path) -> None:
    source = "import socket\nsocket.create_connection(('127.0.0.1', 9))"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    file, log = tmp_path / "a.ipynb", tmp_path / "attempts"
    nbformat.write(notebook, file)
    _, executed = executed_copy(file, closed(file, log))
    assert "the network is closed" in executed.cells[0].outputs[0].evalue
    assert log.exists()


def test_check_with_run_says_what_another_reply_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = FOLDER / "04_record_and_replay.ipynb"
    copy = tmp_path / path.name
    copy.write_text(path.read_text().replace("asks us to wait 7 s", "asks us to wait 9 s"))
    beside(copy).write_bytes(beside(path).read_bytes())
    assert main(["check", "--run", str(copy)]) == 1
    errors = capsys.readouterr().err
    assert "code cell 7 shows:" in errors
    assert "asks us to wait 9 s" in errors


def test_check_with_run_is_content_with_what_is_committed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--run", str(FOLDER / "04_record_and_replay.ipynb")]) == 0
    assert "the run shows what was saved" in capsys.readouterr().out


def test_that_a_reply_was_live_when_it_was_saved_makes_no_difference() -> None:
    def notebook(line: str) -> Any:
        output = nbformat.v4.new_output("display_data", data={"text/plain": f"Hello\n\n— koala · {line}"})
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%%chat", outputs=[output])])

    assert list(differences(notebook("live · 12.3 s"), notebook("replayed"))) == []
    assert list(differences(notebook("live · 12.3 s · without 1 earlier turn"), notebook("replayed"))) != []


def test_no_page_of_the_guide_is_shown_in_two_notebooks() -> None:
    shown_in: dict[str, set[str]] = {}
    for path in NOTEBOOKS:
        for line in beside(path).read_text("utf-8").splitlines():
            reply = json.loads(line)["reply"]
            if FOOTER in reply:
                shown_in.setdefault(reply.partition("\n")[0], set()).add(path.stem)
    assert {page: names for page, names in shown_in.items() if len(names) > 1} == {}
