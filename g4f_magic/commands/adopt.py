"""`%chat adopt` and `%chat notebook`: whose conversation this is, and taking over another notebook's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from g4f_magic.commands.output import as_text, say, table
from g4f_magic.errors import InputError
from g4f_magic.messages import date_of
from g4f_magic.subcommand import Given, Group, with_words
from g4f_magic.visible import make_visible, numbered, shortened

if TYPE_CHECKING:
    from g4f_magic.conversation import NotebookOutline
    from g4f_magic.session import Session

COMMANDS = Group("Notebooks", topic="notebooks")
_SHOWN = 12
"""Adopted turns that are listed one by one."""


@COMMANDS.entry(
    "adopt",
    "take over another notebook's turns; alone, list the notebooks",
    takes="[NOTEBOOK]",
    unsettles=with_words,
)
async def adopt(session: Session, given: Given) -> None:
    """Take over the turns of another notebook; without a name, list those that there are."""
    outlines = session.conversations.others()
    if not given.words:
        _list([outline for outline in outlines if outline.turns])
        return
    outline = _chosen(session, given.word(), outlines)
    before = set(session.conversation().turns)
    count = session.conversations.adopt(outline)
    if not count:
        raise InputError("there is nothing to adopt", hint="%chat adopt lists the notebooks with turns.")
    here = [turn for turn in session.conversation().turns if turn not in before]
    rows = [(number, as_text(_short(turn.prompt))) for number, turn in enumerate(here[:_SHOWN], 1)]
    more = f"\n\n… and {len(here) - _SHOWN} more." if len(here) > _SHOWN else ""
    say(
        f"{numbered(count, 'turn')} of {_title(outline, session.notebook.place)} added. From here on they go along with what you"
        f" ask; `%chat undo` takes them back.\n\n{table(['', 'asked'], rows)}{more}"
    )


@COMMANDS.entry(
    "notebook",
    "whose conversation this is; with a name, keep it under that",
    takes="[NAME]",
    unsettles=with_words,
)
async def name_notebook(session: Session, given: Given) -> None:
    """Say which notebook this is; with a name, keep its history under that, where the front end does not tell."""
    if given.words:
        from g4f_magic.notebook import named_key

        session.notebook.enter_named(named_key(given.word()))
    conversation = session.conversation()
    turns = numbered(len(conversation.turns), "turn")
    say(f"{whose(session)} `{conversation.name}` has {turns} now.")


def whose(session: Session) -> str:
    """Return in a sentence or two which notebook's history is in use."""
    if not session.notebook.is_kept:
        return (
            "The front end names no notebook: what is said here ends with the kernel."
            " `%chat notebook NAME` keeps it under a name."
        )
    if session.notebook.named:
        return f"This notebook's history is the one called {as_text(session.notebook.named)}."
    place = f"This is the notebook {as_text(session.notebook.place)}."
    return (
        place
        if session.notebook.is_sure
        else f"{place} None of the cells that ran is saved in that file yet."
    )


def _list(outlines: list[NotebookOutline]) -> None:
    if not outlines:
        say("No other notebook holds a conversation.")
        return
    rows = [
        (
            _title(outline),
            outline.turns,
            date_of(outline.used_at),
            f"`%chat adopt {outline.notebook[:8]}`" if outline.is_file else "",
        )
        for outline in outlines
    ]
    say(table(["notebook", "turns", "last used", "take over"], rows))


def _chosen(session: Session, name: str, outlines: list[NotebookOutline]) -> NotebookOutline:
    """Return the notebook of that path, file name, name or key.

    Raises:
        InputError: there is none, or more than one.
    """
    folder = session.notebook.file.parent if session.notebook.file is not None else Path.cwd()
    paths = {os.path.realpath(base / Path(name).expanduser()) for base in (folder, Path.cwd())}
    fits = (
        [outline for outline in outlines if outline.path in paths],
        [outline for outline in outlines if outline.notebook in (name, f"name:{name}")],
        [
            outline
            for outline in outlines
            if len(name) >= 6 and outline.notebook.startswith(name) and outline.is_file
        ],
        [outline for outline in outlines if outline.path and Path(outline.path).name == name],
    )
    found = next((fitting for fitting in fits if fitting), [])
    found = [outline for outline in found if outline.turns] or found
    if len(found) == 1:
        return found[0]
    if found:
        keys = ", ".join(outline.notebook[:8] for outline in found)
        raise InputError(
            f"{len(found)} notebooks are called that", hint=f"%chat adopt lists them; by their keys: {keys}"
        )
    raise InputError("there is no other notebook of that name here", hint="%chat adopt lists them.")


def _title(outline: NotebookOutline, beside: str = "") -> str:
    if outline.path:
        from g4f_magic.whereabouts import near

        return as_text(near(outline.path, beside))
    if outline.is_kernel:
        return "this kernel, before it was named"
    return as_text(make_visible(outline.name)) if not outline.is_file else "a file that is gone"


def _short(text: str) -> str:
    line = " ".join(text[:400].split())
    return shortened(line, 100)
