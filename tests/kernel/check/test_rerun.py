"""`check --run`: notebooks whose kernel is not there, dies, or was never run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.notebook_file import write_notebook
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.heavy

KERNELS_WORDS = ("[IPKernelApp]", "Assertion failed: pfd.revents & POLLIN")
"""How lines begin that a kernel writes, and not we: the second is libzmq's, now and then, when a kernel ends while another
of its threads waits (zeromq/libzmq#3715); the notebooks here load nothing of ours."""


def check(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "g4f_magic", "check", "--run", *options, str(path)]
    # An older kernel's debugger says in several lines that it is there; a kernel's own words are not ours.
    quiet = {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False, env=quiet
    )
    done.stderr = "".join(
        line for line in done.stderr.splitlines(keepends=True) if not line.startswith(KERNELS_WORDS)
    )
    return done


@pytest.mark.parametrize(
    ("cells", "more", "says"),
    [
        (["1"], {"kernel": "no-such-kernel"}, "wants the kernel 'no-such-kernel', which is not installed"),
        (["import os; os._exit(1)"], {}, "could not be run: DeadKernelError"),
        (["1"], {"nbformat": 3}, "cannot be read as a notebook"),
    ],
    ids=["no kernel", "a kernel that dies", "another format"],
)
def test_what_cannot_be_run_takes_two_lines(
    tmp_path: Path, cells: list[str], more: dict[str, object], says: str
) -> None:
    done = check(write_notebook(tmp_path / "a.ipynb", *cells, **more))  # type: ignore[arg-type]
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2


def test_a_stripped_notebook_is_run_and_not_compared(tmp_path: Path) -> None:
    done = check(write_notebook(tmp_path / "a.ipynb", "print(1)", "2", "x = 3"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "the run fails nowhere; 2 cells were saved without outputs" in done.stdout


def test_a_notebook_that_names_no_kernel_is_run(tmp_path: Path) -> None:
    done = check(write_notebook(tmp_path / "a.ipynb", "1", metadata={"kernelspec": 5}))
    assert (done.returncode, done.stderr) == (0, "")
