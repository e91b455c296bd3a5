"""A reply told in the Responses API: as typed events in their order, or as one response. No I/O but for the clock.

What is said becomes items: the model's message, its thoughts, its calls. Of each a stream tells that it is there, each
piece of it, and how it is as a whole; a piece of another kind closes it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from g4f_magic.chunks import Finish, ToolCall
from g4f_magic.endings import Ending, ending_of
from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.dialects.dialect import Writer, compact
from g4f_magic.gateway.dialects.refusals import error_body
from g4f_magic.gateway.dialects.responses.growing import RAW, SUMMARY, TEXT, Event, Form, Growing, new_id
from g4f_magic.gateway.dialects.responses.items import sealed
from g4f_magic.gateway.dialects.responses.kept import KeptResponses
from g4f_magic.gateway.dialects.responses.request import ResponsesRequest
from g4f_magic.gateway.dialects.responses.tools import Calls
from g4f_magic.messages import Citation, Usage

_REASONS = {Ending.LIMIT: "max_output_tokens", Ending.FILTER: "content_filter"}
"""Why a reply is incomplete."""
_ECHOED: Mapping[str, Any] = {
    "background": False,
    "include": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": None,
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": None,
    "truncation": "disabled",
    "user": None,
}
"""What a response repeats of its request, and what it says where the request says nothing."""


class ResponseWriter(Writer):
    """Writes one reply. Where it is kept, others can go on from it."""

    def __init__(self, chat: ResponsesRequest, kept: KeptResponses) -> None:
        self._chat = chat
        self._kept = kept
        self._is_stream = bool(chat.parameters["stream"])
        self.headers = _EVENTS if self._is_stream else _JSON
        self._response = _response_of(chat)
        self._output: list[dict[str, Any]] = self._response["output"]
        self._growing: Growing | None = None
        self._thoughts = SUMMARY if _wants_summary(chat.asked) else RAW
        self._calls = Calls(chat.asked)
        self._sequence = 0
        self._is_begun = False

    def begin(self) -> bytes:
        return self._told(())

    def named(self, model: str) -> bytes:
        self._response["model"] = model
        return b""

    def text(self, text: str) -> bytes:
        return self._told(self._say(TEXT, text))

    def reasoning(self, text: str) -> bytes:
        return self._told(self._say(self._thoughts, text))

    def call(self, call: ToolCall) -> bytes:
        return self._told(self._call(call))

    def citations(self, citations: Sequence[Citation]) -> bytes:
        growing = self._growing
        if growing is None or growing.form is not TEXT:
            return b""
        return self._told(growing.cited(citations))

    def usage(self, usage: Usage) -> bytes:
        asked, said = usage.prompt_tokens or 0, usage.completion_tokens or 0
        self._response["usage"] = {
            "input_tokens": asked,
            "input_tokens_details": {"cached_tokens": usage.cached_tokens or 0},
            "output_tokens": said,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
            "total_tokens": asked + said,
        }
        return b""

    def ping(self) -> bytes:
        """Return an event that changes nothing: Codex does not count a comment as a sign of life.

        Within an item that is an empty piece of it, for some clients take a response in an event for all there is.
        """
        alive = self._of_response("in_progress") if self._growing is None else self._growing.grown("")
        return self._told([alive] if self._is_begun else ())

    def rethought(self) -> bytes:
        if self._is_stream:
            return super().rethought()
        self._close("completed")
        thoughts = self._thoughts
        for place, item in enumerate(self._output):
            if item["type"] == "message":
                parts = [thoughts.part_of(part["text"]) for part in item["content"]]
                self._output[place] = thoughts.item_of(new_id(thoughts.prefix), "completed", parts)
        return b""

    def end(self, finish: Finish) -> bytes:
        told = self._told(self._end(finish))
        return told if self._is_stream else compact(self._response).encode()

    def error(self, refuse: Refuse) -> bytes | None:
        return self._told(self._fail(refuse)) if self._is_stream else None

    def _end(self, finish: Finish) -> Iterator[Event]:
        reason = _REASONS.get(ending_of(finish.reason))
        status = "incomplete" if reason else "completed"
        yield from self._close(status)
        self._response |= {"status": status, "completed_at": None if reason else int(time.time())}
        self._response["incomplete_details"] = {"reason": reason} if reason else None
        if self._response["store"] is not False:
            self._kept.keep(self._response, self._chat.items)
        yield self._of_response(status)

    def _fail(self, refuse: Refuse) -> Iterator[Event]:
        error = error_body(refuse)["error"]
        yield from self._close("incomplete")
        self._response |= {"status": "failed", "error": {"code": error["code"], "message": error["message"]}}
        yield self._of_response("failed")

    def _say(self, form: Form, text: str) -> Iterator[Event]:
        if self._growing is None or self._growing.form is not form:
            yield from self._close("completed")
            self._growing = Growing(form, len(self._output))
            yield from self._growing.begun()
        yield self._growing.grown(text)

    def _close(self, status: str) -> list[Event]:
        growing, self._growing = self._growing, None
        if growing is None:
            return []
        self._output.append(growing.whole(status))
        return list(growing.ended(status))

    def _call(self, call: ToolCall) -> Iterator[Event]:
        yield from self._close("completed")
        if call.extra:
            thought = {
                "id": new_id("rs"),
                "type": "reasoning",
                "summary": [],
                "encrypted_content": sealed(call.extra),
            }
            yield from self._at_once(thought, thought, [])
        said = self._calls.item_of(call.name, call.arguments)
        prefix, field, name = _CALLS[said["type"]]
        item = {"id": new_id(prefix), "status": "completed", "call_id": call.id, **said}
        place = {"item_id": item["id"], "output_index": len(self._output)}
        piece = {"type": f"{name}.delta", **place, "delta": said[field]}
        done = {"type": f"{name}.done", **place, "name": said["name"], field: said[field]}
        yield from self._at_once({**item, "status": "in_progress", field: ""}, item, [piece, done])

    def _at_once(self, begun: dict[str, Any], item: dict[str, Any], between: list[Event]) -> Iterator[Event]:
        """Yield what is told of an item that came as a whole."""
        index = len(self._output)
        self._output.append(item)
        yield {"type": "response.output_item.added", "output_index": index, "item": begun}
        yield from between
        yield {"type": "response.output_item.done", "output_index": index, "item": item}

    def _of_response(self, what: str) -> Event:
        return {"type": f"response.{what}", "response": self._response}

    def _told(self, events: Iterable[Event]) -> bytes:
        """Return the events as they are sent, behind those that begin a reply; of one that goes out at once nothing yet."""
        begun = () if self._is_begun else (self._of_response("created"), self._of_response("in_progress"))
        self._is_begun = True
        sent = [self._sent(event) for event in chain(begun, events)]
        return "".join(sent).encode() if self._is_stream else b""

    def _sent(self, event: Event) -> str:
        numbered = {**event, "sequence_number": self._sequence}
        self._sequence += 1
        return f"event: {event['type']}\ndata: {compact(numbered)}\n\n" if self._is_stream else ""


_JSON: Mapping[str, str] = {"Content-Type": "application/json"}
_EVENTS: Mapping[str, str] = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
_CALLS = {
    "function_call": ("fc", "arguments", "response.function_call_arguments"),
    "custom_tool_call": ("ctc", "input", "response.custom_tool_call_input"),
}
"""By the type of a call: how its ids begin, where its words stand, and what their events are called."""


def _response_of(chat: ResponsesRequest) -> dict[str, Any]:
    asked = chat.asked
    echoed = {name: other if asked.get(name) is None else asked[name] for name, other in _ECHOED.items()}
    reasoning, text = asked.get("reasoning") or {}, asked.get("text") or {}
    return {
        "id": new_id("resp"),
        "object": "response",
        "created_at": int(time.time()),
        "completed_at": None,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": chat.model,
        "output": [],
        **echoed,
        "reasoning": {"effort": None, "summary": None, **reasoning},
        "text": {"format": {"type": "text"}, **text},
        "usage": None,
    }


def _wants_summary(asked: Mapping[str, Any]) -> bool:
    """Say whether thoughts are to stand where summaries do: clients that ask for these show nothing else."""
    reasoning = asked.get("reasoning") or {}
    return bool(reasoning.get("summary") or reasoning.get("generate_summary"))
