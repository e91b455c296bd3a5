"""Files are made for their owner alone, whatever the umask; and nothing in the package runs what it reads."""

from __future__ import annotations

import ast
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import g4f_magic
from g4f_magic import Chat
from g4f_magic.commands import transfer
from g4f_magic.files.exporting import write
from g4f_magic.gateway import Gateway
from g4f_magic.providers.model_cache import ModelCache
from g4f_magic.settings import Settings
from g4f_magic.subcommand import Given
from g4f_magic.testing.script import ScriptEngine
from g4f_magic.wire.chromium import run_browser
from tests.named import named

PACKAGE = Path(g4f_magic.__file__).parent
STARTS_PROGRAMS = {
    "wire/chromium.py",
    "local/process.py",
    "commands/replies.py",
    "trying.py",
    "file_system.py",
    "check/notebook_file.py",
}
EVALUATES_WHAT_THE_PERSON_WROTE = {"attaching/given.py", "attaching/host_source.py"}
"""`--with` takes an expression of the person's own, of a notebook or of given names."""
UNSAFE = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "code", "codeop", "pty"}
EVALUATES = {"eval", "exec", "compile", "__import__", "execfile", "breakpoint"}
RUNS = {"system", "popen", "run_cell", "run_cell_async", "ex", "safe_execfile", "run_line_magic", "getoutput"}


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}


async def test_history_cassette_and_exports_are_for_their_owner_alone(tmp_path: Path) -> None:
    cassette = tmp_path / "a.chat.jsonl"
    settings = Settings(mode="record", cassette=str(cassette), history=str(tmp_path / "history.sqlite"))
    async with (
        Gateway(ScriptEngine()) as gateway,
        Chat("koala", settings=settings, base_url=gateway.base_url) as chat,
    ):
        chat._session.notebook.enter_named("name:test")
        await chat.ask("Hello")
        cassette.write_bytes(cassette.read_bytes() + b'{"format":1,"half')
        with pytest.warns(UserWarning, match="set aside"):
            await chat.ask("Again")
        for suffix in ("md", "json", "jsonl", "ipynb"):
            write(tmp_path / f"talk.{suffix}", chat.turns)
        await transfer.export(chat._session, Given((str(tmp_path / "other.md"),)))
        ModelCache(tmp_path / "cache" / "models.json").keep("http://127.0.0.1:1/v1", ["m"])
        found = modes(tmp_path)
    assert {"a.chat.jsonl", "a.chat.jsonl.torn", "history.sqlite", "history.sqlite-wal"} <= set(found)
    assert {"talk.md", "talk.json", "talk.jsonl", "talk.ipynb", "other.md", "models.json"} <= set(found)
    assert {name: oct(mode) for name, mode in found.items() if mode != 0o600} == {}
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


async def test_the_profile_of_a_browser_is_for_its_owner_alone_and_goes(tmp_path: Path) -> None:
    program = tmp_path / "browser"
    program.write_text(
        "#!/bin/sh\n"
        f'for one in "$@"; do case "$one" in --user-data-dir=*) ls -ld "${{one#*=}}" > {tmp_path}/mode;; esac; done\n'
        "printf '{}\\0' >&4\nsleep 60\n"
    )
    program.chmod(0o700)
    async with run_browser(str(program)):
        mode, *_, profile = (tmp_path / "mode").read_text().split()
        assert mode == "drwx------"
        assert Path(profile).is_dir()
    assert not Path(profile).exists()


@pytest.mark.heavy
def test_no_module_runs_what_it_reads() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        with named(path.relative_to(PACKAGE)):
            assert_it_runs_nothing(path)


def assert_it_runs_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    called = {
        node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and not _is_of_re(node.func)
    }
    shells = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "shell" and _is_true(node)
    ]
    assert imported & UNSAFE == set()
    name = path.relative_to(PACKAGE).as_posix()
    evaluates = set() if name in EVALUATES_WHAT_THE_PERSON_WROTE else EVALUATES
    assert called & (evaluates | RUNS) == set()
    assert shells == []
    assert ("subprocess" in imported) is (name in STARTS_PROGRAMS)


def _is_of_re(function: ast.expr) -> bool:
    owner = getattr(function, "value", None)
    return isinstance(owner, ast.Name) and owner.id == "re"


def _is_true(node: ast.keyword) -> bool:
    return isinstance(node.value, ast.Constant) and node.value.value is True
