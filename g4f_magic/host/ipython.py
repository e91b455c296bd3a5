"""IPython, in a kernel or in a terminal: the one place that knows what it calls things. It is not imported for that."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from g4f_magic.host.cell import CellRun, RunningCell
from g4f_magic.settings import environment

if TYPE_CHECKING:
    from g4f_magic.host.base import Bundle, Channel, Explain, Hear, Machine, Offer, Output, Release
    from g4f_magic.host.secret_stores import SecretStore
    from g4f_magic.host.told import ToldNotebook


class IPythonHost:
    """The front end behind one shell. Kernels differ: what one of them does not have is no error here.

    `kernel` is there in a kernel alone (ipykernel, xeus-python, Pyodide's), and None in a terminal.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._told: tuple[Mapping[str, object], RunningCell] | None = None
        """The kernel's last request, and the cell that it is about."""

    @property
    def _kernel(self) -> Any:
        return getattr(self._shell, "kernel", None)

    @property
    def can_display(self) -> bool:
        """Say whether it is a kernel: a terminal only prints."""
        return self._kernel is not None

    @property
    def can_update(self) -> bool:
        """Say whether it is a kernel whose outputs are not collected for later, nor sent from an engine of a cluster.

        A front end that takes questions, and names neither its cell nor a notebook, is probably a console: most of
        them leave updates out.
        """
        if not self.can_display or _is_collecting(self._shell.display_pub):
            return False
        return not _is_engine(self._kernel) and not self._may_be_console

    @property
    def _may_be_console(self) -> bool:
        takes_questions = _mapping(_request(self._kernel).get("content")).get("allow_stdin") is True
        if not takes_questions or self.cell.id or self.notebook.endswith(".ipynb"):
            return False
        return not self._is_hosted

    @cached_property
    def _is_hosted(self) -> bool:
        from g4f_magic.host import console

        return console.is_hosted()

    @cached_property
    def _is_console(self) -> bool:
        from g4f_magic.host import console

        return console.is_known()

    @cached_property
    def _session_name(self) -> str:
        return environment("JPY_SESSION_NAME")

    @property
    def prints(self) -> bool:
        """Say whether it is a console for certain, or a terminal."""
        return not self.can_display or (self._may_be_console and self._is_console)

    @property
    def can_clear(self) -> bool:
        """Say whether clearing leaves the page where it is.

        JupyterLab and Notebook 7, which give the cell's own id, let the page shrink, and one that was scrolled to its
        end begins at its top again. Others keep the height, and show gaps between outputs.
        """
        cell = self.cell
        return self.can_display and (not cell.id or cell.is_address)

    @property
    def awaits(self) -> bool:
        """Say whether the shell awaits, and not by another library's loop: `%autoawait trio` has one."""
        runners = getattr(self._shell, "loop_runner_map", {})
        others = [runner for name, (runner, _) in runners.items() if name != "asyncio"]
        return bool(self._shell.autoawait) and self._shell.loop_runner not in others

    @property
    def can_offer(self) -> bool:
        """Say whether the shell has a way to."""
        return hasattr(self._shell, "set_next_input")

    @property
    def typesets_tex(self) -> bool:
        """Say whether it is a kernel, and neither VS Code's nor Colab's; a notebook that a machine runs is typeset later."""
        is_vscode = self.cell.is_address or "__vsc_ipynb_file__" in self.names
        is_colab = "google.colab" in sys.modules or "colab" in _mapping(
            _request(self._kernel).get("metadata")
        )
        return self.can_display and not (is_vscode or is_colab)

    @property
    def has_commands(self) -> bool:
        """Say whether the cell has an id of its own, as JupyterLab and Notebook 7 give it."""
        return bool(self.cell.id) and self.typesets_tex

    @property
    def names_cells(self) -> bool:
        """Say whether the request names its cell: notebooks do, consoles and machines do not."""
        return bool(self.cell.id)

    @property
    def has_stdin(self) -> bool:
        """Say whether the front end takes questions, as far as the kernel tells."""
        kernel = self._kernel
        return sys.stdin is not None if kernel is None else bool(getattr(kernel, "_allow_stdin", True))

    @property
    def shows_widgets(self) -> bool:
        """Say whether it names its cells, or is Colab or Voila, which do not.

        A notebook that a machine runs would only keep the widget's whole code in its metadata.
        """
        if not self.can_display:
            return False
        is_voila = environment("SERVER_SOFTWARE").startswith("voila")
        return self.names_cells or "google.colab" in sys.modules or is_voila

    @property
    def is_terminal(self) -> bool:
        """Say whether what is printed goes to a terminal."""
        from g4f_magic.host.program import is_terminal

        return is_terminal()

    @property
    def cell(self) -> RunningCell:
        """Return the cell that the kernel's request is about."""
        parent = _request(self._kernel)
        if self._told is not None and parent is self._told[0]:  # one cell asks a dozen times
            return self._told[1]
        metadata, header, content = (_mapping(parent.get(name)) for name in ("metadata", "header", "content"))
        identity = metadata.get("cellId") or _mapping(metadata.get("colab")).get("cell_id")
        run = str(header.get("msg_id") or "")
        # xeus-python tells the header alone; what runs is the last of the inputs then.
        code = _text(content.get("code")) or (self.inputs[-1] if run and not content else "")
        cell = RunningCell(str(identity or ""), run, code)
        if content:
            self._told = parent, cell
        return cell

    @property
    def notebook(self) -> str:
        """Return what VS Code puts into the namespace, else what Jupyter calls the session.

        After a rename Jupyter tells the old path until the kernel restarts.
        """
        return _text(self.names.get("__vsc_ipynb_file__")) or self._session_name

    @property
    def is_shared(self) -> bool:
        """Say whether its name or its page says so."""
        from g4f_magic.host.told import is_shared, pages

        named = self.notebook
        return pages.say_shared or (bool(named) and is_shared(named))

    @property
    def executed_file(self) -> str:
        """Return what papermill puts into the namespace, where it is asked to, or Quarto into the environment."""
        if self.cell.id:
            return ""
        if injected := _text(self.names.get("PAPERMILL_INPUT_PATH")):
            return injected
        folder, name = environment("QUARTO_DOCUMENT_PATH"), environment("QUARTO_DOCUMENT_FILE")
        return os.path.join(folder, name) if folder else ""

    def told_notebook(self) -> ToldNotebook | None:
        """Return what Colab's page tells."""
        if "google.colab" not in sys.modules:
            return None
        from g4f_magic.host import colab

        return colab.notebook(self.cell.id)

    @property
    def machine(self) -> Machine:
        """Return whether it is one of Colab's."""
        from g4f_magic.host import colab
        from g4f_magic.host.base import Machine

        if not colab.is_here():
            return Machine()
        mount = "from google.colab import drive; drive.mount('/content/drive')"
        return Machine("Colab", colab.lasting_folder(), f"{mount}, before the first chat")

    @property
    def secret_store(self) -> SecretStore | None:
        """Return what Colab, Kaggle or Databricks keep, where it is one of them."""
        from g4f_magic.host.secret_stores import store_of

        return store_of(self.names)

    @property
    def names(self) -> MutableMapping[str, Any]:
        """Return the person's namespace; of a shell inside a function (`IPython.embed`) its module's names, too."""
        own: dict[str, Any] = self._shell.user_ns
        around = getattr(self._shell, "user_global_ns", own)
        return own if around is own else ChainMap(own, around)

    def variables(self) -> list[str]:
        """Return those that the shell has not put there itself."""
        hidden = getattr(self._shell, "user_ns_hidden", {})
        return [name for name in self.names if name not in hidden]

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """Return the loop that runs here, else the kernel's."""
        from g4f_magic.host.program import running_loop

        io_loop = getattr(self._kernel, "io_loop", None)
        return running_loop() or getattr(io_loop, "asyncio_loop", None)

    @property
    def inputs(self) -> Sequence[str]:
        """Return what the shell's history holds of this session, as it was written."""
        found: Sequence[str] = self._shell.history_manager.input_hist_raw
        return found

    def kept_outputs(self, number: int) -> list[dict[str, Any]]:
        """Return what IPython keeps: texts and results from version 9 on, before that the result's object alone."""
        from g4f_magic.host import memory

        return memory.outputs(self._shell, number)

    def magics(self, name: str) -> object | None:
        """Return what the shell's registry holds."""
        found: object | None = self._shell.magics_manager.registry.get(name)
        return found

    def output(self, metadata: Mapping[str, object] | None = None) -> Output:
        """Return an output with a display id, at the publisher that the shell has now."""
        return _Display(self._shell.display_pub, metadata or {})

    def show(self, data: Bundle) -> None:
        """Publish it without a display id."""
        self._shell.display_pub.publish(dict(data))

    def clear(self) -> None:
        """Clear with the next output, so that nothing flickers."""
        self._shell.display_pub.clear_output(wait=True)

    def offer(self, code: str) -> None:
        """Give it to the front end with the cell's end, or to a terminal's next line."""
        if self.can_offer:
            self._shell.set_next_input(code, replace=False)

    def ask(self, question: str, *, is_secret: bool = False) -> str | None:
        """Return what the person answers; None where the front end takes no questions."""
        from g4f_magic.host.program import asked

        return asked(question, is_secret=is_secret)

    def before_cells(self, call: Callable[[CellRun], object]) -> Release:
        """Register it with the shell's events."""
        from g4f_magic.host import hooks

        return hooks.before_cells(self._shell, call)

    def after_cells(self, call: Callable[[CellRun], object]) -> Release:
        """Register it with the shell's events."""
        from g4f_magic.host import hooks

        return hooks.after_cells(self._shell, call)

    def on_display(self, call: Callable[[dict[str, Any]], object]) -> Release:
        """Hook it into the publisher, where that is a kernel's own."""
        from g4f_magic.host import hooks

        return hooks.on_display(self._shell, call)

    def complete(self, commands: Sequence[str], offer: Offer, explain: Explain, fill: Explain) -> Release:
        """Have the shell ask for them at Tab."""
        from g4f_magic.host import hooks

        return hooks.complete(self._shell, commands, offer, explain, fill)

    def listen(self, comm: str, hear: Callable[[dict[str, Any]], None]) -> object | None:
        """Listen on the control channel, which ipykernel reads in a thread of its own."""
        from g4f_magic.host import control

        return control.listen(self._kernel, comm, hear)

    def channel(self, name: str, data: Mapping[str, object], hear: Hear) -> Channel | None:
        """Open a comm, in a kernel."""
        from g4f_magic.host import comms

        return None if self._kernel is None else comms.open_channel(name, data, hear)

    def expect(self, name: str, take: Callable[[Channel], Hear]) -> Release:
        """Register the comm's target with the kernel."""
        manager = getattr(self._kernel, "comm_manager", None)
        if manager is None:  # a kernel without comms, or a terminal
            return lambda: None

        def opened(comm: Any, message: Mapping[str, Any]) -> None:
            from g4f_magic.host import comms

            comms.opened(comm, message, take)

        manager.register_target(name, opened)
        return lambda: manager.unregister_target(name, opened)

    def traceback(self, error: BaseException) -> list[str]:
        """Return it as the shell's `%xmode` has it."""
        shown = self._shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
        return list(shown)


class _Display:
    """An output with a display id of its own."""

    __slots__ = ("_identity", "_metadata", "_publisher")

    def __init__(self, publisher: Any, metadata: Mapping[str, object]) -> None:
        self._publisher = publisher
        self._metadata = dict(metadata)
        self._identity = ""

    def show(self, data: Bundle) -> None:
        """Make the output, or update it."""
        from uuid import uuid4

        is_update = bool(self._identity)
        self._identity = self._identity or uuid4().hex[:16]
        self._publisher.publish(
            dict(data), dict(self._metadata), transient={"display_id": self._identity}, update=is_update
        )


def _is_collecting(publisher: Any) -> bool:
    """Say whether outputs are only collected (`%%capture`): then painting would fill the collection."""
    displaypub = sys.modules.get("IPython.core.displaypub")
    capturing = getattr(displaypub, "CapturingDisplayPublisher", None)
    return capturing is not None and isinstance(publisher, capturing)


def _is_engine(kernel: Any) -> bool:
    """Say whether it is an engine of ipyparallel: what it displays is carried to the client, updates are not."""
    return type(kernel).__module__.startswith("ipyparallel.")


def _request(kernel: Any) -> dict[str, Any]:
    """Return the request that a kernel handles; ipykernel is told of which channel, others take no word."""
    get_parent = getattr(kernel, "get_parent", None)
    if get_parent is None:
        return {}
    try:
        return _mapping(get_parent("shell"))
    except TypeError:
        return _mapping(get_parent())


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
