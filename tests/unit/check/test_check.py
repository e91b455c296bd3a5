"""What `check` says of a notebook without running it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest

from g4f_magic.answering.recording import cassette_at
from g4f_magic.attaching.given import GivenNames
from g4f_magic.cassette import Asked, Entry, Index
from g4f_magic.cassette.entry_line import to_line
from g4f_magic.check import check_notebook
from g4f_magic.check.walk import Checked
from g4f_magic.chunks import Text
from g4f_magic.cli import main
from g4f_magic.commands import run as run_command
from g4f_magic.gateway import Gateway
from g4f_magic.options import Options
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.testing.script import ScriptEngine
from tests.notebook_file import write_notebook
from tests.patience import PATIENCE_SECONDS


def write(path: Path, *sources: str) -> Path:
    text = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "%%chat\nNo cell of code"}
    content = json.loads(write_notebook(path, *sources).read_text("utf-8"))
    path.write_text(json.dumps({**content, "cells": [text, *content["cells"]]}))
    return path


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return tmp_path / "analysis.ipynb"


class Recorder:
    """Records what cells would ask, in one conversation or more."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def ask(self, *prompts: str, names: Mapping[str, object] | None = None, **options: object) -> None:
        source = None if names is None else partial(GivenNames, names)
        for prompt in prompts:
            reply = await self._session.ask(prompt, Options(**options), source=source)  # type: ignore[arg-type]
            await reply.text()


@pytest.fixture
async def record(notebook: Path) -> AsyncIterator[Recorder]:
    cassette = notebook.with_name("analysis.chat.jsonl")
    async with Gateway(ScriptEngine()) as gateway:
        settings = Settings(
            mode="record", cassette=str(cassette), history="off", base_url=gateway.openai_base_url
        )
        session = Session(settings)
        cassette_at(cassette).begin_run()
        yield Recorder(session)
        await session.aclose()


def checked(notebook: Path) -> Checked:
    return check_notebook(notebook, cassette_at(notebook.with_name("analysis.chat.jsonl")).index)


def check(notebook: Path, *sources: str) -> tuple[int, list[int], list[int]]:
    """Return how many cells are held, which are missing, and which lines nothing asks for."""
    write(notebook, *sources)
    found = checked(notebook)
    return found.held, [miss.cell for miss in found.misses], [place.number for place in found.unused]


def test_a_text_notebook_says_what_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "jupytext", None)
    notebook = tmp_path / "analysis.md"
    notebook.write_text("```python\n%%chat\nHello\n```\n", encoding="utf-8")
    assert main(["check", str(notebook)]) == 1
    assert "jupytext is not installed" in capsys.readouterr().err


async def test_cells_that_are_recorded_hold(notebook: Path, record: Recorder) -> None:
    await record.ask("One", "Two")
    await record.ask("Alone", is_once=True)
    await record.ask("Elsewhere", conversation="other", provider="freenetfly", temperature=0.5)
    cells = [
        "%%chat\nOne",
        "%%chat\nTwo\n",
        "%%chat --once\nAlone",
        "%%chat -c other -p freenetfly -t 0.5\nElsewhere",
    ]
    assert check(notebook, "%load_ext g4f_magic", *cells) == (4, [], [])


async def test_cells_that_depend_on_data_hold_where_a_recording_fits(
    notebook: Path, record: Recorder
) -> None:
    names = {"rows": ["Turku"], "n": 3, "model": "gpt-4"}
    await record.ask("How many of {{n}} are in {{rows}}?", "\\{{n}}", names=names)
    await record.ask("And now?", names=names, attached=("rows",))
    await record.ask("Who?", model="gpt-4")
    cells = [
        "%%chat\nHow many of {{n}} are in {{rows}}?",
        "%%chat\n\\{{n}}",
        "%%chat -w rows\nAnd now?",
        "%%chat -m $model\nWho?",
        "%%chat --dry-run\nNothing of {{rows}}",
    ]
    assert check(notebook, "model = 'gpt-4'", *cells) == (4, [], [])
    assert checked(notebook).dependent == (2, 4, 5)
    assert check(notebook, cells[0].replace("How", "Why"), *cells[1:])[1] == [1]


