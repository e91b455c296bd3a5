"""`python -m g4f_magic check`: says of notebooks whether their recordings hold."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from g4f_magic.cassette import Tape, beside
from g4f_magic.check.rerun import replay_environment, rerun
from g4f_magic.check.walk import Checked, check_notebook
from g4f_magic.errors import ChatError
from g4f_magic.secret import hide
from g4f_magic.visible import make_visible


def check(notebooks: Sequence[str], *, cassette: str | None, is_run: bool) -> int:
    """Print what can be said of each notebook, and return 0 where all hold, else 1."""
    return max([_check_one(Path(name), cassette, is_run=is_run) for name in notebooks], default=0)


def _check_one(notebook: Path, cassette: str | None, *, is_run: bool) -> int:
    path = Path(cassette) if cassette else beside(notebook)
    try:
        tape = Tape(path)
        found = check_notebook(notebook, tape.index)
        misses = list(found.misses)
        if is_run:
            misses = rerun(notebook, replay_environment(path))
    except ChatError as exc:
        _fail(f"{notebook}: {exc}", exc.hint)
        return 1
    for problem in misses:
        _fail(f"{notebook}: {problem.text}")
    for warning in tape.warnings:
        _fail(f"{notebook}: {warning}")
    print(f"{notebook}: {_summary(found, len(misses), is_run=is_run)}")
    return 1 if misses else 0


def _summary(found: Checked, problems: int, *, is_run: bool) -> str:
    parts = [f"{found.held} chat cells recorded" if found.held != 1 else "1 chat cell recorded"]
    if problems:
        parts.append(f"{problems} {'different' if is_run else 'missing'}")
    elif is_run:
        parts.append("the run shows what was saved")
    if found.unused and not found.asks_by_code:
        lines = ", ".join(str(place.number) for place in found.unused)
        parts.append(f"no cell asks for line {lines} (%chat cassette prune)")
    if found.asks_by_code and not is_run:
        parts.append("it asks from code, too, which only --run can tell")
    return "; ".join(parts)


def _fail(*lines: str) -> None:
    print(*(make_visible(hide(line)) for line in lines if line), sep="\n", file=sys.stderr)
