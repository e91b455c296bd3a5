"""A program without a front end: a script, a test, a server. All is printed, and no cell runs."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from typing import Any

from g4f_magic.host.base import Bundle, Channel, Explain, Hear, Machine, Offer, Output, Release
from g4f_magic.host.cell import CellRun, RunningCell
from g4f_magic.host.secret_stores import SecretStore
from g4f_magic.host.told import ToldNotebook
from g4f_magic.settings import environment


class Program:
    """Where no front end is."""

    prints = True
    awaits = False
    can_display = can_update = can_clear = can_offer = names_cells = shows_widgets = False
    typesets_tex = has_commands = False

    @property
    def has_stdin(self) -> bool:
        """Say whether somebody is there to be asked."""
        return sys.stdin is not None and sys.stdin.isatty()

    @property
    def is_terminal(self) -> bool:
        """Say whether what is printed goes to a terminal."""
        return is_terminal()

    @property
    def cell(self) -> RunningCell:
        """Return no cell."""
        return RunningCell()

    @property
    def notebook(self) -> str:
        """Return what Jupyter names: a program that a notebook started inherits it."""
        return environment("JPY_SESSION_NAME")

    @property
    def is_shared(self) -> bool:
        """Say that nobody else has it open."""
        return False

    @property
    def executed_file(self) -> str:
        """Return none."""
        return ""

    def told_notebook(self) -> ToldNotebook | None:
        """Return none."""
        return None

    @property
    def machine(self) -> Machine:
        """Return one that stays."""
        return Machine()

    @property
    def secret_store(self) -> SecretStore | None:
        """Return none."""
        return None

    @property
    def names(self) -> MutableMapping[str, Any]:
        """Return what stands at the program's top."""
        return vars(sys.modules["__main__"])

    def variables(self) -> list[str]:
        """Return those that are not Python's own."""
        return [name for name in self.names if not name.startswith("__")]

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """Return the loop that runs here."""
        return running_loop()

    @property
    def inputs(self) -> Sequence[str]:
        """Return no cells."""
        return ()

    def kept_outputs(self, number: int) -> list[dict[str, Any]]:
        """Return nothing."""
        return []

    def magics(self, name: str) -> object | None:
        """Return nothing."""
        return None

    def output(self, metadata: Mapping[str, object] | None = None) -> Output:
        """Return an output that prints its text each time."""
        return _Printed()

    def show(self, data: Bundle) -> None:
        """Print the text."""
        print(data.get("text/plain", ""))

    def clear(self) -> None:
        """Leave what is printed."""

    def offer(self, code: str) -> None:
        """Offer nothing."""

    def ask(self, question: str, *, is_secret: bool = False) -> str | None:
        """Return what the person types; None where nobody does."""
        return asked(question, is_secret=is_secret)

    def before_cells(self, call: Callable[[CellRun], object]) -> Release:
        """Never call it."""
        return _nothing

    def after_cells(self, call: Callable[[CellRun], object]) -> Release:
        """Never call it."""
        return _nothing

    def on_display(self, call: Callable[[dict[str, Any]], object]) -> Release:
        """Never call it."""
        return _nothing

    def complete(self, commands: Sequence[str], offer: Offer, explain: Explain, fill: Explain) -> Release:
        """Never ask it."""
        return _nothing

    def listen(self, comm: str, hear: Callable[[dict[str, Any]], None]) -> object | None:
        """Hear nothing."""
        return None

    def channel(self, name: str, data: Mapping[str, object], hear: Hear) -> Channel | None:
        """Open nothing: there are no pages."""
        return None

    def expect(self, name: str, take: Callable[[Channel], Hear]) -> Release:
        """Expect nobody."""
        return lambda: None

    def traceback(self, error: BaseException) -> list[str]:
        """Return the traceback as Python prints it."""
        return "".join(traceback.format_exception(error)).splitlines()


class _Printed:
    def show(self, data: Bundle) -> None:
        """Print the text."""
        print(data.get("text/plain", ""))


def _nothing() -> None:
    pass


def asked(question: str, *, is_secret: bool) -> str | None:
    """Return what the person answers to Python's own questions, which kernels take over; None where nobody can be asked.

    What was typed into a terminal before the question stands there is no answer to it.
    """
    import getpass

    try:
        with suppress(ValueError):  # a stream that is closed: a kernel asks without it
            _drop_what_was_typed()
        # Looked up at each call: a kernel puts its own in their place for the time of a cell.
        return getpass.getpass(question) if is_secret else input(question)
    except Exception:  # front ends without a prompt have errors of their own
        return None


def _drop_what_was_typed() -> None:
    if sys.stdin is None or not sys.stdin.isatty():
        return
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()
    else:
        import termios

        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def is_terminal() -> bool:
    """Say whether what is printed goes to a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the loop that runs in this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
