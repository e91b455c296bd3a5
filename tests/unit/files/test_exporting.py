"""Conversations as files: what is written, where, and what asks the same again."""

from __future__ import annotations

import ast
import json
import os
from datetime import UTC
from pathlib import Path

import nbformat
import pytest

from g4f_magic.commands import run as run_command
from g4f_magic.errors import InputError
from g4f_magic.files.exporting import to_markdown, to_notebook, write
from g4f_magic.files.importing import read
from g4f_magic.grammar import ChatLine
from g4f_magic.messages import date_of
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.turns import changed
from tests.unit.files.said import SAID


def test_the_notebook_is_a_valid_one_and_can_be_run_again():
    twice = [*SAID, changed(SAID[0], id="other")]
    notebook = nbformat.reads(to_notebook(twice, html=lambda turn: f"<p>{turn.id}</p>"), as_version=4)
    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells][:2] == [
        "%load_ext g4f_magic",
        "%%chat --provider koala --model m\nWhat is it?",
    ]
    assert notebook.cells[1].id == "cell-1"
    assert notebook.cells[1].outputs[0].data["text/html"] == f"<p>{SAID[0].id}</p>"
    assert len({cell.id for cell in notebook.cells}) == 5


def test_the_markdown_reads_well_and_an_open_fence_swallows_nothing():
    assert to_markdown(SAID[1:], conversation="side") == (
        "# side\n\n## 1. You\n\nShow code\n\n## 1. koala · m · 1970-01-01 00:00 UTC\n\n> a\n> b\n\n"
        "```python\nprint(1)\n```\n\n*stopped*\n\n"
        "## 2. You\n\nünï\u2028code\n\n## 2. koala · m · 1970-01-01 00:00 UTC\n\n*failed: koala: HTTP 500*\n"
    )


@pytest.mark.parametrize("name", ["chat.txt", "chat", "missing folder/chat.json"])
def test_a_file_that_cannot_be_written_is_an_error(tmp_path, name):
    with pytest.raises(InputError):
        write(tmp_path / name, SAID)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_overwritten_only_when_asked(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        write(file, SAID)
    assert file.read_text() == "mine"
    write(file, SAID, overwrite=True)
    assert list(read(file)) == SAID


def test_a_time_that_no_calendar_has_breaks_no_export():
    """As an older version took it in."""
    turn = changed(SAID[0], started_at=1e300)
    assert "koala · m\n" in to_markdown([turn])
    nbformat.validate(nbformat.reads(to_notebook([turn]), as_version=4))


def lines_of(**fields: object) -> list[str]:
    turn = changed(SAID[0], **fields)
    cells = json.loads(to_notebook([turn]))["cells"]
    return [cell["source"] for cell in cells[1:]]


@pytest.mark.parametrize(
    "fields",
    [
        {"provider": "g4f:Blackbox"},
        {"provider": "groq,openai:gpt-4o"},
        {"provider": "koala", "model": "meta/llama 3:8b@x"},
        {"system": 'Be brief, don\'t "quote" {x} $y.'},
        {"system": ""},
        {"parameters": {"temperature": 0.12345678, "max_tokens": 5}},
        {"parameters": {"stop": ["\n\n", "a b"], "seed": 7, "user": "7", "stop2": "\n"}},
    ],
    ids=str,
)
def test_the_cell_of_an_export_asks_the_same_again(fields):
    (source,) = lines_of(**fields)
    head, _, prompt = source.partition("\n")
    options = ChatLine(head.removeprefix("%%chat")).options
    turn = changed(SAID[0], **fields)
    assert (options.provider, options.model, options.system or "") == (turn.provider, turn.model, turn.system)
    assert options.parameters == turn.ask.parameters
    assert prompt == turn.prompt


@pytest.mark.parametrize(
    "parameters", [{"seed": None}, {"seed": "x"}, {"max_tokens": 1.5}, {"temperature": []}], ids=str
)
def test_what_an_option_cannot_hold_is_left_out_of_the_cell(parameters):
    (source,) = lines_of(parameters=parameters)
    assert ChatLine(source.partition("\n")[0].removeprefix("%%chat")).options.parameters == {}


def test_a_system_prompt_of_several_lines_is_set_and_taken_back():
    system = "One\n{__import__('os').system('id')} $HOME 'x' \"y\" \\ ü"
    cells = json.loads(
        to_notebook(
            [changed(SAID[0], system=system), changed(SAID[0], system=system), changed(SAID[0], system="")]
        )
    )["cells"]
    sources = [cell["source"] for cell in cells[1:]]
    line = sources[0]
    assert not set("{}$\n") & set(line)
    assert ast.literal_eval(line.removeprefix("%config ChatMagics.system = ")) == system
    assert [source.partition("\n")[0] for source in sources[1:]] == [
        "%%chat --provider koala --model m",
        "%%chat --provider koala --model m",
        "%%chat --provider koala --model m --system=''",
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"provider": "imported"},
        {"provider": "a\n!touch F", "model": "b\n!touch F"},
        {"provider": "-x", "model": "--base-url"},
        {"provider": "x" * 5_000},
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_name_that_is_none_is_left_out(fields):
    (source,) = lines_of(**{"model": "", **fields})
    assert source == f"%%chat\n{SAID[0].prompt}"


def test_what_is_written_steers_no_terminal(tmp_path):
    said = "".join(map(chr, [*range(1, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), 0x2066]))
    turn = changed(SAID[0], prompt=said, reply=said, reasoning=said, system=said, error=said)
    for suffix in (".json", ".jsonl", ".ipynb", ".md"):
        write(tmp_path / f"a{suffix}", [turn], conversation="main\x1b")
        text = (tmp_path / f"a{suffix}").read_text("utf-8")
        assert not (set(said) - {"\t", "\n"}) & set(text)
    assert read(tmp_path / "a.json")[0].prompt == said


def test_an_export_follows_no_link(tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "out").symlink_to(tmp_path / "home")
    (tmp_path / "work" / "a.md").symlink_to(tmp_path / "home" / ".bashrc")
    monkeypatch.chdir(tmp_path / "work")
    for name, overwrite in (
        ("out/x.md", False),
        ("a.md", True),
        ("a.md", False),
        ("../work/out/x.md", False),
    ):
        with pytest.raises(InputError) as caught:
            write(Path(name), SAID, overwrite=overwrite)
        assert caught.value.hint
    assert list((tmp_path / "home").iterdir()) == []
    write(tmp_path / "home" / "x.md", SAID)
    assert (tmp_path / "home" / "x.md").exists()


@pytest.mark.parametrize("name", ["notes.txt/x.md", "x" * 300 + ".md", "a\0b.md"])
def test_a_place_that_is_none_is_an_error(tmp_path, name):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError):
        write(tmp_path / name, SAID)


@pytest.mark.parametrize(
    "line", ["export ~no-such-person/x.md", "import ~no-such-person/x.json", "export '~\0/x.md'"]
)
async def test_a_home_that_is_nobody_s_is_an_error(line):
    with pytest.raises(InputError) as caught:
        await run_command(line, Session(Settings(history="off")))
    assert caught.value.hint


def test_a_time_that_no_calendar_has_is_no_date():
    assert [date_of(seconds) for seconds in (1e300, float("nan"), float("inf"), -1e18)] == [""] * 4
    assert date_of(0, UTC) == "1970-01-01 00:00 UTC"


@pytest.mark.skipif(os.name == "nt", reason="such paths lead somewhere there")
def test_a_path_of_windows_is_no_name_for_a_file_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="is a path of Windows"):
        write(Path(r"C:\Users\me\talk.md"), [])
    assert not list(tmp_path.iterdir())
