"""A comparison recorded, checked, and replayed without a service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from g4f_magic import commands
from g4f_magic.answering.recording import cassette_at
from g4f_magic.check import check_notebook
from g4f_magic.errors import ServiceError
from tests.contract.side_by_side.street import Street
from tests.notebook_file import write_notebook


@pytest.fixture
def street(street: Street, tmp_path: Path) -> Street:
    """One whose answers are recorded."""
    street.session.settings.cassette = str(tmp_path / "a.chat.jsonl")
    street.session.settings.mode = "record"
    return street


def lines(street: Street) -> list[tuple[str, str]]:
    text = Path(street.session.settings.cassette).read_text("utf-8")
    return sorted((one["provider"], one["reply"]) for one in map(json.loads, text.splitlines()))


async def replaying(street: Street) -> None:
    """Forget all that was said, and answer from the recording alone from here on."""
    street.session.conversation().reset()
    street.session.settings.mode = "replay"


async def test_each_column_is_recorded_and_replayed_by_itself(street: Street) -> None:
    await street.build("one", "I am one.")
    await street.build("two", "I am two.")
    await street.ask("-p one,two --compare")
    assert lines(street) == [("one", "I am one."), ("two", "I am two.")]
    await replaying(street)
    await street.ask("-p two,one --compare -o said")
    assert street.host.names["said"] == {"two": "I am two.", "one": "I am one."}
    assert "replayed · two" in street.host.html


async def test_recording_the_cell_again_replaces_each_line(street: Street) -> None:
    await street.build("one", "I am one.")
    await street.build("two", "I am two.")
    for _ in range(2):
        await street.ask("-p one,two --compare")
    await street.ask("-p one,two --compare", "Other words")
    assert lines(street) == [("one", "I am one."), ("two", "I am two.")]


async def test_what_follows_on_the_kept_one_replays(street: Street) -> None:
    await street.build("one", "I am one.")
    await street.build("two", "I am two.")
    for is_replayed in (False, True):
        if is_replayed:
            await replaying(street)
        await street.ask("-p one,two --compare", "First")
        await commands.run("keep 2", street.session)
        await street.ask("-p two,one --compare -o said", "Second", slot="next")
        assert list(street.host.names["said"]) == ["two", "one"]


async def test_a_column_that_is_not_recorded_fails_alone(street: Street) -> None:
    await street.build("one", "I am one.")
    await street.build("broke", behaviour="402")
    await street.ask("-p one,broke --compare")
    await replaying(street)
    await street.ask("-p one,broke --compare -o said")
    assert street.host.names["said"] == {"one": "I am one."}
    with pytest.raises(ServiceError, match="none of 2"):
        await street.ask("-p one,broke --compare", "What nobody was asked")


async def test_a_failure_that_is_recorded_replays_in_its_column(street: Street) -> None:
    await street.build("one", "I am one.")
    await street.build("broke", behaviour="402")
    await street.ask("-p one,broke --compare --record-errors")
    await replaying(street)
    await street.ask("-p one,broke --compare")
    assert "no credit left" in street.host.html


def check(street: Street, tmp_path: Path, *sources: str) -> tuple[int, list[int], int]:
    notebook = write_notebook(tmp_path / "a.ipynb", *sources)
    found = check_notebook(notebook, cassette_at(Path(street.session.settings.cassette)).index)
    return found.held, [one.cell for one in found.misses], len(found.unused)


async def test_check_knows_the_columns_and_which_one_is_kept(street: Street, tmp_path: Path) -> None:
    await street.build("one", "I am one.")
    await street.build("two", "I am two.")
    await street.ask("-p one,two --compare", "First")
    await commands.run("keep 2", street.session)
    await street.ask("-p one,two --compare", "Second", slot="next")
    first, second = "%%chat -p one,two --compare\nFirst", "%%chat -p one,two --compare\nSecond"
    assert check(street, tmp_path, first, "%chat keep 2", second) == (4, [], 0)
    assert check(street, tmp_path, first, "%chat keep two", second) == (4, [], 0)
    assert check(street, tmp_path, first, second) == (2, [2, 2], 2)
    assert check(street, tmp_path, "%%chat -p one,three --compare\nFirst")[1] == [1]