def test_a_question_about_an_error_depends_on_it(notebook: Path) -> None:
    held, missing, _ = check(notebook, "1 / 0", "%chat explain", "%chat fix the zero -p koala")
    assert (held, missing) == (0, [2, 3])
    assert checked(notebook).dependent == (2, 3)


async def test_a_changed_prompt_misses_and_so_does_what_comes_after_it(
    notebook: Path, record: Recorder
) -> None:
    await record.ask("One", "Two", "Three")
    assert check(notebook, "%%chat\nOne", "%%chat\nZwei", "%%chat\nThree") == (1, [2, 3], [2, 3])


@pytest.mark.parametrize(
    ("source", "prompt"),
    [
        ("%%chat\nA\u2028B", "A\u2028B"),
        ("%%chat\none\x0ctwo\x85three", "one\x0ctwo\x85three"),
        ("  %%chat\n  hello\n    there", "hello\n  there"),
        ("  \n\n%%chat\nHello\n", "Hello"),
        ("%%time\n%%chat\nHello", "Hello"),
        ("%%chat\nwith\r\nline ends", "with\nline ends"),
    ],
)
async def test_a_prompt_is_read_as_the_magic_reads_it(
    notebook: Path, record: Recorder, source: str, prompt: str
) -> None:
    await record.ask(prompt)
    assert check(notebook, source) == (1, [], [])


async def test_a_turn_after_which_another_was_asked_is_no_loose_one(notebook: Path, record: Recorder) -> None:
    await record.ask("One", "Two", "Three")
    index = cassette_at(notebook.with_name("analysis.chat.jsonl")).index
    first, second, third = [place for place, _ in index.all()]
    assert index.loose([first, third]) == [third]
    assert index.loose([second]) == []
    assert index.loose([first, second, third]) == [first, second, third]


async def test_another_order_of_the_cells_misses(notebook: Path, record: Recorder) -> None:
    await record.ask("One", "Two")
    held, missing, _ = check(notebook, "%%chat\nTwo", "%%chat\nOne")
    assert (held, missing) == (0, [1, 2])


async def test_a_bounded_context_is_followed(notebook: Path, record: Recorder) -> None:
    await record.ask("One", "Two", "Three")
    await record.ask("Four", context_turns=1)
    cells = ["%%chat\nOne", "%%chat\nTwo", "%%chat\nThree"]
    assert check(notebook, *cells, "%%chat --context 1\nFour") == (4, [], [])
    assert check(notebook, *cells, "%%chat\nFour") == (3, [4], [4])


async def test_the_settings_that_cells_make_are_followed(notebook: Path, record: Recorder) -> None:
    await record.ask("One", provider="darkai", model="gpt-4o", system="Be brief.")
    cells = ["%chat use darkai gpt-4o", "%config ChatMagics.system = 'Be brief.'", "%%chat\nOne"]
    assert check(notebook, *cells) == (1, [], [])
    assert check(notebook, "%%chat\nOne")[:2] == (0, [1])


@pytest.mark.parametrize(
    ("used", "options"),
    [
        ("openai:gpt-x", {"provider": "openai", "model": "gpt-x"}),
        ("openai gpt-x", {"provider": "openai", "model": "gpt-x"}),
        ("OpenAI", {"provider": "openai"}),
        ("darkai:gpt-4o", {"provider": "darkai", "model": "gpt-4o"}),
        ("koala,darkai:gpt-4o", {"provider": "koala,darkai:gpt-4o"}),
    ],
)
async def test_what_use_chooses_is_what_check_looks_for(
    notebook: Path, used: str, options: dict[str, str]
) -> None:
    """Both read the same words: a run keeps in the settings what `%chat use` makes of them."""
    session = Session(Settings(history="off"))
    await run_command(f"use {used}", session)
    cells = write(notebook, f"%chat use {used}", "%%chat\nHello")
    asked = Asked(provider=options["provider"], model=options.get("model", ""), prompt="Hello")
    kept = (session.settings.provider, session.settings.model)
    assert kept == (options["provider"], options.get("model", ""))
    line = to_line(Entry(asked=asked, chunks=((1, Text("Hi")),))).removesuffix(b"\n")
    assert check_notebook(cells, Index("a", [line])).held == 1


