"""What a model says in one choice of a stream: the words in its deltas and messages, each said once. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from g4f_magic.chunks import Chunk, Reasoning, Text, Unshown
from g4f_magic.messages import flatten_content
from g4f_magic.providers.calling import Calling
from g4f_magic.providers.cumulative import Increments
from g4f_magic.secret import cut
from g4f_magic.visible import make_visible

Channel: TypeAlias = Literal["reasoning", "text", "refusal"]
Words: TypeAlias = tuple[Channel, str, str]
"""The channel, the field that the words stood in, and the words."""

_THINKING = (
    *("reasoning_content", "reasoning", "thinking", "reasoning_text", "reasoning_details", "thinking_blocks"),
    *("thought", "thoughts", "reasoningContent"),
)
_THOUGHT_NAMES = (
    *("thinking", "text", "summary", "content", "reasoning", "reasoning_content"),
    *("reasoningContent", "reasoningText"),
)
_THOUGHT_PARTS = frozenset({"thinking", "reasoning", "reasoning_text", "thought", "redacted_thinking"})
_THOUGHT_ROLES = ("reasoning", "thinking")
_OTHERS = ("tool", "function")
"""Roles whose words are not the model's: gateways that run functions themselves send the results along."""
_PART = frozenset({"text", "thought", "thinking", "transcript", "annotations", "index"})
_NAMING = frozenset({"type", "reasoningContent", "inlineData", "inline_data", "image_url", "audio"})
"""What a part of a content may hold, and what by itself names one; any other object is a value that the model gave."""
_IMAGES = frozenset(
    {"image_url", "image", "output_image", "input_image", "image_file", "inlineData", "inline_data"}
)
_AUDIO = frozenset({"audio", "output_audio", "input_audio", "audio_url"})
_LEAST_REPEATED = 10
"""Characters of thoughts that come once more as text; of fewer it may be chance."""
_MOST_CALLS = 16
_LONGEST_NAME = 60
_LONGEST_KEPT = 1_024
"""Of a name that comes in pieces: a secret in it is told before the name is cut."""


class UnknownFormError(ValueError):
    """A content that is neither text nor parts."""


