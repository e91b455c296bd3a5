"""A typed reply in the panel: the tree that a cell shows, while it comes, at its end, and later."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from g4f_magic.chunks import Text, Unfit
from g4f_magic.panel.rendering import RenderedCache, growing_of
from g4f_magic.panel.streaming import StreamingReply
from g4f_magic.panel.typed import GrowingTree
from g4f_magic.schemas import schema_of
from g4f_magic.turn import Turn
from tests.injections import HTML
from tests.panel.heard import until

SCHEMA = dict(schema_of("label: good|bad, why: str").json)
FITS = '{"label": "good", "why": "the soup"}'


def turn(reply: str, status: Any = "done") -> Turn:
    made = Turn.plain(id="1", slot="", prompt="p", provider="x", model="", started_at=0, reply=reply)
    return replace(made, ask=replace(made.ask, schema=SCHEMA), status=status)


def test_it_grows_as_a_tree_and_ends_as_one() -> None:
    growing = growing_of(turn(""), remote_images=False)
    assert isinstance(growing, GrowingTree)
    for piece in ('{"label": "go', 'od", "why": "the s'):
        assert growing.feed(piece) == []
    assert '<div>"label": "good"</div>' in growing.tail()
    assert '<div>"why": "the s"</div>' in growing.tail()
    assert growing.text == '{"label": "good", "why": "the s'
    stay, (html,) = growing.end(FITS)
    assert stay == 0
    assert "<details open><summary>{2 keys}" in html


def test_a_turn_of_before_is_shown_as_a_tree() -> None:
    (html,), _ = RenderedCache().blocks(turn(FITS), remote_images=False)
    assert "<details open>" in html


def test_what_does_not_fit_is_shown_as_it_came() -> None:
    (html,), _ = RenderedCache().blocks(turn("**no** JSON", "failed"), remote_images=False)
    assert "<pre" in html
    assert "**no** JSON" in html


@pytest.mark.parametrize("text", HTML.values(), ids=HTML)
def test_nothing_in_it_acts(text: str) -> None:
    reply = json.dumps({"label": "good", "why": text})
    growing = growing_of(turn(""), remote_images=False)
    growing.feed(reply)
    shown = growing.tail() + "".join(growing.end(reply)[1])
    assert set(re.findall(r"<([a-z]+)", shown)) <= {"div", "details", "summary", "pre", "span"}


async def test_another_answer_takes_the_place_of_one_that_does_not_fit() -> None:
    said: list[Any] = []
    ended: list[Any] = []
    reply = StreamingReply(
        turn("", "open"),
        asyncio.get_running_loop(),
        say=said.append,
        done=lambda *one: ended.append(one),
        remote_images=False,
    )
    reply.take(Text('{"label": "meh"'))
    await until(lambda: said)
    reply.take(Unfit("label: wrong"))
    reply.take(Text('{"label": "good"'))
    await until(lambda: "good" in said[-1].get("tail", ""))
    assert "meh" not in said[-1]["tail"]
    assert said[-1]["at"] == 0
    assert any("asking once more" in one.get("note", "") for one in said)
    reply.settle(turn(FITS))
    await until(lambda: ended)
    _, _, at, (html,) = ended[0]
    assert at == 0
    assert "<details open>" in html
