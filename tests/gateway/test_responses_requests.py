"""What the Responses API asks, as a chat completion; and what is refused, by its name in this API."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.dialects import Incoming, KeptResponses, ResponsesDialect
from g4f_magic.gateway.dialects.responses.items import sealed

USER = {"role": "user", "content": "Hi"}
CALL = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}
RESULT = {"type": "function_call_output", "call_id": "c1", "output": "4"}
CALLED = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TOLD = {"role": "tool", "tool_call_id": "c1", "content": "4"}
SAID = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hm."}]}
THOUGHT = {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "so"}]}
SEALED = {
    "type": "reasoning",
    "summary": [],
    "encrypted_content": sealed('{"thoughts": "reasoning_content"}'),
}
FUNCTION = {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": True}
OFFERED = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}, "strict": True}}


def asked(**given: Any) -> ChatRequest | Refuse:
    body = {"model": "m", "input": "Hi", **given}
    return ResponsesDialect().read(Incoming("/v1/responses", {}, body))


def body_of(**given: Any) -> dict[str, Any]:
    found = asked(**given)
    assert isinstance(found, ChatRequest), found
    return dict(found.body)


MESSAGES: dict[str, tuple[Any, list[Any]]] = {
    "a text": ("Hi", [USER]),
    "a message without a type": ([USER], [USER]),
    "one text part": ([{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}], [USER]),
    "a picture": (
        [{"role": "user", "content": [{"type": "input_image", "image_url": "data:,", "detail": "low"}]}],
        [
            {
                "role": "user",
                "content": [{"type": "image_url", "image_url": {"url": "data:,", "detail": "low"}}],
            }
        ],
    ),
    "a file": (
        [{"role": "user", "content": [{"type": "input_file", "filename": "a.pdf", "file_data": "data:,"}]}],
        [
            {
                "role": "user",
                "content": [{"type": "file", "file": {"filename": "a.pdf", "file_data": "data:,"}}],
            }
        ],
    ),
    "several that begin": (
        [{"role": "developer", "content": [{"type": "input_text", "text": one} for one in "ab"]}, USER],
        [{"role": "system", "content": "Be.\n\na\n\nb"}, USER],
    ),
    "one in between": (
        [USER, {"role": "developer", "content": "Now"}],
        [{"role": "system", "content": "Be."}, USER, {"role": "system", "content": "Now"}],
    ),
    "a refusal": (
        [USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "No"}]}, USER],
        [USER, {"role": "assistant", "content": "No"}, USER],
    ),
    "a call": (
        [USER, CALL, RESULT],
        [USER, {"role": "assistant", "content": None, "tool_calls": [CALLED]}, TOLD],
    ),
    "a call with words before or behind": (
        [USER, SAID, CALL, RESULT, CALL, SAID, RESULT],
        [USER, *[{"role": "assistant", "content": "Hm.", "tool_calls": [CALLED]}, TOLD] * 2],
    ),
    "two calls at once": (
        [USER, CALL, CALL | {"call_id": "c2"}, RESULT, RESULT | {"call_id": "c2"}],
        [
            USER,
            {"role": "assistant", "content": None, "tool_calls": [CALLED, CALLED | {"id": "c2"}]},
            *(TOLD, TOLD | {"tool_call_id": "c2"}),
        ],
    ),
    "thoughts that nobody wants back": (
        [USER, THOUGHT, CALL, RESULT],
        [USER, {"role": "assistant", "content": None, "tool_calls": [CALLED]}, TOLD],
    ),
    "thoughts that the service wants back": (
        [USER, THOUGHT, SEALED, CALL, RESULT],
        [
            USER,
            {"role": "assistant", "content": None, "reasoning_content": "so", "tool_calls": [CALLED]},
            TOLD,
        ],
    ),
    "another service's thoughts": (
        [USER, THOUGHT | {"encrypted_content": "gAAAAAB"}, SAID, USER],
        [USER, {"role": "assistant", "content": "Hm."}, USER],
    ),
    "a call of a custom tool": (
        [
            *(USER, {"type": "custom_tool_call", "call_id": "c1", "name": "f", "input": "é"}),
            {
                "type": "custom_tool_call_output",
                "call_id": "c1",
                "output": [{"type": "input_text", "text": "4"}],
            },
        ],
        [
            USER,
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [CALLED | {"function": {"name": "f", "arguments": '{"input": "é"}'}}],
            },
            TOLD,
        ],
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_items_become_messages(case: str) -> None:
    items, messages = MESSAGES[case]
    given = {"instructions": "Be."} if messages[0]["role"] == "system" else {}
    assert body_of(input=items, **given)["messages"] == messages


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (
            {"max_output_tokens": 9, "temperature": 0, "top_p": 1},
            {"max_tokens": 9, "temperature": 0, "top_p": 1},
        ),
        ({"reasoning": {"effort": "low", "summary": "auto"}}, {"reasoning_effort": "low"}),
        ({"text": {"format": {"type": "text"}, "verbosity": "low"}}, {"verbosity": "low"}),
        ({"text": {"format": {"type": "json_object"}}}, {"response_format": {"type": "json_object"}}),
        (
            {"text": {"format": {"type": "json_schema", "name": "s", "schema": {}, "strict": True}}},
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "s", "schema": {}, "strict": True},
                }
            },
        ),
        ({"tools": [FUNCTION], "tool_choice": "required"}, {"tools": [OFFERED], "tool_choice": "required"}),
        (
            {
                "tools": [FUNCTION],
                "tool_choice": {"type": "function", "name": "f"},
                "parallel_tool_calls": False,
            },
            {
                "tools": [OFFERED],
                "tool_choice": {"type": "function", "function": {"name": "f"}},
                "parallel_tool_calls": False,
            },
        ),
        (
            {
                "tools": [FUNCTION, FUNCTION | {"name": "g"}],
                "tool_choice": {
                    "type": "allowed_tools",
                    "mode": "auto",
                    "tools": [{"type": "function", "name": "f"}],
                },
            },
            {"tools": [OFFERED], "tool_choice": "auto"},
        ),
        (
            {"tools": [{"type": "namespace", "name": "n", "description": "Ours", "tools": [FUNCTION]}]},
            {
                "tools": [
                    {
                        "type": "function",
                        "function": {**OFFERED["function"], "name": "n__f", "description": "Ours"},
                    }
                ]
            },
        ),
        ({"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}, {}),
        (
            {
                "store": False,
                "metadata": {"a": "b"},
                "prompt_cache_key": "k",
                "include": None,
                "truncation": "disabled",
            },
            {},
        ),
        ({"include": ["reasoning.encrypted_content"], "stream_options": {"include_obfuscation": False}}, {}),
        ({"background": False, "conversation": None, "service_tier": "auto", "top_logprobs": 0}, {}),
        ({"guided_regex": "[a-z]", "user": "u"}, {"guided_regex": "[a-z]", "user": "u"}),
    ],
    ids=str,
)
def test_what_is_asked_for_goes_on_by_the_names_of_a_chat_completion(given: Any, sent: Any) -> None:
    assert body_of(**given) == {"model": "m", "messages": [USER], **sent}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"input": None}, "input"),
    ({"input": []}, "input"),
    ({"input": ["Hi"]}, "input[0]"),
    ({"input": [{"role": "tool", "content": "4"}]}, "input[0].role"),
    ({"input": [{"role": "user"}]}, "input[0].content"),
    ({"input": [{"role": "user", "content": [{"type": "video"}]}]}, "input[0].content[0].type"),
    (
        {"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]},
        "input[0].content[0].file_id",
    ),
    (
        {"input": [{"role": "user", "content": [{"type": "input_file", "file_url": "u"}]}]},
        "input[0].content[0].file_url",
    ),
    ({"input": [{"type": "web_search_call", "id": "ws"}]}, "input[0].type"),
    ({"input": [USER, {"type": "item_reference", "id": "msg_1"}]}, "input[1]"),
    ({"input": [USER, {"id": "msg_1"}]}, "input[1]"),
    ({"input": [RESULT]}, "input[0]"),
    ({"input": [{**CALL, "arguments": {}}]}, "input[0].arguments"),
    ({"model": 4}, "model"),
    ({"instructions": 4}, "instructions"),
    ({"previous_response_id": "resp_1"}, "previous_response_id"),
    ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
    ({"tools": [OFFERED]}, "tools[0].name"),
    ({"tools": [FUNCTION], "tool_choice": {"type": "file_search"}}, "tool_choice.type"),
    ({"tools": [FUNCTION], "tool_choice": "any"}, "tool_choice"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
    ({"text": {"format": {"type": "json_schema", "name": "s"}}}, "text.format.schema"),
    ({"reasoning": "low"}, "reasoning"),
    ({"include": ["message.output_text.logprobs"]}, "include"),
    ({"include": ["all"]}, "include"),
    ({"background": True}, "background"),
    ({"conversation": "conv_1"}, "conversation"),
    ({"prompt": {"id": "pmpt_1"}}, "prompt"),
    ({"truncation": "auto"}, "truncation"),
    ({"top_logprobs": 3}, "top_logprobs"),
    ({"messages": [USER]}, "messages"),
    ({"n": 2}, "n"),
    ({"max_tokens": 9}, "max_tokens"),
]


@pytest.mark.parametrize(("given", "param"), REFUSED, ids=str)
def test_what_cannot_be_done_is_refused_by_its_name(given: dict[str, Any], param: str) -> None:
    found = asked(**given)
    assert isinstance(found, Refuse)
    assert found.param == param
    assert f"'{param}'" in found.message or "not found" in found.message or "No tool call" in found.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "name", "id", "x"]), inner)
    ),
    max_leaves=6,
)
PLACES = [
    "input",
    "tools",
    "tool_choice",
    "text",
    "reasoning",
    "include",
    "instructions",
    "previous_response_id",
]
KINDS = [
    "message",
    "function_call",
    "function_call_output",
    "reasoning",
    "custom_tool_call",
    "item_reference",
]
ITEM = st.fixed_dictionaries(
    {"type": st.sampled_from(KINDS)},
    optional=dict.fromkeys(
        ("role", "content", "call_id", "name", "output", "summary", "encrypted_content"), JSON
    ),
)


@given(st.dictionaries(st.sampled_from(PLACES), JSON), st.none() | st.lists(ITEM, max_size=4))
def test_whatever_comes_is_read_or_refused(given: dict[str, Any], items: Any) -> None:
    given = given if items is None else {**given, "input": items}
    assert isinstance(asked(**given), ChatRequest | Refuse)


def response(number: int, text: str = "Hi") -> dict[str, Any]:
    return {"id": f"resp_{number}", "output": [{"id": f"msg_{number}", "content": text}]}


def test_the_oldest_responses_are_forgotten_with_what_they_said() -> None:
    kept = KeptResponses(most_responses=2)
    for number in range(3):
        kept.keep(response(number), [USER])
    assert [kept.get(f"resp_{number}") is None for number in range(3)] == [True, False, False]
    assert [kept.item(f"msg_{number}") is None for number in range(3)] == [True, False, False]
    assert (kept.forget("resp_1"), kept.forget("resp_1"), kept.item("msg_1")) == (True, False, None)


def test_long_conversations_are_kept_within_a_bound() -> None:
    kept = KeptResponses(most_characters=10_000)
    for number in range(9):
        kept.keep(response(number), [{"role": "user", "content": "a" * 3_000}])
    assert [number for number in range(9) if kept.get(f"resp_{number}")] == [6, 7, 8]
    kept.keep(response(9), [{"role": "user", "content": "a" * 30_000}])
    assert kept.get("resp_9") is None
