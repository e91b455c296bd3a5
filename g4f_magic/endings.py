"""Why a reply ended: the services' own words for it, by what they mean. No I/O.

Sources, read in November 2026: the references of OpenAI, Azure, Anthropic, Gemini and Vertex, Bedrock, Cohere, Mistral,
DeepSeek, Zhipu, Moonshot, DashScope, OpenRouter, Groq, xAI, Perplexity, Together, Fireworks; the sources of vLLM,
SGLang, text-generation-inference, llama.cpp and Ollama. `docs/services.md` has the table for people.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

from g4f_magic.secret import cut
from g4f_magic.visible import make_visible

_MOST_CHARACTERS = 60


class Ending(Enum):
    """What a reason means for the person."""

    PLAIN = "plain"
    """The model had said what it wanted to say."""
    LIMIT = "limit"
    """Cut: the tokens allowed for a reply, or those that the model can hold, were used up."""
    FILTER = "filter"
    """Held back by the service's filter, in part or whole."""
    REFUSAL = "refusal"
    """The model would not answer."""
    BROKEN = "broken"
    """The service could not go on: the reply is no whole one."""
    TOOL = "tool"
    """The model wants a function called before it goes on."""
    UNKNOWN = "unknown"
    """A word that is not known here."""


_SPELLINGS = {
    Ending.PLAIN: """
        stop stopped end end_turn eos eos_token eos_found stop_token stop_token_id stop_sequence stop_string stop_str
        stop_word complete completed completion finish finished done success normal ok matched_stop
        finish_reason_stop end_of_text end_of_sequence
        """,
    Ending.LIMIT: """
        length max_tokens max_token max_length max_output_tokens max_new_tokens max_completion_tokens model_length
        model_context_window_exceeded context_length_exceeded context_length context_window context_full
        token_limit limit error_limit output_limit length_limit truncated incomplete_length
        """,
    Ending.FILTER: """
        content_filter content_filtered filter filtered safety recitation blocklist prohibited_content spii
        image_safety image_prohibited_content image_recitation language sensitive risk moderation moderated
        guardrail guardrails guardrail_intervened guardrail_triggered content_blocked blocked error_toxic model_armor
        jailbreak flagged policy_violation content_policy_violation data_inspection_failed
        """,
    Ending.REFUSAL: "refusal refused",
    Ending.BROKEN: """
        error errored failed failure abort aborted cancel canceled cancelled user_cancel timeout timed_out time_limit
        network_error insufficient_system_resource insufficient_resources resource_exhausted server_error
        internal_error internal_server_error overloaded service_unavailable rate_limit rate_limit_exceeded
        malformed_response malformed_model_output malformed_function_call malformed_tool_call malformed_tool_use
        unexpected_tool_call too_many_tool_calls missing_thought_signature disconnect disconnected preempted
        engine_overloaded overloaded_error priority_preempted user_interrupted
        """,
    Ending.TOOL: """
        tool_calls tool_call tool_use tool function_call function_calls functions call_tool
        """,
}
_ENDINGS = {word: ending for ending, words in _SPELLINGS.items() for word in words.split()}
_NOTHING = frozenset(
    {"", "null", "none", "unspecified", "unknown", "finish_reason_unspecified", "not_finished", "in_progress"}
)
"""What some send as long as the reply goes on."""

_WORDS = {
    Ending.LIMIT: "cut at the length limit",
    Ending.FILTER: "held back by the service's filter",
    Ending.REFUSAL: "the model refused",
    Ending.BROKEN: "broken off by the service",
    Ending.TOOL: "asked for a tool",
}


def ending_of(reason: str | None) -> Ending:
    """Return what a service's reason means; of none at all, a plain end."""
    if reason is None:
        return Ending.PLAIN
    name = _normal(reason)
    if name in _NOTHING:
        return Ending.PLAIN
    # Some add why: "content_filter: PROHIBITED_CONTENT"; some the type: "FinishReason.MAX_TOKENS".
    first, *others = [part.strip("_") for part in re.split(r"[^a-z_]+", name)]
    tried = (name, first, *others[-1:], name.removeprefix("finish_reason_"))
    return next((_ENDINGS[word] for word in tried if word in _ENDINGS), Ending.UNKNOWN)


def words_of(reason: str | None) -> str:
    """Return in words how a reply ended that did not end plainly; empty for one that did.

    A reason that is not known stands as the service wrote it, made one short line.
    """
    ending = ending_of(reason)
    if ending is Ending.UNKNOWN:
        return f"ended with “{reason}”"
    return _WORDS.get(ending, "")


def is_cut(reason: str | None) -> bool:
    """Say whether a reply that ended so is only the beginning of one: its code is none to run."""
    return ending_of(reason) in (Ending.LIMIT, Ending.FILTER, Ending.BROKEN)


def reason_in(choice: dict[str, Any]) -> str | None:
    """Return the reason that a service gives, whatever it calls it; None where it gives none (yet).

    It may be an object with the word in it (SGLang). OpenRouter sends its own word and, as `native_finish_reason`,
    that of the service behind it, which counts where only it says that the end was not plain.
    """
    given = next(
        (
            found
            for name in ("finish_reason", "finishReason", "stop_reason", "done_reason")
            if (found := _text_of(choice.get(name)))
        ),
        None,
    )
    native = _text_of(choice.get("native_finish_reason"))
    if (
        native
        and ending_of(given) is Ending.PLAIN
        and ending_of(native) not in (Ending.PLAIN, Ending.UNKNOWN)
    ):
        return native
    return given


def openai_name(reason: str | None) -> str:
    """Return a reason in the words of OpenAI's protocol, for those who speak that and nothing else."""
    match ending_of(reason):
        case Ending.LIMIT:
            return "length"
        case Ending.FILTER:
            return "content_filter"
        case Ending.TOOL:
            return "function_call" if reason == "function_call" else "tool_calls"
        case Ending.PLAIN | Ending.REFUSAL | Ending.BROKEN | Ending.UNKNOWN:
            return "stop"


def _text_of(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next(
            (value[name] for name in ("type", "reason", "name") if isinstance(value.get(name), str)), None
        )
    if not isinstance(value, str) or _normal(value) in _NOTHING:
        return None
    line = " ".join(make_visible(value).split())
    return cut(line, _MOST_CHARACTERS)


def _normal(reason: str) -> str:
    """Return a reason in one spelling: `MaxTokens`, `MAX_TOKENS` and `max-tokens` are one word."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", reason.strip()[:200])
    return re.sub(r"[\s-]+", "_", snake).lower()
