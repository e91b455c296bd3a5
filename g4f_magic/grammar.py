"""The words of `%%chat` and `%chat` lines. No I/O."""

from __future__ import annotations

import argparse
import ast
import keyword
import math
import shlex
from collections.abc import Sequence
from typing import Any, NoReturn

from g4f_magic.errors import InputError
from g4f_magic.options import Options
from g4f_magic.secret import redact


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as an error of ours, and never ends the program."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message, hint=f"%chat help shows what {self.prog} takes.")


def _parser(prog: str) -> _Parser:
    return _Parser(prog=prog, add_help=False, allow_abbrev=False)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def _chat_parser() -> _Parser:
    parser = _parser("%%chat")
    add = parser.add_argument
    add("-p", "--provider", default="", metavar="NAME", help="who answers")
    add("-m", "--model", default="", help="the provider's model")
    add("-s", "--system", default=None, metavar="TEXT", help="the system prompt of this turn")
    add("-t", "--temperature", type=float, default=None, metavar="NUMBER", help="how freely it answers")
    add("--max-tokens", type=int, default=None, metavar="N", help="the longest reply, in tokens")
    add("--param", action="append", default=[], metavar="KEY=VALUE", help="a further parameter; repeatable")
    add("--base-url", default="", metavar="URL", help="another scheme, host and path prefix of the service")
    add("--gateway", dest="is_local", action="store_true", help="through the local gateway")
    add("--proxy", default="", metavar="URL", help="an HTTP or SOCKS proxy")
    add("--cookies", default="", metavar="FILE", help="cookies exported from a browser")
    add(
        "--timeout",
        dest="timeout_seconds",
        type=_seconds,
        default=None,
        metavar="SECONDS",
        help="longest silence",
    )
    add("-c", "--conversation", default="", metavar="NAME", help="which conversation")
    add("--context", default="", metavar="N", help="send along at most N turns, or N tokens: 2000t")
    add("--once", dest="is_once", action="store_true", help="without history")
    add(
        "--record",
        dest="mode",
        action="store_const",
        const="record",
        default="",
        help="keep the reply beside the notebook",
    )
    add(
        "--replay",
        dest="mode",
        action="store_const",
        const="replay",
        help="the recorded reply; nothing is sent",
    )
    add("--pace", default="", choices=("real", "fast"), help="how a recorded reply streams")
    add("--record-errors", action="store_true", help="with --record: keep a failure, too")
    add("-o", "--out", default="", metavar="NAME", help="put the reply into this variable")
    add("-f", "--format", default="markdown", choices=FORMATS, help="how the reply is shown")
    return parser


FORMATS = ("markdown", "text", "code", "json", "html")
_CHAT = _chat_parser()


def option_help() -> list[tuple[str, str]]:
    """Return the options of `%%chat` and what each does, in order."""
    rows = []
    for action in _CHAT._actions:
        names = ", ".join(action.option_strings)
        value = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
        rows.append((f"{names} {value}".strip() if action.nargs != 0 else names, action.help or ""))
    return rows


def options() -> list[str]:
    """Return the long names of the options of `%%chat`."""
    return [action.option_strings[-1] for action in _CHAT._actions]


def valued_options() -> list[str]:
    """Return the names of those that take a value."""
    return [name for action in _CHAT._actions if action.nargs != 0 for name in action.option_strings]


def choices(option: str) -> list[str]:
    """Return the values that an option can have; empty where it takes any, or there is none of that name."""
    found = [action.choices for action in _CHAT._actions if option in action.option_strings]
    return list(found[0]) if found and found[0] else []


class ChatLine:
    """One `%%chat` line, read: `options`, and what is done with the reply."""

    def __init__(self, line: str) -> None:
        found = vars(_parse(_CHAT, line, "%%chat"))
        self.out: str = found.pop("out")
        self.format: str = found.pop("format")
        if self.out and (not self.out.isidentifier() or keyword.iskeyword(self.out)):
            raise InputError(f"{self.out!r} is no name for a variable", hint="Write --out NAME.")
        _refuse_passwords(found["base_url"], found["proxy"])
        turns, tokens = context_of(found.pop("context"))
        params = dict(param_of(text) for text in found.pop("param"))
        self.options = Options(**found, params=params, context_turns=turns, context_tokens=tokens)


def words_of(line: str) -> list[str]:
    """Return the words of a line, quoted as in a shell.

    Raises:
        InputError: a quote is not closed.
    """
    try:
        return shlex.split(line)
    except ValueError as exc:
        raise InputError(f"the line cannot be read: {exc}", hint="Put text with spaces into quotes.") from exc


def _parse(parser: _Parser, line: str, prog: str) -> argparse.Namespace:
    found, rest = parser.parse_known_args(words_of(line))
    if rest:
        known = [name for action in parser._actions for name in action.option_strings]
        name = rest[0].partition("=")[0]
        if names_a_key(name):
            raise no_key_here()
        raise InputError(f"{prog} has no option {redact(name, ())!r}", hint=_nearest(name, known))
    return found


