"""FreeNetfly: OpenAI's chat completions with an access code before them."""

from __future__ import annotations

from dataclasses import replace

from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.dialects.dialect import Incoming, WholeAnswer, json_answer
from g4f_magic.gateway.dialects.openai import OpenAIDialect


class FreeNetflyDialect(OpenAIDialect):
    """What free.netfly.top spoke: OpenAI's chunks, usage always, and 401 in a form of its own."""

    name = "freenetfly"
    path = "/api/openai/v1/chat/completions"
    origin = "https://free.netfly.top"

    def __init__(self, *, needs_code: bool = False) -> None:
        self._needs_code = needs_code

    def read(self, incoming: Incoming) -> ChatRequest | Refuse:
        code = incoming.headers.get("authorization", "").removeprefix("Bearer ")
        if self._needs_code and not code.startswith("nk-"):
            return Refuse(401, "please go login" if not code else "wrong access code")
        asked = OpenAIDialect.read(self, incoming)
        if isinstance(asked, Refuse):
            return asked
        counts = {"stream_options": {"include_usage": True}} if asked.parameters["stream"] else {}
        # Its clients name one of two models, whoever answers.
        return replace(
            asked,
            parameters={**asked.parameters, "include_usage": True},
            is_binding=False,
            body={**asked.body, **counts},
        )

    def answer(self, refuse: Refuse) -> WholeAnswer:
        if refuse.status in (401, 403):
            return json_answer(refuse, {"error": True, "msg": refuse.message})
        return OpenAIDialect.answer(self, refuse)
