"""`%chat local pull`: a model for this machine."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from g4f_magic import quoting
from g4f_magic.commands.output import as_code, as_text, bundle, say
from g4f_magic.host import here
from g4f_magic.subcommand import Given, Group

if TYPE_CHECKING:
    from g4f_magic.local.pulling import PullProgress
    from g4f_magic.session import Session

COMMANDS = Group("Models on this machine", topic="models")
_BAR = 30
"""Signs of a whole bar."""


@COMMANDS.entry(
    "local pull",
    "fetch a model file from Hugging Face, to be run here",
    takes="REPO",
    is_waiting=True,
)
async def pull(session: Session, given: Given) -> None:
    """Fetch a model file (GGUF) from Hugging Face's hub into `ChatMagics.models_folder`, or the data folder where that is not set.

    `REPO` is `OWNER/REPO` or `OWNER/REPO:FILE`, as its page has them. Without FILE a file with about four bits for each weight is taken; `OWNER/REPO:Q8_0` takes the one of that name.
    Stopped, it goes on from there the next time. What came is checked. For models with terms set HF_TOKEN.
    """
    from g4f_magic.local.finding import pulled_folder
    from g4f_magic.local.pulling import Pulled, pull

    bar = _Bar()
    async with aclosing(pull(given.word(), pulled_folder(session.settings.models_folder))) as steps:
        async for step in steps:
            if not isinstance(step, Pulled):
                bar.show(step)
                continue
            name = as_code(quoting.quote(step.name))
            bar.end()
            say(
                f"{name} is here. `%%chat -p local -m {quoting.quote(step.name)}` asks it;"
                f" `%chat connect local {quoting.quote(step.name)}` makes it the one that answers."
            )


class _Bar:
    """How far it is, in one output that changes, or one line of a terminal."""

    def __init__(self) -> None:
        self._host = here()
        self._output = self._host.output() if self._host.can_display and self._host.can_update else None
        self._last = ""

    def show(self, progress: PullProgress) -> None:
        share = progress.at_bytes / progress.of_bytes if progress.of_bytes else 1.0
        done = round(share * _BAR)
        line = (
            f"{'█' * done}{'░' * (_BAR - done)} {share:4.0%} of {_size(progress.of_bytes)} · {progress.name}"
        )
        if line == self._last:
            return
        self._last = line
        if self._output is not None:
            self._output.show(bundle([as_text(line)]))
        elif self._host.is_terminal:
            print(f"\r{line}", end="", flush=True)

    def end(self) -> None:
        if self._last and self._output is None and self._host.is_terminal:
            print()


def _size(size: int) -> str:
    from g4f_magic.local.refusals import in_bytes

    return in_bytes(size)
