"""What `%load_ext` puts into a shell, and takes out again: the magic, its awaiting, and its completion."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from g4f_magic.errors import InputError
from g4f_magic.magics import NAME, PAGES, ChatMagics, is_waiting
from g4f_magic.preload import Preload

if TYPE_CHECKING:
    from g4f_magic.host import CellsRun
    from g4f_magic.host.base import Explain, Offer
    from g4f_magic.host.cell import CellRun
    from g4f_magic.known import Known
    from g4f_magic.session import Left, Session

_LINES = (f"%%{NAME}", f"%{NAME}", "%ask")
_CALL = "await get_ipython().magics_manager.registry['ChatMagics'].chat_awaited"
_CELL_CALL = f"get_ipython().magics_manager.magics['cell'][{NAME!r}]"
_LINE_CALL = f"get_ipython().magics_manager.magics['line'][{NAME!r}]"
"""The same where nothing can be awaited."""
_REFUSAL = "get_ipython().magics_manager.registry['ChatMagics'].refuse_above"
_ASK = "%ask "
_PLAIN_CALL = rf"get_ipython\(\)\.run_line_magic\('{NAME}', (.*)\)\s*"
"""What IPython makes of a `%chat` line among others."""


def _completed(magics: ChatMagics) -> tuple[Offer, Explain, Explain]:
    """Return what Tab asks on the lines of the magic, and in prompts; it is loaded at the first Tab."""

    def offer(line: str, word: str) -> list[str]:
        from g4f_magic import completion

        return completion.offer(line, word, _known(magics))

    def explain(line: str) -> tuple[str, list[tuple[str, str]]]:
        from g4f_magic import completion

        return completion.explain(line, _known(magics))

    def fill(line: str) -> tuple[str, list[tuple[str, str]]]:
        from g4f_magic import completion

        return completion.fill(line, _known(magics))

    return offer, explain, fill


def _known(magics: ChatMagics) -> Known:
    """Return what there is to choose from."""
    from g4f_magic.known import Known

    session: Session | None = vars(magics).get("session")  # asking for it would make one
    services = vars(session).get("services") if session else None
    return Known(
        settings=magics,
        model_cache=services.model_cache if services else None,
        conversations=session.conversation_names if session else tuple,
        notebooks=session.other_notebooks if session else tuple,
        variables=magics.host.variables,
        kind_of=lambda name: type(magics.host.names[name]).__name__ if name in magics.host.names else "",
    )


_unloaded: WeakKeyDictionary[Any, tuple[dict[str, Any], CellsRun, Left | None]] = WeakKeyDictionary()
"""What an extension that is taken out leaves to the one that comes, as its kernel serves the same notebook: the settings that
were changed, the cells that ran, and what the session left. By shells; not in the package itself, which `%reload_ext` runs anew.
"""


class Extension:
    """The magic in one shell: registered, and put back as it was."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        for kind in ("line", "cell"):
            _refuse_to_overwrite(shell.magics_manager.magics[kind].get(NAME))
        asks = shell.magics_manager.magics["line"].get(_ASK[1:-1])
        shell.register_magics(ChatMagics)
        self.magics: ChatMagics = shell.magics_manager.registry[ChatMagics.__name__]
        if (before := _unloaded.pop(shell, None)) is not None:
            self._go_on(*before)
        elif _asks_too_early(self.magics.host.inputs[-1:]):
            from g4f_magic.commands.output import say

            say("**Ask in the next cell.** IPython read this one before g4f_magic was loaded.")
        self._asks = None if asks else shell.magics_manager.magics["line"].get(_ASK[1:-1])
        if asks:  # it is another extension's, and stays so
            shell.magics_manager.magics["line"][_ASK[1:-1]] = asks
        # First of all: IPython's own would take what looks like `>>> ` or `In [1]: ` out of the prompt.
        shell.input_transformers_cleanup.insert(0, self._await)
        self.magics.shown.listen()
        shell.input_transformers_post.append(self._await_lines)
        host = self.magics.host
        self._releases = [
            host.before_cells(self.magics.note_cell),
            host.after_cells(self._keep_plainly),
            host.expect(PAGES, lambda channel: self.magics.page.take(channel)),
            host.complete(_LINES, *_completed(self.magics)),
        ]
        self._preload = Preload(host, self._may_preload)
        self._preload.begin()

    def _go_on(self, changed: dict[str, Any], cells_run: CellsRun, left: Left | None) -> None:
        """Go on with what was said and set before the extension was taken out."""
        self.magics.cells_run, self.magics.left = cells_run, left
        self.magics.note_cell()
        for name, value in changed.items():
            setattr(self.magics, name, value)

    def _may_preload(self) -> bool:
        """Say whether imports may go ahead: what replays needs none of them."""
        return self.magics.preload and self.magics.mode_in_force != "replay"

    def _await(self, lines: list[str]) -> list[str]:
        """Turn a cell that begins with the magic into a call, which is awaited where that can be.

        It cannot in a shell that awaits on no loop of asyncio's (`%autoawait trio`, `off`), nor in a cell that is read
        while another one runs in this thread: inside `%%time`, `%%capture`, `%run` or `run_cell`.
        """
        from g4f_magic.chat_cell import chat_cell, lines_above, unindented

        awaits = self.magics.host.awaits and not _is_inside_cell()
        if (cell := chat_cell(lines)) is not None:
            call = _CALL if awaits else _CELL_CALL
            return [f"{call}({cell.line!r}, {cell.body!r})\n"]
        if above := lines_above(lines):
            return [f"{_REFUSAL}({above})\n"]
        first, *rest = unindented(lines) or [""]
        word, line = (*first.split(maxsplit=1), "", "")[:2]
        # A line that ends with a question mark is ours too: IPython would look for an object of its last word.
        if word == f"%{NAME}" and not "".join(rest).strip():
            return [f"{_CALL if awaits else _LINE_CALL}({line.rstrip()!r})\n"]
        if word.startswith("%%"):  # what stands below another cell magic is that one's
            return lines
        return self._call_asking(lines, _CALL if awaits else _CELL_CALL)

    def _call_asking(self, lines: list[str], call: str) -> list[str]:
        """Turn the `%ask` lines of a cell into calls, before IPython takes one that ends with a question mark for its own."""
        if self._asks is None or not any(line.startswith(_ASK) for line in lines):
            return lines
        from g4f_magic.chat_cell import is_inside_text, unindented

        return [
            f"{call}({line[len(_ASK) :].strip()!r}, '')\n"
            if line.startswith(_ASK) and not is_inside_text("".join(lines[:number]))
            else line
            for number, line in enumerate(unindented(lines))
        ]

    # A terminal tries transformers on a cell that is still being typed, to see whether it is complete. This
    # one would make a lone `%%chat` line a whole cell; IPython leaves out those that say this of themselves.
    _await.has_side_effects = True  # type: ignore[attr-defined]

    def _await_lines(self, lines: list[str]) -> list[str]:
        """Have the `%chat` lines of a cell awaited that wait for something, where they stand by themselves."""
        found = [number for number, line in enumerate(lines) if re.fullmatch(_PLAIN_CALL, line)]
        if not found or not self.magics.host.awaits or _is_inside_cell():
            return lines
        statements = _first_lines("".join(lines))
        changed = list(lines)
        for number in found:
            argument = re.sub(_PLAIN_CALL, r"\1", lines[number])
            if number in statements and is_waiting(ast.literal_eval(argument)):
                changed[number] = f"{_CALL}({argument})\n"
        return changed

    def _keep_plainly(self, cell: CellRun) -> None:
        """Have the shell's history hold IPython's own calls in place of the awaited ones: `%save` writes what it holds.

        A file of those can be run, and `In[3]` reads as that of any other magic.
        """
        manager = getattr(self._shell, "history_manager", None)
        if manager is None or not cell.is_own:
            return
        history = manager.input_hist_parsed
        if ".magics_manager." in history[-1]:  # for others, as the cell that loads this, no pattern is made
            history[-1] = _with_plain_calls(history[-1])

    def unload(self) -> None:
        """Take the magic out, and with it all that it opened; what was said stays for when it is loaded again."""
        shell = self._shell
        shell.input_transformers_cleanup.remove(self._await)
        shell.input_transformers_post.remove(self._await_lines)
        self.magics.shown.stop()
        if "page" in vars(self.magics):
            self.magics.page.end()
        self._preload.stop()
        for release in self._releases:
            release()
        shell.configurables.remove(self.magics)
        del shell.magics_manager.registry[ChatMagics.__name__]
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop(NAME, None)
        if self._asks is not None:
            shell.magics_manager.magics["line"].pop(_ASK[1:-1], None)
        left = self.magics.left
        if "session" in vars(self.magics):
            from g4f_magic.loop import run_sync

            left = run_sync(self.magics.session.leave())
        _unloaded[shell] = self.magics.changed, self.magics.cells_run, left


