"""Calls that a model wrote into its text, in the forms of the templates that are in use; and what is none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.tools.written import calls_in

OFFERED = {
    "lookup": {"type": "object", "properties": {"item": {"type": "string"}, "number": {"type": "integer"}}},
    "now": {"type": "object", "properties": {}},
}
TEA = [("lookup", {"item": "tea"})]
BOTH = [*TEA, ("lookup", {"item": "milk"})]
HERMES = '<tool_call>\n{"name": "lookup", "arguments": {"item": "tea"}}\n</tool_call>'

FORMS = {
    "Hermes": (HERMES, TEA),
    "Hermes, after words": (f"I will look.\n{HERMES}", TEA),
    "Hermes, two": (f"{HERMES}\n{HERMES.replace('tea', 'milk')}", BOTH),
    "Hermes, without its end": (HERMES.removesuffix("\n</tool_call>"), TEA),
    "Qwen": ("<tool_call>\n<function=lookup>\n<parameter=item>\ntea\n</parameter>\n</function>\n</tool_call>", TEA),
    "Qwen, a number": (
        "<tool_call>\n<function=lookup>\n<parameter=number>\n2\n</parameter>\n<parameter=item>\n3\n</parameter>\n</function>\n</tool_call>",
        [("lookup", {"number": 2, "item": "3"})],
    ),
    "Qwen, without what holds it": ("<function=lookup>\n<parameter=item>\ntea\n</parameter>\n</function>\n</tool_call>", TEA),
    "Llama": ('<function=lookup>{"item": "tea"}</function>', TEA),
    "Llama, JSON alone": ('{"type": "function", "name": "lookup", "parameters": {"item": "tea"}}', TEA),
    "Llama, its tag": ('<|python_tag|>{"name": "lookup", "parameters": {"item": "tea"}}', TEA),
    "Mistral, a list": ('[TOOL_CALLS] [{"name": "lookup", "arguments": {"item": "tea"}}]', TEA),
    "Mistral, two": ('[TOOL_CALLS]lookup[ARGS]{"item": "tea"}[TOOL_CALLS]lookup[ARGS]{"item": "milk"}', BOTH),
    "Kimi": (
        '<|tool_calls_section_begin|><|tool_call_begin|>functions.lookup:0<|tool_call_argument_begin|>{"item":"tea"}<|tool_call_end|><|tool_calls_section_end|>',
        TEA,
    ),
    "DeepSeek": ('<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>lookup<｜tool▁sep｜>{"item":"tea"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>', TEA),
    "DeepSeek R1": (
        '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>lookup\n```json\n{"item":"tea"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
        TEA,
    ),
    "DeepSeek V3.2": (
        '<｜DSML｜function_calls>\n<｜DSML｜invoke name="lookup">\n<｜DSML｜parameter name="item" string="true">tea</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
        TEA,
    ),
    "MiniMax": ('<minimax:tool_call>\n<invoke name="lookup">\n<parameter name="item">tea</parameter>\n</invoke>\n</minimax:tool_call>', TEA),
    "GLM": ("<tool_call>lookup\n<arg_key>item</arg_key>\n<arg_value>tea</arg_value>\n</tool_call>", TEA),
    "GLM, without arguments": ("<tool_call>now</tool_call>", [("now", {})]),
    "Granite": ('<|tool_call|>[{"name": "lookup", "arguments": {"item": "tea"}}]', TEA),
    "LFM": ('<|tool_call_start|>[{"name": "lookup", "arguments": {"item": "tea"}}]<|tool_call_end|>', TEA),
    "as the protocol has it": (
        '<tool_call>{"type": "function", "function": {"name": "lookup", "arguments": "{\\"item\\": \\"tea\\"}"}}</tool_call>',
        TEA,
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_call_is_read_in_the_form_of_its_template(form: str) -> None:
    text, calls = FORMS[form]
    assert [(name, json.loads(given)) for name, given in calls_in(text, OFFERED)] == calls


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lookup",
        'Use lookup {"item": 1}.',
        f"A call looks like this:\n```\n{HERMES}\n```",
        "Write `<tool_call>` first.",
        f"{HERMES} And that is how it is done.",
        HERMES.replace("lookup", "remove"),
        HERMES[:40],
        '{"label": "good"}',
        '{"name": "lookup"}',
        '[{"name": "lookup", "arguments": {}}, 1]',
        "<function=lookup>\n<parameter=item>\ntea",
        "<function=lookup>\n<parameter=item>",
        "<parameter=item>tea</parameter>",
        HERMES * 65,
    ],
)
def test_anything_else_is_text(text: str) -> None:
    assert calls_in(text, OFFERED) == []


TOKENS = [
    *("<tool_call>", "</tool_call>", "[TOOL_CALLS]", "<function=", "lookup", ">", '{"name": "lookup", '),
    *('"arguments": {}}', "<parameter=a>", "</parameter>", "<｜", "[", "{", '"', "x", " ", "\n", "```"),
    "<arg_key>a</arg_key><arg_value>",
]


@given(st.lists(st.sampled_from(TOKENS), max_size=40))
def test_whatever_stands_there_is_calls_of_what_was_offered_or_none(pieces: list[str]) -> None:
    assert {name for name, _ in calls_in("".join(pieces), OFFERED)} <= set(OFFERED)
