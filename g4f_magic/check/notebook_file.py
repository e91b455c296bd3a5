"""A notebook's file as Jupyter's JSON: an .ipynb as it is, a text file (Markdown, py:percent, Quarto) as jupytext reads it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from g4f_magic import disk
from g4f_magic.errors import InputError
from g4f_magic.notebook import MOST_BYTES, TEXTS

NO_NOTEBOOK = "Give an .ipynb file of format 4, or a text notebook that jupytext reads."
_CHILD = Path(__file__).with_name("jupytext_child.py")
_MOST_SECONDS = 60.0


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
    said = {"missing": True} if find_spec("jupytext") is None else _said(path, text)
    if "missing" in said:
        raise InputError(
            f"{path} is a notebook in a text file, and jupytext is not installed to read it",
            hint="pip install jupytext, or name the .ipynb file that is made of it.",
        )
    if "notebook" not in said:
        why = said.get("error") or "it ended without a word"
        raise InputError(f"{path} cannot be read by jupytext: {why}", hint=NO_NOTEBOOK)
    return str(said["notebook"])


def _said(path: Path, text: str) -> dict[str, Any]:
    """Return what the process says in which jupytext reads the text: not in this one, and not in the notebook's folder."""
    wanted = {"path": str(path.absolute()), "suffix": path.suffix, "text": text}
    with TemporaryDirectory() as folder:
        try:
            done = subprocess.run(  # noqa: S603  # our own file, by our own Python
                [sys.executable, "-P", str(_CHILD)],
                input=json.dumps(wanted).encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_MOST_SECONDS,
                cwd=folder,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"error": f"it takes more than {_MOST_SECONDS:.0f} s"}
        except OSError as exc:
            return {"error": f"no process can be started: {exc.strerror}"}
    with suppress(ValueError, RecursionError):
        said = json.loads(done.stdout)
        if isinstance(said, dict):
            return said
    return {}
