"""Fetching a model with Hugging Face's own library, from a server that speaks the hub's protocol."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from g4f_magic.errors import ChatError, InputError, ServiceError, UnreachableError
from g4f_magic.local import finding
from g4f_magic.local.pulling import Pulled, PullProgress, pull
from tests.hub import Hub, hub
from tests.unit.local.gguf_files import LLAMA, written

pytestmark = pytest.mark.heavy

REPO = "who/tiny-GGUF"


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Hub]:
    for name in ("HF_HUB_CACHE", "HF_TOKEN", "HF_HUB_OFFLINE", "OLLAMA_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HOME", str(tmp_path))
    async with hub() as one:
        monkeypatch.setenv("HF_ENDPOINT", one.url)
        whole = written(tmp_path / "made.gguf", LLAMA).read_bytes() + os.urandom(4_000_000)
        one.files[REPO] = {"README.md": b"#", "tiny-Q4_K_M.gguf": whole, "tiny-Q8_0.gguf": b"GGUF"}
        yield one


async def pulled(folder: Path, spec: str = REPO) -> list[PullProgress | Pulled]:
    return [step async for step in pull(spec, folder)]


async def test_a_model_comes_with_its_progress_and_is_found_afterwards(served: Hub, tmp_path: Path) -> None:
    *progress, last = await pulled(tmp_path)
    assert isinstance(last, Pulled)
    assert progress
    assert last.path.read_bytes() == served.files[REPO]["tiny-Q4_K_M.gguf"]
    assert "tiny-Q4_K_M" in [one.name for one in finding.found(str(tmp_path))]


async def test_what_was_stopped_goes_on_from_there(served: Hub, tmp_path: Path) -> None:
    served.hold_after = 3_000_000
    is_begun = asyncio.Event()

    async def until_stopped() -> None:
        async with aclosing(pull(REPO, tmp_path)) as steps:
            async for _ in steps:
                is_begun.set()

    running = asyncio.create_task(until_stopped())
    await is_begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    served.hold_after = None
    *_, last = await pulled(tmp_path)
    assert isinstance(last, Pulled)
    assert last.path.read_bytes() == served.files[REPO]["tiny-Q4_K_M.gguf"]
    first, second = served.ranges
    assert first == ""
    assert int(second.removeprefix("bytes=").rstrip("-")) >= 2**20
    assert [one.name for one in last.path.parent.iterdir() if one.suffix == ".part"] == []


async def test_what_is_there_is_not_fetched_again(served: Hub, tmp_path: Path) -> None:
    await pulled(tmp_path)
    await pulled(tmp_path)
    assert len(served.ranges) == 1


async def test_what_another_program_fetched_is_used(
    served: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", f"import huggingface_hub as h; h.hf_hub_download({REPO!r}, 'tiny-Q8_0.gguf')"],
        check=True,
    )
    *_, last = await pulled(tmp_path, f"{REPO}:Q8_0")
    assert isinstance(last, Pulled)
    assert "snapshots" in last.path.parts
    assert len(served.ranges) == 1


async def test_what_came_broken_is_told_and_not_kept(served: Hub, tmp_path: Path) -> None:
    served.etags["tiny-Q4_K_M.gguf"] = "0" * 64
    with pytest.raises(ServiceError, match="not what the hub has"):
        await pulled(tmp_path)
    assert list((tmp_path / REPO).glob("*.gguf")) == []
    assert list((tmp_path / REPO).glob("*.part")) == []


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("who/nothing", "the hub has no model who/nothing"),
        ("nothing", "names no model of the hub"),
        (f"{REPO}:Q5", "has no file 'Q5'"),
    ],
)
async def test_what_is_not_there_is_told(served: Hub, tmp_path: Path, spec: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        await pulled(tmp_path, spec)


async def test_a_model_with_terms_says_where_to_accept_them(served: Hub, tmp_path: Path) -> None:
    served.gated.add(REPO)
    with pytest.raises(InputError, match="accept its terms") as error:
        await pulled(tmp_path)
    assert f"https://huggingface.co/{REPO}" in error.value.hint
    assert "HF_TOKEN" in error.value.hint


async def test_a_model_that_does_not_fit_on_the_disk_is_refused_before_it_is_fetched(
    served: Hub, tmp_path: Path
) -> None:
    free = shutil.disk_usage(tmp_path).free
    served.sizes["tiny-Q4_K_M.gguf"] = free + 10**12
    with pytest.raises(InputError, match="are free in"):
        await pulled(tmp_path)
    assert served.ranges == []


async def test_a_folder_that_cannot_be_written_is_told(served: Hub, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ChatError, match="cannot be kept"):
        await pulled(tmp_path / "file")


async def test_a_hub_that_is_not_there_is_told(
    served: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UnreachableError, match="cannot be reached") as error:
        await pulled(tmp_path)
    assert "goes on" in error.value.hint
