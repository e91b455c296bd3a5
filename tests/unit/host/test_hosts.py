"""What each kind of host can do and tell, on shells as their kernels make them."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.displaypub import CapturingDisplayPublisher, DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from g4f_magic.host import RunningCell, console, here
from g4f_magic.host.base import Host
from g4f_magic.host.ipython import IPythonHost
from g4f_magic.host.program import Program
from g4f_magic.host.told import note_shared

CAPABILITIES = (
    *(
        "prints",
        "can_display",
        "can_update",
        "can_clear",
        "can_offer",
        "names_cells",
        "shows_widgets",
        "is_terminal",
    ),
    *("typesets_tex", "has_commands"),
)
ADDRESS = "vscode-notebook-cell:/home/a/a.ipynb#W3sZmlsZQ=="


class Publisher(DisplayPublisher):
    """Keeps what goes to the front end."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []

    def publish(self, data: Any, metadata: Any = None, **more: Any) -> None:
        self.sent.append({"data": data, "metadata": metadata, **more})


class Kernel:
    """Tells of its request as ipykernel does: of a channel."""

    def __init__(self, **metadata: object) -> None:
        self._metadata = metadata

    def get_parent(self, channel: str | None = None) -> dict[str, object]:
        assert channel == "shell"
        return {"metadata": self._metadata, "header": {"msg_id": "m"}, "content": {"code": "1"}}


class Asking(Kernel):
    """One whose front end takes questions, which no machine does."""

    def get_parent(self, channel: str | None = None) -> dict[str, object]:
        parent = super().get_parent(channel)
        return parent | {"content": {"code": "1", "allow_stdin": True}}


class Xeus(Kernel):
    """Tells of it as xeus-python does: without an argument."""

    def get_parent(self) -> dict[str, object]:  # type: ignore[override]
        return super().get_parent("shell")


