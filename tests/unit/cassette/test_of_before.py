"""A cassette that the first version wrote: it is read for ever, its turns are found, and nothing of it is written anew."""

from __future__ import annotations

import json
from pathlib import Path

from g4f_magic.cassette import OpenCassette
from g4f_magic.cassette.entry_line import from_line
from g4f_magic.chunks import Finish, Text

FILE = Path(__file__).with_name("cassette_files") / "of_0.1.0.chat.jsonl"
LINES = FILE.read_bytes().splitlines(keepends=True)
RECORDS = [json.loads(line) for line in LINES]


def test_every_turn_is_found_by_the_key_that_it_had() -> None:
    cassette = OpenCassette(FILE)
    for record in RECORDS:
        asked = [cassette.index.entry(ref).asked for ref in cassette.index.refs(record["key"])]
        assert {one.key for one in asked} == {record["key"]}
        assert (record["prompt"], record["parent"]) in [(one.prompt, one.parent) for one in asked]


def test_every_reply_is_played_as_it_came() -> None:
    for line, record in zip(LINES, RECORDS, strict=True):
        chunks = from_line(line).chunks
        assert "".join(chunk.text for _, chunk in chunks if isinstance(chunk, Text)) == record["reply"]
        assert [after for after, _ in chunks] == [after for after, _ in record["pieces"]]
        assert [type(chunk) for _, chunk in chunks[-1:]] == [Finish] * ("finish" in record)


def test_a_failure_comes_back_as_one() -> None:
    (failed,) = [(from_line(line), one) for line, one in zip(LINES, RECORDS, strict=True) if "error" in one]
    assert str(failed[0].failure()) == failed[1]["error"]["message"]
