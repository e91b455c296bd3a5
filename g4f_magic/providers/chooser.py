"""Which model answers where none is named: one that chats, the likeliest first; the next where it turns out not to.

By what the server says of its models, else by their names. No I/O but what it is given to ask with.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import TypeVar

from g4f_magic.causes import Cause, Diagnosis
from g4f_magic.chunks import Notice, Served
from g4f_magic.errors import ChatError, InputError
from g4f_magic.providers.listing import Offered

Said = TypeVar("Said")

MOST_TRIED = 3
_MOST_KNOWN = 512
_NEXT = frozenset({Cause.NOT_FOR_CHAT, Cause.NO_MEMORY, Cause.UNKNOWN_MODEL})
"""Causes for which another model of the same server may answer."""
_TASKS = re.compile(
    r"embed|rerank|whisper|diffusion|transcri|moderation|sensevoice|(?:^|[^a-z])(?:tts|stt|asr|guard|dall|dalle|sora|imagen|veo|sdxl|realtime|ocr"
    r"|reward|davinci|babbage|ada|curie|colbert|splade|upscale|clap|parakeet|musicgen|lyria|seedance|seedream|vae|guardian"
    r"|t2[vi]|i2v|ttsd|cogview|cogvideox?|cosyvoice|paraformer|kolors|hailuo|kling|midjourney|ideogram|recraft|vidu|nemoretriever)(?:[^a-z]|$)"
    r"|gpt-?3\.5-turbo-instruct|deep-?research|computer-use|shieldgemma|nsfw"
)
"""Names of what is done in place of chatting."""
_FAMILIES = re.compile(
    r"(?:^|[^a-z])(?:bge|e5|gte|minilm|mpnet|clip|siglip|flux|kokoro|bark|orpheus|instructor|contriever|stella|uae|paraphrase|mxbai"
    r"|nomic-bert|image|images|audio|speech|voice|video|music|live|aqa|wanx?|canvas|reel|sonic|chirp)(?:[^a-z]|$)"
)
"""Names of families and media; "chat" in the name says more than they do."""
_CHATS = re.compile(r"(?:^|[^a-z])chat(?:[^a-z]|$)|chatglm|(?:^|[^a-z])it(?:[^a-z]|$)")
_BASE = re.compile(r"(?:^|[^a-z])(?:base|pretrain|pretrained|pt|draft|mmproj|codex|safeguard)(?:[^a-z]|$)")
_TUNED = ("-instruct", "-chat", "-it", ":instruct", ":chat", "_instruct")

_mute: dict[tuple[str, str], None] = {}
"""Models that said here that they cannot answer, by the address of their server; the oldest are forgotten."""


def looks_like_chat(name: str) -> bool:
    """Say whether a model of this name chats, as far as a name tells."""
    name = name.lower()
    if _TASKS.search(name):
        return False
    return not _FAMILIES.search(name) or bool(_CHATS.search(name))


def ranked(offered: Sequence[Offered], url: str = "") -> tuple[list[str], list[str]]:
    """Return the names of those that chat, the likeliest first, and of the others in the server's order.

    Loaded ones come first and what is no more than a base model last; else the server's order stands.
    """
    names = {one.name.lower() for one in offered}
    chatting = [one for one in offered if _does_chat(one) and (url, one.name) not in _mute]
    chatting.sort(key=lambda one: (_is_base(one.name.lower(), names), not one.is_loaded))
    first = [one.name for one in chatting]
    return first, [one.name for one in offered if one.name not in set(first)]


def _does_chat(one: Offered) -> bool:
    return looks_like_chat(one.name) if one.chats is None else one.chats


def _is_base(name: str, names: Iterable[str]) -> bool:
    """Say whether a name is a base model's, or that of one whose tuned sister is offered too."""
    return bool(_BASE.search(name)) or any(name + ending in names for ending in _TUNED)


def candidates(offered: Sequence[Offered], url: str, *, default: str = "") -> list[str]:
    """Return which models to ask in turn, `default` first where it is offered.

    Where names alone speak against all of them, the server decides: a name may mislead. What the server itself says
    does not chat is never asked.
    """
    chatting, _ = ranked(offered, url)
    if default and any(one.name == default for one in offered):
        chatting = [default, *(name for name in chatting if name != default)]
    unsaid = [one.name for one in offered if one.chats is None]
    return (chatting or unsaid)[:MOST_TRIED]


def no_model(name: str, offered: Sequence[Offered], advice: str) -> InputError:
    """Return the error for a server without a model that chats."""
    listed = ", ".join(one.name for one in offered[:3])
    what = f"{name} runs and offers no model" + (f" that chats: {listed}" if listed else "")
    return InputError(
        what, hint=advice or "Name one: --model NAME", diagnosis=Diagnosis(cause=Cause.NO_MODEL)
    )


async def first_that_chats(
    models: Sequence[str],
    url: str,
    ask: Callable[[str], AsyncGenerator[Said]],
    served: Callable[[str], Served],
) -> AsyncGenerator[Said | Served | Notice]:
    """Yield who answers and the reply of the first model that does; never a second one after a piece of a reply.

    Raises:
        ChatError: none of them chats, or the reply failed in another way.
    """
    for number, model in enumerate(models, start=1):
        is_begun = False
        yield served(model)
        try:
            async with aclosing(ask(model)) as chunks:
                async for chunk in chunks:
                    is_begun = is_begun or not isinstance(chunk, Notice)
                    yield chunk
            return
        except ChatError as exc:
            if is_begun or exc.cause not in _NEXT:
                raise
            _forget(url, model)
            if number == len(models):
                raise
            why = str(exc)
        yield Notice(f"{why} · asking {models[number]}")


def _forget(url: str, model: str) -> None:
    _mute[url, model] = None
    if len(_mute) > _MOST_KNOWN:
        del _mute[next(iter(_mute))]
