"""What a subcommand of `%chat` is, and the small grammar of the words that it takes. No I/O.

A module of subcommands holds one `Group`, and each subcommand is a function beneath an entry of it:

    COMMANDS = Group("Steering what is sent", topic="conversation")

    @COMMANDS.entry("fork", "go on from a turn in a conversation of its own", takes="NAME [TURN]")
    async def fork(session: Session, given: Given) -> None:
        '''Go on from a turn in a conversation of its own; the one that it began with stays as it is.'''

From that entry come its line in `%chat help`, its page in `%chat help fork` (the docstring is the longer help, in
words for people), what Tab offers, what is refused, and docs/commands.md.

`takes` is written as it is shown: `WORD` has to be there and `[WORD]` may be, `[--flag]` is an option, `[-n N]` one with
a value, `A|B` is one or the other, and small letters stand for themselves: `[start|stop]`. Words come before options,
and `WORDS...`, at the end, is all that follows, as it stands. A name of two words (`cassette check`) is a subcommand of
its own.

A subcommand that changes what later cells ask says so to `check`: by its `effect`, which it calls itself, by what it
`asks`, or by `unsettles`, where only a run can tell.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import getdoc
from typing import TYPE_CHECKING, TypeAlias

from g4f_magic.errors import InputError
from g4f_magic.known import Offer
from g4f_magic.literals import names_a_key, no_key_here
from g4f_magic.secret import redact

if TYPE_CHECKING:
    from g4f_magic.session import Session

_PART = re.compile(
    r"\[(?P<option>--?[a-z][a-z-]*)(?: (?P<value>[A-Z]+))?\]|(?P<optional>\[)?(?P<word>[A-Za-z|]+)(?P<rest>\.\.\.)?\]?"
)
"""One thing that a subcommand takes, as `takes` writes it."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word at its place: any of `kinds`, of which those in small letters stand for themselves."""

    kinds: tuple[str, ...]
    is_optional: bool

    @property
    def is_closed(self) -> bool:
        """Say whether it can be nothing but one of its kinds, as they are written."""
        return all(kind.islower() for kind in self.kinds)

    def __str__(self) -> str:
        """Return it as people write it: `[start, stop or status]`."""
        *first, last = self.kinds
        text = f"{', '.join(first)} or {last}" if first else last
        return f"[{text}]" if self.is_optional else text


@dataclass(frozen=True, slots=True)
class Given:
    """What stands after a subcommand: its words, and its options with their values, empty for those without one."""

    words: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, option: str) -> bool:
        """Say whether an option was given: `"--all" in given`."""
        return option in self.options

    def word(self, index: int = 0) -> str:
        """Return a word by its place, empty where there is none."""
        return self.words[index] if index < len(self.words) else ""

    def number(self, option: str) -> int | None:
        """Return the number that follows an option whose value is called `N`, None where it was not given."""
        return int(self.options[option]) if option in self.options else None


def always(given: Given) -> bool:
    """Say so whatever was given."""
    return True


def with_words(given: Given) -> bool:
    """Say so where a word was given: without one it only shows something."""
    return bool(given.words)


