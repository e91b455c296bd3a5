"""Programs that run notebooks really run a folder of them: each replays with one variable, and a change fails."""

from __future__ import annotations

import ast
import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest

from g4f_magic.cassette import beside
from g4f_magic.whereabouts import identify
from tests.browser.lab import chromium
from tests.environments import FRONTS
from tests.fronts.machines import provenances, record, run, shown
from tests.injections import PAYLOADS

pytestmark = [
    pytest.mark.fronts,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(FRONTS.missing()), reason=FRONTS.missing()),
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


@pytest.mark.parametrize("kind", ["md", "Rmd", "py:percent", "py:light", "md:myst"])
async def test_a_text_notebook_replays_and_is_kept_whole(kind: str, folder: Path) -> None:
    text = folder / f"b.{kind.partition(':')[0]}"
    if text.suffix == ".py":  # in Markdown it would make the cells text
        (folder / "jupytext.toml").write_text('custom_cell_magics = "chat"\n')
    for command in (f"--to {kind} b.ipynb", f"--to notebook --execute {text.name} -o out.ipynb"):
        status, said = await run(folder, "jupytext", *command.split())
        assert status == 0, said
    if text.suffix == ".py":
        ast.parse(text.read_text("utf-8"))
    assert [one.startswith("replayed · ") for one in provenances(folder / "out.ipynb")] == [True, True]
    found = identify(str(text))
    assert found is not None
    assert found.path == str(text)
    assert beside(Path(found.path)) == folder / "b.chat.jsonl"
    status, said = await run(folder, "g4f-magic", "check", "--run", text.name)
    assert (status, "2 chat cells recorded; the run fails nowhere" in said) == (0, True), said


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


REPLY = """## A title

Some **bold** and *slanted* words with `code_of["mine"] <b>` and $a_1 < b$.

1. one
   - of its own
2. two

| a | b |
|---|---|
| 1 | 50 % |

```python
x = {"a": 1}
```
"""
IN_LATEX = (
    r"\textbf{A title}",
    r"\textbf{bold} and \emph{slanted}",
    r"\begin{enumerate}",
    r"\begin{itemize}",
    r"a_1",
    r"\begin{longtable}",
)


async def test_latex_shows_a_formatted_reply(tmp_path: Path) -> None:
    await shown(tmp_path / "b.ipynb", REPLY)
    status, said = await run(tmp_path, *["jupyter", "nbconvert", "--to", "latex", "b.ipynb"])
    assert status == 0, said
    tex = (tmp_path / "b.tex").read_text("utf-8")
    assert [one for one in IN_LATEX if one not in tex] == []
    assert "**bold**" not in tex


async def test_sphinx_shows_a_formatted_reply_in_latex(tmp_path: Path) -> None:
    await shown(tmp_path / "b.ipynb", REPLY)
    (tmp_path / "conf.py").write_text("extensions = ['myst_nb']\nnb_execution_mode = 'off'\n")
    (tmp_path / "index.md").write_text("# Notebooks\n\n```{toctree}\nb\n```\n")
    status, said = await run(tmp_path, "sphinx-build", "-q", "-b", "latex", ".", "out")
    assert status == 0, said
    (file,) = (tmp_path / "out").glob("*.tex")
    tex = file.read_text("utf-8")
    assert r"\sphinxstylestrong{bold}" in tex
    assert r"\begin{enumerate}" in tex
    assert "**bold**" not in tex


async def test_nothing_of_a_reply_acts_in_latex(tmp_path: Path) -> None:
    tex_of_a_stranger = r"\input{/etc/passwd} $\input{/etc/hosts}$ \write18{id} `\input{x}` ![x](/etc/a.png)"
    await shown(tmp_path / "b.ipynb", *PAYLOADS.values(), tex_of_a_stranger)
    status, said = await run(tmp_path, *["jupyter", "nbconvert", "--to", "latex", "b.ipynb"])
    assert status == 0, said
    # What the template itself says stands before the notebook.
    _, _, tex = (tmp_path / "b.tex").read_text("utf-8").partition(r"\maketitle")
    code = re.compile(r"\\begin\{(Verbatim|Highlighting)\}.*?\\end\{\1\}", re.DOTALL)
    tex = code.sub("", tex)
    acting = re.findall(
        r"\\(?:input|write|include\w*|openin|def(?!\\(?:labelenum|LTcaptype))|catcode|href\{(?!https?:|mailto:)[^}]*)",
        tex,
    )
    assert acting == []


async def test_a_long_reply_stays_on_its_slide(tmp_path: Path) -> None:
    await shown(tmp_path / "b.ipynb", REPLY * 20, slide_type="slide")
    status, said = await run(tmp_path, *["jupyter", "nbconvert", "--to", "slides", "b.ipynb"])
    assert status == 0, said
    async with chromium() as context:
        page = await context.new_page()
        await page.route("http*://**", lambda route: route.abort())
        await page.goto((tmp_path / "b.slides.html").as_uri())
        frame = page.locator("[data-g4f-magic]").first
        sizes = await frame.evaluate(
            "node => [node.clientHeight, node.scrollHeight, getComputedStyle(node).overflowY]"
        )
    assert sizes[0] <= 420 < sizes[1]
    assert sizes[2] == "auto"
