"""The items of a reply by the Responses API, as services really name, place and mark them: each is said once."""

from __future__ import annotations

from typing import Any

import pytest

from g4f_magic.chunks import Chunk
from g4f_magic.providers.responses import ResponsesReader
from tests.contract.providers.test_responses_api import CALL, told
from tests.contract.providers.turns import texts_of, thoughts_of


def piece(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "delta": text, **more}


def message(text: str, **more: Any) -> dict[str, Any]:
    parts = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "role": "assistant", "content": parts, **more}


def done(item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "response.output_item.done", "item": item, **more}


def added(item: dict[str, Any], place: int) -> dict[str, Any]:
    return {"type": "response.output_item.added", "item": {**item, "content": []}, "output_index": place}


def end(*output: dict[str, Any], kind: str = "completed") -> dict[str, Any]:
    return {"type": f"response.{kind}", "response": {"status": "completed", "output": [*output]}}


def read(*events: dict[str, Any]) -> list[Chunk]:
    reader = ResponsesReader(gives_calls=True)
    return [*reader.feed(told(*events)), *reader.close()]


REPEATED = {
    "a name of its own in each event": [
        *(piece("Hel", item_id="a", output_index=0), piece("lo", item_id="b", output_index=0)),
        *(done(message("Hello", id="c"), output_index=0), end(message("Hello", id="d"))),
    ],
    "no name and no place": [
        *(piece("Hel"), piece("lo"), done(message("Hello", id="c")), end(message("Hello", id="d"))),
    ],
    "a place that counts otherwise": [
        *(piece("Hello", item_id="a", output_index=3), done(message("Hello", id="a"), output_index=3)),
        end(message("Hello", id="a")),
    ],
    "whole items alone": [done(message("Hello", id="a"), output_index=0), end(message("Hello", id="a"))],
    "an end of another name": [piece("Hello", item_id="a", output_index=0), end(kind="done")],
}


@pytest.mark.parametrize("case", REPEATED)
def test_a_message_is_said_once(case: str) -> None:
    assert texts_of(read(*REPEATED[case])) == "Hello"


def test_calls_in_one_place_are_all_asked_for() -> None:
    calls = [{**CALL, "id": f"fc_{name}", "call_id": name} for name in "ab"]
    chunks = read(*(done(one, output_index=0) for one in calls), end(*calls))
    assert [one.id for one in chunks if hasattr(one, "arguments")] == ["a", "b"]


def spoken(text: str, place: int, **more: Any) -> list[dict[str, Any]]:
    item = message(text, id=f"m{place}", **more)
    return [
        added(item, place),
        piece(text, item_id=f"m{place}", output_index=place),
        done(item, output_index=place),
    ]


ASIDE = spoken("I will look.", 0, phase="commentary")
FINAL = spoken("Found.", 1, phase="final_answer")


@pytest.mark.parametrize("is_whole", [False, True])
def test_what_a_model_says_on_the_way_is_no_part_of_its_reply(is_whole: bool) -> None:
    items = [ASIDE[-1]["item"], FINAL[-1]["item"]]
    chunks = read(end(*items)) if is_whole else read(*ASIDE, *FINAL, end(*items))
    assert (thoughts_of(chunks), texts_of(chunks)) == ("I will look.", "Found.")


def test_what_was_said_on_the_way_is_the_reply_where_no_other_comes() -> None:
    assert texts_of(read(*ASIDE, end())) == "I will look."
    assert texts_of(read(*ASIDE, done(CALL, output_index=1), end())) == ""


def test_messages_stand_apart() -> None:
    assert texts_of(read(*spoken("One.", 0), *spoken("Two.", 1), end())) == "One.\n\nTwo."
    assert texts_of(read(end(message("One.", id="a"), message("Two.", id="b")))) == "One.\n\nTwo."
