"""What several kernels connect at once, each a program of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from g4f_magic import providers, settings
from g4f_magic.providers import connections
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path / "data")
    return tmp_path / "data" / "services.toml"


MANY = """
import sys
from pathlib import Path
from g4f_magic import settings
from g4f_magic.providers.connections import DefaultService, NewService, connect, disconnect
settings.data_folder = lambda: Path(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    name = f"{sys.argv[2]}-{number}"
    connect(DefaultService(name), NewService(name=name, base_url=f"http://{name}.example/v1"))
disconnect()
"""


def test_kernels_that_connect_at_once_lose_nothing_of_each_other(file: Path) -> None:
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", MANY, str(file.parent), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two", "three")
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    for program in programs:
        program.communicate(timeout=PATIENCE_SECONDS)
    assert [program.returncode for program in programs] == [0, 0, 0]
    kept = {f"{name}-{number}" for name in ("one", "two", "three") for number in range(20)}
    assert kept <= set(providers.known_presets())
    assert connections.connection() is None
