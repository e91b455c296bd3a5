"""Signs of a front end that are wrong, missing or change: the cells go on, and what is not known is said."""

from __future__ import annotations

from pathlib import Path

from tests.kernel.kernels import kernel


async def test_a_home_that_cannot_be_written_a_path_without_a_file_and_nobody_to_ask(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "not there" / "a.ipynb")
    environment = {"XDG_DATA_HOME": "/proc/1/none", "G4F_MAGIC_HISTORY": "", "JPY_SESSION_NAME": nowhere}
    async with kernel(**environment) as one:
        await one.ok("%load_ext g4f_magic")
        asked = await one.ok("%%chat -p koala\nHello", cell="a")
        assert "kept in memory alone" in asked.plain
        said = (await one.ok("%chat", cell="b")).plain
        assert "in memory, until the kernel ends" in said
        assert "cannot ask for input" in said
        login = await one.run("%chat login groq", cell="c")
        assert len(login.error) == 2
        assert "nobody can be asked for a key here" in login.error[0]


async def test_a_clock_that_jumps_and_an_id_that_another_cell_had_lose_nothing() -> None:
    async with kernel() as one:
        await one.ok("%load_ext g4f_magic")
        await one.ok("import time; right = time.time", cell="clock")
        for number, days in enumerate((0, -400, 4000)):
            await one.ok(f"time.time = lambda: right() + 86400 * {days}", cell="clock")
            await one.ok(f"%%chat -p koala\n{number}", cell=f"c{number}")
        again = await one.ok("%%chat -p koala\nOf another cell", cell="c1")
        assert "after 1 turn" in again.provenance
        told = (await one.ok("%chat history", cell="h")).plain
        asked = [line for line in told.split("\n") if line.startswith("> ")]
        assert asked == ["> 0", "> Of another cell", "> 2"]
        assert "> 1" in (await one.ok("%chat history --all", cell="h")).plain
