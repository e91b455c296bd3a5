"""OpenAI's chat completions as servers really send them. From bytes to chunks, without I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from g4f_magic.chunks import Chunk, Finish, Named, Text, Usage
from g4f_magic.endings import Ending, ending_of, is_cut, reason_in
from g4f_magic.errors import ServiceError, WireError
from g4f_magic.outcome import broken_by_service
from g4f_magic.providers.calling import Calling
from g4f_magic.providers.citing import FIELDS, Citing
from g4f_magic.providers.counting import merged, usage_of
from g4f_magic.providers.naming import shown_name
from g4f_magic.providers.one_choice import OneChoice
from g4f_magic.providers.readers import EventReader, broken_off, raise_error_event, unexpected
from g4f_magic.providers.speech import Speech, UnknownFormError
from g4f_magic.providers.stream_framing import ENDS
from g4f_magic.providers.wrapping import unwrapped
from g4f_magic.wire.json_values import form_of
from g4f_magic.wire.reported import error_in_place_of_reply, reported_error

ORDINARY = frozenset(
    {"id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier", "provider"}
    | {"obfuscation"}
)
"""What a chunk may hold beside its choices that says nothing."""
_SAYING = frozenset({"index", "delta", "finish_reason", "logprobs"})
"""What a chunk and its choice may hold that says a text and nothing else."""


class CompletionReader(EventReader):
    """Chat completion chunks, in the dialects that servers really speak; of several answers side by side one.

    `[DONE]` may be missing if a finish reason came; `choices` may be empty, `content` null, and the usage
    may come in any chunk. One that comes as a whole is read as well, and Ollama's own lines. `asked` is the model
    that was asked for: another one is named. With `gives_calls`, functions that are asked for come as chunks at its
    end; else they are named among what is no text.
    """

    end_mark = "[DONE]"

    def __init__(self, asked: str = "", *, gives_calls: bool = False) -> None:
        super().__init__()
        self._calling = Calling() if gives_calls else None
        self.reason: str | None = None
        self._asked = asked
        self._named = ""
        self._has_ended = False
        self._speech = Speech(self._calling)
        self._one = OneChoice()
        self._has_choices = False
        self._form = ""
        """Of the first value: named where no reply was found in any."""
        self._last: dict[str, Any] | None = None
        """The choice that gave the reason for the end: some send it again."""
        self._beside: Any = None
        """The last value, if it was none of a reply."""
        self._citing = Citing()
        self._usage: Usage | None = None

    def read(self, value: Any) -> Iterator[Chunk]:
        """Yield what one completion chunk says."""
        if self._speech.is_plain and self._one.is_first and (text := _plain_text(value)) is not None:
            if not text:
                return
            if self._speech.passes(text):
                yield Text(text)
                return
        raise_error_event(value)
        for one in value if isinstance(value, list) else (value,):
            yield from self._read_object(unwrapped(one))

    def _read_object(self, value: Any) -> Iterator[Chunk]:
        if self.is_body and not _may_reply(value) and (error := error_in_place_of_reply(value)) is not None:
            raise error
        if not isinstance(value, dict):
            self._form = self._form or form_of(value)
            return  # a sign of life: a time, a number, a word
        if not self._named and (model := value.get("model")):
            yield from self._name(model)
        given = _choices(value)
        self._has_choices = self._has_choices or "choices" in value or bool(given)
        if not self._has_choices:
            self._form = self._form or form_of(value)
        self._beside = value if not given else None
        choices = self._one.of(given)
        yield from self._read_choices(choices)
        if "finish_reason" in value:
            self.reason = reason_in(value) or self.reason
        if not given and self._has_choices:
            self.ended = _says_end(value)
        if not FIELDS.isdisjoint(value):
            self._citing.take(value)
        if usage := usage_of(value, choices[0] if choices else {}):
            before, self._usage = self._usage, merged(self._usage, usage)
            if repr(self._usage) != repr(before):  # what is told of them counts, too
                yield self._usage

    def _read_choices(self, choices: Iterable[dict[str, Any]]) -> Iterator[Chunk]:
        for choice in choices:
            if self._last is not None and choice == self._last:
                continue
            raise_error_event(choice)
            is_first_reason = self.reason is None and self._speech.has_deltas
            try:
                yield from self._read_choice(choice)
            except UnknownFormError:
                raise unexpected(choice) from None
            if is_first_reason and self.reason is not None:
                self._last = choice

    def _read_choice(self, choice: dict[str, Any]) -> Iterator[Chunk]:
        delta, message = choice.get("delta"), choice.get("message")
        for said, speak in ((delta, self._speech.delta), (message, self._speech.message)):
            if not said and said != {}:
                continue
            if isinstance(said, str):
                said = {"content": said}
            if not isinstance(said, dict):
                raise UnknownFormError
            if "error" in said:
                raise_error_event({"error": said["error"]})
            yield from speak(said)
            if "finish_reason" in said:
                self.reason = reason_in(said) or self.reason
            if not FIELDS.isdisjoint(said):
                self._citing.take(said)
        text = choice.get("text", choice.get("content"))
        if not delta and not message and isinstance(text, str):
            yield from self._speech.text(text)
        if (reason := reason_in(choice)) is not None:
            self.reason = reason
        if not FIELDS.isdisjoint(choice):
            self._citing.take(choice)

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the chunks that `piece` completes, and the finish with the end mark."""
        yield from super().feed(piece)
        if self.ended:
            yield from self._end()

    @property
    def is_told_whole(self) -> bool:
        """Say whether the service gave a reason for the end: what breaks after it cuts nothing."""
        return self.reason is not None

    def close(self) -> Iterator[Chunk]:
        """Yield what is left, and the finish."""
        yield from super().close()
        yield from self._read_choices(self._one.close())
        is_whole = self.ended or self.reason is not None or (self.is_body and not self._speech.has_deltas)
        yield from self._end(is_whole=is_whole)

    def left(self) -> Iterator[Chunk]:
        """Yield what is left at the end of a stream, whether it has come to its end or not."""
        yield from super().close()
        yield from self._read_choices(self._one.close())
        yield from self._speech.close()

    def _end(self, *, is_whole: bool = True) -> Iterator[Chunk]:
        """Yield what only the end shows, once.

        Raises:
            BrokenOffError: the end did not come.
            ServiceError: the service says that it broke the reply off.
        """
        if self._has_ended:
            return
        self._has_ended = True
        yield from self._read_choices(self._one.close())
        yield from self._speech.close(is_cut=is_cut(self.reason))
        yield from self._citing.chunks()
        if error := self._of_another_protocol() or self._said_in_place_of_end(is_whole=is_whole):
            raise error
        if not is_whole:
            raise broken_off(is_empty=self.is_empty)
        if self._calling is not None:
            yield from self._calling.chunks()
        ending = ending_of(self.reason)
        if self._speech.is_refusal and ending is Ending.PLAIN:
            self.reason = "refusal"
        yield Finish(self.reason, self.skipped_lines)
        if ending is Ending.BROKEN:
            raise broken_by_service("", self.reason, has_words=False)

    def _of_another_protocol(self) -> WireError | None:
        """Return the error for a stream in which nothing was a chat completion; None where something was."""
        if self._speech.has_deltas or self._has_choices or not self._form:
            return None
        return WireError(
            f"what came is not a chat completion, but {self._form}",
            hint="Does the server speak OpenAI's protocol? Look at the base URL: it usually ends with /v1.",
        )

    def _said_in_place_of_end(self, *, is_whole: bool) -> ServiceError | None:
        """Return the error that the last words of a stream are, where no reason for its end came; None: they are none."""
        if self.reason is not None:
            return None
        if self._beside is not None:
            error = reported_error(self._beside)
            if error.cause is not None:
                return error
        return None if is_whole and self.has_value else self.last_words()

    def _name(self, model: Any) -> Iterator[Chunk]:
        if name := shown_name(model):
            self._named = name
            if name != self._asked:
                yield Named(name)


