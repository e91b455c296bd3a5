"""`python -m g4f_magic autoload`: one file in the profile's own start-up folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from g4f_magic.cli import main

ASK = "print('g4f_magic' in get_ipython().extension_manager.loaded)"


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    return tmp_path / "profile_default"


def loaded() -> str:
    command = [sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt", "-c", ASK]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_every_ipython_loads_it_until_it_is_off(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["autoload"]) == 0
    assert main(["autoload"]) == 0  # twice does no harm
    assert loaded() == "True"
    assert main(["autoload", "off"]) == 0
    assert loaded() == "False"
    assert main(["autoload", "off"]) == 0
    assert "It was not on." in capsys.readouterr().out


def test_a_file_of_somebody_else_is_left_alone(profile: Path) -> None:
    file = profile / "startup" / "50-g4f_magic.py"
    file.parent.mkdir(parents=True)
    file.write_text("mine = 1\n")
    assert main(["autoload"]) == 1
    assert main(["autoload", "off"]) == 1
    assert file.read_text() == "mine = 1\n"


@pytest.mark.parametrize("name", ["nobody", "../x", ""])
def test_a_profile_that_there_is_not_is_said(profile: Path, name: str) -> None:
    assert main(["autoload", "--profile", name]) == 1
