"""The extension in every IPython of a profile: one small file among those that the profile runs when it starts."""

from __future__ import annotations

from pathlib import Path

from g4f_magic import disk
from g4f_magic.errors import InputError

_NAME = "50-g4f_magic.py"
_MARK = "# Made by `python -m g4f_magic autoload`; `python -m g4f_magic autoload off` takes it out."
_CODE = f"""\
{_MARK}
from importlib.util import find_spec

if find_spec("g4f_magic"):  # this profile may serve environments without it
    get_ipython().run_line_magic("load_ext", "g4f_magic")
del find_spec
"""
_MOST_BYTES = 64 * 1024


def turn_on(profile: str = "default") -> Path:
    """Have each IPython of the profile load the extension, and return the file that does.

    Raises:
        InputError: there is no such profile, or another file of that name.
    """
    file = _file(profile)
    _refuse_another(file)
    disk.make_folder(file.parent)
    disk.write(file, _CODE.encode())
    return file


def turn_off(profile: str = "default") -> bool:
    """Take it out again, and say whether it was there.

    Raises:
        InputError: there is no such profile, or another file of that name.
    """
    file = _file(profile)
    if not file.exists():
        return False
    _refuse_another(file)
    file.unlink()
    return True


def _file(profile: str) -> Path:
    from IPython.paths import get_ipython_dir

    if not profile or Path(profile).name != profile:
        raise InputError(
            "that is not a name of a profile", hint="`ipython profile list` shows those that there are."
        )
    folder = Path(get_ipython_dir()) / f"profile_{profile}"
    if profile != "default" and not folder.is_dir():
        raise InputError(
            f"there is no IPython profile called {profile!r}",
            hint=f"`ipython profile create {profile}` makes it.",
        )
    return folder / "startup" / _NAME


def _refuse_another(file: Path) -> None:
    if file.exists() and _MARK.encode() not in disk.read(file, most_bytes=_MOST_BYTES):
        raise InputError(f"{file} is not of this command's making", hint="Rename it, then try again.")
