"""What Tab offers on `%%chat` and `%chat` lines: from the tables and from what is known here; nobody is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from g4f_magic import grammar, quoting, registry
from g4f_magic.completion_details import detail, wanted
from g4f_magic.known import LEVELS, OFFERS, Known, schemas_of
from g4f_magic.option_table import OPTIONS
from g4f_magic.subcommand import Word

__all__ = ["Known", "complete", "offer"]

_OPTIONS = Word(("options",), is_optional=True)
"""Stands for the options of a chat cell."""
_BY_NAME = {name: option for option in OPTIONS for name in option.names}
_PROVIDER = _BY_NAME["--provider"]


def complete(line: str, known: Known) -> list[str]:
    """Return what the last word of a line may become; `line` ends at the cursor."""
    return _complete(*grammar.begun(line), known)


def _complete(before: list[str], last: str, written: str, known: Known) -> list[str]:
    found = (
        _of_cell(before, last, known)
        if before[:1] in (["%%chat"], ["%ask"])
        else _of_line(before, last, known)
    )
    fitting = {one for one in found if one.lower().startswith(last.lower())}
    return [word for one in sorted(fitting, key=_order) if (word := _written(one, written)) is not None]


def _written(word: str, begun: str) -> str | None:
    """Return a word as it is written on the line, after what is written of it; None: it cannot go on so."""
    quote = begun[:1]
    if quote in ("'", '"'):
        has_sign = quote in word or (quote == '"' and "\\" in word)
        return None if has_sign else f"{quote}{word}{quote}"
    shown = quoting.quote(word)
    return shown if shown.lower().startswith(begun.lower()) else None


def _of_cell(before: list[str], last: str, known: Known) -> Iterable[str]:
    """Return what can stand on the line of a cell: an option's value, or an option."""
    name, equals, begun = last.partition("=")
    if equals and name.startswith("--"):
        return [f"{name}={value}" for value in _values(name, begun, before, known)]
    if (option := _BY_NAME.get(before[-1])) is not None and option.value:
        return _values(before[-1], last, before, known)
    return [option.name for option in OPTIONS]


def _values(name: str, begun: str, before: Sequence[str], known: Known) -> Iterable[str]:
    """Return the values of an option."""
    if (option := _BY_NAME.get(name)) is None:
        return ()
    offered = OFFERS.get(option.offers)
    return offered(known, _provider_of(before), begun) if offered else option.choices


def _provider_of(before: Sequence[str]) -> list[str]:
    """Return the provider that the line names, in a list; an empty one where it names none."""
    for index, word in enumerate(before):
        if word in _PROVIDER.names and index + 1 < len(before):
            return [before[index + 1]]
        if word.startswith(f"{_PROVIDER.name}="):
            return [word.partition("=")[2]]
    return []


def _of_line(before: list[str], last: str, known: Known) -> Iterable[str]:
    """Return what can stand after `%chat` and the words before: names of subcommands, then what theirs are."""
    written = before[1:]
    if not written:
        return registry.first_words()
    command, words = registry.split(written)
    further = [command.name.split()[1] for command in registry.below(written[0])]
    found = further if len(written) == 1 else []
    if command is None:
        return found
    if command.takes.words[:1] == [_OPTIONS]:
        return _of_cell(["%%chat", *words], last, known)
    if words and command.takes.options.get(words[-1]):
        return found
    places = command.takes.words
    given = command.takes.words_in(words)
    found += [name for name in command.takes.options if name not in words]
    for kind in places[len(given)].kinds if len(given) < len(places) else ():
        offered = command.offers.get(kind) or OFFERS.get(kind)
        found += [kind] if kind.islower() else list(offered(known, given, last) if offered else ())
    return found


def _order(word: str) -> tuple[bool, str]:
    return word.startswith("-"), word.lower()


def explain(line: str, known: Known) -> tuple[str, list[tuple[str, str]]]:
    """Return what stands of a line's last word, and what it may become, each with its kind and what it is in a few words.

    Where there is nothing to offer that is the word as it stands, with what is wanted there: a shell would offer
    Python's names in place of nothing.
    """
    before, last, written = grammar.begun(line)
    words = _complete(before, last, written, known)
    return written, [(word, detail(_bare(word), before, known)) for word in words] or [
        (written, wanted(before))
    ]


def fill(line: str, known: Known) -> tuple[str, list[tuple[str, str]]]:
    """Return what stands in a prompt of a name in braces up to the cursor, and what it may become; prose becomes nothing."""
    _, opening, inside = line.rpartition("{{")
    if not opening or "}}" in inside:
        return "", []
    written = inside.lstrip()
    what, bar, level = written.rpartition("|")
    if bar:
        words = [f"{what}|{one}" for one in LEVELS if one.startswith(level.strip())]
    else:
        words = [one for one in schemas_of(known, (), written) if one.startswith(written)]
    return written, [(word, detail(word, ["%%chat", "--with"], known)) for word in sorted(words)]


def _bare(word: str) -> str:
    """Return a word without the quotes that it is written in."""
    quote = word[:1]
    return word[1:-1] if quote in ("'", '"') and word[-1:] == quote else word


def offer(line: str, symbol: str, known: Known) -> list[str]:
    """Return the words for `symbol`, which is what IPython takes for the last word: it breaks at commas too."""
    before, last, written = grammar.begun(line)
    found = _complete(before, last, written, known)
    return [one[len(written) - len(symbol) :] for one in found] if written.endswith(symbol) else found