def _plain_text(value: Any) -> str | None:
    """Return the text of a chunk that says a text and nothing else, as nearly all do; None of any other."""
    if type(value) is not dict or not ORDINARY.issuperset(value) or value.get("usage") is not None:
        return None
    choices = value.get("choices")
    choice = choices[0] if type(choices) is list and len(choices) == 1 else None
    if type(choice) is not dict or not _SAYING.issuperset(choice) or choice.get("finish_reason") is not None:
        return None
    delta = choice.get("delta")
    if choice.get("index", 0) != 0 or type(delta) is not dict or len(delta) != 1:
        return None
    text = delta.get("content")
    return text if type(text) is str else None


def _says_end(value: dict[str, Any]) -> bool:
    """Say whether an object without choices is the end mark: `{"type": "done"}`."""
    kinds = (value.get("type"), value.get("event"))
    return any(isinstance(kind, str) and kind.lower() in ENDS for kind in kinds)


def _may_reply(value: Any) -> bool:
    """Say whether a whole body has a place for a reply, be it an empty one."""
    return isinstance(value, dict) and bool(value.get("choices") or "done" in value or "usage" in value)


def _choices(value: dict[str, Any]) -> list[dict[str, Any] | None]:
    """Return the choices of a frame; of a line of Ollama's own its message."""
    choices = value.get("choices")
    if choices is None and "done" in value:
        return [_of_ollama(value)]
    if not choices:
        return []
    if isinstance(choices, dict):  # the one that there is, or by their numbers
        choices = list(choices.values()) if all(map(str.isdecimal, choices)) else [choices]
    if not isinstance(choices, list):
        raise unexpected(value)
    for choice in choices:
        if not isinstance(choice, dict | None):
            raise unexpected(choice)
    return choices


def _of_ollama(value: dict[str, Any]) -> dict[str, Any]:
    """Return a line of Ollama's own protocol as a choice: its message is what is new."""
    said = value.get("message")
    delta = said if isinstance(said, dict) else {"content": value.get("response")}
    return {
        "delta": delta,
        "done_reason": value.get("done_reason") or ("stop" if value["done"] is True else None),
    }
