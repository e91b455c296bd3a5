"""`%chat export` and `%chat import`: conversations as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from g4f_magic.commands.choosing import numbered
from g4f_magic.commands.output import say
from g4f_magic.grammar import Words
from g4f_magic.history import reading, transfer
from g4f_magic.renderers.markdown import to_html

if TYPE_CHECKING:
    from g4f_magic.session import Session


async def export(session: Session, words: list[str]) -> None:
    """Write the conversation in use to a file."""
    given = Words("export", words, flags=("--overwrite",), least=1, most=1)
    conversation = session.conversation()
    turns = conversation.turns
    file = Path(given.rest[0]).expanduser()  # noqa: ASYNC240 - touches no disk
    transfer.write(
        file,
        turns,
        conversation=conversation.name,
        html=lambda turn: to_html(turn.reply),
        overwrite="--overwrite" in given.flags,
    )
    say(f"{numbered(len(turns), 'turn')} written to `{file}`.")


async def import_file(session: Session, words: list[str]) -> None:
    """Append the turns of a file to the conversation in use."""
    given = Words("import", words, least=1, most=1)
    turns = reading.read(Path(given.rest[0]).expanduser())  # noqa: ASYNC240 - touches no disk
    count = session.history.add(session.notebook, session.conversation().name, turns)
    say(f"{numbered(count, 'turn')} added to `{session.conversation().name}`; `%chat undo` takes them back.")


HELP = [
    ("%chat export FILE [--overwrite]", "write the conversation to a .md, .json, .jsonl or .ipynb file"),
    ("%chat import FILE", "add the turns of a .json, .jsonl or .ipynb file, or of a list of OpenAI messages"),
]
COMMANDS = {"export": export, "import": import_file}
