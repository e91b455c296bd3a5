"""Replay where no front end says which notebook asks: from the recordings of the working folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kernel.cassette.test_replay import CLOSED
from tests.kernel.kernels import Kernel, kernel
from tests.notebook_file import write_notebook

pytestmark = pytest.mark.heavy


async def record(folder: Path, name: str, *prompts: str, before: str = "") -> None:
    """Record a notebook of that name: its file, and its recording beside it."""
    cells = [f"%%chat -p koala\n{prompt}" for prompt in prompts]
    async with kernel(JPY_SESSION_NAME=str(folder / f"{name}.ipynb"), G4F_MAGIC_MODE="record") as one:
        await one.ok("%load_ext g4f_magic")
        for number, cell in enumerate(cells):
            await one.ok(cell, cell=str(number))
    codes = ["%load_ext g4f_magic", *([before] if before else []), *cells]
    write_notebook(folder / f"{name}.ipynb", *codes, ids=[f"{name}{n}" for n in range(len(codes))])


def change(folder: Path, name: str, reply: str) -> None:
    """Have a recording answer something that tells it from others."""
    file = folder / f"{name}.chat.jsonl"
    first, *others = file.read_text().splitlines()
    line = json.loads(first)
    texts = [number for number, (_, what) in enumerate(line["pieces"]) if isinstance(what, int)]
    line["pieces"][texts[0]][1] = len(reply)
    line["pieces"] = [piece for number, piece in enumerate(line["pieces"]) if number not in texts[1:]]
    line["reply"] = reply
    del line["check"]
    file.write_text("\n".join([json.dumps(line), *others]) + "\n")


async def machine(one: Kernel, folder: Path) -> None:
    await one.ok(f"import os; os.chdir({str(folder)!r})\n{CLOSED}")
    await one.ok("%load_ext g4f_magic")


async def test_each_question_is_found_in_its_recording(tmp_path: Path) -> None:
    await record(tmp_path, "a", "One", "Two")
    await record(tmp_path, "b", "Three")
    async with kernel(G4F_MAGIC_MODE="replay") as one:
        await machine(one, tmp_path)
        for prompt in ("One", "Two"):
            ran = await one.ok(f"%%chat -p koala\n{prompt}")
            assert ran.provenance.startswith("replayed")
        missed = await one.run("%%chat -p koala\nThree")  # the one that answered before is the one in use
        assert missed.error[0].startswith("MissError: a.chat.jsonl does not hold this request")
    async with kernel() as one:
        await machine(one, tmp_path)
        said = await one.ok("%chat mode replay")
        assert "the recordings (*.chat.jsonl) of this folder" in said.plain
        assert (await one.ok("%%chat -p koala\nThree")).provenance.startswith("replayed")
        assert "not known" in (await one.ok("%chat")).plain  # a run of a machine is nobody's conversation


async def test_the_notebook_that_has_the_cells_that_ran_is_meant(tmp_path: Path) -> None:
    await record(tmp_path, "a", "Hello", "One", before="x = 1")
    await record(tmp_path, "b", "Hello", "Two", before="x = 2")
    change(tmp_path, "b", "Of b.")
    async with kernel(G4F_MAGIC_MODE="replay") as one:
        await one.ok(
            f"import os; os.chdir({str(tmp_path)!r}); get_ipython().history_manager.input_hist_raw[1:] = []"
        )
        await one.ok("%load_ext g4f_magic")
        await one.ok("x = 2")
        assert (await one.ok("%%chat -p koala\nHello")).reply == "Of b."


async def test_in_doubt_none_is_taken(tmp_path: Path) -> None:
    for name in "ab":
        await record(tmp_path, name, "Hello")
        (tmp_path / f"{name}.ipynb").unlink()
    async with kernel(G4F_MAGIC_MODE="replay") as one:
        await machine(one, tmp_path)
        assert (await one.ok("%%chat -p koala\nHello")).reply  # both say the same
    change(tmp_path, "b", "Of b.")
    async with kernel(G4F_MAGIC_MODE="replay") as one:
        await machine(one, tmp_path)
        ran = await one.run("%%chat -p koala\nHello")
        assert ran.error[0].endswith("hold this request: a.chat.jsonl, b.chat.jsonl")
        missed = await one.run("%%chat -p koala\nNever asked")
        assert missed.error[0].endswith("none of the 2 recordings in this folder holds this request")


async def test_without_a_recording_it_is_said(tmp_path: Path) -> None:
    async with kernel(G4F_MAGIC_MODE="replay") as one:
        await machine(one, tmp_path)
        ran = await one.run("%%chat -p koala\nHello")
        assert f"there is no recording in {tmp_path}" in ran.error[0]
        recording = await one.run("%%chat -p koala --record\nHello")
        assert recording.status == "error"


@pytest.mark.parametrize("way", ["papermill", "quarto"])
async def test_the_file_that_a_machine_names_has_its_recording_beside_it(tmp_path: Path, way: str) -> None:
    await record(tmp_path, "a", "Hello")
    await record(tmp_path, "b", "Hello")
    change(tmp_path, "b", "Of b.")
    (tmp_path / "elsewhere").mkdir()
    quarto = {"QUARTO_DOCUMENT_PATH": str(tmp_path), "QUARTO_DOCUMENT_FILE": "b.ipynb"}
    async with kernel(G4F_MAGIC_MODE="replay", **(quarto if way == "quarto" else {})) as one:
        await machine(one, tmp_path / "elsewhere")
        if way == "papermill":
            await one.ok(f'# Parameters\nPAPERMILL_INPUT_PATH = "{tmp_path}/b.ipynb"\n')
        assert (await one.ok("%%chat -p koala\nHello")).reply == "Of b."
        assert "not known" in (await one.ok("%chat")).plain
