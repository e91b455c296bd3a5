"""Files that `--with` names: one, or those of a pattern."""

from __future__ import annotations

import difflib
import glob
import os
import re
from itertools import islice
from pathlib import Path

from g4f_magic.errors import InputError
from g4f_magic.settings import home_path

MOST_FILES = 30
"""Of one pattern."""
_MOST_LOOKED_AT = 20_000
_MOST_COMPARED = 2_000
_SUFFIX = re.compile(r"[^\s.]\.[A-Za-z][A-Za-z0-9]{0,9}$")


def files_of(what: str) -> list[Path]:
    """Return the files that are meant, in the order of their names; none where there is none of that name.

    Raises:
        InputError: a pattern fits too many.
    """
    if not what or "\0" in what:
        return []
    path = home_path(what)
    try:
        if os.path.lexists(path):
            return [path]
        if not glob.has_magic(what):
            return []
        found = islice(glob.iglob(str(path), recursive=True), _MOST_LOOKED_AT)
        files = sorted(Path(one) for one in found if os.path.isfile(one))
    except (OSError, ValueError):
        return []
    if len(files) > MOST_FILES:
        raise InputError(
            f"--with {what} fits {len(files)} files, more than {MOST_FILES}", hint="Write a narrower pattern."
        )
    return files


def looks_like_file(what: str) -> bool:
    """Say whether that is written as a file is: it ends in a suffix, or begins with a folder that there is."""
    folder, slash, last = what.rpartition("/")
    if _SUFFIX.search(last):
        return " / " not in what
    return bool(slash) and (not folder or os.path.isdir(home_path(folder)))


def nearest_file(what: str) -> str:
    """Return a question after the file whose name is nearest, in the folder that is named; empty where none is near."""
    folder, slash, last = what.rpartition("/")
    try:
        with os.scandir(home_path(folder + slash or ".")) as entries:
            names = [one.name for one in islice(entries, _MOST_COMPARED)]
    except (OSError, ValueError):
        return ""
    known = {one.lower(): one for one in names if one.isprintable() and one[:1] != "."}
    found = difflib.get_close_matches(last.lower(), known, n=1)
    return f" (did you mean {folder}{slash}{known[found[0]]}?)" if found else ""
