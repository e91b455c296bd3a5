"""Which columns a line asks for: one for each service or model that it names. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from g4f_magic.errors import InputError
from g4f_magic.options import Options
from g4f_magic.settings import Settings

MOST = 12
"""Columns of one cell: more are no comparison that anybody reads, and all are asked at once."""
_HINT = "Name them, with commas: -p groq,ollama --compare, or -p openai -m MODEL-A,MODEL-B --compare."


class Column(NamedTuple):
    """One of those who are asked."""

    name: str
    """As the person named it: `groq`, `openai:gpt-4o`; of an address its host and port alone."""
    options: Options


def columns_of(options: Options, providers: str, models: str, settings: Settings) -> tuple[Column, ...]:
    """Return who is asked, in the order of the line: several services, or several models of one.

    `providers` and `models` are what stands behind `-p` and `-m`, with commas between; a chain that the settings name
    stands for all in it. The settings fill what is left out.

    Raises:
        InputError: there are fewer than two or too many, one is named twice, or models belong to no single service.
    """
    if options.tools:
        raise InputError(
            "--tools and --compare do not go together", hint="Ask each by itself, in a cell with --tools."
        )
    names = _parts(settings.chains.get(providers.strip(), providers))
    wanted = _parts(models)
    if len(names) > 1 and wanted:
        raise InputError(
            "--model and several providers do not go together",
            hint="Give each its model: --provider groq:MODEL,openai:MODEL.",
        )
    if wanted:
        service = names[0] if names else ""
        if ":" in service and "://" not in service:
            raise InputError(f"{service!r} names a model, and so does --model", hint="Give one of the two.")
        found = [
            Column(f"{service}:{model}" if service else model, _with(options, service, model))
            for model in wanted
        ]
    else:
        found = [Column(_short(name), _with(options, name, "")) for name in names]
    if len(found) < 2:
        raise InputError("--compare needs two or more to ask", hint=_HINT)
    if len(found) > MOST:
        raise InputError(f"--compare takes at most {MOST} columns; these are {len(found)}", hint=_HINT)
    _refuse_twins(found)
    return tuple(found)


def _with(options: Options, provider: str, model: str) -> Options:
    return replace(options, provider=provider, model=model)


def _short(name: str) -> str:
    return urlsplit(name).netloc.rpartition("@")[2] if "://" in name else name


def _parts(spec: str) -> list[str]:
    return [part for part in map(str.strip, spec.split(",")) if part]


def _refuse_twins(columns: Sequence[Column]) -> None:
    seen: set[str] = set()
    for one in columns:
        if one.name.lower() in seen:
            raise InputError(
                f"--compare names {one.name!r} twice",
                hint="Tell them apart by their models: -p openai:MODEL-A,openai:MODEL-B --compare.",
            )
        seen.add(one.name.lower())
