"""The line of a `%%chat` cell: its words, quoted as in a shell, in which a backslash is a letter, and the options among them. No I/O."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from g4f_magic import option_values
from g4f_magic.ask import normal_prompt
from g4f_magic.errors import InputError
from g4f_magic.literals import names_a_key, no_key_here
from g4f_magic.option_table import OPTIONS
from g4f_magic.options import Option, Options
from g4f_magic.secret import redact


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as an error of ours, and never ends the program."""

    def error(self, message: str) -> NoReturn:
        """Refuse the line: all that it can find wrong is an option without what has to follow it."""
        found = re.match(r"argument (?:\S*/)?(--?[a-z-]+): (.*)", message)
        option = next((one for one in OPTIONS if found and found[1] in one.names), None)
        if option is None:
            raise InputError(message, hint=f"%chat help asking shows what {self.prog} takes.")
        if option.value:
            raise InputError(
                f"{'/'.join(option.names)} has no value", hint=f"Write {option.name} {option.value}."
            )
        raise InputError(f"{'/'.join(option.names)} takes no value", hint=f"Write {option.name} alone.")


def _parser() -> _Parser:
    """Return what parts the words of a line; what their values mean the table says."""
    parser = _Parser(prog="%%chat", add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for option in OPTIONS:
        action = "append" if option.is_repeated else "store"
        parser.add_argument(*option.names, dest=option.name, action=action if option.value else "store_true")
    return parser


_PARSER = _parser()
_BY_NAME = {option.name: option for option in OPTIONS}
VALUED = tuple(name for option in OPTIONS if option.value for name in option.names)
"""The names of those options that take a value."""


_BLANKS = r" \t\r\n"
_PART = re.compile(
    rf"""(?P<blank>[{_BLANKS}]+)
       | '(?P<single>[^']*)'
       | "(?P<double>(?:[^"\\]|\\.)*)"
       | \\(?P<meant>["'{_BLANKS}])
       | (?P<bare>[^{_BLANKS}'"\\]+|\\)""",
    re.VERBOSE | re.DOTALL,
)
_LOOSE = re.compile(r"""(?:^|\s)(?:-s|--system)(?:\s+|=)[^\s'"]+\s*$""")


_ENDS_IN_COMMA = re.compile(r"(?:^|\s)(?:-p|--provider|-m|--model)(?:\s+|=)\S*,\s*$")
_LONG_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"


class WrittenWord(NamedTuple):
    """A word of a line: what is meant, and where it stands as it is written."""

    text: str
    start: int
    end: int


def words_in(line: str) -> tuple[list[WrittenWord], int]:
    r"""Return the words of a line, and up to where they could be read: its end, or a quote that is not closed.

    Blanks part them, `'...'` and `"..."` hold them together. A backslash takes its meaning from a quote or a blank
    alone: `\"`, `\'` and `\ ` are those signs (inside of `"..."` just `\"`), and elsewhere it is itself.
    """
    found: list[WrittenWord] = []
    place, is_inside = 0, False
    while (part := _PART.match(line, place)) is not None:
        place = part.end()
        if part["blank"] is not None:
            is_inside = False
            continue
        double = part["double"]
        text = part[part.lastgroup or 0] if double is None else double.replace('\\"', '"')
        if is_inside:
            begun = found.pop()
            found.append(WrittenWord(begun.text + text, begun.start, place))
        else:
            found.append(WrittenWord(text, part.start(), place))
            is_inside = True
    return found, place


def split(line: str) -> list[str]:
    """Return the words of a line as they are meant (see `words_in`).

    Raises:
        ValueError: a quote is not closed.
    """
    words, end = words_in(line)
    if end < len(line):
        raise ValueError("a quote is not closed")
    return [word.text for word in words]


def begun(line: str) -> tuple[list[str], str, str]:
    """Return the whole words before the end of a line, and the last one, which may be unfinished: as meant, and as written.

    After a blank it is empty. A quote that is not closed holds all that follows it.
    """
    words, place = words_in(line)
    if place < len(line):
        last = words.pop() if words and words[-1].end == place else WrittenWord("", place, place)
        return [word.text for word in words], last.text + line[place + 1 :], line[last.start :]
    if not words or words[-1].end < place:
        return [word.text for word in words], "", ""
    *before, last = words
    return [word.text for word in before], last.text, line[last.start :]


class Many(NamedTuple):
    """What a line says of asking once for each row."""

    each: str = ""
    first: int | None = None
    parallel: int | None = None
    is_fresh: bool = False
    keeps_going: bool = False
    is_background: bool = False


class CompareOptions(NamedTuple):
    """What a line says of asking several at once, a column each."""

    providers: str = ""
    models: str = ""
    """Those that `-p` and `-m` name, with commas between."""
    is_diff: bool = False
    """The words in which they differ are to be shown."""


class ChatLine:
    """One `%%chat` line, read: `options`, and what is done with the reply.

    With `names`, those of the notebook, values may name what they hold: `-m $model`.
    """

    def __init__(self, line: str, names: Mapping[str, Any] | None = None) -> None:
        words, self.question = parted(line)
        """What stands behind the options: it begins the prompt."""
        if len(self.question.split()) == 1 and redact(self.question, ()) != self.question:
            raise no_key_here()
        self.names_values = has_names(words)
        if names is not None and self.names_values:
            words = option_values.filled(words, names, valued=VALUED)
        self.given: tuple[Option, ...]
        """Those options that stand on the line, in the order of the table."""
        # What a name of the notebook holds may be a key, and is not remembered.
        self.given, fields = (_read if self.names_values else _remembered)(tuple(words))
        found = deepcopy(fields)
        self.out: str = found.pop("out", "")
        self.format: str = found.pop("format", "json" if "schema" in found else "markdown")
        self.is_dry_run: bool = found.pop("is_dry_run", False)
        self.many = Many(**{name: found.pop(name) for name in Many._fields if name in found})
        """What is said of many questions at once; `each` is empty of a single one."""
        if not self.many.each and self.many != Many():
            raise InputError(
                "--first, --parallel, --fresh, --keep-going and --background belong to --each",
                hint="Name the rows: --each df.",
            )
        self.beside = _beside(found) if "is_compared" in found or "is_diff" in found else None
        """Who is asked at once; None of a cell that asks one, or one after the other. `options` then names nobody."""
        self.options = Options(**found)

    def prompt(self, below: str) -> str:
        """Return the whole prompt in its one form: what the line asks, and what stands below it."""
        below = normal_prompt(below)
        return "\n".join(filter(None, (self.question, below)))


def _beside(found: dict[str, Any]) -> CompareOptions | None:
    """Take out of the fields what is said of several at once.

    Raises:
        InputError: something is said of columns, and there are none.
    """
    is_compared, is_diff = found.pop("is_compared", False), found.pop("is_diff", False)
    if is_compared:
        return CompareOptions(found.pop("provider", ""), found.pop("model", ""), is_diff)
    if is_diff:
        raise InputError(
            "--diff belongs to --compare", hint="Name two or more: -p groq,ollama --compare --diff."
        )
    return None


def parted(line: str) -> tuple[list[str], str]:
    """Return the words of the options that a line begins with, and the rest of it, which is a question, as it stands.

    Raises:
        InputError: a quote among the options is not closed; the value of one that takes any text has no quotes, so that
            nobody can tell where it ends; names stand apart; or a dash is one that word processors make of two.
    """
    words, read_to = words_in(line)
    texts = [word.text for word in words]
    name = ""
    for number, (_, start, end) in enumerate(words):
        word = line[start:end]
        if name:
            name = ""
        elif word == "--":
            return texts[:number], line[end:].strip()
        elif word.startswith("-"):
            name = word if word in VALUED else ""
        else:
            _check_dash(word)
            if _ENDS_IN_COMMA.search(line[:start]):
                raise InputError(
                    "several names on the line are written without a blank", hint="Write -p groq,ollama."
                )
            if _is_loose_text(line[:start]):
                raise InputError(
                    "--system takes one word, or a text in quotes", hint='Write --system "Be brief."'
                )
            return texts[:number], line[start:].strip()
    if read_to < len(line):
        raise _unclosed()
    return texts, ""


def _check_dash(word: str) -> None:
    """Make sure that a word is no option whose dashes were made one long dash.

    Raises:
        InputError: it is one.
    """
    meant = word.lstrip(f"-{_LONG_DASHES}").partition("=")[0]
    named = (name for option in OPTIONS for name in option.names if name.lstrip("-") == meant)
    if word[:1] in _LONG_DASHES and (name := next(named, "")):
        raise InputError(
            f"{word.partition('=')[0]} begins with a long dash, as texts have it", hint=f"Write {name}."
        )


def _is_loose_text(options: str) -> bool:
    """Say whether a line of options ends with a system prompt that has no quotes."""
    return _LOOSE.search(options) is not None


def words_of(line: str) -> list[str]:
    """Return the words of a line, quoted as in a shell; a backslash is a letter, as paths of Windows have it.

    Raises:
        InputError: a quote is not closed.
    """
    try:
        return split(line)
    except ValueError:
        raise _unclosed() from None


def _unclosed() -> InputError:
    return InputError(
        "the line cannot be read: a quote is not closed", hint="Put text with spaces into quotes."
    )


def has_names(words: Sequence[str]) -> bool:
    """Say whether the value of an option names something of the notebook."""
    is_plain = not any("$" in word or "{" in word for word in words)
    return not is_plain and option_values.holds_names(words, valued=VALUED)


def _read(words: tuple[str, ...]) -> tuple[tuple[Option, ...], dict[str, Any]]:
    """Return which options stand among the words, and the fields that they set."""
    namespace, rest = _PARSER.parse_known_args(words)
    if rest:
        raise _unknown(rest[0])
    texts = vars(namespace)
    given = {name: option for name, option in _BY_NAME.items() if name in texts}
    found: dict[str, Any] = {}
    for name, option in given.items():
        try:
            found |= option.fill(texts[name])
        except ValueError as exc:
            text = f"{'/'.join(option.names)}: {redact(str(exc))}"
            raise InputError(text, hint=f"%chat help {option.name} says what it takes.") from None
    return tuple(given.values()), found


_remembered = lru_cache(maxsize=64)(_read)
"""Cells are run again, and most of a notebook begin alike."""


def _unknown(word: str) -> InputError:
    name = word.partition("=")[0]
    if names_a_key(name):
        return no_key_here()
    return InputError(f"%%chat has no option {redact(name)!r}", hint=_nearest(word))


def _nearest(word: str) -> str:
    if word in ("-h", "--help"):
        return "%chat help shows what it takes."
    if not word.startswith("-"):
        return "The prompt goes below the %%chat line; text with spaces goes into quotes."
    known = [name for option in OPTIONS for name in option.names]
    nearest = difflib.get_close_matches(word.partition("=")[0], known, n=1)
    return f"Did you mean {nearest[0]}?" if nearest else f"It has {', '.join(known)}."
