"""What a model file in the form GGUF says of itself. Reads its beginning alone: no weights, and never more than a bound.

Source: the specification of the format, docs/gguf.md in the repository of ggml.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final

from g4f_magic import disk
from g4f_magic.errors import InputError
from g4f_magic.names import is_name

MAGIC = b"GGUF"
MOST_HEADER_BYTES = 64 * 2**20
"""A header holds the vocabulary: up to some twenty megabytes. More is no header."""
_MOST_ENTRIES = 65_536
"""Of its values, and of its tensors: the largest models have some thousands."""
_MOST_STRINGS = 2_000_000
"""Of one list: vocabularies have some hundred thousand."""
_PIECE_BYTES = 2**20
_STRING, _ARRAY, _BOOL = 8, 9, 7
_NUMBERS: Final = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", _BOOL: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
_LENGTH = struct.Struct("<Q")
_LONGEST_KEPT = 256
"""Of arrays, in elements: numbers per layer are kept, vocabularies passed over."""
_MOST_COUNTED = 2**53
_PART = re.compile(r"(.*)-(\d{5})-of-(\d{5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model as its file describes it. What the file does not say is empty or 0."""

    path: Path
    """Of several files of one model, the first."""
    name: str
    """What it goes by here."""
    architecture: str
    parameters: int
    """How many weights it has."""
    context_tokens: int
    """The longest context that it was trained for."""
    size_bytes: int
    cache_bytes_per_token: int
    """What a token of context takes in memory while it runs (keys and values of 16 bits)."""
    has_template: bool
    """Whether it knows how a chat is written; without it, it only goes on with a text."""
    takes_tools: bool = False
    """Whether its chat template tells the model of functions: others pass over them without a word."""
    is_for_vectors: bool = False
    """Whether it turns text into numbers (embeddings, rankings), and says nothing."""
    is_english: bool = False
    """Whether it names English as its only language."""

    @property
    def chats(self) -> bool:
        """Say whether it can be asked."""
        return self.has_template and not self.is_for_vectors


def read(path: Path, name: str = "") -> Model:
    """Return what the file at `path` says of itself; `name` is what it goes by, if not by its file.

    Raises:
        InputError: there is no such file, or it is no whole GGUF.
    """
    try:
        stat = path.stat()
        return _read(path, name or path.stem, stat.st_size, stat.st_mtime_ns)
    except OSError as exc:
        raise InputError(
            f"{name or path.name} cannot be read ({exc.strerror})", hint="Name another model."
        ) from None


@lru_cache(maxsize=512)
def _read(path: Path, name: str, size: int, changed_at: int) -> Model:
    """Return what a file says of itself, as it is at that time; read once, as a question is not to wait for it."""
    header = _header(path, name)
    later = [_header(part, name) for part in _later_parts(path, name)]
    return _model(path, name, header, later)


def is_gguf(path: Path) -> bool:
    """Say whether a file begins as a GGUF does, whatever its name is."""
    try:
        with disk.open_to_read(path) as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def is_later_part(stem: str) -> bool:
    """Say whether a name is that of a file with the rest of a model: the second of several, or a later one."""
    part = _PART.fullmatch(stem)
    return part is not None and int(part[2]) > 1


def _later_parts(path: Path, name: str) -> list[Path]:
    part = _PART.fullmatch(path.stem)
    if part is None:
        return []
    parts = [
        path.with_name(f"{part[1]}-{number:05}-of-{part[3]}.gguf") for number in range(2, int(part[3]) + 1)
    ]
    if missing := [one.name for one in parts if not one.is_file()]:
        raise InputError(f"{name} is not whole: {missing[0]} is missing", hint="Fetch it anew.")
    return parts


def _header(path: Path, name: str) -> _Header:
    with disk.open_to_read(path) as file:
        size = file.seek(0, 2)
        file.seek(0)
        return _Header(file, name, size)


