"""Where the history lies on a machine that is given away after use, so that it outlives the machine."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from g4f_magic.host.base import Host
from g4f_magic.settings import Settings


def history_file(settings: Settings, host: Host) -> tuple[Path | None, str]:
    """Return the file of the history, None for memory alone, and a sentence where it will not outlive the machine.

    In a folder that outlives it each notebook has a file of its own: each has a machine of its own, too, and such a
    folder (a mounted Drive) takes whole files from them, without a lock between machines.
    """
    file, machine = settings.history_file, host.machine
    if file is None or settings.history or not machine.service:
        return file, ""
    ends = f"This machine of {machine.service}'s is given away after use, and what was said here goes with it"
    if machine.lasting_folder is None:
        return file, f"{ends}. To keep it: {machine.keeping}; or `%chat export talk.ipynb` at the end."
    page = host.told_notebook()
    if page is None:
        return (
            file,
            f"{ends}: the page does not tell which notebook this is. `%chat export talk.ipynb` keeps it.",
        )
    return machine.lasting_folder / "g4f_magic" / f"{_file_name(page.name)}.sqlite", ""


def _file_name(name: str) -> str:
    """Return a name that every file system takes, another one for each notebook's name."""
    shown = re.sub(r"[^\w.-]+", "_", name.removesuffix(".ipynb")).strip("._")[:60]
    return f"{shown or 'notebook'}-{sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"
