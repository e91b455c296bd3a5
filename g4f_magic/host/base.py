"""What the code asks of where it runs. Each front end that Python code can run in is one `Host`; what it cannot do, it says.

Nothing here knows a shell: what IPython calls these things stands in `g4f_magic.host.ipython` alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from g4f_magic.host.cell import CellRun, RunningCell
from g4f_magic.host.secret_stores import SecretStore
from g4f_magic.host.told import ToldNotebook

Bundle = Mapping[str, object]
"""What an output shows, by media type; the front end takes the richest that it knows."""
Release = Callable[[], None]
"""Ends what was registered."""
Explain = Callable[[str], tuple[str, list[tuple[str, str]]]]
"""Gives what stands of the last word of a line up to the cursor, and what it may become, each with a word on what it is."""
Hear = Callable[[Mapping[str, Any]], None]
"""Is told what a page says."""
Offer = Callable[[str, str], list[str]]
"""Gives what the last word of a line may become: of the line up to the cursor, and that word as the host cuts it."""


class Machine(NamedTuple):
    """The machine that the code runs on."""

    service: str = ""
    """Whose machine it is where it is given away after use, with all that lies on it; empty for one that stays."""
    lasting_folder: Path | None = None
    """Where what is written outlives it."""
    keeping: str = ""
    """How a person gets such a folder."""


class Output(Protocol):
    """One output of the running cell. It is made when it first shows something, and changed where it stands after that.

    Its metadata is given once and stays: VS Code puts a cell's outputs together anew, from a list that is behind,
    where an update brings other metadata.
    """

    def show(self, data: Bundle) -> None:
        """Show `data` in place of what it showed before."""
        ...


class Channel(Protocol):
    """A way to the pages that show the notebook, beside its outputs."""

    def send(self, data: Mapping[str, object]) -> None:
        """Tell all of them."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Host(Protocol):
    """A front end as the code sees it."""

    # What it can do.

    @property
    def can_display(self) -> bool:
        """Say whether an output can be HTML; else all is printed."""
        ...

    @property
    def prints(self) -> bool:
        """Say whether text that is printed as it comes is the best that is shown here: in a terminal, in a console."""
        ...

    @property
    def can_update(self) -> bool:
        """Say whether an output can be changed after it was shown: now, as `%%capture` only collects them."""
        ...

    @property
    def can_clear(self) -> bool:
        """Say whether a page keeps its place while the cell's outputs are cleared and shown anew."""
        ...

    @property
    def awaits(self) -> bool:
        """Say whether a cell may await, on a loop of asyncio's."""
        ...

    @property
    def can_offer(self) -> bool:
        """Say whether code can be put before the person as the next cell."""
        ...

    @property
    def typesets_tex(self) -> bool:
        """Say whether the page typesets TeX in an output of HTML: JupyterLab and Notebook do, VS Code and Colab do not."""
        ...

    @property
    def has_commands(self) -> bool:
        """Say whether what is clicked in an output can call commands of the page, as in JupyterLab and Notebook 7."""
        ...

    @property
    def names_cells(self) -> bool:
        """Say whether the front end told which cell runs."""
        ...

    @property
    def has_stdin(self) -> bool:
        """Say whether the person can be asked something, as far as that is known before."""
        ...

    @property
    def shows_widgets(self) -> bool:
        """Say whether somebody looks on who sees widgets."""
        ...

    @property
    def is_terminal(self) -> bool:
        """Say whether what is printed goes to a terminal."""
        ...

    # What it tells.

    @property
    def cell(self) -> RunningCell:
        """Return the cell that runs; an empty one where none does."""
        ...

    @property
    def notebook(self) -> str:
        """Return the path of the notebook as the front end names it, empty where it names none. It may be none, too."""
        ...

    @property
    def is_shared(self) -> bool:
        """Say whether several may have the notebook open at once."""
        ...

    @property
    def executed_file(self) -> str:
        """Return the path of the file that a machine runs here and names, empty where none does.

        Its recordings lie beside it. It is no sign for whose conversation this is: a run of a machine begins anew.
        """
        ...

    def told_notebook(self) -> ToldNotebook | None:
        """Return the notebook as its page tells it, where no file of it is at hand. The page may take seconds."""
        ...

    @property
    def machine(self) -> Machine:
        """Return what is to be known of the machine that the code runs on, where it is a hosted service's."""
        ...

    @property
    def secret_store(self) -> SecretStore | None:
        """Return the secrets that the service keeps which runs the notebook; None where there are none."""
        ...

    @property
    def names(self) -> MutableMapping[str, Any]:
        """Return the person's namespace."""
        ...

    def variables(self) -> list[str]:
        """Return those of the names that the person made."""
        ...

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """Return the loop on which cells run, None where none runs."""
        ...

    @property
    def inputs(self) -> Sequence[str]:
        """Return the code of the cells that ran, by their numbers, which begin with 1; the one that runs is the last."""
        ...

    def kept_outputs(self, number: int) -> list[dict[str, Any]]:
        """Return what the host itself keeps of what the cell of that number showed, as nbformat has it."""
        ...

    def magics(self, name: str) -> object | None:
        """Return the object of the class of that name whose magics are registered here, if one is."""
        ...

    # What it does.

    def output(self, metadata: Mapping[str, object] | None = None) -> Output:
        """Return an output that shows nothing yet, with metadata that the saved notebook keeps."""
        ...

    def show(self, data: Bundle) -> None:
        """Show an output that stays as it is."""
        ...

    def clear(self) -> None:
        """Take the cell's outputs away as soon as the next one comes."""
        ...

    def offer(self, code: str) -> None:
        """Put code before the person as the next cell, where that can be."""
        ...

    def ask(self, question: str, *, is_secret: bool = False) -> str | None:
        """Return what the person answers, unseen where it is secret; None where nobody can be asked."""
        ...

    def before_cells(self, call: Callable[[CellRun], object]) -> Release:
        """Have `call` told of each cell before it runs."""
        ...

    def after_cells(self, call: Callable[[CellRun], object]) -> Release:
        """Have `call` told of each cell that ran."""
        ...

    def on_display(self, call: Callable[[dict[str, Any]], object]) -> Release:
        """Have `call` told what each new output shows, by media type; of results and of what is printed it is not."""
        ...

    def complete(self, commands: Sequence[str], offer: Offer, explain: Explain, fill: Explain) -> Release:
        """Have `explain` asked at Tab on lines that begin with one of the commands; `offer` by hosts that know words alone.

        And `fill` on the lines of a prompt, below the command of its cell, where nothing else is to be offered.
        """
        ...

    def listen(self, comm: str, hear: Callable[[dict[str, Any]], None]) -> object | None:
        """Have `hear` told what pages send to a comm while a cell holds up the usual way, in some thread.

        Keep what this returns for as long as that is wanted; None where there is no other way.
        """
        ...

    def channel(self, name: str, data: Mapping[str, object], hear: Hear) -> Channel | None:
        """Open a way to the pages under a name, and have `hear` told what they say; None where there are no pages."""
        ...

    def expect(self, name: str, take: Callable[[Channel], Hear]) -> Release:
        """Let pages open a way under that name: `take` is given each, and returns who is told what comes by it."""
        ...

    def traceback(self, error: BaseException) -> list[str]:
        """Return how an error would be shown here, in the person's own way."""
        ...
