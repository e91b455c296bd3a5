"""`/v1/responses`: what is read, refused and written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.dialects.dialect import Dialect, Incoming, WholeAnswer, Writer, read_messages
from g4f_magic.gateway.dialects.refusals import NO_JSON, error_answer, wanted
from g4f_magic.gateway.dialects.responses.items import items_of
from g4f_magic.gateway.dialects.responses.kept import Item, KeptResponses
from g4f_magic.gateway.dialects.responses.output import ResponseWriter
from g4f_magic.gateway.dialects.responses.refused import RefusedError, shown
from g4f_magic.gateway.dialects.responses.request import NAMES, ResponsesRequest, completion_of
from g4f_magic.gateway.unsupported import sampling_of

_PLACE = re.compile(r"\bmessages(?:\[\d+\]|\.\w+)*")
"""A place among a chat completion's messages."""
_OURS = ("unsupported_parameter", "unsupported_content")


class ResponsesDialect(Dialect):
    """OpenAI's newer API. `kept` are the responses that a request may go on from."""

    name = "responses"
    path = "/v1/responses"

    def __init__(self, kept: KeptResponses | None = None) -> None:
        self._kept = KeptResponses() if kept is None else kept

    def read(self, incoming: Incoming) -> ChatRequest | Refuse:
        asked = incoming.body
        if asked is None:
            return NO_JSON
        if not isinstance(asked.get("model"), str):
            return wanted(asked, "model", "the name of a model; empty for the gateway's own")
        try:
            items = (*self._before(asked), *items_of(asked, self._kept))
            body = completion_of(asked, items)
        except RefusedError as exc:
            return exc.refuse
        messages = read_messages(body["messages"])
        if messages is None:
            return wanted(asked, "input", "a text, or a list of items, at least one")
        parameters = {**sampling_of(body), "stream": bool(asked.get("stream"))}
        return ResponsesRequest(
            messages, asked["model"], parameters, is_binding=True, body=body, asked=asked, items=items
        )

    def writer(self, chat: ChatRequest) -> Writer:
        if not isinstance(chat, ResponsesRequest):
            raise TypeError("a request that another dialect read")
        return ResponseWriter(chat, self._kept)

    def answer(self, refuse: Refuse) -> WholeAnswer:
        return error_answer(_in_its_names(refuse))

    def _before(self, asked: Mapping[str, Any]) -> tuple[Item, ...]:
        """Return what was said by the response that the request goes on from, and before it."""
        identity = asked.get("previous_response_id")
        if identity is None:
            return ()
        kept = self._kept.get(identity) if isinstance(identity, str) else None
        if kept is None:
            message = (
                f"Previous response with id {shown(identity)} not found. The gateway keeps the newest ones in memory, "
                "unless 'store' is false. Send the items of the conversation."
            )
            code = "previous_response_not_found"
            raise RefusedError(Refuse(400, message, param="previous_response_id", code=code))
        return kept.items


def _in_its_names(refuse: Refuse) -> Refuse:
    """Return a refusal of a chat completion in the names of this API."""
    if refuse.param is None:
        return refuse
    param = NAMES.get(_PLACE.sub("messages", refuse.param), refuse.param)
    if refuse.code not in _OURS:
        return replace(refuse, param=param)
    message = _PLACE.sub(NAMES["messages"], refuse.message).replace(f"'{refuse.param}'", f"'{param}'")
    return replace(refuse, message=message, param=param)
