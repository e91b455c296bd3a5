"""What there is to choose from on a line: providers, models, conversations, notebooks. Nobody is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import TypeAlias

from g4f_magic import names, providers
from g4f_magic.errors import ChatError
from g4f_magic.providers.model_cache import ModelCache
from g4f_magic.settings import Settings, models_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known here."""

    settings: Settings
    model_cache: ModelCache | None = None
    conversations: Callable[[], Iterable[str]] = tuple
    notebooks: Callable[[], Iterable[str]] = tuple
    """Other notebooks, as they are named to adopt their turns."""
    variables: Callable[[], Iterable[str]] = tuple
    """The names of the notebook."""
    kind_of: Callable[[str], str] = lambda name: ""
    """Gives the type of what has that name in the notebook; empty where nothing has it."""


Offer: TypeAlias = Callable[[Known, Sequence[str], str], Iterable[str]]
"""Returns what a word can become: the words of the same command before it, and what stands of it."""


def providers_of(known: Known, words: Sequence[str], begun: str) -> Iterable[str]:
    """Return the names of single providers."""
    return providers.names()


def chains_of(known: Known, words: Sequence[str], begun: str) -> Iterable[str]:
    """Return what can answer: providers, chains by their names; a chain that is begun goes on after its last comma."""
    done, comma, last = begun.rpartition(",")
    name, colon, _ = last.partition(":")
    if colon and name.lower() != "g4f":
        return [f"{done}{comma}{name}:{model}" for model in models_of(known, [name], "")]
    found = names.listed(
        [*providers.names(), *providers.g4f_names(), *(() if comma else known.settings.chains)]
    )
    return [f"{done}{comma}{name}" for name in found]


def models_of(known: Known, words: Sequence[str], begun: str) -> Iterable[str]:
    """Return the models of the provider that the last word names."""
    from g4f_magic.providers.base import ProviderModelMixin

    name = providers.split(words[-1] if words else known.settings.provider)[0]
    if (preset := providers.known_presets().get(name.lower())) is not None:
        listed = _listed(known.settings.base_url or preset.base_url, known)
        return [*listed, *([preset.model] if preset.model else [])]
    try:
        provider = providers.get(name)
    except ChatError:
        return []
    provider = provider.within(None, known.settings.models_folder)
    own = provider.known_models() if issubclass(provider, ProviderModelMixin) else []
    url = known.settings.base_url or provider.url
    default = getattr(provider, "default_model", "")
    return [*names.listed(own), *_listed(url, known), *([default] if default else [])]


def _listed(url: str, known: Known) -> list[str]:
    model_cache = known.model_cache or ModelCache(models_file())
    return model_cache.known(url.rstrip("/"))


def conversations_of(known: Known, words: Sequence[str], begun: str) -> Iterable[str]:
    """Return the notebook's conversations."""
    return names.listed(known.conversations())


def notebooks_of(known: Known, words: Sequence[str], begun: str) -> Iterable[str]:
    """Return other notebooks that hold turns."""
    return names.listed(known.notebooks())


_MOST_FILES = 500
"""Of a folder, that are looked at when Tab is pressed."""
_WORDS = ("@error", "@out", "@cells", "@cells:above:", "@input")
LEVELS = ("names", "schema", "sample", "all")


def attachable_of(known: Known, words: Sequence[str], begun: str) -> Iterable[str]:
    """Return what can go along: names, files, the `@` words; behind `|` how much of it. It goes on after a comma."""
    done, comma, last = begun.rpartition(",")
    what, bar, _ = last.rpartition("|")
    if bar:
        return [f"{done}{comma}{what}|{level}" for level in LEVELS]
    given = [one for one in known.variables() if not one.startswith("_") or last.startswith("_")]
    return [f"{done}{comma}{one}" for one in (*names.listed(given), *_files(last), *_WORDS)]


def _files(begun: str) -> list[str]:
    """Return the files and folders of the folder that is begun with, as they are written."""
    folder, _ = os.path.split(begun)
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:
            found = [(one.name, one.is_dir()) for one in islice(entries, _MOST_FILES)]
    except (OSError, ValueError):
        return []
    shown = names.listed(name for name, _ in found if not name.startswith("."))
    folders = {name for name, is_folder in found if is_folder}
    return [os.path.join(folder, name) + ("/" if name in folders else "") for name in shown]


def schemas_of(known: Known, words: Sequence[str], begun: str) -> Iterable[str]:
    """Return the names of the notebook; a line is written by hand."""
    return names.listed(one for one in known.variables() if not one.startswith("_") or begun.startswith("_"))


_FUNCTIONS = ("function", "builtin_function_or_method", "method")
_NO_ROWS = ("module", "type", *_FUNCTIONS)


def rows_of(known: Known, words: Sequence[str], begun: str) -> Iterable[str]:
    """Return what may be a table or a list: names and files."""
    found = schemas_of(known, words, begun)
    return [*(one for one in found if known.kind_of(one) not in _NO_ROWS), *_files(begun)]


def functions_of(known: Known, words: Sequence[str], begun: str) -> Iterable[str]:
    """Return the notebook's functions, the last of a list that is begun."""
    before, comma, last = begun.rpartition(",")
    found = schemas_of(known, words, last)
    return [f"{before}{comma}{one}" for one in found if known.kind_of(one) in ("", *_FUNCTIONS)]


OFFERS: Mapping[str, Offer] = MappingProxyType(
    {
        "PROVIDER": providers_of,
        "CHAIN": chains_of,
        "MODEL": models_of,
        "CONVERSATION": conversations_of,
        "NOTEBOOK": notebooks_of,
        "WHAT": attachable_of,
        "SCHEMA": schemas_of,
        "ROWS": rows_of,
        "FUNCTION": functions_of,
    }
)
"""What Tab offers for a word that is called so in a help."""
