"""`%chat local pull` as a person sees it: how far it is, Stop, and what to do with what came."""

from __future__ import annotations

import asyncio
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.hub import hub
from tests.kernel.kernels import kernel

REPO = "who/tiny-GGUF"


@pytest.mark.skipif(find_spec("huggingface_hub") is None, reason="pip install -e '.[hub]'")
async def test_a_pull_shows_how_far_it_is_stops_and_goes_on(tmp_path: Path) -> None:
    async with hub() as served:
        served.files[REPO] = {"tiny Q4_K_M.gguf": os.urandom(4_000_000)}
        served.hold_after = 3_000_000
        variables = {"HF_ENDPOINT": served.url, "HF_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
        async with kernel(**variables) as one:
            await one.ok("%load_ext g4f_magic")
            is_shown = asyncio.Event()

            def seen(message: dict[str, Any]) -> None:
                if "of 4 MB · tiny Q4_K_M" in str(message["content"].get("data", {}).get("text/plain", "")):
                    is_shown.set()

            running = asyncio.create_task(one.finish(one.send(f"%chat local pull {REPO}"), seen))
            await is_shown.wait()
            await one.interrupt()
            assert (await running).error == ["Stopped."]
            served.hold_after = None
            served.go_on.set()
            ran = await one.ok(f"%chat local pull {REPO}")
            assert r"`%%chat -p local -m tiny\ Q4_K_M` asks it" in ran.plain
            assert "100%" in ran.plain
            assert served.ranges[0] == ""
            assert served.ranges[1].startswith("bytes=")
            ran = await one.run("%chat local pull who/nothing")
            assert ran.error[0] == "InputError: the hub has no model who/nothing, or it is private"


async def test_without_the_library_two_lines_say_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "huggingface_hub.py").write_text("raise ImportError('not here')\n")
    async with kernel(PYTHONPATH=str(tmp_path)) as one:
        await one.ok("%load_ext g4f_magic")
        ran = await one.run(f"%chat local pull {REPO}")
        assert ran.error == [
            "InputError: huggingface_hub is not installed here, or too old",
            "%pip install 'g4f-magic[hub]'",
        ]
