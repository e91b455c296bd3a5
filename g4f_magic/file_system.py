"""On which file system a folder lies, and whether its locks work: what SQLite may do there.

SQLite's write-ahead log needs memory that all who open the file share, which no network's file system has; and locks
there may be refused, or hold up whoever asks for one for ever.

Source: SQLite's pages on WAL and on its use over a network; proc(5) for the table of mounts.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

LOCK_SECONDS = 3.0
"""How long the file system may take to give a lock that nobody else has."""
_NETWORK = frozenset(
    [
        "nfs",
        "nfs3",
        "nfs4",
        "cifs",
        "smb2",
        "smb3",
        "smbfs",
        "afpfs",
        "webdav",
        "davfs",
        "afs",
        "ncpfs",
        "ceph",
        "glusterfs",
        "lustre",
        "gpfs",
        "beegfs",
        "panfs",
        "orangefs",
        "pvfs2",
        "ocfs2",
        "gfs",
        "gfs2",
        "9p",
        "virtiofs",
        "vboxsf",
        "vmhgfs",
        "prl_fs",
        "acfs",
        "drvfs",
        "remote",
    ]
)
_LOCAL_FUSE = frozenset(
    ["fuseblk", "fuse.ntfs-3g", "fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.encfs", "fuse.lxcfs"]
)
_TABLE = Path("/proc/self/mountinfo")


def network_kind(folder: Path) -> str:
    """Return the name of the network's file system that a folder lies on; empty where it lies on none.

    A file system in user space (FUSE) counts as one, unless it is known to lie on this machine's own disk.
    """
    kind = _remote_drive(folder) if sys.platform == "win32" else kind_of(folder, mounts())
    is_network = kind in _NETWORK or (kind.startswith("fuse") and kind not in _LOCAL_FUSE)
    return kind if is_network else ""


def kind_of(folder: Path, mounted: Mapping[str, str]) -> str:
    """Return the kind of the file system that a folder lies on, by the table of mounts; empty where that is not known."""
    path = Path(os.path.realpath(folder))
    return next((mounted[str(one)] for one in (path, *path.parents) if str(one) in mounted), "")


def mounts() -> dict[str, str]:
    """Return what is mounted where: the kind of file system by its folder. Empty where the system does not tell."""
    try:
        text = _TABLE.read_text("utf-8", "surrogateescape")
    except OSError:
        return _mounts_of_mac() if sys.platform == "darwin" else {}
    return dict(parsed(text))


def parsed(text: str) -> Iterator[tuple[str, str]]:
    """Yield folder and kind of each line of such a table; of two that are mounted over each other the upper comes last."""
    for line in text.splitlines():
        fields, _, rest = line.partition(" - ")
        words = fields.split(" ")
        if len(words) > 4 and rest:
            yield _unescaped(words[4]), rest.split(" ")[0]


def _unescaped(text: str) -> str:
    for sign in (" ", "\t", "\n", "\\"):
        text = text.replace(f"\\{ord(sign):03o}", sign)
    return text


@lru_cache(maxsize=1)
def _mounts_of_mac() -> dict[str, str]:  # pragma: no cover - of another system
    import re
    import subprocess

    try:
        text = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(re.findall(r"^.* on (.*) \((\w+)", text, re.MULTILINE))


def _remote_drive(folder: Path) -> str:  # pragma: no cover - of another system
    """Return `remote` for a drive of another machine (Windows)."""
    drive = Path(os.path.realpath(folder)).drive
    if drive.startswith("\\\\"):
        return "remote"
    if sys.platform == "win32":
        import ctypes

        return "remote" if ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == 4 else ""
    return ""


def has_locks(file: Path, seconds: float = LOCK_SECONDS) -> bool:
    """Say whether a file can be locked within that time. One that takes longer is waited for in a thread that is left."""
    if sys.platform == "win32":
        return True
    found: list[bool] = []

    def lock() -> None:
        import fcntl

        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError:
            found.append(True)  # whoever opens it next says what is wrong
            return
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(descriptor, fcntl.LOCK_UN)
            found.append(True)
        except BlockingIOError:
            found.append(True)  # another one has it: they work
        except OSError:
            found.append(False)
        finally:
            os.close(descriptor)

    thread = threading.Thread(target=lock, daemon=True, name="g4f_magic: a lock is tried")
    thread.start()
    thread.join(seconds)
    return found == [True]
