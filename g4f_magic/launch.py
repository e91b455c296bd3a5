"""Run as a program, the package imports nothing from the folder in which it is started: others may have filled it.

This is the first of ours that runs, and so it imports nothing that Python has not loaded by then; not even
`__future__`, which is a file like others.
"""

import os
import sys


def leave_folder() -> None:
    """Take the folder of the start out of the import path where `python -m g4f_magic` or `g4f-magic` is running.

    `-m` puts it first there, and so does an empty or relative part of PYTHONPATH. It stays where PYTHONPATH names it
    whole, or an installed package lies in it.
    """
    if not _is_program(list(sys.orig_argv), sys.argv[0] if sys.argv else ""):
        return
    named = () if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "").split(os.pathsep)
    kept = {os.path.normcase(part) for part in named if os.path.isabs(part)}
    library = os.path.dirname(os.__file__)
    before = sys.path.index(library) if library in sys.path else len(sys.path)
    sys.path[:before] = [
        entry for entry in sys.path[:before] if os.path.normcase(entry) in kept or not _is_here(entry)
    ]


def _is_program(command: "list[str]", name: str) -> bool:
    """Say whether the interpreter was started to run this package: `name` is `-m` until the module is found."""
    if name != "-m":
        return os.path.basename(name).lower().removesuffix(".exe") == "g4f-magic"
    words = zip(command, [*command[1:], ""], strict=True)
    return any(
        (word.endswith("mg4f_magic") or (word.endswith("m") and after == "g4f_magic"))
        for word, after in words
        if word.startswith("-") and not word.startswith("--")
    )


def _is_here(entry: str) -> bool:
    if not os.path.isabs(entry):
        return True
    try:
        return os.path.samefile(entry, os.curdir)
    except OSError:
        return False
