"""What a person connected: the service that answers where nobody is named, kept with their own services in one file.

The file is theirs. What it holds besides, comments and the order of things among it, stays as they wrote it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g4f_magic import disk, settings
from g4f_magic.errors import InputError
from g4f_magic.file_lock import locked

if TYPE_CHECKING:
    import tomlkit

DEFAULT = "default"
"""The name in the file that says who answers; a table of that name with a `base_url` is a service as others are."""
SERVERS = "mcp"
"""The name of the table of MCP servers, whose functions a model may ask for; with a `base_url` it is a service, too."""
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DefaultService:
    """Who answers where nobody is named: what `--provider` takes, and perhaps a model."""

    provider: str
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewService:
    """A service as it goes into the file."""

    name: str
    base_url: str
    keys: tuple[str, ...] = field(default=())
    """The variables of its key; empty: those that the file names already stay."""


def services_file() -> Path:
    """Return the file with a person's own services; it need not exist."""
    return settings.data_folder() / "services.toml"


def connection() -> DefaultService | None:
    """Return what is connected, None where nothing is.

    Raises:
        InputError: the file cannot be read or understood.
    """
    file = services_file()
    try:
        changed_at = file.stat().st_mtime_ns
    except OSError:
        return None
    return _connection(file, changed_at)


@cache
def tables_of(file: Path, changed_at: int) -> dict[str, Any]:
    """Return the file's tables as they were at that time.

    Raises:
        InputError: the file cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(disk.read(file, most_bytes=MOST_BYTES).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as exc:
        raise not_understood(file, exc) from None


def not_understood(file: Path, why: object) -> InputError:
    """Return the error for a file that is not as it should be."""
    return InputError(
        f"{file.name} cannot be understood: {why}",
        hint=f'A service is a table: [name], base_url = "https://host/v1", keys = ["VARIABLE"], model = "...". The file is {file}',
    )


def is_service(name: str, table: object) -> bool:
    """Say whether an entry of the file is a service, and not what says which of them answers."""
    is_other = name.lower() in (DEFAULT, SERVERS)
    return not is_other or (isinstance(table, Mapping) and "base_url" in table)


def connect(connected: DefaultService, service: NewService | None = None) -> None:
    """Keep who answers from now on, with its service where that is a new one.

    Raises:
        InputError: the file cannot be understood, read or written; it is as it was.
    """

    def change(document: tomlkit.TOMLDocument) -> None:
        import tomlkit

        if service is not None:
            table = document.get(service.name)
            if table is None:
                table = document[service.name] = tomlkit.table()
            table["base_url"] = service.base_url
            if service.keys:
                table["keys"] = list(service.keys)
        if is_service(DEFAULT, document.get(DEFAULT)):
            raise InputError(
                f"a service in {services_file().name} is called {DEFAULT!r}",
                hint="Give it another name there: that one says who answers.",
            )
        given = tomlkit.inline_table()
        given.update(
            {"provider": connected.provider} | ({"model": connected.model} if connected.model else {})
        )
        document[DEFAULT] = given

    _change(change)


def disconnect() -> DefaultService | None:
    """Let nobody be connected any more, and return who was. Services that the file describes stay.

    Raises:
        InputError: the file cannot be understood, read or written; it is as it was.
    """
    before = connection()
    if before is not None:
        _change(lambda document: document.pop(DEFAULT, None))
    return before


def _change(change: Callable[[tomlkit.TOMLDocument], object]) -> None:
    """Change the file as it is now; of two kernels that do so at once, the later one builds on the earlier."""
    from tomlkit.exceptions import TOMLKitError

    file = Path(os.path.realpath(services_file()))  # whoever keeps it elsewhere has a link here, and keeps it
    try:
        disk.make_folder(file.parent)
        with disk.opened(file.parent) as folder, locked(folder, file.name):
            _rewrite(file, change)
    except (TOMLKitError, UnicodeDecodeError, ValueError, TypeError) as exc:
        raise not_understood(file, exc) from None
    except OSError as exc:
        raise InputError(
            f"{file} cannot be written: {exc.strerror}", hint="What is connected is as it was."
        ) from exc


def _rewrite(file: Path, change: Callable[[tomlkit.TOMLDocument], object]) -> None:
    import tomlkit

    try:
        before = disk.read(file, most_bytes=MOST_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        before = ""
    document = tomlkit.parse(before)
    change(document)
    after = document.as_string()
    tomllib.loads(after)  # what is written can be read
    disk.write(file, after.encode())


@cache
def _connection(file: Path, changed_at: int) -> DefaultService | None:
    given = tables_of(file, changed_at).get(DEFAULT)
    if given is None or is_service(DEFAULT, given):
        return None
    given = {"provider": given} if isinstance(given, str) else given
    provider, model = (
        (given.get("provider"), given.get("model", "")) if isinstance(given, dict) else (None, "")
    )
    if not isinstance(provider, str) or not provider.strip() or not isinstance(model, str):
        raise not_understood(file, f'{DEFAULT} is to be {{ provider = "...", model = "..." }}')
    return DefaultService(provider.strip(), model.strip())
