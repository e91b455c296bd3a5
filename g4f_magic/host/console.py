"""Consoles of a kernel: they show text as it comes, and leave out what an output is updated to. No I/O but /proc."""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from pathlib import Path

from g4f_magic.settings import environment

_PROGRAM = re.compile(r"(?:jupyter[-_])?(?:qt)?console|euporie(?:-console)?")
_HOSTED = ("KAGGLE_KERNEL_RUN_TYPE", "DATABRICKS_RUNTIME_VERSION", "DEEPNOTE_PROJECT_ID")
"""Variables of hosted services whose notebooks name no cell, and update outputs."""


def is_known() -> bool:
    """Say whether the kernel serves a console for certain: Spyder's, or one that started it (jupyter-console, qtconsole)."""
    return "spyder_kernels" in sys.modules or _is_console(_command_of(os.getppid()))


def is_hosted() -> bool:
    """Say whether it is a hosted service's notebook, as far as those are known."""
    return any(map(environment, _HOSTED))


@cache
def _command_of(process: int) -> tuple[str, ...]:
    """Return the command line of a process; empty where the system does not tell."""
    try:
        return tuple(Path(f"/proc/{process}/cmdline").read_text("utf-8", "replace").split("\0"))
    except OSError:
        return ()


def _is_console(command: tuple[str, ...]) -> bool:
    """Say whether a command line, as far as its program's name goes, is a console's: `jupyter console` has it second."""
    words = [os.path.basename(word) for word in command[:4] if not word.startswith("-")]
    return any(_PROGRAM.fullmatch(word) for word in words)
