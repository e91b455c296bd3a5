"""How long a context a machine has room for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from g4f_magic.local import memory
from g4f_magic.local.gguf import Model
from g4f_magic.local.memory import MOST_CONTEXT_TOKENS, context_tokens

GIGABYTE = 2**30


def model(context: int = 8192, size: int = GIGABYTE, cache: int = 2**17) -> Model:
    return Model(
        path=Path("m.gguf"),
        name="m",
        architecture="llama",
        parameters=1,
        context_tokens=context,
        size_bytes=size,
        cache_bytes_per_token=cache,
        has_template=True,
    )


def test_where_there_is_room_the_context_is_the_models_own():
    assert context_tokens(model(), 100 * GIGABYTE) == 8192
    assert context_tokens(model(), None) == 8192


def test_a_context_without_end_is_bounded():
    assert context_tokens(model(1_000_000), 100 * GIGABYTE) == MOST_CONTEXT_TOKENS


def test_a_short_memory_makes_a_short_context():
    tokens = context_tokens(model(), int(1.5 * GIGABYTE))
    assert 512 <= tokens < 8192
    assert GIGABYTE + tokens * 2**17 <= 1.5 * GIGABYTE


def test_a_model_that_does_not_fit_gets_none():
    assert context_tokens(model(), GIGABYTE) == 0
    assert context_tokens(model(), GIGABYTE // 2) == 0


def test_this_machine_has_some_memory():
    free = memory.available_bytes()
    assert free is None or free > 0


def group(folder: Path, limit: str, used: int, files: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(limit)
    (folder / "memory.current").write_text(str(used))
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {files}\n")


def test_a_containers_limits_count_and_what_it_keeps_of_files_does_not(tmp_path):
    own = tmp_path / "own"
    own.write_text("0::/user/session\n")
    group(tmp_path / "groups", "max", 10, 0)
    group(tmp_path / "groups/user", "1000", 900, 300)
    group(tmp_path / "groups/user/session", "700", 100, 0)
    assert list(memory._of_containers(own, tmp_path / "groups")) == [600, 400]


def test_an_older_kind_of_container_counts_too(tmp_path):
    own = tmp_path / "own"
    own.write_text("4:cpu,cpuacct:/\n7:memory:/job\n")
    folder = tmp_path / "groups/memory/job"
    folder.mkdir(parents=True)
    (folder / "memory.limit_in_bytes").write_text("1000")
    (folder / "memory.usage_in_bytes").write_text("250")
    assert list(memory._of_containers(own, tmp_path / "groups")) == [750]


def test_a_machine_without_containers_has_no_such_limit(tmp_path):
    assert list(memory._of_containers(tmp_path / "none", tmp_path)) == []


LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
from g4f_magic.local import memory
assert memory.available_bytes() <= 2**30
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits")
def test_a_limit_of_the_shell_counts():
    subprocess.run([sys.executable, "-c", LIMITED], check=True)
