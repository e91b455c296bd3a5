"""A file as it goes along: text with its name, a notebook's cells, the text of a PDF, or a picture. By its content."""

from __future__ import annotations

import json
import os
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from g4f_magic.describing.described import Body, Described, Scope
from g4f_magic.describing.framing import framed
from g4f_magic.describing.guard import OutOfTimeError, guarded
from g4f_magic.describing.kinds import NAMES_ALONE, NO_VALUES
from g4f_magic.describing.outputs import Cell, cells_body
from g4f_magic.describing.pdf import pdf_body
from g4f_magic.describing.pictures import has_pillow, needs_pillow, picture_of, scaled, size_of
from g4f_magic.describing.share import Share, reaches
from g4f_magic.describing.structure import counted
from g4f_magic.disk import OutsideError, read
from g4f_magic.errors import InputError
from g4f_magic.folder import RefusedError

_MOST_BYTES = 64 * 1024 * 1024
_SECONDS = 20.0
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SECRET_NAMES = (
    *(".env", ".env.*", "*.env", ".netrc", "_netrc", ".pypirc", ".git-credentials", ".pgpass", ".htpasswd"),
    *(
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        "id_*_sk",
        "credentials",
        "credentials.json",
        "cookies.txt",
    ),
    *(".envrc", ".npmrc", ".my.cnf", ".s3cfg", ".boto", ".dockercfg", ".vault-token", "kaggle.json"),
    *(
        "secrets.toml",
        "secrets.json",
        "secrets.yaml",
        "secrets.yml",
        "client_secret*.json",
        "service[-_]account*.json",
    ),
    *(
        "*credentials*.json",
        "token",
        "token.json",
        "tokens.json",
        "auth.json",
        "kubeconfig",
        "shadow",
        "gshadow",
    ),
    *(".databrickscfg", ".terraformrc", ".htdigest", "*.ovpn", "*.kubeconfig"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.kdbx", "*.keystore", "*.jks", "*.ppk", "*.tfvars", "*.tfstate"),
)
_SECRET_PLACES = (".kube/config", ".docker/config.json", "gh/hosts.yml", "g4f_magic/local/*.json")
"""Of files whose names are as any other's, with the folders that they lie in."""
_CODE = {".py": "python", ".r": "r", ".jl": "julia", ".js": "javascript", ".ts": "typescript", ".sql": "sql"}
_PART = "To send a part of it, read that into a variable, and name the variable."


def described_file(
    path: str | Path, *, name: str = "", share: Share = "sample", limit: int = 8_000, side: int = 1024
) -> Described:
    """Return a file as it is sent; `name` is how the person called it.

    One that is named in the current folder has to lie there, wherever links lead.

    Raises:
        InputError: it is not there, cannot be read, or is none of what can be sent.
    """
    path = Path(path).expanduser()
    name = name or str(path)
    _check_name(path, name)
    content = _read(path, name)
    scope = Scope(share=share, limit=limit, side=side)
    try:
        body = guarded(lambda: _body(path, name, content, scope), _SECONDS)
    except OutOfTimeError:
        raise InputError(f"{name} could not be read within {_SECONDS:g} s", hint=_PART) from None
    if scope.share == "names":
        body = Body(kind=body.kind, omitted=(NAMES_ALONE,))
    elif not reaches(share, "sample"):
        body = Body(kind=body.kind, facts=body.facts, omitted=(NO_VALUES,))
    return framed(name, body, scope)


def _check_name(path: Path, name: str) -> None:
    """Refuse a file that, by its name or by that of the file it is a link to, is there to hold secrets."""
    places = {Path(os.path.abspath(path)), Path(os.path.realpath(path))}
    plain = {
        place.name.lower().partition(":")[0].rstrip(". ") for place in places
    }  # as Windows opens it, too
    is_secret = any(fnmatch(one, pattern) for one in plain for pattern in _SECRET_NAMES)
    if is_secret or any(place.match(pattern) for place in places for pattern in _SECRET_PLACES):
        raise InputError(
            f"{name} is, by its name, a file of passwords or keys, and is not sent",
            hint="Put what is needed of it into a variable, and name that.",
        )


def _read(path: Path, name: str) -> bytes:
    is_inside = not path.is_absolute() and ".." not in path.parts
    try:
        return read(path, most_bytes=_MOST_BYTES, within=Path.cwd() if is_inside else None)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"there is no file {name}", hint="Look at its name, and at the folder: %pwd."
        ) from None
    except OutsideError as exc:
        raise InputError(
            f"{name}: {exc.strerror}", hint="Name that file itself, if it is the one you mean."
        ) from None
    except RefusedError as exc:
        raise InputError(f"{name} cannot be sent: {exc.strerror}", hint=_hint(path)) from None
    except OSError as exc:
        raise InputError(f"{name} cannot be read: {exc.strerror or type(exc).__name__}") from None


