"""What the cells of this kernel showed, and how the last one failed: what a prompt can be given along.

Kept from when the extension is loaded, bounded. IPython keeps texts and results itself (from version 9 on), and no
pictures.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from g4f_magic.errors import ChatError
from g4f_magic.host.cell import CellRun

if TYPE_CHECKING:
    from g4f_magic.host.base import Host

MOST_BYTES = 32_000_000
"""Of displays that are kept, in characters of their data, roughly."""
_MOST_CELLS = 200
_CHAT = ("%%chat", "%chat", "%ask")


class CellsShown:
    """Watches the cells of one host."""

    def __init__(self, host: Host, on_failure: Callable[[], None] = lambda: None) -> None:
        self._host = host
        self._on_failure = on_failure
        self._releases: list[Callable[[], None]] = []
        self._displays: OrderedDict[int, list[dict[str, Any]]] = OrderedDict()
        self._sizes: dict[int, int] = {}
        self._size = 0
        self._number = 0
        self._is_running = False
        self._is_chat = False
        self.numbers: dict[str, int] = {}
        """Under which number each cell ran last, by the id that the front end gives it."""
        self.error: BaseException | None = None
        """What the last cell that failed raised; none of ours, and no interrupt."""
        self.code = ""
        """The code of that cell."""

    def listen(self) -> None:
        """Begin to watch."""
        host = self._host
        self._releases = [
            host.before_cells(self._begin),
            host.after_cells(self._end),
            host.on_display(self._display),
        ]

    def stop(self) -> None:
        """Watch no longer, and let go what was kept."""
        for release in self._releases:
            release()
        self._displays.clear()
        self.error = None

    @property
    def last(self) -> int:
        """Return the number of the last cell that ran, the one that runs now left out."""
        return self._number - 1 if self._is_running else len(self._host.inputs) - 1

    def displays(self, number: int) -> list[dict[str, Any]]:
        """Return what the cell of that number displayed, as nbformat has it: no results, no texts."""
        return list(self._displays.get(number, ()))

    def _begin(self, run: CellRun) -> None:
        if not run.is_own:
            return
        # Not `execution_count`: when that moves on differs between versions.
        self._number, self._is_running = len(self._host.inputs), True
        self._is_chat = is_chat(run.code)
        if run.id:
            self.numbers[run.id] = self._number

    def _end(self, run: CellRun) -> None:
        if run.is_own:
            self._is_running = False
        if run.error is None or isinstance(run.error, ChatError | KeyboardInterrupt):
            return
        self.error, self.code = run.error, run.code
        self._on_failure()

    def _display(self, data: dict[str, Any]) -> None:
        if data and not self._is_chat:
            self._keep(data)

    def _keep(self, data: dict[str, Any]) -> None:
        size = sum(len(one) for one in data.values() if isinstance(one, str | bytes))
        if size > MOST_BYTES:
            return
        self._displays.setdefault(self._number, []).append(
            {"output_type": "display_data", "data": dict(data)}
        )
        self._sizes[self._number] = self._sizes.get(self._number, 0) + size
        self._size += size
        while len(self._displays) > _MOST_CELLS or self._size > MOST_BYTES:
            oldest, _ = self._displays.popitem(last=False)
            self._size -= self._sizes.pop(oldest, 0)


def is_chat(code: str) -> bool:
    """Say whether a cell is a chat, or steers one."""
    return code.lstrip().startswith(_CHAT)
