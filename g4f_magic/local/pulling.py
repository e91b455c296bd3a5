"""Fetching a model from Hugging Face's hub to where models of this machine are looked for."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from g4f_magic.errors import ChatError, InputError, ServiceError, UnreachableError
from g4f_magic.local.gguf import is_later_part
from g4f_magic.local.refusals import in_bytes

INSTALL = "%pip install 'g4f-magic[hub]'"
QUANTS = (
    "q4_k_m",
    "q4_k_s",
    "q4_0",
    "q4_1",
    "iq4_xs",
    "q5_k_m",
    "q5_0",
    "q3_k_m",
    "q6_k",
    "q8_0",
    "f16",
    "bf16",
)
"""How many bits a weight has, by the names that files carry: the first is a good middle, and is taken first."""
_MOST_LINE_BYTES = 16 * 2**20
_CHILD = Path(__file__).with_name("hub_child.py")
_PART = re.compile(r"-\d{5}-of-\d{5}$")
_REPO = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far it is: of one file after the other, in bytes."""

    name: str
    at_bytes: int
    of_bytes: int


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came."""

    path: Path
    size_bytes: int

    @property
    def name(self) -> str:
        """Return what it goes by here."""
        return self.path.stem


async def pull(spec: str, folder: Path) -> AsyncGenerator[PullProgress | Pulled]:
    """Yield how far it is, and at the end what came. `spec` is `OWNER/REPO`, or that with `:FILE`, or `:Q8_0`, say.
    It goes into a folder of its repository's name below `folder`.

    What came before an interrupt is kept, and goes on from there.

    Raises:
        InputError: huggingface_hub is not installed, there is no such model or file, or no space for it.
        UnreachableError: the hub does not answer.
        ServiceError: it fails in another way.
    """
    repo, _, wanted = spec.removeprefix("https://huggingface.co/").removeprefix("hf.co/").partition(":")
    if not _REPO.fullmatch(repo := repo.strip("/")):
        raise InputError(
            f"{spec!r} names no model of the hub",
            hint="Write OWNER/REPO or OWNER/REPO:FILE, as its page has them.",
        )
    async with _child() as child:
        said = await child.ask({"repo": repo})
        if "files" not in said:
            raise _failed(repo, said)
        sizes: dict[str, int] = said["files"]
        names = picked(repo, sizes, wanted)
        size = sum(sizes[name] for name in names)
        _check_space(repo, size, folder)
        async with aclosing(_fetched(child, repo, names, sizes, folder / repo)) as steps:
            async for step in steps:
                yield step


async def _fetched(
    child: _Child, repo: str, names: list[str], sizes: Mapping[str, int], folder: Path
) -> AsyncGenerator[PullProgress | Pulled]:
    size, done, before = sum(sizes[name] for name in names), 0, 0
    said = await child.ask({"get": names, "folder": str(folder)})
    while "at" in said:
        at = int(said["at"])
        done += before if at < before else 0  # the next file begins
        before = at
        yield PullProgress(Path(names[0]).stem, min(done + at, size), size)
        said = await child.heard()
    if "done" not in said:
        raise _failed(repo, said)
    yield PullProgress(Path(names[0]).stem, size, size)
    yield Pulled(Path(said["done"][0]), size)


def picked(repo: str, sizes: Mapping[str, int], wanted: str = "") -> list[str]:
    """Return the files of the model that is meant, several where it comes in parts: the first of them first.

    Raises:
        InputError: there is none such, or several fit.
    """
    models = [
        name
        for name in sorted(sizes)
        if name.lower().endswith(".gguf")
        and not is_later_part(Path(name).stem)
        and not Path(name).name.lower().startswith("mmproj")
    ]
    if not models:
        raise InputError(
            f"{repo} has no GGUF file",
            hint="Look for a repository whose name ends with -GGUF: others convert most models.",
        )
    found = _meant(models, wanted)
    if len(found) != 1:
        listed = ", ".join(f"{name} ({in_bytes(sizes[name])})" for name in (found or models)[:12])
        what = f"{wanted!r} fits several files of {repo}" if found else f"{repo} has no file {wanted!r}"
        raise InputError(what, hint=f"It has {listed}.")
    stem = found[0].removesuffix(".gguf")
    if not _PART.search(stem):
        return found
    start = _PART.sub("", stem)
    return sorted(name for name in sizes if _PART.sub("", name.removesuffix(".gguf")) == start)


def _meant(models: list[str], wanted: str) -> list[str]:
    if wanted:
        lower = wanted.lower()
        exact = [name for name in models if lower in (name.lower(), name.lower().removesuffix(".gguf"))]
        return exact or [name for name in models if lower in name.lower()]
    for quant in QUANTS:
        if of_it := [name for name in models if quant in name.lower()]:
            return of_it[:1]
    return models[:1]


def _check_space(repo: str, size: int, folder: Path) -> None:
    place = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    with suppress(OSError):
        free = shutil.disk_usage(place).free
        if free < size:
            raise InputError(
                f"{repo} takes {in_bytes(size)}, and {in_bytes(free)} are free in {folder}",
                hint="Make space there, name a smaller file (REPO:FILE), or set ChatMagics.models_folder to another folder.",
            )


def _failed(repo: str, said: Mapping[str, Any]) -> ChatError:
    """Return the error for what the hub, or its library, did not do."""
    kind, status = str(said.get("error", "")), int(said.get("status") or 0)
    match kind:
        case "ImportError":
            return InputError("huggingface_hub is not installed here, or too old", hint=INSTALL)
        case "GatedRepoError":
            return InputError(
                f"{repo} is given to those alone who accept its terms",
                hint=f"Accept them at https://huggingface.co/{repo}, and set HF_TOKEN, or run: hf auth login",
            )
        case "RepositoryNotFoundError" | "HFValidationError":
            return InputError(
                f"the hub has no model {repo}, or it is private",
                hint="Look at its page for the name; for a private one set HF_TOKEN, or run: hf auth login",
            )
        case _ if kind.startswith("OSError "):
            return InputError(
                f"{repo} cannot be kept: {os.strerror(int(kind.split()[1]))}",
                hint="Make space, or set ChatMagics.models_folder to another folder. Run again, it goes on from there.",
            )
        case "BrokenFileError":
            return ServiceError(
                f"what came of {repo} is not what the hub has", hint="Run it again: it is fetched anew."
            )
        case "HfHubHTTPError" if status:
            return ServiceError(
                f"the hub answered with HTTP {status}", hint="Try again later: it goes on from there."
            )
    return UnreachableError(
        f"the hub cannot be reached{f' ({kind})' if kind else ''}",
        hint="Is the network there? Run it again: it goes on from where it was.",
    )


class _Child:
    """The process that fetches, asked line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return its next answer."""
        if self._process.stdin is not None:
            with suppress(ConnectionError):  # it has ended: what it said of that comes next
                self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
                await self._process.stdin.drain()
        return await self.heard()

    async def heard(self) -> dict[str, Any]:
        """Return what it says next; nothing where it ended."""
        if self._process.stdout is None:
            return {}
        while line := await self._process.stdout.readline():
            with suppress(ValueError):  # a library may print what it likes
                said = json.loads(line)
                if isinstance(said, dict):
                    return said
        return {}


@asynccontextmanager
async def _child() -> AsyncGenerator[_Child]:
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(_CHILD),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            cwd=tempfile.gettempdir(),
            limit=_MOST_LINE_BYTES,
        )
    except OSError as exc:
        raise InputError(
            f"the process that fetches cannot be started: {exc.strerror}",
            hint="Free some memory, and try again.",
        ) from None
    try:
        yield _Child(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