def _model(path: Path, name: str, header: _Header, later: list[_Header]) -> Model:
    said = header.values
    architecture = str(said.get("general.architecture", ""))
    architecture = architecture if is_name(architecture) else ""

    def number(key: str) -> int:
        value = said.get(f"{architecture}.{key}", 0)
        most = max(value, default=0) if isinstance(value, list) else value
        is_count = isinstance(most, int | float) and 0 <= most < _MOST_COUNTED
        return int(most) if is_count else 0

    return Model(
        path=path,
        name=name,
        architecture=architecture,
        parameters=sum(one.parameters for one in (header, *later)),
        context_tokens=number("context_length"),
        size_bytes=sum(one.size_bytes for one in (header, *later)),
        cache_bytes_per_token=_cache_bytes(number),
        has_template=bool(said.get("tokenizer.chat_template")),
        takes_tools="tools" in str(said.get("tokenizer.chat_template", "")),
        is_for_vectors=number("pooling_type") > 0,
        is_english=said.get("general.languages") == ["en"],
    )


def _cache_bytes(number: Callable[[str], int]) -> int:
    heads = number("attention.head_count")
    own = number("embedding_length") // heads if heads else 0
    key, value = number("attention.key_length") or own, number("attention.value_length") or own
    return 2 * number("block_count") * (number("attention.head_count_kv") or heads) * (key + value)


class _Header:
    """The values and the number of weights of a file's header."""

    def __init__(self, file: BinaryIO, name: str, size: int) -> None:
        self._file = file
        self._name = name
        self._data = b""
        self._at = 0
        self._values_read = 0
        self.size_bytes = size
        if self._take(4) != MAGIC:
            raise InputError(f"{name} is not a GGUF file", hint="A model file's name ends with .gguf.")
        version = self._number("<I")
        if version not in (2, 3):
            raise InputError(
                f"{name} is a GGUF of version {version & 0xFFFF}, which is not read here",
                hint="Versions 2 and 3 are: fetch the model anew.",
            )
        tensors, entries = self._count(), self._count()
        self.values = dict(self._entry() for _ in range(entries))
        self.parameters = sum(self._tensor() for _ in range(tensors))
        self._data = b""

    def _entry(self) -> tuple[str, Any]:
        return self._string(), self._value(self._number("<I"))

    def _tensor(self) -> int:
        self._string()
        dimensions: list[int] = [self._number("<Q") for _ in range(self._count("<I", most=8))]
        self._take(12)  # its type, and where it lies
        return math.prod(dimensions)

    def _value(self, kind: int, depth: int = 0) -> Any:
        self._values_read += 1
        if self._values_read > _MOST_ENTRIES:  # arrays of arrays, which no model has many of
            raise self._broken()
        if kind in _NUMBERS:
            return self._number(_NUMBERS[kind])
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY and depth < 4:
            inner, length = self._number("<I"), self._number("<Q")
            if inner in _NUMBERS:
                return self._numbers(_NUMBERS[inner], length)
            if inner == _STRING:
                return [self._string()] if length == 1 else self._pass_strings(length)
            for _ in range(length):
                self._value(inner, depth + 1)
            return []
        raise self._broken()

    def _numbers(self, form: str, length: int) -> list[Any]:
        content = self._take(length * struct.calcsize(form))
        return list(struct.unpack(f"<{length}{form[1:]}", content)) if length <= _LONGEST_KEPT else []

    def _pass_strings(self, length: int) -> list[Any]:
        """Pass over strings: a vocabulary has some hundred thousand."""
        if length > _MOST_STRINGS:
            raise self._broken()
        at, data = self._at, self._data
        for _ in range(length):
            if at + 8 > len(data):
                data = self._reach(at + 8)
            at += 8 + _LENGTH.unpack_from(data, at)[0]
        self._reach(at)
        self._at = at
        return []

    def _string(self) -> str:
        return self._take(self._number("<Q")).decode("utf-8", "replace")

    def _count(self, form: str = "<Q", *, most: int = _MOST_ENTRIES) -> int:
        number: int = self._number(form)
        if number > most:
            raise self._broken()
        return number

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _take(self, size: int) -> bytes:
        data, start = self._reach(self._at + size), self._at
        self._at += size
        return data[start : self._at]

    def _reach(self, end: int) -> bytes:
        """Return the header's beginning, read as far as `end` at least."""
        if end > MOST_HEADER_BYTES or end > self.size_bytes:
            raise self._broken()
        while len(self._data) < end:
            piece = self._file.read(max(_PIECE_BYTES, len(self._data)))
            if not piece:
                raise self._broken()
            self._data += piece
        return self._data

    def _broken(self) -> InputError:
        return InputError(
            f"{self._name} is broken: its beginning is not a whole header of a GGUF file",
            hint="Fetch it anew.",
        )