@pytest.mark.parametrize(
    "source",
    [
        "%config ChatMagics.history_file = 3",
        "%config ChatMagics.__class__ = 5",
        "%config ChatMagics.context_turns = " + "-" * 100_000 + "1",
        "%config ChatMagics.chains = " + "[" * 5_000,
        "%chat use",
        "%chat use a b c",
        "%chat use ''",
        "%chat use 'a",
        "%chat use :,:",
        "%%chat -t 1e999\nHello",
        "%%chat -p ,\nHello",
        "%%chat --param x=NaN\nHello",
        "%%chat\n\ud800",
    ],
    ids=lambda source: source[:40].encode("ascii", "replace").decode(),
)
def test_whatever_a_cell_says_check_says_it_in_words(
    notebook: Path, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    assert main(["check", str(write(notebook, source))]) in (0, 1)
    assert "fault of g4f_magic" not in capsys.readouterr().err


async def test_another_conversation_and_an_emptied_one_are_followed(notebook: Path, record: Recorder) -> None:
    await record.ask("One", "Two")
    await record.ask("One", "Two", conversation="other")
    cells = ["%%chat\nOne", "%%chat\nTwo", "%chat reset", "%%chat\nOne", "%chat switch main", "%%chat\nTwo"]
    assert check(notebook, *cells) == (4, [], [])


async def test_where_it_cannot_be_known_a_recording_of_the_prompt_is_enough(
    notebook: Path, record: Recorder
) -> None:
    await record.ask("One", "Two")
    assert check(notebook, "%%chat\nOne", "%chat import talk.json", "%%chat\nTwo") == (2, [], [])


@pytest.mark.parametrize(
    ("between", "prompts"),
    [
        (["%chat undo"], ["One", "Three"]),
        (["%chat undo", "%chat redo"], ["One", "Two", "Three"]),
        (["%chat reset", "%chat redo"], ["One", "Two", "Three"]),
        (["%chat reset", "%chat undo"], ["One", "Two", "Three"]),
        (["%chat fork side 1"], ["One", "Three"]),
        (["%chat fork side 1", "%chat switch main"], ["One", "Two", "Three"]),
        (["%chat fork side 9"], ["One", "Two", "Three"]),
    ],
    ids=" ".join,
)
async def test_what_a_cell_does_to_the_conversation_is_followed(
    notebook: Path, record: Recorder, between: list[str], prompts: list[str]
) -> None:
    await record.ask("One", "Two")
    await record.ask(*prompts, conversation="as it is sent")
    held, missing, _ = check(notebook, "%%chat\nOne", "%%chat\nTwo", *between, "%%chat\nThree")
    assert (held, missing) == (3, [])


@pytest.mark.parametrize("code", ["ChatPanel()", "%chat panel", "chat = Chat.current()"])
async def test_after_a_panel_a_recording_of_the_prompt_is_enough(
    notebook: Path, record: Recorder, code: str
) -> None:
    await record.ask("From the panel", "By a cell")
    # The line of the panel has to stay: the cell was asked after it.
    assert check(notebook, code, "%%chat\nBy a cell") == (1, [], [])


async def test_a_cell_that_cannot_be_read_is_named(notebook: Path, record: Recorder) -> None:
    await record.ask("One")
    assert check(notebook, "%%chat\nOne", "%%chat --nonsense\nTwo")[:2] == (1, [2])


async def test_a_chat_inside_another_magic_is_seen(notebook: Path, record: Recorder) -> None:
    await record.ask("One")
    assert check(notebook, "%%capture out\n%%chat\nOne") == (1, [], [])


@pytest.mark.parametrize(
    ("sources", "code", "says"),
    [
        (["%%chat\nOne"], 0, "1 chat cell recorded"),
        (["print(1)"], 0, "0 chat cells recorded; no cell asks for line 1"),
        (["chat = Chat('koala')"], 0, "it asks from code, too"),
        (["%%chat\nOne", "%%chat\nTwo"], 1, "1 chat cell recorded; 1 missing"),
    ],
    ids=["held", "unused", "code", "missing"],
)
async def test_the_command_says_whether_they_hold(
    notebook: Path,
    record: Recorder,
    capsys: pytest.CaptureFixture[str],
    sources: Sequence[str],
    code: int,
    says: str,
) -> None:
    await record.ask("One")
    write(notebook, *sources)
    assert main(["check", str(notebook)]) == code
    assert says in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "{}", "[1]", "<<<<<<<", '{"cells": [3]}'])
