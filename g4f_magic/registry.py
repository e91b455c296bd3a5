"""All subcommands of `%chat` by their names: collected here, declared where their functions are.

A new subject is a module that holds `COMMANDS`, and its name below; a new subcommand touches its module alone.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module

from g4f_magic.errors import InputError
from g4f_magic.grammar import words_of
from g4f_magic.secret import redact
from g4f_magic.subcommand import Group, Subcommand

_SUBJECTS = (
    "g4f_magic.commands.status",
    "g4f_magic.commands.connect",
    "g4f_magic.commands.services",
    "g4f_magic.commands.local",
    "g4f_magic.commands.gateway",
    "g4f_magic.commands.panel",
    "g4f_magic.commands.login",
    "g4f_magic.commands.doctor",
    "g4f_magic.commands.mending",
    "g4f_magic.commands.replies",
    "g4f_magic.commands.history",
    "g4f_magic.commands.steering",
    "g4f_magic.commands.rerunning",
    "g4f_magic.commands.answers",
    "g4f_magic.commands.adopt",
    "g4f_magic.commands.transfer",
    "g4f_magic.commands.cassette",
    "g4f_magic.commands.costs",
)
"""The modules, in the order of the help. Each imports what is heavy inside its functions: Tab waits for all of them."""


HELP = ("-h", "--help")
"""What people write for `help`, here as in any shell."""


@cache
def groups() -> tuple[Group, ...]:
    """Return the subcommands in their groups."""
    return tuple(import_module(name).COMMANDS for name in _SUBJECTS)


@cache
def subcommands() -> dict[str, Subcommand]:
    """Return the subcommands by their names and aliases."""
    found = {}
    for command in (command for group in groups() for command in group):
        for name in (command.name, *command.aliases):
            if name in found:
                raise ValueError(f"two subcommands are called {name!r}")
            found[name] = command
    return found


def first_words() -> list[str]:
    """Return what can stand right after `%chat`."""
    return sorted({name.partition(" ")[0] for name in subcommands() if name})


def split(words: list[str]) -> tuple[Subcommand | None, list[str]]:
    """Return the subcommand that the words name, if there is one, and the words after its name."""
    if words and words[-1] in HELP:
        return subcommands()["help"], words[:-1][:2]
    for count in (2, 1):
        if (command := subcommands().get(" ".join(words[:count]))) is not None and len(words) >= count:
            return command, words[count:]
    return (None, words) if words else (subcommands()[""], [])


def find(line: str) -> tuple[Subcommand, list[str]]:
    """Return the subcommand of a `%chat` line, and its further words.

    Raises:
        InputError: there is none of that name, and the nearest is named; or a quote is not closed.
    """
    try:
        command, rest = split(words_of(line))
    except InputError:
        command, rest = split(line.split())
        if command is not None:
            raise
    if command is None:
        raise _unknown(rest[0])
    return command, rest


def below(name: str) -> list[Subcommand]:
    """Return the subcommands of two words that begin with a name."""
    return [command for command in subcommands().values() if command.name.startswith(f"{name} ")]


def _unknown(name: str) -> InputError:
    if further := below(name):
        usages = " or ".join(command.usage for command in further)
        return InputError(f"%chat {name} does not say what", hint=f"Write {usages}.")
    known = first_words()
    nearest = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {nearest[0]}? " if nearest else ""
    return InputError(
        f"%chat has no subcommand {redact(name)!r}",
        hint=f"{hint}%chat help shows all. To ask something: %ask and your question.",
    )