_KEYS = frozenset(
    {"apikey", "key", "token", "accesstoken", "authtoken", "authorization", "password", "secret", "bearer"}
)


def names_a_key(name: str) -> bool:
    """Say whether an option or a parameter of that name would be a key."""
    return "".join(filter(str.isalpha, name.lower())) in _KEYS


def no_key_here() -> InputError:
    """Return the error for a key on the line; the key is not repeated."""
    return InputError(
        "a key must not stand in the notebook: take it out of the cell",
        hint="Run %chat login PROVIDER, or set its variable (OPENAI_API_KEY, ...) in the environment or in .env.",
    )


def _refuse_passwords(base_url: str, proxy: str) -> None:
    if "@" in base_url.partition("://")[2].partition("/")[0]:
        raise InputError(
            "a password must not stand in the notebook: take it out of --base-url",
            hint="Run %chat login HOST, or name the service in services.toml, with the variable of its key.",
        )
    if "@" in proxy:
        raise InputError(
            "a password must not stand in the notebook: take it out of --proxy",
            hint="Set G4F_MAGIC_PROXY=http://user:password@host:port in the environment.",
        )


def _nearest(word: str, known: Sequence[str]) -> str:
    if word in ("-h", "--help"):
        return "%chat help shows what it takes."
    if not word.startswith("-"):
        return "The prompt goes below the %%chat line; text with spaces goes into quotes."
    import difflib

    nearest = difflib.get_close_matches(word.partition("=")[0], known, n=1)
    return f"Did you mean {nearest[0]}?" if nearest else f"It has {', '.join(known)}."


def param_of(text: str) -> tuple[str, Any]:
    """Return the name and the value of a further parameter, written `KEY=VALUE`.

    Raises:
        InputError: it has no value, or names a key.
    """
    key, equals, value = text.partition("=")
    if names_a_key(key):
        raise no_key_here()
    if not equals or not key:
        raise InputError(
            f"--param {key!r} has no value", hint="Write --param KEY=VALUE, for example top_p=0.9."
        )
    return key, _value(value)


def context_of(text: str) -> tuple[int | None, int | None]:
    """Return the most turns and the most tokens to send along, as `--context` takes them: `6`, or `2000t`.

    Raises:
        InputError: it is neither.
    """
    number = text.removesuffix("t")
    if not text:
        return None, None
    if not number.isdecimal():
        raise InputError(
            f"--context {text!r} is no number", hint="Write --context 6 for turns, 2000t for tokens."
        )
    return (None, int(number)) if text.endswith("t") else (int(number), None)


def _value(text: str) -> Any:
    """Return a number, a truth value, a list or an object where the text is one; else the text."""
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def subcommand(line: str, known: Sequence[str]) -> tuple[str, list[str]]:
    """Return the subcommand of a `%chat` line, empty where there is none, and its further words.

    Raises:
        InputError: there is none of that name; it names the nearest.
    """
    try:
        name, *rest = words_of(line) or [""]
    except InputError:
        name, *rest = line.split()
        if name in known:
            raise
    if name and name not in known:
        import difflib

        nearest = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {nearest[0]}? " if nearest else ""
        raise InputError(
            f"%chat has no subcommand {name!r}",
            hint=f"{hint}It has {', '.join(known)}. To ask something, begin a cell with %%chat.",
        )
    return name, rest


class Words:
    """The words after a subcommand: `flags` that were given, values of `-n N`, and the `rest`.

    Raises:
        InputError: an unknown option, a missing value, too few or too many words.
    """

    def __init__(
        self,
        command: str,
        words: Sequence[str],
        *,
        flags: Sequence[str] = (),
        values: Sequence[str] = (),
        least: int = 0,
        most: int,
    ) -> None:
        self.flags: set[str] = set()
        self.rest: list[str] = []
        self._values: dict[str, str] = {}
        self._command = command
        left = iter(words)
        for word in left:
            if word in flags:
                self.flags.add(word)
            elif word in values:
                self._values[word] = next(left, "")
            elif word.startswith("-") and not word[1:].isdecimal():
                known = [*flags, *values]
                raise InputError(
                    f"%chat {command} has no option {word!r}",
                    hint=f"It has {', '.join(known)}." if known else "It has none.",
                )
            else:
                self.rest.append(word)
        if not least <= len(self.rest) <= most:
            few_or_many = "few" if len(self.rest) < least else "many"
            raise InputError(
                f"%chat {command} has too {few_or_many} words", hint="%chat help shows what it takes."
            )

    def number(self, option: str) -> int | None:
        """Return the number that follows an option, None where it was not given."""
        if option not in self._values:
            return None
        text = self._values[option]
        if not text.isdecimal():
            raise InputError(
                f"%chat {self._command} {option} {text}: not a number", hint=f"Write {option} 5."
            )
        return int(text)