class Takes:
    """The words and options that one subcommand takes, read from what is shown of them."""

    def __init__(self, text: str) -> None:
        self.words: list[Word] = []
        self.options: dict[str, str] = {}
        """Each with what its value is called, empty for those without one."""
        self.takes_all = False
        if _PART.sub("", text).strip():
            raise ValueError(f"a subcommand cannot take {text!r}")
        for part in _PART.finditer(text):
            if option := part["option"]:
                self.options[option] = part["value"] or ""
            else:
                self.words.append(Word(tuple(part["word"].split("|")), bool(part["optional"])))
                self.takes_all = bool(part["rest"])

    def __str__(self) -> str:
        """Return it as it is shown."""
        options = (f"[{name} {value}]" if value else f"[{name}]" for name, value in self.options.items())
        return " ".join([*map(str, self.words), *options])

    def read(self, command: str, words: Sequence[str]) -> Given:
        """Return what stands after a subcommand; a comment behind it, as code has one, is none of it.

        Raises:
            InputError: an unknown option, a missing value, a word that cannot be, too few or too many.
        """
        if self.takes_all:
            self._count(command, words)
            return Given(tuple(words))
        found: list[str] = []
        options: dict[str, str] = {}
        left = iter(words[: words.index("#")] if "#" in words else words)
        for word in left:
            if word in self.options:
                options[word] = self._value(command, word, next(left, "")) if self.options[word] else ""
            elif word.startswith("-") and not word[1:].isdecimal():
                raise self._no_option(command, word)
            else:
                found.append(word)
        self._count(command, found)
        for word, place in zip(found, self.words, strict=False):
            if not word:
                raise InputError(f"%chat {command} has an empty word", hint=self._way(command))
            if place.is_closed and word.lower() not in place.kinds:
                raise InputError(
                    f"%chat {command} does not know {redact(word)!r}",
                    hint=f"Write %chat {command} {str(place).strip('[]')}.",
                )
        return Given(tuple(found), options)

    def words_in(self, words: Sequence[str]) -> list[str]:
        """Return what of a line that is begun is no option and no option's value."""
        left = iter(words)
        found = []
        for word in left:
            if self.options.get(word):
                next(left, None)
            elif not word.startswith("-") or word[1:].isdecimal():
                found.append(word)
        return found

    def _value(self, command: str, option: str, value: str) -> str:
        if self.options[option] == "N" and not value.isdecimal():
            text = f"%chat {command} {option} {redact(value)}: not a number"
            raise InputError(text, hint=f"Write {option} 5.")
        if not value:
            raise InputError(f"%chat {command} {option} has no value", hint=self._way(command))
        return value

    def _count(self, command: str, words: Sequence[str]) -> None:
        missing = [word for word in self.words[len(words) :] if not word.is_optional]
        if missing:
            raise InputError(f"%chat {command} wants more: {missing[0]}", hint=self._way(command))
        if len(words) > len(self.words) and not self.takes_all:
            raise InputError(f"%chat {command} has too many words", hint=self._way(command))

    def _no_option(self, command: str, word: str) -> InputError:
        name = word.partition("=")[0]
        if names_a_key(name):
            return no_key_here()
        known = ", ".join(self.options)
        return InputError(
            f"%chat {command} has no option {redact(name)!r}",
            hint=f"It has {known}." if known else "It has none.",
        )

    def _way(self, command: str) -> str:
        return f"Write {f'%chat {command} {self}'.rstrip()}."


Run: TypeAlias = "Callable[[Session, Given], Awaitable[None]]"
Effect: TypeAlias = "Callable[[Session, Given], object]"
"""What a subcommand does to what later cells ask. It asks nobody, reads no file and says nothing: `run` calls it, and so
does `check`, on a session of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subcommand:
    """One subcommand: its entry, and what does it."""

    name: str
    """One word, or two; empty: `%chat` alone."""
    help: str
    """One line, in words for people."""
    run: Run
    takes: Takes
    aliases: tuple[str, ...] = ()
    offers: Mapping[str, Offer] = field(default_factory=dict)
    """What Tab offers for a word of `takes`, where that is not what it offers for words of that name everywhere."""
    is_waiting: bool = False
    """It asks somebody something and waits for the answer; the others need no loop."""
    effect: Effect | None = None
    asks: Callable[[Sequence[str]], tuple[str, str]] | None = None
    """Returns the line and the prompt of the cell as which it asks, for one that asks a model."""
    unsettles: Callable[[Given], object] | None = None
    """Says whether after it, only a run can tell what later cells send along."""

    @property
    def usage(self) -> str:
        """Return how it is written: `%chat fork NAME [TURN]`."""
        return " ".join(filter(None, ("%chat", self.name, str(self.takes))))

    @property
    def details(self) -> str:
        """Return the longer help."""
        return getdoc(self.run) or self.help


class Group:
    """The subcommands of one subject, in the order of the help."""

    def __init__(self, title: str, *, topic: str = "asking") -> None:
        self.title = title
        self.topic = topic
        """Under which word `%chat help` shows it."""
        self._entries: list[Subcommand] = []

    def __iter__(self) -> Iterator[Subcommand]:
        return iter(self._entries)

    def entry(
        self,
        name: str,
        help: str,  # noqa: A002  # as in argparse
        *,
        takes: str = "",
        aliases: tuple[str, ...] = (),
        offers: Mapping[str, Offer] | None = None,
        is_waiting: bool = False,
        effect: Effect | None = None,
        asks: Callable[[Sequence[str]], tuple[str, str]] | None = None,
        unsettles: Callable[[Given], object] | None = None,
    ) -> Callable[[Run], Run]:
        """Return what makes a function a subcommand: see the top of this module."""

        def add(run: Run) -> Run:
            self._entries.append(
                Subcommand(
                    name=name,
                    help=help,
                    run=run,
                    takes=Takes(takes),
                    aliases=aliases,
                    offers=offers or {},
                    is_waiting=is_waiting,
                    effect=effect,
                    asks=asks,
                    unsettles=unsettles,
                )
            )
            return run

        return add
