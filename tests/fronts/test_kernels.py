"""Kernels other than ipykernel, and consoles: each is installed and really runs."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from g4f_magic.testing.script import SCRIPT_TEXT
from tests.environments import FRONTS
from tests.fronts.machines import python
from tests.kernel.kernels import kernel
from tests.notebook_file import write_notebook

pytestmark = [
    pytest.mark.fronts,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(FRONTS.missing()), reason=FRONTS.missing()),
]

SAID = SCRIPT_TEXT.strip()
OURS = {"G4F_MAGIC_HISTORY": "off", "G4F_MAGIC_ENGINE": "script", "G4F_MAGIC_MODE": "live"}


KERNELS = {
    "xpython": ["-m", "xpython_launcher", "-f", "{connection_file}"],
    "spyder": ["-m", "spyder_kernels.console", "-f", "{connection_file}"],
}


@pytest.fixture(autouse=True)
def _kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have the kernels of the environment: by its own Python, which `jupyter_client` would take another for."""
    for name, arguments in KERNELS.items():
        folder = tmp_path / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": [str(FRONTS.python), *arguments], "display_name": name, "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))


async def test_xeus_python_does_all_that_a_cell_does(tmp_path: Path) -> None:
    """It names no cell: the one that holds the code in the saved file is meant."""
    write_notebook(
        tmp_path / "a.ipynb", "%load_ext g4f_magic", "%%chat -p koala\nOne", "%%chat -p koala\nTwo"
    )
    async with kernel("xpython", JPY_SESSION_NAME=str(tmp_path / "a.ipynb")) as one:
        await one.ok("%load_ext g4f_magic", cell="c0")
        ran = await one.ok("%%chat -p koala -o answer\nNot saved", cell="new")
        assert ran.plain.startswith(SAID)
        for text in ("Two", "One", "Two"):
            await one.ok(f"%%chat -p koala\n{text}", cell="whatever")
        told = [turn for turn in (await one.ok("%chat history")).plain.split("\n") if turn.startswith("> ")]
        assert told == ["> Not saved", "> One", "> Two"]
        assert "does not name its cells" in (await one.ok("%chat")).plain
        assert await one.value("answer.provider") == "'koala'"
        failed = await one.run("%%chat -p nobody\nHello")
        assert failed.status == "error"
        assert "no provider is called" in "".join(failed.error)


async def test_jupyter_console_prints_a_reply_once(tmp_path: Path) -> None:
    lines = ["%load_ext g4f_magic", "%ask -p koala Hello", "%chat", "exit()"]
    environment = {
        **os.environ,
        **OURS,
        "HOME": str(tmp_path),
        "PATH": f"{FRONTS.bin}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        [str(FRONTS.bin / "jupyter-console"), "--simple-prompt", "--kernel=python3"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert done.stdout.count("jumps over") == 1, done.stdout + done.stderr
    assert done.stdout.count("— live · via local gateway") == 1
    assert "prints text" in done.stdout
    assert "<div" not in done.stdout


_ENGINE = """
import ipyparallel as ipp
with ipp.Cluster(n=1, log_level=40) as cluster:
    view = cluster[0]
    view.execute("%load_ext g4f_magic", silent=False, block=True)
    result = view.execute("%%chat -p koala\\nHello", silent=False, block=False)
    result.get()
    result.wait_for_output()
    for output in result.outputs:
        for one in output if isinstance(output, list) else [output]:
            print(one["data"].get("text/plain", "") if "data" in one else one)
"""


async def test_an_engine_of_ipyparallel_shows_a_whole_reply(tmp_path: Path) -> None:
    status, said = await python(tmp_path, _ENGINE, **OURS)
    assert status == 0, said
    assert said.count("jumps over") == 1, said
    assert said.count("— live · via local gateway") == 1


async def test_spyders_kernel_prints_a_reply_as_it_comes() -> None:
    async with kernel("spyder") as one:
        identity = one.send("%load_ext g4f_magic", can_be_asked=True)
        await one.finish(identity)
        ran = await one.finish(one.send("%%chat -p koala\nHello", can_be_asked=True))
        assert ran.status == "ok", ran.error
        assert ran.stdout.startswith(SAID[:20])
        assert ran.stdout.count("jumps over") == 1
        assert ran.of_type("display_data") == []