def _hint(path: Path) -> str:
    if path.is_dir():
        return f'Name files in it, or a pattern: "{path.name}/*.py".'
    return _PART if path.is_file() else "Name a plain file."


def _body(path: Path, name: str, content: bytes, scope: Scope) -> Body:
    """Return what is said of a file, by what it begins with."""
    if content.startswith(_PICTURES) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        return _picture(name, content, scope)
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return pdf_body(name, content, scope)
    text, told = _text(name, content)
    if path.suffix.lower() == ".ipynb" and (cells := _cells(text)) is not None:
        body = cells_body(cells, scope)
        return Body(
            kind="notebook",
            text=body.text,
            facts=body.facts,
            picture=None,
            omitted=body.omitted,
            is_code=True,
        )
    lines = text.count("\n") + (not text.endswith("\n") and bool(text))
    facts = f"{counted(len(content), 'byte')}, {counted(lines, 'line')}"
    language = _CODE.get(path.suffix.lower(), "")
    if len(text) > scope.limit:
        shown = text[: scope.limit].rpartition("\n")[0].count("\n") + 1
        part = (
            f"the first {shown:,} of {counted(lines, 'line')}"
            if shown > 1
            else f"the first {scope.limit:,} characters"
        )
        told = (part, *told)
    return Body(
        kind="text file", text=text, facts=facts, omitted=told, language=language, is_code=bool(language)
    )


def _text(name: str, content: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file, and what is to be said of its encoding."""
    encoding = _MARKS.get(content[:2], "utf-8-sig")
    try:
        if encoding != "utf-8-sig" or b"\0" not in content:
            return content.decode(encoding).replace("\r\n", "\n"), ()
    except UnicodeDecodeError:
        pass
    if _BINARY.search(content):
        raise InputError(
            f"{name} is not text, and no picture or PDF that can be sent",
            hint="Text, PNG, JPEG, WebP, GIF and PDF can be sent. Of other files, read what is needed into a variable.",
        )
    return content.decode("cp1252", "replace").replace("\r\n", "\n"), (
        "read as Windows-1252, for it is no UTF-8",
    )


def _picture(name: str, content: bytes, scope: Scope) -> Body:
    if not has_pillow():
        raise needs_pillow(name)
    size = size_of(content)
    picture = None if size is None else picture_of(content, side=scope.side)
    if size is None or picture is None:
        raise InputError(f"{name} is a picture that cannot be read: it is torn, or no such picture at all")
    width, height = size
    return Body(
        kind="picture",
        facts=f"{width:,} × {height:,} pixels",
        picture=picture,
        omitted=scaled(picture, width, height),
    )


def _cells(text: str) -> list[Cell] | None:
    """Return the cells of a notebook's file; None where it is none."""
    try:
        cells = json.loads(text)["cells"]
        return [_cell(number, cell) for number, cell in enumerate(cells, 1)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _cell(number: int, cell: dict[str, Any]) -> Cell:
    is_code = cell["cell_type"] == "code"
    outputs = [one for one in cell.get("outputs", ()) if isinstance(one, dict)] if is_code else []
    return Cell(label=str(number), source=_joined(cell["source"]), outputs=outputs, is_code=is_code)


def _joined(text: Any) -> str:
    """Return a text that the format may hold as a list of lines."""
    return text if isinstance(text, str) else "".join(text)
