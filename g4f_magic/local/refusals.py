"""Why a model cannot be run here, or ran no further: the errors, each with what to do. No I/O."""

from __future__ import annotations

import platform
import signal
import sys
from contextlib import suppress

from g4f_magic.causes import Cause, Diagnosis
from g4f_magic.errors import BrokenOffError, ChatError, InputError, ServiceError
from g4f_magic.local.gguf import Model
from g4f_magic.visible import make_visible

INSTALL = "%pip install 'g4f-magic[local]'"
_WHEELS = {"linux": ("x86_64", "aarch64"), "darwin": ("x86_64", "arm64"), "win32": ("AMD64",)}
"""For which processors llama.cpp comes ready-made, by system."""


def not_installed() -> InputError:
    """Return the error for a Python without llama.cpp."""
    if has_wheel():
        what, hint = "llama.cpp is not installed here", INSTALL
    else:
        what = f"llama.cpp has no wheel for this platform ({sys.platform}, {platform.machine() or 'unknown'})"
        hint = "Run a server instead, here or elsewhere, and connect it: %chat connect URL."
    return InputError(what, hint=hint, diagnosis=Diagnosis(cause=Cause.NO_MODEL))


def has_wheel() -> bool:
    """Say whether pip finds llama.cpp ready-made for this platform."""
    is_known = platform.machine() in _WHEELS.get(sys.platform, ())
    return is_known and (sys.platform != "linux" or platform.libc_ver()[0] == "glibc")


def too_large(model: Model, free: int | None) -> InputError:
    """Return the error for a model that this machine has no memory for."""
    return InputError(
        f"{model.name} needs about {in_bytes(model.size_bytes)} of memory, and {in_bytes(free or 0)} are free here",
        hint="Take a smaller model, or one with fewer bits for each weight (Q4 instead of Q8).",
        diagnosis=Diagnosis(cause=Cause.NO_MEMORY),
    )


def not_started(model: Model, error: OSError) -> InputError:
    """Return the error for a process that could not be started: no space, no memory, too many of them."""
    return InputError(
        f"the process for {model.name} cannot be started: {error.strerror or error}",
        hint="Free some memory, or some space in the folder for temporary files, and ask again.",
        diagnosis=Diagnosis(cause=Cause.NO_MEMORY),
    )


def not_loaded(model: Model, log: str, code: int | None) -> InputError:
    """Return the error for a process that ended before the model was there, by what it said and its exit code."""
    if "No module named 'xllamacpp'" in log:
        return not_installed()
    said = _said(log) or cause_of_end(code)
    return InputError(
        f"llama.cpp cannot load {model.name}{f': {said}' if said else ''}",
        hint="A newer llama.cpp may: %pip install -U xllamacpp. Or take another model."
        if "unknown model architecture" in said
        else "Fetch the model anew, or take another one.",
        diagnosis=Diagnosis(cause=Cause.UNKNOWN_MODEL),
    )


def died(model: Model, why: str, *, has_begun: bool) -> ChatError:
    """Return the error for a process that ended while it was asked."""
    what = f"the process of {model.name} ended{' in the middle of the reply' if has_begun else ''}"
    what += f": {why}" if why else ""
    again = "Ask again: it is started anew. If it ends again, memory is short: take a smaller model."
    if has_begun:
        return BrokenOffError(what, hint=f"What had arrived is kept. {again}")
    return ServiceError(what, hint=again)


def cause_of_end(code: int | None) -> str:
    """Return in words what an exit code says; empty where it says nothing."""
    if code is None or code >= 0:
        return ""
    name = ""
    with suppress(ValueError):
        name = signal.Signals(-code).name
    match name:
        case "SIGKILL":
            return "the system ended it, as a rule for lack of memory"
        case "SIGILL":
            return "this processor lacks what the wheel of llama.cpp was built for"
        case _:
            return f"it was ended by {name or f'signal {-code}'}"


def _said(log: str) -> str:
    """Return what llama.cpp says of a file that it cannot load, in its own words; or Python's last line."""
    sign = "error loading model: "
    lines = log.splitlines()
    told = [line.rpartition(sign)[2] for line in lines if sign in line]
    told += [line.partition(" E ")[2] for line in lines if " E " in line]
    told += [line for line in lines[-1:] if "Error" in line]
    return make_visible(told[0].strip())[:200] if told else ""


def in_bytes(size: int) -> str:
    """Return a size as a person reads it."""
    return f"{size / 10**9:.1f} GB" if size >= 10**9 else f"{size / 10**6:.0f} MB"
