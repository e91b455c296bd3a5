"""Runs a notebook in replay, and compares what it shows with what was saved."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from g4f_magic.check.walk import Problem
from g4f_magic.errors import InputError
from g4f_magic.settings import FORCED_CASSETTE, FORCED_MODE

_SOURCE = re.compile(r" · (?:live|replayed|(?:under 0\.1|\d+\.\d) s)(?![\w.])")
"""What a reply says of itself that differs between the run that recorded it and a replay."""

_MOST_LINES = 8


def replay_environment(cassette: Path) -> dict[str, str]:
    """Return the variables that make a kernel replay, and leave nothing in the person's history."""
    return {
        **os.environ,
        FORCED_MODE: "replay",
        FORCED_CASSETTE: str(cassette.absolute()),
        "G4F_MAGIC_HISTORY": "off",
        "G4F_MAGIC_PACE": "fast",
    }


def rerun(notebook: Path, environment: Mapping[str, str], *, timeout_seconds: int = 600) -> list[Problem]:
    """Run a notebook in a kernel with that environment, and return where it fails or shows something else.

    The file is left as it is.

    Raises:
        InputError: it cannot be read, or nbclient is not there to run it.
    """
    saved, executed = executed_copy(notebook, environment, timeout_seconds=timeout_seconds)
    return list(differences(saved, executed))


def executed_copy(
    notebook: Path, environment: Mapping[str, str], *, timeout_seconds: int = 600
) -> tuple[Any, Any]:
    """Return the notebook as it was saved, and as it is after a run that goes on after errors.

    Raises:
        InputError: it cannot be read, or nbclient is not there to run it.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
    except ImportError as exc:
        raise InputError("running a notebook needs nbclient", hint="pip install 'g4f-magic[check]'") from exc
    try:
        text = notebook.read_text(encoding="utf-8")
        saved: Any = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]  # it has no types
        executed: Any = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as exc:  # nbformat raises many kinds
        raise InputError(
            f"{notebook} cannot be read as a notebook", hint="Give an .ipynb file of format 4."
        ) from exc
    NotebookClient(
        executed,
        timeout=timeout_seconds,
        kernel_name=executed.metadata.get("kernelspec", {}).get("name", "python3"),
        allow_errors=True,
        resources={"metadata": {"path": str(notebook.absolute().parent)}},
    ).execute(env=dict(environment))
    return saved, executed


def differences(saved: Any, executed: Any) -> Iterator[Problem]:
    """Yield each code cell that fails where it did not, or whose outputs differ in more than times and counters."""
    cells = [
        (old, new) for old, new in zip(saved.cells, executed.cells, strict=True) if old.cell_type == "code"
    ]
    for number, (old, new) in enumerate(cells, start=1):
        before, after = (_shown(cell.outputs) for cell in (old, new))
        if before == after:
            continue
        failed = [output for output in new.outputs if output.output_type == "error"]
        if failed and not any(output.output_type == "error" for output in old.outputs):
            yield Problem(number, f"code cell {number} fails: " + _plain("\n".join(failed[0].traceback)))
            continue
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
        different = [line[:160] for line in list(lines)[2:] if not line.startswith("@@")]
        yield Problem(number, "\n".join([f"code cell {number} shows:", *different[:_MOST_LINES]]))


def _shown(outputs: Any) -> str:
    """Return outputs as text to compare, without times, counters, and what is only said once."""
    found: list[Any] = []
    for output in outputs:
        if output.output_type == "stream" and found and found[-1].get("name") == output.name:
            found[-1]["text"] += output.text
            continue
        one = {name: value for name, value in output.items() if name not in ("execution_count", "metadata")}
        found.append(one)
    text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False)
    return _SOURCE.sub("", text)


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