def test_a_file_that_is_no_notebook_fails(
    notebook: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    notebook.write_text(content)
    assert main(["check", str(notebook)]) == 1
    assert "is not a notebook" in capsys.readouterr().err


async def test_a_broken_cassette_fails_and_names_its_line(
    notebook: Path, record: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    await record.ask("One")
    cassette = notebook.with_name("analysis.chat.jsonl")
    cassette.write_bytes(cassette.read_bytes() + b"=======\n")
    write(notebook, "%%chat\nOne")
    assert main(["check", str(notebook)]) == 1
    assert "analysis.chat.jsonl, line 2" in capsys.readouterr().err


def test_a_chat_s_own_recordings_are_not_needed_where_nothing_is_asked(notebook: Path) -> None:
    write(notebook, "print(1)")
    assert main(["check", str(notebook)]) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="names are not bytes there")
def test_any_name_and_any_encoding_of_the_output_will_do(tmp_path: Path) -> None:
    names = [
        os.fsdecode(name) for name in ("ünï.ipynb".encode(), b"\xff.ipynb", b"\x1b[31m.ipynb", b"a\nb.ipynb")
    ]
    for name in names:
        write(tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-m", "g4f_magic", "check", *names],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 4
    assert "\x1b" not in done.stdout


LINE = "label: good|bad, why: str"


async def typed_recording(notebook: Path, schema: object) -> None:
    """Record one typed reply, as a run would."""
    cassette = notebook.with_name("analysis.chat.jsonl")
    async with Gateway(ScriptEngine('{"label": "good", "why": "so"}')) as gateway:
        settings = Settings(mode="record", cassette=str(cassette), provider="openai", history="off")
        settings.base_url = gateway.openai_base_url
        session = Session(settings)
        reply = await session.ask("Judge it.", Options(schema=schema))
        await reply.text()
        assert reply.turn.status == "done"


@pytest.mark.parametrize(
    ("schema", "line", "held", "misses"),
    [
        (LINE, f'--schema "{LINE}"', 1, 0),
        (LINE, '--schema "label: good|bad, why: int"', 0, 1),
        (LINE, "", 0, 1),
        (None, f'--schema "{LINE}"', 0, 1),
        (LINE, "--schema Review", 1, 0),
        (None, "--schema Review", 0, 1),
    ],
)
async def test_a_schema_is_part_of_what_is_looked_for(
    notebook: Path, schema: object, line: str, held: int, misses: int
) -> None:
    await typed_recording(notebook, schema)
    write(notebook, "%config ChatMagics.provider = 'openai'", f"%%chat {line}\nJudge it.")
    found = check_notebook(notebook, cassette_at(notebook.with_name("analysis.chat.jsonl")).index)
    assert (found.held, len(found.misses)) == (held, misses)


def test_a_name_that_looks_like_an_option_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "a.ipynb", "--\x1b]0;x\x07\x1b[2J\n\u202ea.ipynb"])
    said = capsys.readouterr().err
    assert "unrecognized arguments: --␛]0;x␇␛[2J ⟨202E⟩a.ipynb" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)
