"""What Tab offers on `%%chat` and `%chat` lines: from the grammar and from what is known here; nobody is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from g4f_magic import grammar, providers
from g4f_magic.errors import ChatError
from g4f_magic.providers.catalogue import Catalogue
from g4f_magic.settings import Settings, models_file

_OF_PROVIDERS = ("-p", "--provider")
_OF_MODELS = ("-m", "--model")
_OF_CONVERSATIONS = ("-c", "--conversation")

SUBCOMMANDS = (
    "cassette",
    "context",
    "conversations",
    "doctor",
    "export",
    "forget",
    "fork",
    "gateway",
    "help",
    "history",
    "import",
    "login",
    "logout",
    "mode",
    "models",
    "notebook",
    "panel",
    "providers",
    "redo",
    "reset",
    "restore",
    "search",
    "show",
    "switch",
    "undo",
    "use",
)
"""Those of `%chat`; here again, so that Tab need not wait until all that they use is imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is to choose from."""

    settings: Settings
    catalogue: Catalogue | None = None
    conversations: Callable[[], Iterable[str]] = tuple


def complete(line: str, known: Known) -> list[str]:
    """Return what the last word of a line may become; `line` ends at the cursor."""
    words = line.split()
    last = "" if line[-1:].isspace() or not words else words[-1]
    before = words[: len(words) - bool(last)]
    found = _of_cell(before, last, known) if before[:1] == ["%%chat"] else _of_line(before, last, known)
    return sorted({one for one in found if one.lower().startswith(last.lower())}, key=_order)


def _of_cell(before: list[str], last: str, known: Known) -> Iterable[str]:
    option, equals, begun = last.partition("=")
    if equals and option.startswith("--"):
        return [f"{option}={value}" for value in _values(option, begun, before, known)]
    values = _values(before[-1], last, before, known)
    if values or before[-1] in grammar.valued_options():
        return values
    return grammar.options()


def _values(option: str, begun: str, before: list[str], known: Known) -> list[str]:
    """Return the values of an option; a chain of providers goes on after its last comma."""
    if option in _OF_PROVIDERS:
        return _chain(begun, known)
    if option in _OF_MODELS:
        return _models(_provider_of(before, known), known)
    if option in _OF_CONVERSATIONS:
        return list(known.conversations())
    return grammar.choices(option)


def _chain(begun: str, known: Known) -> list[str]:
    done, comma, last = begun.rpartition(",")
    name, colon, _ = last.partition(":")
    if colon and name.lower() != "g4f":
        return [f"{done}{comma}{name}:{model}" for model in _models(name, known)]
    names = [*providers.names(), *providers.g4f_names(), *(() if comma else known.settings.chains)]
    return [f"{done}{comma}{name}" for name in names]


def _provider_of(before: list[str], known: Known) -> str:
    for index, word in enumerate(before):
        if word in _OF_PROVIDERS and index + 1 < len(before):
            return before[index + 1]
        if word.startswith("--provider="):
            return word.partition("=")[2]
    return known.settings.provider


def _models(name: str, known: Known) -> list[str]:
    name = providers.split(name)[0]
    if (preset := providers.known_presets().get(name.lower())) is not None:
        listed = _listed(known.settings.base_url or preset.base_url, known)
        return [*listed, *([preset.model] if preset.model else [])]
    try:
        provider = providers.get(name)
    except ChatError:
        return []
    own = [*getattr(provider, "models", ()), *getattr(provider, "model_aliases", ())]
    url = known.settings.base_url or provider.url
    default = getattr(provider, "default_model", "")
    return [*own, *_listed(url, known), *([default] if default else [])]


def _listed(url: str, known: Known) -> list[str]:
    catalogue = known.catalogue or Catalogue(models_file())
    return catalogue.known(url.rstrip("/"))


_WITH_PROVIDER = frozenset({"use", "models", "login", "logout"})


def _of_line(before: list[str], last: str, known: Known) -> Iterable[str]:
    match before[1:]:
        case []:
            return SUBCOMMANDS
        case [command] if command in _WITH_PROVIDER:
            return _chain(last, known) if command == "use" else providers.names()
        case ["use", provider]:
            return _models(provider, known)
        case ["mode"]:
            return _enum(known.settings, "mode")
        case ["switch" | "fork" | "forget"]:
            return known.conversations()
        case ["gateway"]:
            return ("start", "stop", "status")
        case ["doctor"]:
            return ("--online",)
        case _:
            return ()


def _enum(settings: Settings, name: str) -> list[str]:
    values = getattr(settings.class_traits()[name], "values", None)
    return [str(value) for value in values or ()]


def _order(word: str) -> tuple[bool, str]:
    return word.startswith("-"), word.lower()


def offer(line: str, symbol: str, known: Known) -> list[str]:
    """Return the words for `symbol`, which is what IPython takes for the last word: it breaks at commas too."""
    last = "" if line[-1:].isspace() else (line.split() or [""])[-1]
    found = complete(line, known)
    return [one[len(last) - len(symbol) :] for one in found] if last.endswith(symbol) else found
