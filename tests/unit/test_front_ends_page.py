"""docs/front-ends.md is what the tests show. After a change: `python -m tests.unit.test_front_ends_page`."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "front-ends.md"

HEAD = """# Front ends

What works where. *Tested* means that the front end itself, or its kernel, runs in the tests, in the version that is named;
*by its signs* that its requests and answers are imitated as they were measured; *by its documents* that neither was had.
Made from the tests (`python -m tests.unit.test_front_ends_page`). `%chat` says which signs the front end gives.

"""
COLUMNS = (
    "front end",
    "how it is known",
    "streams",
    "stop",
    "panel",
    "cell, notebook",
    "order",
    "math",
    "insert",
    "replay",
)
LAB = "tests/browser/test_streaming.py"
ROWS: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (
        (
            "JupyterLab 4.6, Notebook 7.6",
            "tested",
            "yes",
            "yes",
            "yes",
            "yes, yes",
            "yes",
            "yes",
            "yes",
            "yes",
        ),
        (LAB, "tests/browser/test_panel.py", "tests/browser/test_formulas.py", "tests/browser/test_order.py"),
    ),
    (
        (
            "VS Code",
            "by its signs (1.139); the panel tested in its widgets {@vscode/jupyter-ipywidgets8}",
            "yes",
            "yes",
            "yes",
            "by the saved file, yes",
            "yes",
            "yes",
            "copies, and says so",
            "yes",
        ),
        (
            "tests/kernel/host/test_vscode.py",
            "tests/kernel/renderers/test_output_metadata.py",
            "tests/fronts/test_vscode_panel.py",
        ),
    ),
    (
        (
            "Google Colab",
            "by its signs (August 2026)",
            "yes",
            "yes",
            "by its documents",
            "yes, as its page tells",
            "yes",
            "by its documents",
            "no",
            "with `G4F_MAGIC_CASSETTE`",
        ),
        ("tests/kernel/host/test_colab.py",),
    ),
    (
        (
            "Kaggle, Databricks",
            "by their documents",
            "yes",
            "yes",
            "no",
            "no, no",
            "no",
            "no",
            "no",
            "from the folder",
        ),
        ("tests/unit/host/test_secret_stores.py",),
    ),
    (
        (
            "marimo {marimo}",
            "tested",
            "`marimo_chat()`, panel",
            "panel",
            "yes",
            "no, by its path",
            "no",
            "no",
            "no",
            "yes",
        ),
        ("tests/fronts/test_marimo.py",),
    ),
    (
        (
            "Voilà {voila}",
            "tested",
            "panel",
            "panel",
            "yes",
            "no, no",
            "as run",
            "yes",
            "no",
            "with `G4F_MAGIC_CASSETTE`",
        ),
        ("tests/fronts/test_voila.py",),
    ),
    (
        (
            "xeus-python {xeus-python}",
            "tested",
            "yes",
            "by its documents",
            "by its documents",
            "by the code, yes",
            "yes",
            "of the page",
            "of the page",
            "yes",
        ),
        ("tests/fronts/test_kernels.py",),
    ),
    (
        (
            "IPython in a terminal",
            "tested",
            "yes",
            "yes",
            "no",
            "no, no",
            "as asked",
            "no",
            "next line",
            "yes",
        ),
        ("tests/terminal/test_terminal.py",),
    ),
    (
        (
            "jupyter-console {jupyter-console}, Spyder's kernel {spyder-kernels}",
            "tested",
            "text",
            "yes",
            "no",
            "no, no",
            "as asked",
            "no",
            "no",
            "from the folder",
        ),
        ("tests/fronts/test_kernels.py",),
    ),
    (
        (
            "qtconsole",
            "by its documents",
            "whole, or text",
            "yes",
            "no",
            "no, no",
            "as asked",
            "no",
            "no",
            "from the folder",
        ),
        ("tests/kernel/host/test_unnamed_cells.py",),
    ),
    (
        (
            "ipyparallel {ipyparallel}",
            "tested",
            "whole",
            "no",
            "no",
            "no, no",
            "as asked",
            "no",
            "no",
            "from the folder",
        ),
        ("tests/fronts/test_kernels.py",),
    ),
    (
        (
            (
                "nbclient {nbclient}, papermill {papermill}, nbmake {nbmake}, jupyter-cache {jupyter-cache}, "
                "myst-nb {myst-nb}, jupytext {jupytext} `--execute`, nbconvert {nbconvert} `--execute`"
            ),
            "tested",
            "static",
            "as theirs",
            "no",
            "no, the folder",
            "as run",
            "as theirs",
            "no",
            "yes, with `G4F_MAGIC_MODE=replay` alone",
        ),
        ("tests/fronts/test_machines.py",),
    ),
    (
        (
            "Quarto",
            "by its documents",
            "static",
            "as its own",
            "no",
            "no, yes",
            "as run",
            "as its own",
            "no",
            "yes",
        ),
        ("tests/kernel/cassette/test_folder.py",),
    ),
    (
        (
            "JupyterLite's kernel {jupyterlite-pyodide-kernel} in Pyodide {pyodide}",
            "tested",
            "yes, by the page's own `fetch`",
            "by its documents",
            "by its documents",
            "yes, no",
            "as asked",
            "of the page",
            "of the page",
            "from the folder",
        ),
        ("tests/fronts/test_pyodide.py",),
    ),
    (
        (
            "Two people in one notebook (jupyter-collaboration {jupyter-collaboration})",
            "tested",
            "yes",
            "yes",
            "yes",
            "yes, yes",
            "yes",
            "yes",
            "yes",
            "yes",
        ),
        ("tests/fronts/test_shared.py",),
    ),
]
NOTES = """
A notebook that is a text file (`.md`, `.py`, `.qmd`, `.Rmd`) is known by its path: its history goes on, and its recordings
lie beside it; `g4f-magic check` reads it by jupytext. In a script (`.py`) `%%chat` is not Python; with jupytext, `custom_cell_magics = "chat"` in a `jupytext.toml` beside
it keeps it behind a comment. Not beside notebooks in Markdown: there it makes text of the cells, and nothing needs it.

