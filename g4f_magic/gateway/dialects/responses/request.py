"""A request of the Responses API as the body of a chat completion: nothing that it asks for is dropped unsaid. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.dialects.responses.items import messages_of
from g4f_magic.gateway.dialects.responses.kept import Item
from g4f_magic.gateway.dialects.responses.refused import not_taken, unsupported, wrong_type
from g4f_magic.gateway.dialects.responses.reply_form import format_of
from g4f_magic.gateway.dialects.responses.tools import tools_of

_OURS = frozenset(
    {
        "model",
        "input",
        "instructions",
        "stream",
        "previous_response_id",
        "store",
        "metadata",
        "max_output_tokens",
    }
    | {"tools", "tool_choice", "parallel_tool_calls", "text", "reasoning", "include"}
)
"""What is read here."""
_IDLE = frozenset(
    {"stream_options", "max_tool_calls", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"}
    | {"client_metadata"}
)
"""What changes nothing of a reply from here: bounds of tools that run at OpenAI, hints to its cache, its padding."""
_PLAIN: Mapping[str, tuple[Any, ...]] = {
    "background": (False,),
    "truncation": ("disabled",),
    "service_tier": ("auto", "default"),
    "top_logprobs": (0,),
    "conversation": (),
    "prompt": (),
    "context_management": ([],),
}
"""What the gateway has nothing for, and the values with which it asks for nothing."""
_WHY = {
    "background": "A reply comes while the client waits: use 'stream'.",
    "truncation": "The gateway shortens no conversation: send less of it.",
    "service_tier": "What stands behind the gateway has none.",
    "top_logprobs": "POST /v1/chat/completions has them.",
    "conversation": "Use 'previous_response_id', or send the items.",
    "prompt": "The gateway keeps no prompts: send its text.",
    "context_management": "The gateway shortens no conversation: send less of it.",
}
_CHATS = {
    "messages": "input",
    "functions": "tools",
    "function_call": "tool_choice",
    "response_format": "text.format",
    "verbosity": "text.verbosity",
    "reasoning_effort": "reasoning.effort",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "logprobs": "/v1/chat/completions",
    "n": "/v1/chat/completions",
    "modalities": "/v1/chat/completions",
    "audio": "/v1/chat/completions",
}
"""Names of chat completions that this API does not have, and what to use."""
_INCLUDED = (
    *(
        "reasoning.encrypted_content",
        "message.input_image.image_url",
        "computer_call_output.output.image_url",
    ),
    *("file_search_call.results", "code_interpreter_call.outputs"),
    *("web_search_call.action.sources", "web_search_call.results"),
)
"""What a client may want with the items where there are such: nothing that would be missing here."""
NAMES = {
    "messages": "input",
    "response_format": "text.format",
    "verbosity": "text.verbosity",
    "reasoning_effort": "reasoning.effort",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
}
"""What a chat completion's parameters are called here."""


@dataclass(frozen=True, slots=True)
class ResponsesRequest(ChatRequest):
    """A conversation that came by this API."""

    asked: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The body as it came."""
    items: tuple[Item, ...] = field(default=(), repr=False)
    """What was said so far, by the responses before it, too."""


def completion_of(asked: Mapping[str, Any], items: Sequence[Item]) -> dict[str, Any]:
    """Return the body of the chat completion that asks for the same.

    Raises:
        RefusedError: it asks for what a chat completion, or the gateway, does not have.
    """
    further = _further(asked)
    _check_included(asked.get("include"))
    instructions = asked.get("instructions")
    if not isinstance(instructions, str | None):
        raise wrong_type("instructions", "a text", instructions)
    limit = asked.get("max_output_tokens")
    return {
        "model": asked["model"],
        "messages": messages_of(items, instructions or ""),
        **({} if limit is None else {"max_tokens": limit}),
        **_effort_of(asked.get("reasoning")),
        **format_of(asked.get("text")),
        **tools_of(asked),
        **further,
    }


def _further(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what goes on as it is: sampling, and what is a server's own."""
    for name, value in asked.items():
        if name in _CHATS:
            raise not_taken(
                name,
                f"In this API it is {_CHATS[name]}."
                if "/" not in _CHATS[name]
                else f"{_CHATS[name]} has it.",
            )
        if name in _PLAIN and value is not None and value not in _PLAIN[name]:
            raise not_taken(name, _WHY[name])
    read = _OURS | _IDLE | _PLAIN.keys()
    return {name: value for name, value in asked.items() if value is not None and name not in read}


def _effort_of(reasoning: Any) -> dict[str, Any]:
    if reasoning is None:
        return {}
    if not isinstance(reasoning, Mapping):
        raise wrong_type("reasoning", "an object", reasoning)
    return {"reasoning_effort": reasoning["effort"]} if reasoning.get("effort") else {}


def _check_included(include: Any) -> None:
    if include is not None and not isinstance(include, list):
        raise wrong_type("include", "a list", include)
    for one in include or ():
        if one == "message.output_text.logprobs":
            raise unsupported("include", one, _WHY["top_logprobs"])
        if one not in _INCLUDED:
            raise unsupported("include", one, "It is not known here.")
