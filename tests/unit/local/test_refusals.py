"""Why a model cannot be run: in words of its cause, with what to do."""

from __future__ import annotations

import errno
import os
import platform
import sys

import pytest

from g4f_magic.causes import Cause
from g4f_magic.local import gguf, refusals
from g4f_magic.local.gguf import Model
from tests.unit.local.gguf_files import LLAMA, written


@pytest.fixture
def model(tmp_path) -> Model:
    return gguf.read(written(tmp_path / "m.gguf", LLAMA))


@pytest.mark.parametrize(
    ("log", "code", "words"),
    [
        (
            "x error loading model: unknown model architecture: 'new'\n",
            1,
            "m: unknown model architecture: 'new'",
        ),
        ("Traceback\nImportError: libgomp.so.1: cannot open\n", 1, "libgomp.so.1: cannot open"),
        ("", -9, "lack of memory"),
        ("", -4, "this processor lacks"),
        ("", -11, "SIGSEGV"),
        ("", None, "cannot load m"),
    ],
)
def test_what_could_not_be_loaded_says_why(model: Model, log: str, code: int | None, words: str):
    assert words in str(refusals.not_loaded(model, log, code))


def test_a_python_without_llama_cpp_is_told_how_to_get_it(model: Model):
    error = refusals.not_loaded(model, "ModuleNotFoundError: No module named 'xllamacpp'\n", 1)
    assert error.cause is Cause.NO_MODEL
    assert "pip install" in error.hint or "has no wheel" in str(error)


@pytest.mark.parametrize(
    ("system", "machine", "has"),
    [
        ("linux", "riscv64", False),
        ("darwin", "arm64", True),
        ("win32", "ARM64", False),
        ("emscripten", "", False),
    ],
)
def test_a_platform_without_a_wheel_is_told_so(monkeypatch, system: str, machine: str, has: bool):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    error = refusals.not_installed()
    assert ("%pip install" in error.hint) is has
    assert ("has no wheel for this platform" in str(error)) is not has


def test_no_space_is_told(model: Model):
    error = refusals.not_started(model, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert "No space left" in str(error)
    assert "space" in error.hint


def test_a_model_too_large_says_how_much_it_needs(model: Model):
    assert "0 MB are free" in str(refusals.too_large(model, None))
