"""The process that fetches files from Hugging Face's hub, by their own library: an interrupt ends it wherever it waits.

Started by its path and not imported. It reads lines of JSON from its standard input and writes lines of JSON: first
`{"repo": NAME}` in, `{"files": {NAME: BYTES}}` out; then `{"get": [NAME, ...], "folder": PATH}` in, `{"at": BYTES}` out
as they come, `{"done": [PATH, ...]}` at the end. Where something fails, `{"error": KIND, "status": NUMBER}`.

A file lies beside its place until it is whole, and goes on from there when it is fetched again: their own cache begins
anew each time.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

_TELL_SECONDS = 0.1
_PIECE_BYTES = 2**20
"""What is told of, and kept, at once; their own ten megabytes take long on a slow line."""
_KINDS = (
    "GatedRepoError",
    "RepositoryNotFoundError",
    "HFValidationError",
    "HfHubHTTPError",
    "LocalEntryNotFoundError",
    "ImportError",
    "BrokenFileError",
)


class BrokenFileError(Exception):
    """What came is not what the hub has."""


def main() -> None:
    """Answer both questions, or say what failed."""
    try:
        hub = import_module("huggingface_hub")
        repo = json.loads(sys.stdin.readline())["repo"]
        info = hub.HfApi().model_info(repo, files_metadata=True)
        _say(files={one.rfilename: int(one.size or 0) for one in info.siblings or ()})
        wanted = json.loads(sys.stdin.readline() or "{}")
        names = wanted.get("get", [])
        _say(done=[str(_fetched(hub, repo, info.sha, name, Path(wanted["folder"]))) for name in names])
    except Exception as exc:  # whatever it is: the other end has the words for it
        _say(error=_kind(exc), status=getattr(getattr(exc, "response", None), "status_code", 0))


def _fetched(hub: Any, repo: str, revision: str | None, name: str, folder: Path) -> Path:
    cached = hub.try_to_load_from_cache(repo, name, revision=revision)
    if isinstance(cached, str):
        return Path(cached)
    filelock = import_module("filelock")
    url = hub.hf_hub_url(repo, name, revision=revision)
    meta = hub.get_hf_file_metadata(url)
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / Path(name).name
    part = folder / f".{whole.name}.{(meta.etag or '')[:12]}.part"  # of another version nothing is taken over
    with filelock.FileLock(folder / f".{whole.name}.lock"):
        if not (whole.is_file() and whole.stat().st_size == meta.size):
            _download(meta, url, part)
            _check(part, meta)
            os.replace(part, whole)
    return whole


def _download(meta: Any, url: str, part: Path) -> None:
    module = import_module("huggingface_hub.file_download")
    utils = import_module("huggingface_hub.utils")
    constants: Any = import_module("huggingface_hub.constants")
    if hasattr(constants, "DOWNLOAD_CHUNK_SIZE"):
        constants.DOWNLOAD_CHUNK_SIZE = _PIECE_BYTES
    with part.open("ab", buffering=0) as file:
        done = file.tell()
        if done == meta.size:
            return
        if done > (meta.size or done):
            file.truncate(done := 0)
        module.http_get(
            # The token is for the hub's own host, and not for where it sends on to.
            url,
            _Told(file),
            resume_size=done,
            headers=utils.build_hf_headers(),
            expected_size=meta.size,
        )


class _Told:
    """A file that tells how long it is while it is written."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._told = 0.0

    def write(self, data: bytes) -> int:
        written: int = self._file.write(data)
        if time.monotonic() - self._told > _TELL_SECONDS:
            self._told = time.monotonic()
            _say(at=self._file.tell())
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _check(part: Path, meta: Any) -> None:
    """Make sure that the file is the hub's: of large ones it tells the SHA-256."""
    etag = str(meta.etag or "")
    is_right = meta.size is None or part.stat().st_size == meta.size
    if is_right and len(etag) == 64:
        with part.open("rb") as file:
            is_right = hashlib.file_digest(file, "sha256").hexdigest() == etag
    if not is_right:
        part.unlink()
        raise BrokenFileError


def _kind(error: BaseException) -> str:
    """Return what kind of failure it is, by the names of the classes: a library that is missing has none to import."""
    names = [one.__name__ for one in type(error).__mro__]
    for name in _KINDS:
        if name in names:
            return name
    if isinstance(error, OSError) and error.errno is not None and not hasattr(error, "request"):
        return f"OSError {error.errno}"
    return type(error).__name__


def _say(**told: Any) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