class Speech:
    """Tells deltas from messages, for the stream as a whole.

    A delta says what is new, or with some services all so far. A message says all of it: in a stream of deltas it counts for what no delta said, and
    by itself for what it says more than the one before. Where a service sends the same words in two fields
    (`reasoning` and `reasoning_details`), the field that came first counts.
    """

    def __init__(self, calling: Calling | None = None) -> None:
        """Make it; with `calling`, calls of functions are put together there, and are no rarity that is only named."""
        self._calling = calling
        self.is_refusal = False
        self.has_deltas = False
        self.is_plain = False
        """Whether deltas have said some text in the usual field: more of it there is text."""
        self._fields: dict[Channel, str] = {}
        self._said: set[Channel] = set()
        self._whole: dict[Channel, str] = {}
        self._is_pieces = False
        self._increments: dict[Channel, Increments] = {}
        self._repeated = ""
        """The first delta of text, where it is all that was thought."""
        self._beside = Beside(names_calls=calling is None)

    def passes(self, text: str) -> bool:
        """Take a text of the usual field, where that `is_plain`, and say whether it is to be said as it is."""
        return self._increments["text"].passes(text)

    def delta(self, delta: Mapping[str, Any]) -> Iterator[Chunk]:
        """Yield what a delta says.

        Raises:
            UnknownFormError: its content is no text.
        """
        self.has_deltas = True
        for channel, text in self._words(delta):
            yield from self._say_new(channel, text)
        if self._calling is not None:
            self._calling.delta(delta)
        text_deltas = self._increments.get("text")
        self.is_plain = (
            text_deltas is not None and text_deltas.are_new and self._fields.get("text") == "content"
        )

    def message(self, message: Mapping[str, Any]) -> Iterator[Chunk]:
        """Yield what a message says that was not said before it.

        Raises:
            UnknownFormError: its content is no text.
        """
        whole: dict[Channel, str] = {}
        if self._calling is not None:
            self._calling.message(message)
        for channel, text in self._words(message):
            whole[channel] = whole.get(channel, "") + text
        for channel, text in whole.items():
            before = self._whole.get(channel, "")
            if self.has_deltas:
                self._whole[channel] = text
            elif self._is_pieces or not (text.startswith(before) or before.startswith(text)):
                self._is_pieces = True
                yield from self._say(channel, text)
            elif len(text) > len(before):
                self._whole[channel] = text
                yield from self._say(channel, text[len(before) :])

    def text(self, text: str) -> Iterator[Chunk]:
        """Yield a piece of the older completions, which have no delta."""
        self.has_deltas = True
        if text:
            yield from self._say_new("text", text)

    def close(self, *, is_cut: bool = False) -> Iterator[Chunk]:
        """Yield what waits, what only a message said, and what came that is no text.

        Some servers say the thoughts of a reply that `is_cut` in its thoughts once more as its text: that is none.
        """
        yield from self._say_waiting()
        if (repeated := self._repeated) and not is_cut:
            yield from self._say("text", repeated)
        for channel, text in self._whole.items():
            if channel not in self._said:
                yield from self._say(channel, text)
        yield from self._beside.chunks()

    def _say_new(self, channel: Channel, text: str) -> Iterator[Chunk]:
        """Yield what a delta says that was not said before it."""
        increments = self._increments.get(channel)
        if increments is None:
            yield from self._say_waiting()
            increments = self._increments[channel] = Increments()
            if channel == "text" and self._is_thought(text):
                self._repeated = text
                return
        elif channel == "text" and self._repeated:
            text, self._repeated = self._repeated + text, ""
        if new := increments.of(text):
            yield from self._say(channel, new)

    def _is_thought(self, text: str) -> bool:
        thoughts = self._increments.get("reasoning")
        return thoughts is not None and len(text) > _LEAST_REPEATED and thoughts.said.strip() == text.strip()

    def _say_waiting(self) -> Iterator[Chunk]:
        for channel, increments in self._increments.items():
            if left := increments.close():
                yield from self._say(channel, left)

    def _say(self, channel: Channel, text: str) -> Iterator[Chunk]:
        is_first = channel not in self._said
        self._said.add(channel)
        if channel == "reasoning":
            yield Reasoning(text)
            return
        if channel == "refusal":
            self.is_refusal = True
            if is_first and "text" in self._said:
                yield Text("\n\n")
        yield Text(text)

    def _words(self, said: Mapping[str, Any]) -> Iterator[tuple[Channel, str]]:
        for channel, field, text in words_of(said):
            if text and self._fields.setdefault(channel, field) == field:
                yield channel, text
        self._beside.take(said)


class Beside:
    """What comes beside the words: images, audio, calls of functions. They are counted and named, not kept."""

    def __init__(self, *, names_calls: bool = True) -> None:
        self._names_calls = names_calls
        self._images: set[int] = set()
        self._has_audio = False
        self._calls: dict[Any, str] = {}

    def take(self, said: Mapping[str, Any]) -> None:
        """Take what a delta or a message holds; one that is sent again counts once."""
        for image in _list(said.get("images")):
            self._images.add(hash(str(image)))
        for part in _list(said.get("content")):
            if isinstance(part, dict):
                kinds = {str(part.get("type")), *part}
                if kinds & _IMAGES:
                    self._images.add(hash(str(part)))
                self._has_audio = self._has_audio or bool(kinds & _AUDIO)
        audio = said.get("audio")
        self._has_audio = self._has_audio or (isinstance(audio, dict) and bool(audio.get("data")))
        if not self._names_calls:
            return
        for place, call in enumerate(_list(said.get("tool_calls"))):
            if isinstance(call, dict):
                index = call.get("index")
                self._call(
                    index if isinstance(index, int) else place, call.get("function") or call.get("custom")
                )
        self._call("function_call", said.get("function_call"))

    def chunks(self) -> Iterator[Chunk]:
        """Yield what came, in words."""
        what = []
        if self._images:
            what.append(f"{len(self._images)} image{'s' * (len(self._images) != 1)}")
        if self._has_audio:
            what.append("audio")
        named = [cut(name, _LONGEST_NAME) for name in self._calls.values()]
        what += [f"a call of {name}" if name else "a call of a function" for name in named]
        if what:
            yield Unshown(tuple(what))

    def _call(self, index: Any, function: Any) -> None:
        if not isinstance(function, dict) or (index not in self._calls and len(self._calls) >= _MOST_CALLS):
            return
        before, name = self._calls.get(index, ""), function.get("name")
        name = " ".join(make_visible(name).split()) if isinstance(name, str) else ""
        # In pieces, or whole in every piece.
        self._calls[index] = (before if before.startswith(name) else before + name)[:_LONGEST_KEPT]


