"""A reply that is kept: pickled, copied, stored by `%store`, written and read by others."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable

import pytest

from g4f_magic.messages import Citation, Usage
from g4f_magic.reply import ReplyText, _revived
from g4f_magic.turn import Turn

TURN = Turn.plain(
    id="t",
    slot="cell-1",
    prompt="Who?",
    reply="Koalas, ünï 🦊",
    status="done",
    provider="g4f:Blackbox",
    model="m",
    started_at=1.0,
    usage=Usage(1, 2),
    citations=(Citation("https://example.com", "A"),),
)


@pytest.mark.parametrize(
    "kept",
    [
        copy.copy,
        copy.deepcopy,
        *(lambda one, n=n: pickle.loads(pickle.dumps(one, n)) for n in range(pickle.HIGHEST_PROTOCOL + 1)),
        lambda one: pickle.loads(pickle.dumps({"rows": [one, one]}))["rows"][1],
    ],
)
def test_a_reply_survives_with_its_provider_and_turn(kept: Callable[[ReplyText], ReplyText]) -> None:
    reply = kept(ReplyText(TURN))
    assert type(reply) is ReplyText
    assert (reply, reply.provider, reply.model, reply.turn) == (TURN.reply, "g4f:Blackbox", "m", TURN)


def test_a_reply_of_another_version_is_read() -> None:
    before = {"id": "t", "slot": "s", "prompt": "p", "provider": "koala", "model": "", "started_at": 1.0}
    reply = _revived({**before, "reply": "Hi", "of_a_later_version": 5})
    assert (reply, reply.provider, reply.turn.usage) == ("Hi", "koala", None)


def test_a_reply_is_text_for_others() -> None:
    assert json.loads(json.dumps({"reply": ReplyText(TURN)})) == {"reply": TURN.reply}
    assert {TURN.reply: 1}[ReplyText(TURN)] == 1
