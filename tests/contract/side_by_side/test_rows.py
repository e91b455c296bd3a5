"""Each row asked of several: a column each, and how often they agree."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from g4f_magic import settings
from g4f_magic.errors import RowsFailedError
from tests.contract.many.serving import serving
from tests.contract.side_by_side.street import Street

ROWS = [{"text": "fine"}, {"text": "awful"}, {"text": "so-so"}, {"text": "great"}]


def by_length(prompt: str) -> str:
    return "good" if len(prompt) < 6 else "bad"


@pytest.fixture
async def street(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Street]:
    """Of `kind` all is good; `length` counts letters; `broke` and `ruined` answer nobody."""
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    street = Street(tmp_path)
    broke = web.json_response({"error": {"message": "no credit left"}}, status=402)
    async with (
        serving(lambda prompt: "good") as kind,
        serving(by_length) as length,
        serving(lambda prompt: web.Response(body=broke.body, status=402)) as shut,
    ):
        for name, service in {"kind": kind, "length": length, "broke": shut, "ruined": shut}.items():
            street.write(name, service.url)
        yield street
        await street.close()


async def test_a_table_has_a_column_for_each_and_whether_they_agree(
    street: Street, capsys: pytest.CaptureFixture[str]
) -> None:
    table = await street.ask_rows("-p kind,length --compare --each rows -o made", "{{text}}", rows=ROWS)
    assert table == [
        {"text": "fine", "kind": "good", "length": "good", "agree": True},
        {"text": "awful", "kind": "good", "length": "good", "agree": True},
        {"text": "so-so", "kind": "good", "length": "good", "agree": True},
        {"text": "great", "kind": "good", "length": "good", "agree": True},
    ]
    assert street.host.names["made"] is table
    assert "All agree in **100 %** of the 4 rows that all answered." in capsys.readouterr().out


async def test_agreement_is_told_in_percent(street: Street, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["fine", "awfully bad", "ok", "terrible"]
    table = await street.ask_rows("-p kind,length --compare --each rows -o made", "{{item}}", rows=rows)
    assert [row["agree"] for row in table] == [True, False, True, False]
    assert "All agree in **50 %** of the 4 rows" in capsys.readouterr().out


async def test_a_column_that_fails_fails_alone(street: Street, capsys: pytest.CaptureFixture[str]) -> None:
    table = await street.ask_rows("-p kind,broke,length --compare --each rows -o made", "{{text}}", rows=ROWS)
    assert [(row["kind"], row["broke"], row["agree"]) for row in table] == [("good", None, None)] * 4
    assert "no credit left" in table[0]["broke.error"]
    said = capsys.readouterr().out
    assert "**broke**: 4 of 4 rows have no answer" in said
    assert "| kind | length | 100 % | 4 |" in said


async def test_the_cell_fails_where_no_column_is_whole(street: Street) -> None:
    with pytest.raises(RowsFailedError, match=r"none of the columns is whole: broke: .*; ruined: "):
        await street.ask_rows("-p broke,ruined --compare --each rows -o made", "{{text}}", rows=ROWS[:1])
    assert "broke.error" in street.host.names["made"][0]


async def test_a_generator_gives_its_rows_to_all(street: Street) -> None:
    rows = (one for one in ["a", "b"])
    table = await street.ask_rows("-p kind,length --compare --each rows -o made", "{{item}}", rows=rows)
    assert [row["length"] for row in table] == ["good", "good"]
