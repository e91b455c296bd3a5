"""The models on this machine as a table: what `%chat models local` shows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from g4f_magic import quoting
from g4f_magic.commands.output import as_code, as_text, table
from g4f_magic.errors import ChatError, InputError

if TYPE_CHECKING:
    from g4f_magic.local.finding import FoundModel
    from g4f_magic.local.gguf import Model
    from g4f_magic.providers.base import AsyncGeneratorProvider

_MOST_MODELS = 200


async def local_models(provider: type[AsyncGeneratorProvider]) -> str:
    """Return the models on this machine with size, parameters and context, the one that answers where none is named marked.

    Raises:
        InputError: there is none.
    """
    from g4f_magic.local import finding
    from g4f_magic.providers.local import Local

    if not issubclass(provider, Local):
        raise TypeError("the provider `local` is wanted")
    found = await asyncio.to_thread(finding.found, provider.models_folder)
    if not found:
        raise finding.none_found()
    notes = []
    first = ""
    try:
        first = (await provider.ready()).name
    except ChatError as exc:
        notes.append(as_text(f"{exc}. {exc.hint}"))
    rows = await asyncio.to_thread(lambda: [_row(one, first) for one in found[:_MOST_MODELS]])
    if len(found) > len(rows):
        notes.append(f"There are {len(found) - len(rows):,} more; Tab completes their names.")
    heads = ["`local`", "", "file", "parameters", "context", "where it lies"]
    return "\n\n".join([table(heads, rows), *notes])


def _row(one: FoundModel, first: str) -> tuple[str, ...]:
    from g4f_magic.local import gguf
    from g4f_magic.local.refusals import in_bytes

    name = as_code(quoting.quote(one.name))
    try:
        model = gguf.read(one.path, one.name)
    except InputError as exc:
        return (name, as_text(str(exc)), "", "", "", as_text(one.place))
    return (
        name,
        _what(model, is_first=one.name == first),
        in_bytes(model.size_bytes),
        _parameters(model.parameters),
        _context(model),
        as_text(one.place),
    )


def _what(model: Model, *, is_first: bool) -> str:
    if model.is_for_vectors:
        return "for vectors"
    if not model.has_template:
        return "no chat template"
    return "default" if is_first else ""


def _parameters(count: int) -> str:
    if count >= 10**9:
        return f"{count / 10**9:.1f} B"
    return f"{count / 10**6:.0f} M" if count else "?"


def _context(model: Model) -> str:
    """Return the context that the model has here, and its own where the memory, or our bound, leaves less."""
    from g4f_magic.local.memory import available_bytes, context_tokens

    here = context_tokens(model, available_bytes())
    if not here:
        return "too large for the memory that is free"
    own = model.context_tokens
    return f"{here:,} tokens" + (f" of {own:,}" if own > here else "")