def _asks_too_early(cells: Sequence[str]) -> bool:
    """Say whether the cell that loads the extension asks in a way that IPython had read by then as something else.

    It knows no `%%chat` below other lines, and takes a line that ends with a question mark for a request for help.
    """
    for cell in cells:
        if f"%%{NAME}" not in cell and _ASK not in cell:
            continue
        from g4f_magic.chat_cell import is_inside_text, lines_above

        lines = cell.splitlines(keepends=True)
        if lines_above(lines):
            return True
        for number, line in enumerate(lines):
            if line.startswith(_ASK) and line.rstrip().endswith("?"):
                return not is_inside_text("".join(lines[:number]))
    return False


def _with_plain_calls(code: str) -> str:
    """Return code with IPython's own calls of the magic in place of ours, each of which stands on a line of its own."""
    ours = "|".join(map(re.escape, (_CALL, _CELL_CALL, _LINE_CALL)))
    return re.sub(rf"^([ \t]*)(?:{ours})\((.*)\)$", _plain_call, code, flags=re.MULTILINE)


def _plain_call(found: re.Match[str]) -> str:
    """Return IPython's own call of the magic, of one that is awaited or takes its words as they stand."""
    try:
        said = ast.literal_eval(f"({found[2]},)")
    except (ValueError, SyntaxError):
        return found[0]  # written by the person
    kind = "line" if len(said) == 1 else "cell"
    return f"{found[1]}get_ipython().run_{kind}_magic({NAME!r}, {found[2]})"


def _first_lines(code: str) -> frozenset[int]:
    """Return on which lines the statements of a cell begin, counted from 0; none where it is no Python."""
    from g4f_magic.syntax import module_of

    tree = module_of(code)
    return frozenset() if tree is None else frozenset(statement.lineno - 1 for statement in tree.body)


def _refuse_to_overwrite(owner: Any) -> None:
    if owner is None:
        return
    module = getattr(getattr(owner, "__self__", owner), "__module__", "") or "another extension"
    raise InputError(
        f"{module} already owns %%{NAME}",
        hint=f"Unload it first (%unload_ext {module.partition('.')[0]}), or use g4f_magic.Chat.",
    )


def _is_inside_cell() -> bool:
    """Say whether a cell runs on this thread's stack. One that only waits, on the loop, is not on it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async" and frame.f_globals.get("__name__", "").startswith(
            "IPython."
        ):
            return True
        frame = frame.f_back
    return False
