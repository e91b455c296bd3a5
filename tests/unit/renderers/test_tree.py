"""JSON that grows as a tree: each member once, however the text is cut, linear in the text."""

from __future__ import annotations

import json
import re
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.renderers.json_members import JsonMember, Members
from g4f_magic.renderers.tree import JsonView, TypedView
from g4f_magic.schemas import schema_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=6), one, max_size=4),
    max_leaves=12,
)
ROOTS = st.lists(VALUES, max_size=5) | st.dictionaries(st.text(max_size=6), VALUES, max_size=5)


def members_of(value: Any) -> list[tuple[str | None, Any]]:
    if isinstance(value, dict):
        first = next(iter(value.items()), ("", None))
        if first[0] in ("items", "value") and isinstance(first[1], list):
            return [(None, one) for one in first[1]]
        return list(value.items())
    return [(None, one) for one in value]


@given(value=ROOTS, cuts=st.lists(st.integers(0, 400), max_size=8), indent=st.sampled_from([None, 2]))
def test_how_the_text_is_cut_does_not_matter(value: Any, cuts: list[int], indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    members = Members()
    found: list[JsonMember] = []
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    for start, end in pairwise(places):
        found += members.feed(text[start:end])
    assert [(one.name, one.value()) for one in found] == members_of(value)


@given(value=ROOTS, cut=st.integers(0, 400))
def test_what_has_come_of_a_member_can_be_told(value: Any, cut: int) -> None:
    members = Members()
    members.feed(json.dumps(value)[:cut])
    member = members.open_member()
    if member is not None and member.text:
        member.value()


def shown(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", html))


def test_members_are_finished_once_and_the_open_one_grows() -> None:
    view = JsonView()
    finished: list[str] = []
    for piece in ('Sure:\n```json\n{"label": "go', 'od", "why": "it is fu', 'n", "n": [1, ', "2]}", "\n```"):
        view.feed(piece)
        finished.append(shown("".join(view.finished())))
        tail = shown(view.tail())
        if piece.startswith("od"):
            assert '"why": ' in tail
            assert "it is fu" in tail
    told = "|".join(finished)
    assert told.count('"label":') == told.count('"why":') == told.count('"n":') == 1


def test_items_of_many_are_the_members() -> None:
    view = TypedView(schema_of("[name, age: int]").json)
    view.feed('{"items": [{"name": "Ada", "age": 36}, {"name": "Gr')
    assert "Ada" in shown("".join(view.finished()))
    assert "Gr" in shown(view.tail())
    (part,) = view.parts('{"items": [{"name": "Ada", "age": 36}]}')
    assert json.loads(part.plain) == [{"name": "Ada", "age": 36}]


def test_a_typed_reply_with_words_around_it_is_shown_as_its_value() -> None:
    view = TypedView(schema_of("good|bad").json)
    assert view.parts('The answer: {"value": "good"}')[0].plain == '"good"'
    assert view.parts("good")[0].plain == '"good"'
    assert view.parts("I would rather not.")[0].plain == "I would rather not."
    assert not view.problem


@pytest.mark.parametrize(
    "reply", ['{"a": "<img src=x onerror=alert(1)>", "<b>": 1', '["<script>', '{"</div>":"']
)
def test_nothing_in_it_acts_while_it_grows(reply: str) -> None:
    view = JsonView()
    view.feed(reply)
    html = "".join(view.finished()) + view.tail()
    assert not re.search(r"<(?:img|script|b|/div>\")", html)
