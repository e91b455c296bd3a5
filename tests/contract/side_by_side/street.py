"""Services by name on loopback, and a cell that compares them, as a notebook shows it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

from g4f_magic.attaching.given import GivenNames
from g4f_magic.compare_cell import ask_compared
from g4f_magic.compare_rows import ask_each_of_all
from g4f_magic.gateway import Gateway
from g4f_magic.grammar import ChatLine
from g4f_magic.host import RunningCell
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.testing.script import ScriptEngine
from g4f_magic.turn import Turn
from tests.hosts import Notebook


class Street:
    """Services of one's own, each a server on loopback, and a session that knows them."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "services.toml"
        self._stack = AsyncExitStack()
        self.session = Session(Settings(history="off"))
        self.host = Notebook()

    async def build(self, name: str, text: str = "Fine.", behaviour: str = "plain", **engine: object) -> None:
        made = ScriptEngine(text, behaviour, **engine)  # type: ignore[arg-type]  # what a test wants of it
        gateway = await self._stack.enter_async_context(Gateway(made))
        self.write(name, gateway.openai_base_url)

    def write(self, name: str, base_url: str) -> None:
        """Let a name mean the service at that address."""
        with self._file.open("a") as file:
            file.write(f'[{name}]\nbase_url = "{base_url}"\nmodel = "m"\n')

    async def ask(self, line: str, prompt: str = "Hello", *, slot: str = "cell") -> Turn | None:
        """Run a `%%chat` cell of that line."""
        read = ChatLine(line)
        assert read.beside is not None
        self.host = Notebook(RunningCell(code=f"%%chat {line}", id=slot))
        return await ask_compared(
            self.session, read, read.beside, prompt, slot, self.host, _no_source, self.host.offer
        )

    async def ask_rows(self, line: str, prompt: str, **names: object) -> Any:
        """Run a `%%chat --each` cell of that line, in a notebook that has these names."""
        read = ChatLine(line)
        assert read.beside is not None
        self.host = Notebook(RunningCell(code=f"%%chat {line}", id="rows"))
        self.host.names.update(names)
        source = partial(GivenNames, names)
        return await ask_each_of_all(self.session, read, read.beside, prompt, self.host, source)

    @property
    def turns(self) -> tuple[Turn, ...]:
        return self.session.conversation().turns

    def columns(self, slot: str = "cell") -> list[str]:
        """The replies that stand beside each other in a slot."""
        (turn,) = (one for one in self.turns if one.slot == slot)
        return [one.reply for one in self.session.conversation().columns(turn)]

    async def close(self) -> None:
        await self.session.aclose()
        await self._stack.aclose()


def _no_source() -> object:
    raise AssertionError("no name was written")
