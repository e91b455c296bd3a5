"""What `check` says of a notebook without running it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import nbformat
import pytest

from g4f_magic.check import check_notebook
from g4f_magic.check.rerun import differences
from g4f_magic.cli import main
from g4f_magic.gateway import Gateway, ScriptEngine
from g4f_magic.options import Options
from g4f_magic.recording import tape_at
from g4f_magic.session import Session
from g4f_magic.settings import Settings


def write(path: Path, *sources: str) -> Path:
    cells = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for n, source in enumerate(sources)
    ]
    cells.insert(0, {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "%%chat\nNo cell of code"})  # type: ignore[dict-item]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return tmp_path / "analysis.ipynb"


class Recorder:
    """Records what cells would ask, in one conversation or more."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def ask(self, *prompts: str, **options: object) -> None:
        for prompt in prompts:
            reply = await self._session.ask(prompt, Options(**options))  # type: ignore[arg-type]
            await reply.text()


@pytest.fixture
async def record(notebook: Path) -> AsyncIterator[Recorder]:
    cassette = notebook.with_name("analysis.chat.jsonl")
    async with Gateway(ScriptEngine()) as gateway:
        settings = Settings(mode="record", cassette=str(cassette), history="off", base_url=gateway.base_url)
        session = Session(settings)
        tape_at(cassette).begin_run()
        yield Recorder(session)
        await session.aclose()


def check(notebook: Path, *sources: str) -> tuple[int, list[int], list[int]]:
    """Return how many cells are held, which are missing, and which lines nothing asks for."""
    write(notebook, *sources)
    found = check_notebook(notebook, tape_at(notebook.with_name("analysis.chat.jsonl")).index)
    return found.held, [miss.cell for miss in found.misses], [place.number for place in found.unused]


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
    index = tape_at(notebook.with_name("analysis.chat.jsonl")).index
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


async def test_another_conversation_and_an_emptied_one_are_followed(notebook: Path, record: Recorder) -> None:
    await record.ask("One", "Two")
    await record.ask("One", "Two", conversation="other")
    cells = ["%%chat\nOne", "%%chat\nTwo", "%chat reset", "%%chat\nOne", "%chat switch main", "%%chat\nTwo"]
    assert check(notebook, *cells) == (4, [], [])


async def test_where_it_cannot_be_known_a_recording_of_the_prompt_is_enough(
    notebook: Path, record: Recorder
) -> None:
    await record.ask("One", "Two")
    assert check(notebook, "%%chat\nOne", "%chat undo", "%%chat\nTwo") == (2, [], [])


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
    assert "is no notebook" in capsys.readouterr().err


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


@pytest.mark.parametrize(
    ("live", "replayed"),
    [
        ("— koala · m · live · 1.2 s", "— koala · m · replayed"),
        ("— koala · m · live · under 0.1 s", "— koala · m · replayed"),
        ("— koala · m · failed · under 0.1 s", "— koala · m · replayed · failed"),
        (
            "— koala · m · live · 12.0 s · without 1 earlier turn",
            "— koala · m · replayed · without 1 earlier turn",
        ),
    ],
)
def test_how_a_reply_came_is_no_difference(live: str, replayed: str) -> None:
    def shown(line: str) -> object:
        data = {"text/plain": f"Reply\n\n{line}", "text/html": f"<p>Reply</p><div>{line}</div>"}
        cell = nbformat.v4.new_code_cell(
            "%%chat\nHello", outputs=[nbformat.v4.new_output("display_data", data=data)]
        )
        return nbformat.v4.new_notebook(cells=[cell])

    assert list(differences(shown(live), shown(replayed))) == []
    assert list(differences(shown(live), shown(replayed.replace("koala", "aura")))) != []
