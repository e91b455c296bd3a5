"""Turns, and turns with some of their fields changed; what a history is told of them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from g4f_magic.history import History, Identity
from g4f_magic.turn import Turn, steps_of
from g4f_magic.whereabouts import Surroundings

_numbers = itertools.count()
_ASKED = ("prompt", "system", "parameters")


def changed(turn: Turn, **fields: Any) -> Turn:
    """Return the turn with other fields, by the names that `Turn.plain` takes."""
    asked = {name: fields.pop(name) for name in _ASKED if name in fields}
    if {"reply", "reasoning"} & fields.keys():
        texts = {"reply": turn.reply, "reasoning": turn.reasoning}
        texts |= {name: fields.pop(name) for name in tuple(texts) if name in fields}
        fields["steps"] = steps_of(**texts)
    for name in ("provider", "model"):
        if name in fields:
            asked[name] = fields[name]
    return replace(turn, ask=replace(turn.ask, **asked), **fields)


def key_of(history: History, identity: Identity) -> str:
    """Return the key of a notebook that was seen like that."""
    return history.meet(identity, Surroundings()).key


def make_turn(slot: str = "", prompt: str = "Why?", **fields: object) -> Turn:
    """Return an open turn of its own id; an empty slot is its own, too."""
    identity = f"t{next(_numbers)}"
    values = {"provider": "koala", "model": "m", "started_at": 1.5, **fields}
    return Turn.plain(id=identity, slot=slot or identity, prompt=prompt, **values)  # type: ignore[arg-type]


def say(
    history: History, slot: str = "", reply: str = "Because.", conversation: str = "main", **fields: object
) -> Turn:
    """Keep a turn that begins and ends in the notebook `nb`, and return it."""
    turn = make_turn(slot, **fields)
    history.begin("nb", conversation, turn)
    done = changed(turn, reply=reply, status="done")
    history.settle(done)
    return done
