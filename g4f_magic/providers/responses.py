"""A reply by OpenAI's Responses API, streamed as typed events or whole. From bytes to chunks, without I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from g4f_magic.chunks import Chunk, Finish, Named, Reasoning, Text, ToolCall, Unshown
from g4f_magic.endings import Ending, ending_of
from g4f_magic.outcome import broken_by_service
from g4f_magic.providers.calling import MOST_CALLS, MOST_CHARACTERS, arguments_of
from g4f_magic.providers.citing import Citing
from g4f_magic.providers.counting import usage_of
from g4f_magic.providers.naming import shown_name
from g4f_magic.providers.readers import EventReader, broken_off, raise_error_event, unexpected
from g4f_magic.providers.responses_request import told_back
from g4f_magic.secret import cut
from g4f_magic.visible import make_visible
from g4f_magic.wire.reported import error_in_place_of_reply, reported_error

Keys: TypeAlias = tuple[str, ...]

_MOST_EXTRA = 65_536
_LONGEST_NAME = 60
_SPOKEN = {
    "response.output_text.delta": "output_text",
    "response.refusal.delta": "refusal",
    "response.reasoning_summary_text.delta": "summary_text",
    "response.reasoning_text.delta": "reasoning_text",
}
"""Events that say words, and the type of the part that they are of."""
_WORDS = {"output_text": "text", "refusal": "refusal", "summary_text": "text", "reasoning_text": "text"}
"""Types of parts, and the field in which their words stand."""
_THOUGHTS = ("summary_text", "reasoning_text")
_ENDS = (
    *("response.completed", "response.incomplete", "response.failed", "response.cancelled"),
    "response.done",  # OpenRouter's
)
_CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
_PICTURE = "image_generation_call"


class ResponsesReader(EventReader):
    """Typed events, or one response. What an event says whole counts where no piece said it before.

    `asked` is the model that was asked for: another one is named. With `gives_calls`, functions that are asked for come
    as chunks at its end; else they are named among what is no text.
    """

    end_mark = "[DONE]"

    def __init__(self, asked: str = "", *, gives_calls: bool = False) -> None:
        super().__init__()
        self._asked = asked
        self._gives_calls = gives_calls
        self._named = ""
        self._said: set[tuple[str, str]] = set()
        """Items, by id and by place, and types of their parts, of which some words came."""
        self._pieces: dict[str, list[str]] = {}
        """What came in pieces, by the type of part."""
        self._place = ""
        """Of the message that spoke last."""
        self._asides: set[str] = set()
        """Messages that are said on the way to the reply."""
        self._aside: list[str] = []
        self._has_reply = False
        self._thinks = ""
        """The type of part in which thoughts came first: some send them in both."""
        self._is_refusal = False
        self._calls: dict[str, tuple[str, str]] = {}
        self._thoughts: list[dict[str, Any]] = []
        self._pictures = 0
        self._citing = Citing()
        self._has_finished = False

    def read(self, value: Any) -> Iterator[Chunk]:
        """Yield what an event, or a whole response, says."""
        if not isinstance(value, dict):
            raise unexpected(value)
        kind, keys = _text(value.get("type")), _keys(value.get("item_id"), value.get("output_index"))
        if kind in _SPOKEN:
            self._pieces.setdefault(_SPOKEN[kind], []).append(_text(value.get("delta")))
            yield from self._spoken(keys, _SPOKEN[kind], value.get("delta"))
            return
        match kind:
            case "response.output_item.added":
                self._begun(_object(value.get("item")), value.get("output_index"))
            case "response.output_item.done":
                yield from self._item(_object(value.get("item")), value.get("output_index"))
            case "response.reasoning_summary_part.added" if value.get("summary_index"):
                yield from self._spoken(keys, "summary_text", "\n\n")
            case "error":
                raise reported_error(value)
            case _ if kind in _ENDS:
                yield from self._end(_object(value.get("response")))
            case _ if kind.startswith("response."):
                yield from self._name(_object(value.get("response")).get("model"))
            case _:
                yield from self._whole(value)

    def close(self) -> Iterator[Chunk]:
        """Yield what is left.

        Raises:
            BrokenOffError: the end did not come.
        """
        yield from super().close()
        if not self._has_finished:
            raise self.last_words() or broken_off(is_empty=self.is_empty)

    def _whole(self, value: dict[str, Any]) -> Iterator[Chunk]:
        """Yield a response that came as one body."""
        if value.get("object") == "response" or isinstance(value.get("output"), list):
            yield from self._end(value)
            return
        raise_error_event(value)
        if _text(value.get("type")) and not self.is_body:
            return  # an event that says nothing, such as a ping
        raise error_in_place_of_reply(value) or unexpected(value)

    def _spoken(self, keys: Keys, part: str, text: Any) -> Iterator[Chunk]:
        if not isinstance(text, str) or not text:
            return
        self._said |= {(key, part) for key in keys}
        if part in _THOUGHTS:
            self._thinks = self._thinks or part
            if part == self._thinks:
                yield Reasoning(text)
            return
        place = next((key for key in keys if key.startswith("#")), "")
        between = "\n\n" if self._place not in ("", place) and place else ""
        self._place = place
        if not self._asides.isdisjoint(keys):
            self._aside.append((between or "\n\n" * bool(self._thinks and not self._aside)) + text)
            yield Reasoning(self._aside[-1])
            return
        self._is_refusal = self._is_refusal or part == "refusal"
        yield Text(between * self._has_reply + text)
        self._has_reply = True

    def _begun(self, item: Mapping[str, Any], place: Any) -> None:
        """Note a message that says what the model is about to do: it is no part of its reply."""
        if item.get("phase") == "commentary":
            self._asides.update(_keys(item.get("id"), place))

    def _item(self, item: Mapping[str, Any], place: Any) -> Iterator[Chunk]:
        """Yield what an item says that was not said in pieces, and note what comes at the end; once."""
        kind, keys = _text(item.get("type")), _keys(item.get("id"), place)
        if kind not in _CALLS and self._is_said(keys, kind):
            return
        self._said |= {(key, kind) for key in keys}
        self._begun(item, place)
        if kind in _CALLS:
            self._call(item, item.get(_CALLS[kind]))
        elif kind == _PICTURE:
            self._pictures += 1
        elif kind == "reasoning" and item.get("encrypted_content"):
            self._thoughts.append({name: item[name] for name in _BACK if name in item})
        parts = [*_objects(item.get("summary")), *_objects(item.get("content"))]
        unsaid = [one for one in parts if not self._is_said(keys, _text(one.get("type")), one)]
        for one in parts:
            self._citing.take(one)
        for number, one in enumerate(unsaid):
            part = _text(one.get("type"))
            if part in _WORDS:
                between = "\n\n" if number and part in _THOUGHTS else ""
                yield from self._spoken(keys, part, between + _text(one.get(_WORDS[part])))

    def _is_said(self, keys: Keys, what: str, part: Mapping[str, Any] | None = None) -> bool:
        """Say whether an item was told, or words of a part of it.

        Copilot names an item anew in each event, and some servers say neither name nor place: what came in pieces before
        is no news.
        """
        if any((key, what) in self._said for key in keys):
            return True
        words = _text(part.get(_WORDS[what])) if part is not None and what in _WORDS else ""
        return bool(words) and words in "".join(self._pieces.get(what, ()))

    def _call(self, item: Mapping[str, Any], said: Any) -> None:
        identity = item.get("call_id") or item.get("id") or f"call_{len(self._calls) + 1}"
        name = item.get("name")
        if isinstance(identity, str) and isinstance(name, str) and len(self._calls) < MOST_CALLS:
            self._calls[identity] = (name, said[:MOST_CHARACTERS] if isinstance(said, str) else "")

    def _end(self, response: Mapping[str, Any]) -> Iterator[Chunk]:
        """Yield what only the end shows.

        Raises:
            ServiceError: the service did not bring the reply to its end.
        """
        yield from self._name(response.get("model"))
        for place, item in enumerate(_objects(response.get("output"))):
            yield from self._item(item, place)
        yield from self._citing.chunks()
        if usage := usage_of(response, {}):
            yield usage
        if response.get("error") or response.get("status") == "failed":
            raise reported_error(response.get("error") or "")
        yield from self._beside()
        if self._aside and not self._has_reply and not self._calls:
            yield Text("".join(self._aside).strip())
        reason = self._reason(response)
        self.ended = self._has_finished = True
        yield Finish(reason, self.skipped_lines)
        if ending_of(reason) is Ending.BROKEN:
            raise broken_by_service("", reason, has_words=bool(self._said))

    def _reason(self, response: Mapping[str, Any]) -> str:
        why = _object(response.get("incomplete_details")).get("reason")
        if isinstance(why, str) and why:
            return why
        if response.get("status") in ("cancelled", "incomplete"):
            return str(response["status"])
        if self._is_refusal:
            return "refusal"
        return "tool_calls" if self._calls else "stop"

    def _beside(self) -> Iterator[Chunk]:
        """Yield the calls, or what came that is no text, in words."""
        what = []
        if self._pictures:
            what.append(f"{self._pictures} image{'s' * (self._pictures != 1)}")
        if not self._gives_calls:
            names = (" ".join(make_visible(name).split()) for name, _ in self._calls.values())
            what += [
                f"a call of {cut(name, _LONGEST_NAME)}" if name else "a call of a function" for name in names
            ]
        if what:
            yield Unshown(tuple(what))
        extra = told_back(self._thoughts, _MOST_EXTRA)
        for identity, (name, said) in self._calls.items() if self._gives_calls else ():
            yield ToolCall(identity, name, arguments_of([said]), extra)
            extra = ""

    def _name(self, model: Any) -> Iterator[Chunk]:
        name = shown_name(model) if model else ""
        if name and not self._named:
            self._named = name
            if name != self._asked:
                yield Named(name)


_BACK = ("type", "id", "summary", "encrypted_content")
"""What of a thought goes back to the service that had it."""


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _keys(identity: Any, place: Any) -> Keys:
    """Return what tells an item from others: its id, and its place."""
    found = (_text(identity), f"#{place}" if type(place) is int else "")
    return tuple(filter(None, found)) or ("?",)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
