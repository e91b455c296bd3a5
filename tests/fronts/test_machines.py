"""Programs that run notebooks really run a folder of them: each replays with one variable, and a change fails."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from tests.fronts.environment import missing
from tests.fronts.machines import provenances, record, run

pytestmark = [
    pytest.mark.fronts,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(missing()), reason=missing()),
]

MACHINES = {
    "nbclient": ["jupyter execute --output=out.ipynb {name}.ipynb"],
    "papermill": ["papermill {name}.ipynb out.ipynb"],
    "nbmake": ["pytest -p no:cacheprovider --nbmake --overwrite {name}.ipynb"],
    "jupyter-cache": ["python cached.py {name}.ipynb out.ipynb"],
    "jupytext": ["jupytext --to md {name}.ipynb", "jupytext --to notebook --execute {name}.md -o out.ipynb"],
    "nbconvert": ["jupyter nbconvert --to notebook --execute {name}.ipynb --output out.ipynb"],
}
_CACHED = """\
import sys, nbformat
from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
cache = get_cache("cache")
cache.add_nb_to_project(sys.argv[1])
result = load_executor("local-serial", cache).run_and_cache()
assert result.succeeded, result
nbformat.write(cache.merge_match_into_file(sys.argv[1])[1], sys.argv[2])
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two notebooks that begin with the same question, and their recordings."""
    folder = tmp_path_factory.mktemp("recorded")
    asyncio.run(record(folder, "a", "Hello", "One", before=["x = 1"]))
    asyncio.run(record(folder, "b", "Hello", "Two", before=["x = 2"]))
    return folder


@pytest.fixture
def folder(recorded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(recorded, tmp_path / "notebooks"))


@pytest.mark.parametrize("machine", MACHINES)
async def test_it_replays_a_folder_with_one_variable(machine: str, folder: Path) -> None:
    (folder / "cached.py").write_text(_CACHED)
    for command in MACHINES[machine]:
        status, said = await run(folder, *command.format(name="b").split())
        assert status == 0, said
    out = folder / ("b.ipynb" if machine == "nbmake" else "out.ipynb")
    found = provenances(out)
    assert [one.startswith("replayed · ") for one in found] == [True, True], found
    assert "widget" not in json.dumps(json.loads(out.read_text())["metadata"])


@pytest.mark.parametrize("machine", ["nbclient", "papermill", "nbmake"])
async def test_a_question_that_was_changed_fails_the_run(machine: str, folder: Path) -> None:
    file = folder / "b.ipynb"
    file.write_text(file.read_text().replace("Two", "Three"))
    status, said = await run(folder, *MACHINES[machine][0].format(name="b").split())
    assert status != 0
    assert "does not hold this request" in said


async def test_papermill_replays_into_another_folder_where_it_names_the_file(folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    command = f"papermill --inject-input-path {folder}/b.ipynb out.ipynb"
    status, said = await run(elsewhere, *command.split())
    assert status == 0, said
    assert len(provenances(elsewhere / "out.ipynb")) == 2


async def test_myst_nb_shows_the_replies_on_its_page(folder: Path) -> None:
    (folder / "conf.py").write_text("extensions = ['myst_nb']\nnb_execution_mode = 'force'\n")
    (folder / "index.md").write_text("# Notebooks\n\n```{toctree}\nb\n```\n")
    cells = json.loads((folder / "b.ipynb").read_text())["cells"]
    cells.insert(0, {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "# B"})
    notebook = json.loads((folder / "b.ipynb").read_text()) | {"cells": cells}
    (folder / "b.ipynb").write_text(json.dumps(notebook))
    (folder / "a.ipynb").unlink()
    status, said = await run(folder, "sphinx-build", "-q", "-b", "html", ".", "out")
    assert status == 0, said
    page = (folder / "out" / "b.html").read_text("utf-8")
    assert page.count("replayed · ") >= 2
    assert "jumps over" in page
