"""A real model labels thirty reviews, each answer within the schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from g4f_magic import Chat
from g4f_magic.many.job import store_of
from g4f_magic.settings import Settings
from tests.model.llama import missing
from tests.optional import Optional

pandas = Optional("pandas")
pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.timeout(900),
    pytest.mark.heavy,
]
ADJECTIVES = ["Great", "Terrible", "Lovely", "Broken", "Solid", "Useless"]
THINGS = ["lamp", "chair", "phone", "book", "kettle"]
SCHEMA = "label: positive|negative"


async def test_it_labels_thirty_reviews_and_is_not_asked_again(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"text": [f"{one} {thing}." for thing in THINGS for one in ADJECTIVES]})
    settings = Settings(history=str(tmp_path / "history.sqlite"))
    chat = Chat("local", settings=settings, temperature=0.0, max_tokens=16)
    out = await chat.map(frame, "Review: {{text}} Positive or negative?", schema=SCHEMA, keep_going=True)
    answered = out[out["error"].isna()]
    assert len(out) == 30
    assert len(answered) >= 25
    assert set(answered["label"]) <= {"positive", "negative"}
    again = await chat.map(answered[["text"]], "Review: {{text}} Positive or negative?", schema=SCHEMA)
    assert list(again["seconds"]) == list(answered["seconds"])
    await store_of(settings).aclose()
    await chat.aclose()
