"""A notebook's file as Jupyter's JSON: an .ipynb as it is, a text file (Markdown, py:percent, Quarto) as jupytext reads it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from g4f_magic import disk
from g4f_magic.errors import InputError
from g4f_magic.notebook import MOST_BYTES, TEXTS

NO_NOTEBOOK = "Give an .ipynb file of format 4, or a text notebook that jupytext reads."


def notebook_json(path: Path) -> str:
    """Return the JSON of the notebook; one that is a text file has no outputs in it.

    Raises:
        InputError: it cannot be read, or wants jupytext, which is not there.
    """
    try:
        text = disk.read(path, most_bytes=MOST_BYTES).decode("utf-8-sig")
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}", hint="Give a notebook's path.") from exc
    except UnicodeDecodeError as exc:
        raise InputError(f"{path} is not a notebook", hint=NO_NOTEBOOK) from exc
    return _converted(path, text) if path.suffix.lower() in TEXTS else text


def _converted(path: Path, text: str) -> str:
    try:
        jupytext: Any = import_module("jupytext")
        config: Any = import_module("jupytext.config")
    except ImportError as exc:
        raise InputError(
            f"{path} is a notebook in a text file, and jupytext is not installed to read it",
            hint="pip install jupytext, or name the .ipynb file that is made of it.",
        ) from exc
    try:
        book = jupytext.reads(
            text,
            fmt={"extension": path.suffix},
            as_version=4,
            config=config.load_jupytext_config(str(path.absolute())),
        )
        return str(import_module("nbformat").writes(book))
    except Exception as exc:  # jupytext and its configuration raise many kinds
        first = next(iter(str(exc).strip().splitlines()), "")
        raise InputError(f"{path} cannot be read by jupytext: {first[:200]}", hint=NO_NOTEBOOK) from exc