def words_of(said: Mapping[str, Any]) -> Iterator[Words]:
    """Yield the words of a delta or a message, what the model thinks first.

    Raises:
        UnknownFormError: the content is no text, and no value.
    """
    for field in _THINKING:
        if thought := _thought(said.get(field)):
            yield "reasoning", field, thought
    if isinstance(own := said.get("provider_specific_fields"), dict):  # LiteLLM's
        yield "reasoning", "own", _thought(own.get("reasoning_content"))
    refusal = said.get("refusal")
    content = _content_of(said) if said.get("role") not in _OTHERS else None
    if isinstance(content, str) and _is_marked_thought(said):
        yield "reasoning", "content", content.removeprefix("<thought>")
    elif content is not None and not (isinstance(refusal, str) and refusal and content == refusal):
        yield from _of_content(content)
    yield "text", "transcript", _transcript(said)
    if isinstance(refusal, str):
        yield "refusal", "refusal", refusal


def _content_of(said: Mapping[str, Any]) -> Any:
    content = said.get("content")
    return said.get("text") if content is None and isinstance(said.get("text"), str) else content


def _of_content(content: Any) -> Iterator[Words]:
    if isinstance(content, str):
        yield "text", "content", content
        return
    parts = [content] if isinstance(content, dict) else content
    if isinstance(content, dict) and isinstance(content.get("parts"), list):
        parts = content["parts"]
    if not isinstance(parts, list) or (parts and not any(map(_may_be_part, parts))):
        yield "text", "content", _as_json(content)
        return
    for part in parts:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in _THOUGHT_PARTS or _is_thought_part(part):
            yield "reasoning", "content", _thought(part)
        elif kind == "refusal":
            yield "refusal", "content", flatten_content(_text(part.get("refusal")))
        elif kind in _AUDIO:
            yield "text", "content", _transcript(part)
        elif isinstance(part, (str, dict)):
            yield "text", "content", _text_of_part(part)


def _may_be_part(part: Any) -> bool:
    return isinstance(part, str) or (
        isinstance(part, dict) and (not _NAMING.isdisjoint(part) or _PART.issuperset(part))
    )


def _as_json(content: Any) -> str:
    """Return a value in place of a text as the JSON that the model wrote: some servers read it for the caller.

    Raises:
        UnknownFormError: it is none, or nested too deeply.
    """
    try:
        return json.dumps(content, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        raise UnknownFormError from None


def _text_of_part(part: str | dict[str, Any]) -> str:
    text = part.get("text", part.get("content")) if isinstance(part, dict) else part
    return _text(text.get("value") if isinstance(text, dict) else text)


def _is_marked_thought(said: Mapping[str, Any]) -> bool:
    """Say whether a content is what the model thinks, by its role or as Gemini marks it."""
    extra = said.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    return said.get("role") in _THOUGHT_ROLES or (isinstance(google, dict) and google.get("thought") is True)


def _is_thought_part(part: Any) -> bool:
    return isinstance(part, dict) and (part.get("thought") is True or "reasoningContent" in part)


def _transcript(said: Mapping[str, Any]) -> str:
    """Return the words of what is spoken, as far as they are written."""
    audio = said.get("audio")
    return _text(audio.get("transcript")) if isinstance(audio, dict) else _text(said.get("transcript"))


def _thought(value: Any, depth: int = 8) -> str:
    """Return what a model thinks: a text, an object that holds one, or a list of such."""
    if isinstance(value, str):
        return value
    if depth < 0:
        return ""
    if isinstance(value, dict):
        return next((found for name in _THOUGHT_NAMES if (found := _thought(value.get(name), depth - 1))), "")
    if isinstance(value, list) and _is_flat(value):
        return "".join(_thought(one, depth - 1) for one in value)
    return ""


def _is_flat(value: list[Any]) -> bool:
    return not any(isinstance(one, list) for one in value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