LaTeX, and a PDF made of it, show a reply formatted, by nbconvert and Sphinx (tested with {nbconvert}, and with myst-nb {myst-nb}): one
of more than 40,000 characters, and what is kept under a panel, as its text. On a slide of nbconvert's a long reply scrolls.

A notebook that a page saved holds a reply as `text/html` and as that Markdown (`text/markdown`), in which nothing acts. Plain
text stands beside it where the Markdown does not tell the reply to the letter, and always where a program without a page ran the
notebook (nbclient, papermill); `%chat import`, Copy and `@out` have the reply as it came from either.

In a browser (Pyodide) no cell can wait for another: `ask_sync` is two lines, `await chat.ask(...)` works. A service that takes
no questions from pages (CORS) is not reached, and cookies and proxies are the browser's own.

Of a notebook that several people may have open (its page says so, or jupyter-collaboration is installed beside the kernel), a growing reply stands in one output, and at its end in fresh ones, which
every page takes as they are; what is kept under a panel is one output.
"""


def page() -> str:
    lines = ["| " + " | ".join(one) + " |" for one in (COLUMNS, ("---",) * len(COLUMNS))]
    versions = _versions()
    for cells, _ in ROWS:
        lines.append("| " + " | ".join(_filled(cell, versions) for cell in cells) + " |")
    return HEAD + "\n".join(lines) + "\n" + _filled(NOTES, versions)


def _filled(cell: str, versions: dict[str, str]) -> str:
    return re.sub(r"\{([\w@/-]+)\}", lambda match: versions[match[1]], cell)


def _versions() -> dict[str, str]:
    """Return the versions that the tests install apart."""
    lists = ROOT / "tests" / "fronts"
    python = re.findall(
        r"^([\w-]+)==(\S+)$", (lists / "python" / "requirements.txt").read_text("utf-8"), re.MULTILINE
    )
    node = json.loads((lists / "node" / "package.json").read_text("utf-8"))["dependencies"]
    return dict(python) | node


def test_the_page_is_what_the_tests_show() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.unit.test_front_ends_page"


def test_each_row_is_whole_and_its_tests_are_there() -> None:
    for cells, tests in ROWS:
        assert len(cells) == len(COLUMNS), cells[0]
        assert bool(tests) == (not cells[1].startswith("not")), cells[0]
        assert all((ROOT / test).exists() for test in tests), cells[0]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
