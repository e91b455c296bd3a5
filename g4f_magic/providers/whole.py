"""A reply that was asked for whole: one JSON body, and no stream. No I/O.

Nearly all of them say one text and nothing else, and are read here at a glance; the reader of the stream, which knows
all that servers send, reads the others.
"""

from __future__ import annotations

from typing import Any

from g4f_magic.chunks import Chunk, Finish, Named, Text
from g4f_magic.providers.completions import ORDINARY
from g4f_magic.providers.counting import usage_of
from g4f_magic.providers.naming import shown_name
from g4f_magic.providers.readers import Reader
from g4f_magic.providers.replies import Words
from g4f_magic.providers.thinking_marks import SPOKEN
from g4f_magic.wire.json_values import value_of

_SAYING = frozenset({"index", "message", "finish_reason", "logprobs", "stop_reason"})


def chunks_of(body: bytes, reader: Reader) -> list[Chunk]:
    """Return the chunks of a whole body, as `reader` reads them.

    Raises:
        ChatError: it is no reply.
    """
    words = Words()
    return [*words.of(reader.feed(body)), *words.of(reader.close()), *words.left()]


def plain_chunks(body: bytes, asked: str) -> list[Chunk] | None:
    """Return the chunks of a completion that says one text and nothing else; None of any other.

    `asked` is the model that was asked for: another one is named.
    """
    try:
        value = value_of(body)
        text = _plain_text(value)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    if text is None:
        return None
    name = shown_name(value.get("model"))
    usage = usage_of(value, {})
    found: list[Chunk] = [Named(name), Text(text)] if name not in ("", asked) else [Text(text)]
    return [*found, usage, Finish("stop")] if usage else [*found, Finish("stop")]


def _plain_text(value: Any) -> str | None:
    if not ORDINARY.issuperset(value) or len(value["choices"]) != 1:
        return None
    choice = value["choices"][0]
    message = choice["message"]
    if not _SAYING.issuperset(choice) or choice.get("index", 0) != 0 or choice["finish_reason"] != "stop":
        return None
    if any(said and field not in ("role", "content") for field, said in message.items()):
        return None
    text = message["content"]
    if type(text) is not str or not text[:1].strip():
        return None
    if (
        "<" in text or "~[" in text or "think" in text.lower()
    ):  # thoughts may stand in it, or a mark at its end
        return None
    if text.startswith(SPOKEN):
        return None
    text.encode()  # a ValueError for half of a surrogate pair
    return text
