"""`%chat export` and `%chat import`: conversations as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic.commands.output import say
from g4f_magic.loop import interruptible
from g4f_magic.settings import home_path
from g4f_magic.subcommand import Given, Group, always
from g4f_magic.visible import numbered

if TYPE_CHECKING:
    from g4f_magic.session import Session


COMMANDS = Group("Files", topic="notebooks")


@COMMANDS.entry(
    "export",
    "write the conversation to a .md, .json, .jsonl or .ipynb file",
    takes="FILE [--overwrite]",
)
async def export(session: Session, given: Given) -> None:
    """Write the conversation in use to a file; its ending says how."""
    from g4f_magic.files import exporting
    from g4f_magic.renderers import citations
    from g4f_magic.renderers.code_blocks import resting
    from g4f_magic.renderers.document import markdown_to_html

    conversation = session.conversation()
    turns = conversation.turns
    file = home_path(given.word())
    with interruptible():
        exporting.write(
            file,
            turns,
            conversation=conversation.name,
            html=lambda turn: resting(markdown_to_html(turn.reply)) + citations.to_html(turn.citations),
            overwrite="--overwrite" in given,
        )
    say(f"{numbered(len(turns), 'turn')} written to `{file}`.")


@COMMANDS.entry(
    "import",
    "add the turns of a .json, .jsonl or .ipynb file, or of a list of OpenAI messages",
    takes="FILE",
    unsettles=always,
)
async def import_file(session: Session, given: Given) -> None:
    """Append the turns of a file to the conversation in use."""
    from g4f_magic.files import importing

    with interruptible():  # others may have made it large
        turns = importing.read(home_path(given.word()))
    conversation = session.conversation()
    count = conversation.add(turns)
    say(f"{numbered(count, 'turn')} added to `{conversation.name}`; `%chat undo` takes them back.")
