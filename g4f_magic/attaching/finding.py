"""What a prompt names, found in the notebook and described, at most as openly as the person allows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

from g4f_magic.attaching.files import files_of, looks_like_file, nearest_file
from g4f_magic.attaching.lookup import NotThereError, nearest, value_at
from g4f_magic.attaching.path import Path as NamePath
from g4f_magic.attaching.path import path_of
from g4f_magic.attaching.placeholders import Placeholder
from g4f_magic.attaching.source import NotebookSource
from g4f_magic.attaching.wanted import Wanted, cells_of
from g4f_magic.describing import describe
from g4f_magic.describing.described import Described
from g4f_magic.describing.errors import described_error
from g4f_magic.describing.files import described_file
from g4f_magic.describing.guard import OutOfTimeError, guarded
from g4f_magic.describing.outputs import Cell, described_cells, described_outputs
from g4f_magic.describing.share import Share, lower, share_of
from g4f_magic.errors import InputError
from g4f_magic.syntax import expression_of

USUAL: Share = "sample"
"""What is meant where nothing is said."""

LIMITS: dict[Share, int] = {"names": 2_000, "schema": 8_000, "sample": 8_000, "all": 200_000}
"""Characters of one thing at most, by how much of it is shared."""

_NAME_SOMETHING = "Name a variable, an expression, a file, or one of @error, @out, @cells, @input."
_ENDINGS = "csv tsv txt md json jsonl parquet xlsx xls py ipynb pdf png jpg jpeg gif webp html xml yaml yml toml log sql"
_OF_FILES = frozenset(f".{one}" for one in _ENDINGS.split())
"""Endings that are those of files, where a name before them is only nearly one of the notebook."""
_RUN_IT_FIRST = "It is evaluated in the notebook: run the cell that makes it first."
_SECONDS = 2.0
_SIDES = {"": 1024, "auto": 1024, "low": 512, "high": 2048}


class Finder:
    """Finds things in one notebook. `notes` gets a sentence for each that was shared less openly than was asked for."""

    def __init__(self, source: NotebookSource, *, ceiling: str = USUAL, detail: str = "") -> None:
        self._source = source
        self._ceiling = share_of(ceiling)
        self._side = _SIDES.get(detail, _SIDES[""])
        self.notes: list[str] = []

    def named(self, part: Placeholder) -> Described:
        """Return what a name in a prompt stands for.

        Raises:
            NotThereError: nothing.
        """
        return self._value(part.name, self._reached(part.path), part.level)

    def wanted(self, one: Wanted) -> list[Described]:
        """Return what `--with` names: one thing, or the files of a pattern.

        Raises:
            InputError: it is not there, or cannot be read.
        """
        if one.is_word:
            return [self._word(one)]
        path = path_of(one.what)
        missing = ""
        if path is not None:
            try:
                return [self._value(one.text, self._reached(path), one.level)]
            except NotThereError as exc:
                missing = str(exc)
        if files := files_of(one.what):
            return [self._file(file, one) for file in files]
        if path is None and expression_of(one.what) is not None:
            return [self._value(one.text, self._evaluated(one.what), one.level)]
        raise self._not_there(one.what, "" if path is None else path.name, missing)

    def _not_there(self, what: str, name: str, missing: str, hint: str = _NAME_SOMETHING) -> InputError:
        """Return what is said where `what` is nothing that there is; `name` is the one it begins with, `missing` why not.

        What is written as a file is taken for one, unless it begins with a name of the notebook, or nearly.
        """
        near = nearest_file(what) if looks_like_file(what) else ""
        other = nearest(name, self._source.names)
        is_named = name in self._source.names or bool(other)
        is_file = PurePath(what).suffix.lower() in _OF_FILES
        if looks_like_file(what) and (near or not is_named or is_file):
            why = "there is no such file"
            if name in self._source.names:
                why = f"{missing}, and {why}"
            elif is_file and other and not near:
                why = f"{why}, and no name {name}{other}"
            return InputError(
                f"--with {what}: {why}{near}", hint="Look at its name, and at the folder: %pwd."
            )
        return InputError(
            f"--with {what}: {missing or 'there is no such name, and no such file'}",
            hint=hint,
        )

    def _reached(self, path: NamePath) -> Any:
        try:
            return guarded(lambda: value_at(path, self._source.names), _SECONDS)
        except OutOfTimeError:
            raise NotThereError(f"{path} took more than {_SECONDS:g} s to read") from None

    def _evaluated(self, code: str) -> Any:
        try:
            return self._source.evaluated(code)
        except NameError as exc:
            name = exc.name or ""
            missing = f"there is no {name} here{nearest(name, self._source.names)}"
            raise self._not_there(code, name, missing, _RUN_IT_FIRST) from None
        except Exception as exc:  # whatever the person's own code raises
            raise InputError(
                f"--with {code} raised {type(exc).__name__}",
                hint="It is evaluated in the notebook: try it in a cell of its own.",
            ) from None

    def _value(self, name: str, value: Any, level: str) -> Described:
        share = self._share(name, level)
        found = describe(
            value, name=name, share=share, limit=LIMITS[share], seconds=_SECONDS, side=self._side
        )
        return _quoted(found) if isinstance(value, str) else found

    def _file(self, file: Path, one: Wanted) -> Described:
        name = file.as_posix() if not one.level else f"{file.as_posix()}|{one.level}"
        share = self._share(name, one.level)
        return described_file(file, name=name, share=share, limit=LIMITS[share], side=self._side)

    def _word(self, one: Wanted) -> Described:
        share = self._share(one.text, one.level)
        limit = LIMITS[share]
        match one.what.partition(":")[0]:
            case "@error":
                return self._error(one.text, share, limit)
            case "@out":
                outputs = self._source.outputs()
                if not outputs:
                    raise InputError("--with @out: no cell has shown anything yet", hint="Run one first.")
                return described_outputs(outputs, name=one.text, share=share, limit=limit, side=self._side)
            case "@input":
                code = self._source.last_input()
                if not code.strip():
                    raise InputError("--with @input: no cell has run yet", hint="Run one first.")
                return self._cells(one.text, [Cell(label="", source=code)], share)
            case _:
                return self._cells(one.text, self._source.cells(cells_of(one.what)), share)

    def _cells(self, name: str, cells: Sequence[Cell], share: Share) -> Described:
        limit = 2 * LIMITS[share]
        return described_cells(cells, name=name, share=share, limit=limit, side=self._side)

    def _error(self, name: str, share: Share, limit: int) -> Described:
        failure = self._source.failure()
        if failure is None:
            raise InputError("no cell has failed yet", hint="Run the one that fails first.")
        return described_error(
            failure.error,
            name=name,
            source=failure.code,
            namespace=self._source.names,
            share=share,
            limit=limit,
            seconds=_SECONDS,
        )

    def _share(self, name: str, level: str) -> Share:
        asked = share_of(level) if level else USUAL
        share = lower(asked, self._ceiling)
        if level and share != asked:
            self.notes.append(
                f"{name} goes along as {share}: ChatMagics.share is {self._ceiling}, and nothing exceeds that."
            )
        return share


def _quoted(found: Described) -> Described:
    """Return a text whose short form stands in quotes: where it begins and ends is to be seen."""
    from dataclasses import replace

    return replace(found, inline=json.dumps(found.inline, ensure_ascii=False)) if found.inline else found
