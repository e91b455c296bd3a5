"""Runs a notebook in replay, and compares what it shows with what was saved."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from g4f_magic.check.notebook_file import NO_NOTEBOOK, notebook_json
from g4f_magic.check.walk import Problem
from g4f_magic.errors import InputError
from g4f_magic.label import unlabelled
from g4f_magic.markdown_source import text_of
from g4f_magic.settings import FORCED_CASSETTE, FORCED_MODE, FORCED_TOOLS

_LINE = re.compile(r"— ([^<>\"\\\n]+ · [^<>\"\\\n]+)")
"""What a reply says of itself, in parts."""
_OF_THE_RUN = re.compile(
    r"live|replayed|(?:first word )?(?:under 0\.1|\d+\.\d) s|after \d+ turns?|~?[\d,]+ tokens?|~?(?:under )?\$[\d.,]+"
)
"""Those parts that differ between the run that recorded it and a replay, or that earlier versions did not say."""

_MOST_LINES = 8


def replay_environment(cassette: Path, *, is_running_tools: bool = False) -> dict[str, str]:
    """Return the variables that make a kernel replay, and leave nothing in the person's history."""
    return {
        **os.environ,
        FORCED_MODE: "replay",
        FORCED_CASSETTE: str(cassette.absolute()),
        "G4F_MAGIC_HISTORY": "off",
        "G4F_MAGIC_PACE": "fast",
        **({FORCED_TOOLS: "1"} if is_running_tools else {}),
    }


@dataclass(frozen=True, slots=True)
class Rerun:
    """What a run showed."""

    problems: tuple[Problem, ...]
    uncompared: int
    """How many cells show something now and were saved without any output: stripped, or never run."""


def rerun(notebook: Path, environment: Mapping[str, str], *, timeout_seconds: int = 600) -> Rerun:
    """Run a notebook in a kernel with that environment, and return where it fails or shows something else.

    The file is left as it is.

    Raises:
        InputError: it cannot be read, or nbclient is not there to run it.
    """
    saved, executed = executed_copy(notebook, environment, timeout_seconds=timeout_seconds)
    uncompared = sum(
        is_stripped(saved, old) and bool(new.outputs) for old, new in _code_cells(saved, executed)
    )
    return Rerun(tuple(differences(saved, executed)), uncompared)


def executed_copy(
    notebook: Path, environment: Mapping[str, str], *, timeout_seconds: int = 600
) -> tuple[Any, Any]:
    """Return the notebook as it was saved, and as it is after a run that goes on after errors.

    Raises:
        InputError: it cannot be read, or nbclient is not there to run it.
    """
    try:
        import nbformat
        from jupyter_client.kernelspec import NoSuchKernel
        from nbclient import NotebookClient
    except ImportError as exc:
        raise InputError("running a notebook needs nbclient", hint="pip install 'g4f-magic[check]'") from exc
    text = notebook_json(notebook)
    try:
        saved: Any = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]  # it has no types
        executed: Any = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as exc:  # nbformat raises many kinds
        raise InputError(f"{notebook} cannot be read as a notebook", hint=NO_NOTEBOOK) from exc
    spec = executed.metadata.get("kernelspec")
    kernel = str(spec.get("name", "python3")) if isinstance(spec, Mapping) else "python3"
    client = NotebookClient(
        executed,
        timeout=timeout_seconds,
        kernel_name=kernel,
        allow_errors=True,
        resources={"metadata": {"path": str(notebook.absolute().parent)}},
    )
    try:
        client.execute(env=dict(environment))
    except NoSuchKernel as exc:
        raise InputError(
            f"{notebook} wants the kernel {kernel!r}, which is not installed here",
            hint="`jupyter kernelspec list` shows those that are; ipykernel brings python3 (g4f-magic[check]).",
        ) from exc
    except TimeoutError as exc:
        raise InputError(
            f"{notebook} was stopped: a cell ran for more than {timeout_seconds} s",
            hint="Run it by itself to see which one.",
        ) from exc
    except (
        Exception
    ) as exc:  # a kernel that dies, a folder that is gone, outputs that are none: each has its own
        first = next(iter(str(exc).strip().splitlines()), "")
        raise InputError(
            f"{notebook} could not be run: {type(exc).__name__}: {first[:200]}",
            hint="Run it by itself: jupyter execute NOTEBOOK.",
        ) from exc
    return saved, executed


def differences(saved: Any, executed: Any) -> Iterator[Problem]:
    """Yield each code cell that fails where it did not, or whose outputs differ in more than times and counters.

    Where outputs were stripped there is nothing to compare; a cell that fails there has to be tagged for it.
    """
    for number, (old, new) in enumerate(_code_cells(saved, executed), start=1):
        bare = is_stripped(saved, old)
        before, after = (_shown(cell.outputs) for cell in (old, new))
        if before == after:
            continue
        failed = [output for output in new.outputs if output.output_type == "error"]
        is_meant = bare and "raises-exception" in old.metadata.get("tags", ())
        if failed and not is_meant and not any(output.output_type == "error" for output in old.outputs):
            yield Problem(number, f"code cell {number} fails: " + _plain("\n".join(failed[0].traceback)))
        elif not bare:
            lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
            different = [line[:160] for line in list(lines)[2:] if not line.startswith("@@")]
            yield Problem(number, "\n".join([f"code cell {number} shows:", *different[:_MOST_LINES]]))


def is_stripped(saved: Any, cell: Any) -> bool:
    """Say whether a code cell was saved without what it shows: stripped with all others, or never run."""
    return not cell.outputs and (
        cell.get("execution_count") is None or not any(one.get("outputs") for one in saved.cells)
    )


def _code_cells(saved: Any, executed: Any) -> list[tuple[Any, Any]]:
    pairs = zip(saved.cells, executed.cells, strict=True)
    return [(old, new) for old, new in pairs if old.cell_type == "code"]


def _shown(outputs: Any) -> str:
    """Return outputs as text to compare, without times, counters, and what is only said once."""
    found: list[Any] = []
    for output in outputs:
        if output.output_type == "stream" and found and found[-1].get("name") == output.name:
            found[-1]["text"] += output.text
            continue
        one = {name: value for name, value in output.items() if name not in ("execution_count", "metadata")}
        if isinstance(html := output.get("data", {}).get("text/html"), str):
            # Whether the same stands beside it as Markdown, as plain text or as both depends on where it was run.
            text = text_of(output.data)
            one["data"] = {**output.data, "text/html": unlabelled(html), "text/plain": text}
            one["data"].pop("text/markdown", None)
        found.append(one)
    text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False)
    return _LINE.sub(_of_any_run, text)


def _of_any_run(line: re.Match[str]) -> str:
    """Return the line as it is for each run; in which order its parts stand differs between versions."""
    parts = (part.strip() for part in line[1].split(" · "))
    return "— " + " · ".join(sorted(part for part in parts if not _OF_THE_RUN.fullmatch(part)))


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