@pytest.fixture(autouse=True)
def _main(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell takes the place of the program's own module."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def host(kernel: object = None) -> IPythonHost:
    """The front end of a shell of IPython's own, in a kernel of that kind."""
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = Publisher()
    shell.kernel = kernel
    return IPythonHost(shell)


def told(cell: RunningCell) -> tuple[str, str, str]:
    return cell.id, cell.run, cell.code


def can(one: Host) -> set[str]:
    return {name for name in CAPABILITIES if getattr(one, name)}


NOTEBOOK = {"can_display", "can_update", "can_offer", "names_cells", "shows_widgets"}
JUPYTER = NOTEBOOK | {"typesets_tex", "has_commands"}
MACHINE = {"can_display", "can_update", "can_clear", "can_offer", "typesets_tex"}


@pytest.mark.parametrize(
    ("kernel", "able"),
    [
        (Kernel(cellId="abcd"), JUPYTER),
        (Kernel(cellId=ADDRESS), NOTEBOOK | {"can_clear"}),
        (Kernel(colab={"cell_id": "c1"}), NOTEBOOK),
        (Kernel(), MACHINE),
        (Xeus(), MACHINE),
        (object(), MACHINE),
        (Asking(), {"can_display", "can_clear", "can_offer", "typesets_tex"}),
        (Asking(cellId="abcd"), JUPYTER),
        (None, {"can_offer", "prints"}),
    ],
    ids=[
        "JupyterLab",
        "VS Code",
        "Colab",
        "a machine",
        "xeus-python",
        "a bare kernel",
        "a console?",
        "a page",
        "a terminal",
    ],
)
def test_what_a_front_end_can_do_is_what_its_kernel_says(kernel: object, able: set[str]) -> None:
    assert can(host(kernel)) == able


def test_a_hosted_notebook_that_names_no_cell_is_no_console(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    assert host(Asking()).can_update


def test_a_notebook_whose_front_end_names_it_is_no_console(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/a/a.ipynb")
    assert host(Asking()).can_update


def test_spyders_console_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spyder_kernels", ModuleType("spyder_kernels"))
    assert host(Asking()).prints
    assert not host(Asking(cellId="abcd")).prints


@pytest.mark.parametrize(
    ("command", "is_one"),
    [
        ("/usr/bin/python3 /usr/bin/jupyter-console --existing", True),
        ("/usr/bin/python3 /usr/bin/jupyter console", True),
        ("/usr/bin/python3 /opt/bin/jupyter-qtconsole", True),
        ("/usr/bin/python3 -m jupyter_console", True),
        ("euporie-console", True),
        ("/usr/bin/python3 /usr/bin/jupyter-lab --no-browser", False),
        ("/usr/bin/python3 /usr/bin/papermill console.ipynb out.ipynb", False),
        ("", False),
    ],
)
def test_a_console_that_started_the_kernel_is_known_by_its_command(command: str, is_one: bool) -> None:
    assert console._is_console(tuple(command.split())) == is_one


def test_a_program_can_do_nothing_but_print(capsys: pytest.CaptureFixture[str]) -> None:
    program = Program()
    assert can(program) == {"prints"}
    output = program.output({"a": 1})
    output.show({"text/html": "<b>x</b>", "text/plain": "x"})
    program.show({"text/html": "<b>y</b>", "text/plain": "y"})
    program.clear()
    program.offer("z = 1")
    assert capsys.readouterr().out == "x\ny\n"
    assert (told(program.cell), program.magics("ChatMagics"), program.loop) == (("", "", ""), None, None)
    assert program.listen("comm", print) is None


def test_the_names_of_a_program_are_those_at_its_top(monkeypatch: pytest.MonkeyPatch) -> None:
    main = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    Program().names["answer"] = 42
    assert main.answer == 42
    assert Program().variables() == ["answer"]


@pytest.mark.parametrize(
    ("kernel", "identity"),
    [(Kernel(cellId="abcd"), "abcd"), (Kernel(colab={"cell_id": "c1"}), "c1"), (Xeus(cellId="x"), "x")],
)
def test_the_running_cell_is_told_by_each_kernel_in_its_own_way(kernel: object, identity: str) -> None:
    assert told(host(kernel).cell) == (identity, "m", "1")


@pytest.mark.parametrize("parent", [None, {}, {"metadata": None}, {"header": 5, "content": [1]}])
def test_a_request_that_tells_nothing_names_no_cell(parent: object) -> None:
    kernel = SimpleNamespace(get_parent=lambda channel=None: parent)
    assert told(host(kernel).cell) == ("", "", "")


def test_an_output_is_made_once_and_keeps_its_metadata() -> None:
    one = host(Kernel())
    about: dict[str, object] = {"g4f_magic": {"format": 2}}
    output, other = one.output(about), one.output()
    about.clear()
    for text in "abc":
        output.show({"text/plain": text})
    other.show({"text/plain": "d"})
    sent = one._shell.display_pub.sent
    assert [message["update"] for message in sent] == [False, True, True, False]
    assert [message["metadata"] for message in sent[:3]] == [{"g4f_magic": {"format": 2}}] * 3
    ids = [message["transient"]["display_id"] for message in sent]
    assert len(set(ids)) == 2
    assert ids[0] == ids[1] == ids[2]


def test_what_is_collected_cannot_be_updated() -> None:
    one = host(Kernel(cellId="abcd"))
    one._shell.display_pub = CapturingDisplayPublisher()
    assert one.can_display
    assert not one.can_update


def test_vs_code_names_the_notebook_in_the_namespace_and_jupyter_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/a/other.ipynb")
    one = host(Kernel())
    assert one.notebook == "/home/a/other.ipynb"
    one.names["__vsc_ipynb_file__"] = "/home/a/a.ipynb"
    assert one.notebook == "/home/a/a.ipynb"
    one.names["__vsc_ipynb_file__"] = None
    assert one.notebook == "/home/a/other.ipynb"


def test_what_is_registered_is_called_until_it_is_released() -> None:
    one, called = host(Kernel()), []
    releases = [one.before_cells(lambda run: called.append(("before", run)))]
    releases.append(one.after_cells(lambda run: called.append(("after", run))))
    one._shell.run_cell("1", cell_id="abcd")
    for release in releases:
        release()
        release()
    one._shell.run_cell("1")
    assert [(when, run.code, run.id, run.is_own) for when, run in called] == [
        (when, "1", "abcd", False) for when in ("before", "after")
    ]


def test_what_a_cell_ended_with_is_told() -> None:
    one, told = host(Kernel()), []
    one.after_cells(told.append)
    with redirect_stdout(io.StringIO()):
        one._shell.run_cell("1 / 0", store_history=True)
        one._shell.run_cell("1 +", store_history=True)
    assert [type(run.error) for run in told] == [ZeroDivisionError, SyntaxError]
    assert all(run.is_own for run in told)


def test_cells_that_ran_are_numbered_with_what_they_showed() -> None:
    one = host(Kernel())
    with redirect_stdout(io.StringIO()):
        one._shell.run_cell("6 * 7", store_history=True)
    assert list(one.inputs) == ["", "6 * 7"]
    (result,) = one.kept_outputs(1)
    assert (result["output_type"], result["data"]["text/plain"]) == ("execute_result", "42")
    assert one.kept_outputs(5) == []


def test_the_variables_are_those_of_the_person() -> None:
    one = host(Kernel())
    one._shell.run_cell("mine = 1")
    assert "mine" in one.variables()
    assert {"In", "Out", "get_ipython"} & set(one.variables()) == set()


def test_each_new_output_is_told_and_passed_on() -> None:
    one, told = host(Kernel()), []
    hooks: list[Callable[[Any], Any]] = []
    one._shell.display_pub.register_hook = hooks.append
    one._shell.display_pub.unregister_hook = hooks.remove
    release = one.on_display(told.append)
    for kind in ("display_data", "update_display_data"):
        message = {"header": {"msg_type": kind}, "content": {"data": {"text/plain": kind}}}
        assert hooks[0](message) is message
    assert hooks[0](None) is None
    release()
    assert told == [{"text/plain": "display_data"}]
    assert hooks == []


def test_completion_is_asked_until_it_is_released() -> None:
    one = host()

    def words() -> list[str]:
        with provisionalcompleter():
            return [found.text for found in one._shell.Completer.completions("%chat prov", 10)]

    release = one.complete(
        ["%chat", "%%chat"],
        lambda line, word: ["providers"],
        lambda line: ("prov", [("providers", "who answers")]),
        lambda line: ("the", [("the", "text")]),
    )
    assert words() == ["providers"]
    release()
    assert "providers" not in words()


def test_nobody_who_can_be_asked_is_an_answer_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert host().ask("Well? ") is None
    assert Program().ask("Well? ") is None
    assert not Program().has_stdin


def test_a_kernel_says_whether_its_front_end_takes_questions() -> None:
    kernel = Kernel()
    kernel._allow_stdin = False  # type: ignore[attr-defined]
    assert not host(kernel).has_stdin
    kernel._allow_stdin = True  # type: ignore[attr-defined]
    assert host(kernel).has_stdin


async def test_the_loop_is_the_one_that_runs() -> None:
    assert host(Kernel()).loop is Program().loop is asyncio.get_running_loop()


def test_outside_of_a_loop_it_is_the_kernels() -> None:
    loop = object()
    kernel = SimpleNamespace(io_loop=SimpleNamespace(asyncio_loop=loop))
    assert host(kernel).loop is loop
    assert host(SimpleNamespace()).loop is None


def test_where_no_shell_runs_it_is_a_program() -> None:
    assert isinstance(here(), Program)


def test_a_page_says_that_a_notebook_is_shared_also_where_nobody_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    one = host(Kernel())
    assert not one.is_shared
    note_shared(True)
    assert one.is_shared
    note_shared(False)
    assert not one.is_shared
