"""One line of a cassette: written, read back, and refused where it is not what was written."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.cassette.entry import Entry, failure_json
from g4f_magic.cassette.entry_line import from_line, outline, to_line
from g4f_magic.cassette.index import Index
from g4f_magic.cassette.key import Asked, recordable, said
from g4f_magic.chunks import (
    Chunk,
    Citations,
    Finish,
    Named,
    Reasoning,
    Rethought,
    Served,
    Text,
    Unshown,
    Usage,
)
from g4f_magic.context import Exchange
from g4f_magic.errors import ChatError, InputError, RateLimitError, ResponseStatusError, ServiceError
from g4f_magic.messages import Citation

ASKED = Asked(provider="koala", prompt="Hello", system="Be brief.", parameters={"temperature": 0.2})
ENTRY = Entry(
    asked=ASKED,
    chunks=((400, Text("Hel")), (12, Text("lo")), (0, Finish("stop"))),
    answering="koala",
    answering_model="gpt-4o-mini",
    at="2026-11-21T04:00:00Z",
    by="g4f_magic 0.1.0",
)
DOCUMENT = Path(__file__).parents[3] / "docs" / "cassettes.md"

texts = st.text(st.characters(), max_size=12)  # lone surrogates too
pieces = st.one_of(texts.map(Text), texts.filter(bool).map(Reasoning))
timed = st.lists(st.tuples(st.integers(0, 10_000), pieces), max_size=12)
endings = st.lists(
    st.sampled_from(
        [Usage(3, 4), Finish("stop", 2), Finish(), Served("groq", "llama", "", "koala (silent)")]
    ),
    max_size=3,
    unique_by=type,
)


@given(
    chunks=timed, ending=endings, prompt=texts, parent=texts, parameters=st.dictionaries(texts, st.integers())
)
def test_what_is_written_is_read_back(
    chunks: list[Any], ending: list[Any], prompt: str, parent: str, parameters: dict[str, int]
) -> None:
    asked = Asked(provider="koala", prompt=prompt, parent=parent, parameters=parameters, context=2)
    entry = replace(ENTRY, asked=asked, chunks=(*chunks, *((1, one) for one in ending)))
    line = to_line(entry)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert from_line(line) == entry
    assert outline(line) == (asked, entry.reply)


def test_the_reply_stands_in_a_line_as_one_text() -> None:
    record = json.loads(to_line(ENTRY))
    assert record["reply"] == "Hello"
    assert record["pieces"] == [[400, 3], [12, 2], [0, "finish"]]


def test_the_document_names_every_field_that_is_written() -> None:
    entry = replace(
        ENTRY,
        chunks=(
            *ENTRY.chunks,
            (1, Usage(1, 2)),
            (1, Reasoning("Hm")),
            (1, Served("a")),
            (1, Named("b")),
            (1, Citations((Citation("https://a.example", "A"),))),
            (1, Unshown(("1 image",))),
            (1, Finish(None, 1)),
        ),
        error=failure_json(ServiceError("it failed")),
    )
    named = set(re.findall(r"`(\w+)`", DOCUMENT.read_text()))
    assert set(json.loads(to_line(entry))) <= named


def test_what_came_beside_the_words_comes_back_before_the_end() -> None:
    said: list[Chunk] = [Named("b"), Citations((Citation("https://a.example", "A"),)), Unshown(("1 image",))]
    entry = replace(ENTRY, chunks=(*((1, chunk) for chunk in said), *ENTRY.chunks))
    chunks = [chunk for _, chunk in from_line(to_line(entry)).chunks]
    assert [chunk for chunk in chunks if chunk in said] == said
    assert chunks[-1] == ENTRY.chunks[-1][1]
    assert from_line(to_line(entry)).seconds == entry.seconds


def test_who_reads_by_the_first_rules_reads_the_text_alone() -> None:
    entry = replace(
        ENTRY, chunks=((1, Named("b")), (1, Citations((Citation("https://a.example"),))), *ENTRY.chunks)
    )
    pieces = json.loads(to_line(entry))["pieces"]
    assert pieces == [[1, 0], [1, 0], [400, 3], [12, 2], [0, "finish"]]


def test_text_that_turned_out_to_be_thinking_is_recorded_as_that() -> None:
    chunks = ((1, Text("Hm")), (2, Rethought()), (3, Text("Yes")), (4, Finish("stop")))
    line = to_line(replace(ENTRY, chunks=chunks))
    assert (json.loads(line)["reply"], json.loads(line)["reasoning"]) == ("Yes", "Hm")
    said = [chunk for _, chunk in from_line(line).chunks if chunk not in (Text(""), Reasoning(""))]
    assert said == [Reasoning("Hm"), Text("Yes"), Finish("stop")]


def test_the_key_is_made_as_the_document_says() -> None:
    record = json.loads(to_line(ENTRY))
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    parts = [*(record[name] for name in ("parent", "provider", "model", "parameters", "context")), messages]
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    assert record["key"] == hashlib.sha256(text.encode("ascii")).hexdigest()[:32]


def test_the_check_is_made_as_the_document_says() -> None:
    body, _, rest = to_line(ENTRY).rpartition(b',"check":')
    assert json.loads(rest[:-2]) == hashlib.sha256(body).hexdigest()[:16]


@pytest.mark.parametrize(
    "other",
    [
        {"prompt": "Hello!"},
        {"provider": "darkai"},
        {"model": "gpt-4"},
        {"system": ""},
        {"parameters": {"temperature": 0.3}},
        {"parent": "0" * 32},
        {"context": 2},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_key_depends_on_each_part_of_the_request(other: dict[str, Any]) -> None:
    assert replace(ASKED, **other).key != ASKED.key


def test_a_key_does_not_depend_on_the_order_of_parameters() -> None:
    one, other = replace(ASKED, parameters={"a": 1, "b": 2}), replace(ASKED, parameters={"b": 2, "a": 1})
    assert one.key == other.key


@pytest.mark.parametrize(
    "name",
    [
        "api_key",
        "apiKey",
        "access_token",
        "accessToken",
        "authToken",
        "token",
        "key",
        "auth",
        "client_secret",
        "password",
        "db-password",
        "Authorization",
        "x-api-key",
        "OPENAI_API_KEY",
        "hfToken",
        "session_token",
        "cookies",
        "Cookie",
        "credentials",
        "proxy",
        "base_url",
        "timeout",
        "extra_headers",
        "Subscription-Key",
    ],
)
def test_a_parameter_that_is_secret_or_a_way_is_no_part_of_it(name: str) -> None:
    assert recordable({name: "x", "max_tokens": 5, "top_k": 3}) == {"max_tokens": 5, "top_k": 3}


@pytest.mark.parametrize(
    "name",
    [
        "stop_token_ids",
        "eos_token",
        "max_tokens",
        "stop_token",
        "logit_bias_token",
        "token_limit",
        "tokens",
        "prompt_cache_key",
        "keyword",
        "key_points",
        "lora_id",
        "id",
        "user_id",
        "voice_id",
        "ids",
        "host",
        "host_language",
        "url",
        "urls",
        "first_token_timeout",
        "timeout_policy",
        "authors",
        "auth_level",
        "secretary",
        "bearer_type",
        "cookie_recipe",
        "proxy_model",
        "random_seed",
    ],
)
def test_a_parameter_that_the_answer_depends_on_is_part_of_it(name: str) -> None:
    assert recordable({name: "x"}) == {name: "x"}
    one, other = (replace(ASKED, parameters=recordable({name: value})) for value in ([1], [2]))
    assert one.key != other.key


def test_a_parameter_that_json_has_not_is_refused() -> None:
    with pytest.raises(InputError):
        recordable({"stop": object()})


@pytest.mark.parametrize(
    "error",
    [
        ServiceError("koala: no", hint="Later."),
        ResponseStatusError("HTTP 500", status=500),
        RateLimitError("HTTP 429", status=429, retry_after_seconds=7.5, hint="Wait."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_comes_back_as_it_was(error: ChatError) -> None:
    revived = from_line(to_line(replace(ENTRY, error=failure_json(error)))).failure()
    assert type(revived) is type(error)
    assert (str(revived), vars(revived)) == (str(error), vars(error))


def test_a_failure_of_an_unknown_kind_is_one_all_the_same() -> None:
    found = failure_json(ServiceError("gone"))
    found["type"] = "NewerError"
    assert type(replace(ENTRY, error=found).failure()) is ChatError


def test_a_failure_names_no_host() -> None:
    found = failure_json(ServiceError("127.0.0.1:80: refused"), ["127.0.0.1", "127.0.0.1:80"])
    assert found["message"] == "the service: refused"


GOOD = to_line(ENTRY).rstrip(b"\n")
BAD = {
    "a hand edit": (GOOD.replace(b'"Hello","pieces"', b'"Hullo","pieces"'), "changed by hand"),
    "another time": (GOOD.replace(b"[400,", b"[401,"), "changed by hand"),
    "a cut line": (GOOD[:-30], "not JSON"),
    "a newer format": (GOOD.replace(b'"format":1', b'"format":2'), "format 2"),
    "a conflict's begin": (b"<<<<<<< HEAD", "merge conflict"),
    "a conflict's middle": (b"=======", "merge conflict"),
    "a conflict's end": (b">>>>>>> branch", "merge conflict"),
    "another program's line": (b'{"role":"user","content":"Hello"}', "not a recorded turn"),
    "a list": (b"[1]", "not a recorded turn"),
    "a prompt of another key": (
        re.sub(rb',"check":.*', b"}", GOOD).replace(b'"prompt":"Hello"', b'"prompt":"Bye"'),
        "does not fit its prompt",
    ),
    "a missing field": (
        re.sub(rb',"check":.*', b"}", GOOD).replace(b'"pieces"', b'"parts"'),
        "not a recorded turn",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_an_error_that_names_it(case: str) -> None:
    line, says = BAD[case]
    with pytest.raises(InputError, match=f"^a.chat.jsonl, line 2: it .*{says}") as caught:
        Index("a.chat.jsonl", [GOOD, line])
    assert caught.value.hint


@given(position=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255))
def test_no_single_changed_byte_gives_another_reply(position: int, byte: int) -> None:
    line = GOOD[:position] + bytes([byte]) + GOOD[position + 1 :]
    try:
        found = from_line(line)
    except InputError:
        return
    assert found.reply == ENTRY.reply


def test_a_change_is_accepted_where_the_check_was_taken_out() -> None:
    line = re.sub(rb',"check":.*', b"}", GOOD).replace(b'"Hello","pieces"', b'"Hello, you","pieces"')
    assert from_line(line).reply == "Hello, you"


def test_a_parent_is_the_recorded_turn_before() -> None:
    second = replace(ENTRY, asked=Asked(provider="koala", prompt="Again", parent=ASKED.key, context=2))
    index = Index("a", [to_line(ENTRY), to_line(second)])
    assert index.parent([Exchange("Hello", "Hello"), Exchange("Again", "Hello")]) == second.asked.key


def test_a_parent_in_the_middle_of_a_conversation_is_found_too() -> None:
    second = replace(ENTRY, asked=Asked(provider="koala", prompt="Again", parent=ASKED.key, context=2))
    index = Index("a", [to_line(ENTRY), to_line(second)])
    assert index.parent([Exchange("Again", "Hello")]) == second.asked.key


def test_what_is_not_recorded_counts_by_its_text() -> None:
    index = Index("a", [to_line(ENTRY)])
    assert index.parent([Exchange("Hello", "Hello"), Exchange("Live", "Yes")]) == said(
        ASKED.key, "Live", "Yes"
    )


def test_a_conversation_begins_with_no_parent() -> None:
    assert Index("a", []).parent([]) == ""


def test_blank_lines_are_passed_over_and_counted() -> None:
    index = Index("a", [b"", GOOD, b"  ", GOOD])
    assert [place.number for place, _ in index.all()] == [2, 4]
