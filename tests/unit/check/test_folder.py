"""What `check` says where it is given a folder."""

from __future__ import annotations

import pytest

from g4f_magic.cli import main


@pytest.mark.parametrize("named", [".", "..", ""])
@pytest.mark.parametrize("options", [[], ["--run"]], ids=["", "run"])
def test_a_folder_in_place_of_a_notebook_is_said(
    named: str, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *options, named]) == 1
    assert "it is a folder" in capsys.readouterr().err
