"""IPython inside of a program's function (`IPython.embed`): a prompt names what stands there, and what its module has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE_SECONDS

PROGRAM = """
import IPython

outside = 42


def function():
    inside = 7
    IPython.embed(colors="NoColor", banner1="")


function()
"""
TYPED = """%load_ext g4f_magic
%ask --once -o reply !echo {{inside}} and {{outside}}
%ask --once -w outside+inside !echo
print("kept", type(reply).__name__)
"""


def test_names_of_the_function_and_of_its_module_are_found(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    ours = {"G4F_MAGIC_HISTORY": "off", "G4F_MAGIC_ENGINE": "script", "G4F_MAGIC_PROVIDER": "koala"}
    done = subprocess.run(
        [sys.executable, "program.py"],
        input=TYPED,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, **ours, "IPYTHONDIR": str(tmp_path / "ipython"), "TERM": "dumb"},
        timeout=PATIENCE_SECONDS,
    )
    said = done.stdout + done.stderr
    assert "!echo 7 and 42" in said, said
    assert "with outside+inside (int)" in " ".join(said.split()), said
    assert "kept ReplyText" in said, said
