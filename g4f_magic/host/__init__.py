"""Where the code runs: what it can tell, show and do there. `here` is the one way to it.

A front end of another kind is another class with these methods, and a line in `here`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from g4f_magic.host.cell import CellsRun, RunningCell, code_mark

if TYPE_CHECKING:  # `%load_ext` needs none of them
    from g4f_magic.host.base import Host


def here() -> Host:
    """Return where this code runs. IPython is not imported for that: where it runs, it is there."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = None if get_ipython is None else get_ipython()
    if shell is not None:
        return of_shell(shell)
    if "marimo" in sys.modules:
        from g4f_magic.host import marimo

        if marimo.is_here():
            return marimo.MarimoHost()
    from g4f_magic.host.program import Program

    return Program()


def of_shell(shell: Any) -> Host:
    """Return the front end behind an IPython shell."""
    from g4f_magic.host.ipython import IPythonHost

    return IPythonHost(shell)


__all__ = ["CellsRun", "RunningCell", "code_mark", "here", "of_shell"]
