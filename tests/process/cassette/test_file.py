"""A cassette's file and programs of their own: several that write at once, one that may not, one that is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import g4f_magic
from g4f_magic.cassette.open_cassette import OpenCassette
from tests.patience import PATIENCE_SECONDS
from tests.unit.cassette.test_file import entry, line, prompts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.chat.jsonl"


_AS_NOBODY = """
import os, sys
from pathlib import Path
from g4f_magic.cassette.open_cassette import OpenCassette
from g4f_magic.errors import InputError
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    OpenCassette(Path(sys.argv[1])).check_writable()
except InputError as error:
    print(error)
"""


def test_a_folder_that_cannot_be_written_is_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.chat.jsonl"
    path.write_bytes(line("one"))
    path.chmod(0o644)
    tmp_path.chmod(0o555)
    for parent in tmp_path.parents:  # pytest's own, one more of them in a worker of xdist
        if parent.name.startswith(("pytest-", "popen-")):
            parent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(path)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    tmp_path.chmod(0o755)
    assert "cannot be written: Permission denied" in done.stdout


def test_a_disk_that_is_full_leaves_the_file_as_it_was(path: Path) -> None:
    path.write_bytes(line("one"))
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from g4f_magic.cassette import CassetteFile; from g4f_magic.errors import InputError\n"
        "path = Path(sys.argv[1]); signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100,) * 2)\n"
        "try:\n    CassetteFile(path).append(b'{' + b'x' * 5000 + b'}\\n')\n"
        "except InputError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    assert "cannot be written: File too large" in done.stdout
    assert path.read_bytes() == line("one")


_WRITER = """
import sys
from pathlib import Path
from g4f_magic.cassette.entry import Entry
from g4f_magic.cassette.key import Asked
from g4f_magic.cassette.open_cassette import OpenCassette
from g4f_magic.chunks import Text
path, name = Path(sys.argv[1]), sys.argv[2]
for number in range(20):
    asked = Asked(provider="koala", prompt=f"{name} {number}")
    OpenCassette(path).keep(Entry(asked=asked, chunks=((1, Text("x" * 20_000)),)), "")
    shared = Asked(provider="koala", prompt=f"of {name}")
    OpenCassette(path).keep(Entry(asked=shared, chunks=((1, Text(str(number))),)), "")
"""


def test_kernels_that_append_and_replace_at_once_mix_and_lose_no_line(path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(path), name]) for name in ("a", "b", "c")]
    assert [writer.wait(PATIENCE_SECONDS) for writer in writers] == [0, 0, 0]
    found = prompts(path)
    assert sorted(found) == sorted(
        [f"{name} {number}" for name in "abc" for number in range(20)] + [f"of {name}" for name in "abc"]
    )
    assert sorted(os.listdir(path.parent)) == ["a.chat.jsonl"]


_HOLDER = """
import sys
from pathlib import Path
from g4f_magic import disk
from g4f_magic.file_lock import locked
path = Path(sys.argv[1])
with disk.opened(path.parent) as folder, locked(folder, path.name):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """A process that holds the lock until it is told a line, or killed."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", _HOLDER, str(path)], stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_who_writes_waits_for_the_kernel_that_is_at_it(path: Path) -> None:
    with holder(path) as other, ThreadPoolExecutor() as pool:
        written = pool.submit(OpenCassette(path).keep, entry("one"), "")
        with pytest.raises(TimeoutError):
            written.result(timeout=0.2)
        assert not path.exists()
        other.communicate("go on\n")
        written.result(timeout=PATIENCE_SECONDS)
    assert prompts(path) == ["one"]
    assert os.listdir(path.parent) == [path.name]


def test_a_kernel_killed_while_it_wrote_is_in_nobody_s_way(path: Path) -> None:
    with holder(path) as other:
        other.kill()
        other.communicate()
    assert len(os.listdir(path.parent)) == 1
    OpenCassette(path).keep(entry("one"), "")
    assert os.listdir(path.parent) == [path.name]


def test_two_names_of_one_file_are_one_lock(tmp_path: Path) -> None:
    (tmp_path / "link.chat.jsonl").symlink_to(tmp_path / "real.chat.jsonl")
    with holder(tmp_path / "real.chat.jsonl") as other, ThreadPoolExecutor() as pool:
        written = pool.submit(OpenCassette(tmp_path / "link.chat.jsonl").keep, entry("one"), "")
        with pytest.raises(TimeoutError):
            written.result(timeout=0.2)
        other.communicate("go on\n")
        written.result(timeout=PATIENCE_SECONDS)
    assert prompts(tmp_path / "real.chat.jsonl") == ["one"]


_WHERE_IT_WAS_COPIED = """
import asyncio, sys
from importlib.metadata import PackageNotFoundError, version
from g4f_magic import Chat
from g4f_magic.settings import Settings

async def main():
    async with Chat("koala", settings=Settings(mode="record", cassette=sys.argv[1], history="off")) as chat:
        await chat.ask("Hello")

try:
    version("g4f-magic")
except PackageNotFoundError:
    asyncio.run(main())
"""


def test_a_package_that_was_copied_and_not_installed_records(path: Path, tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    for found in Path(sysconfig.get_path("purelib")).iterdir():
        if "g4f_magic" not in found.name:
            (others / found.name).symlink_to(found)
    (others / "g4f_magic").symlink_to(Path(g4f_magic.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-S", "-c", _WHERE_IT_WAS_COPIED, str(path)],
        env={**os.environ, "PYTHONPATH": str(others)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert prompts(path) == ["Hello"]
