"""`python -m g4f_magic check`: says of notebooks whether their recordings hold."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from g4f_magic.cassette import OpenCassette, beside
from g4f_magic.check.rerun import Rerun, replay_environment, rerun
from g4f_magic.check.walk import Checked, check_notebook
from g4f_magic.errors import ChatError
from g4f_magic.secret import mask_known
from g4f_magic.visible import make_visible

_MOST_NAMED = 12


def check(
    notebooks: Sequence[str], *, cassette: str | None, is_run: bool, is_running_tools: bool = False
) -> int:
    """Print what can be said of each notebook, and return 0 where all hold, else 1."""
    how = {"is_run": is_run, "is_running_tools": is_running_tools}
    return max([_check_one(Path(name), cassette, **how) for name in notebooks], default=0)


def _check_one(notebook: Path, cassette: str | None, *, is_run: bool, is_running_tools: bool) -> int:
    path = Path(cassette) if cassette else beside(notebook)
    name = str(notebook).replace("\n", "␤")  # or it could say the next line, too
    try:
        opened = OpenCassette(path, within=None if cassette else notebook.parent)
        found = check_notebook(notebook, opened.index)
        run = rerun(notebook, replay_environment(path, is_running_tools=is_running_tools)) if is_run else None
    except ChatError as exc:
        what = str(exc)
        _fail(what if what.startswith(str(notebook)) else f"{name}: {what}", exc.hint)
        return 1
    misses = found.misses if run is None else run.problems
    for problem in misses:
        _fail(f"{name}: {problem.text}")
    for warning in opened.warnings:
        _fail(f"{name}: {warning}")
    print(make_visible(mask_known(f"{name}: {_summary(found, len(misses), run)}")))
    return 1 if misses else 0


def _summary(found: Checked, problems: int, run: Rerun | None) -> str:
    parts = [f"{found.held} chat cells recorded" if found.held != 1 else "1 chat cell recorded"]
    if found.dependent:
        cells = ", ".join(map(str, found.dependent[:_MOST_NAMED]))
        more = len(found.dependent) - _MOST_NAMED
        cells += f" and {more} more" if more > 0 else ""
        what = "code cell" if len(found.dependent) == 1 else "code cells"
        parts.append(f"{what} {cells} depend{'s' * (len(found.dependent) == 1)} on data")
    if problems:
        parts.append(f"{problems} {'missing' if run is None else 'different'}")
    elif run is not None:
        parts.append("the run fails nowhere" if run.uncompared else "the run shows what was saved")
    if run is not None and run.uncompared:
        cells = "1 cell was" if run.uncompared == 1 else f"{run.uncompared} cells were"
        parts.append(f"{cells} saved without outputs, and there is nothing to compare")
    if found.unused and not found.asks_by_code:
        lines = ", ".join(str(place.number) for place in found.unused[:_MOST_NAMED])
        lines += f" and {len(found.unused) - _MOST_NAMED} more" if len(found.unused) > _MOST_NAMED else ""
        parts.append(f"no cell asks for line {lines} (%chat cassette prune)")
    if found.asks_by_code and run is None:
        parts.append("it asks from code, too, which only --run can tell")
    return "; ".join(parts)


def _fail(*lines: str) -> None:
    print(*(make_visible(mask_known(line)) for line in lines if line), sep="\n", file=sys.stderr)
