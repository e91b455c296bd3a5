"""A prompt that names the columns of a table, as each row asks it. In one pass: what a row says is never read for names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from g4f_magic.ask import Ask, Attachment
from g4f_magic.attaching.filling import fill
from g4f_magic.attaching.finding import Finder
from g4f_magic.attaching.lookup import NotThereError, nearest, value_at
from g4f_magic.attaching.path import Path
from g4f_magic.attaching.placeholders import Placeholder, parts_of
from g4f_magic.errors import InputError
from g4f_magic.many.answer import Unanswered
from g4f_magic.many.rows import ITEM, is_missing


class Template:
    """The question of every row: `ask` has what all share, `render` what one of them asks."""

    def __init__(self, ask: Ask, parts: Sequence[str | Placeholder]) -> None:
        self.ask = ask
        self.parts = parts
        self.columns: Sequence[str] = tuple(
            dict.fromkeys(part.path.name for part in parts if isinstance(part, Placeholder))
        )
        """Those that the prompt names."""

    def render(self, fields: Mapping[str, Any]) -> str:
        """Return what a row asks; empty where none of the columns says anything.

        Raises:
            NotThereError: a path leads into nothing, or a value cannot be written.
        """
        texts: list[str] = []
        says_something = False
        for part in self.parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            value = _value(part, fields)
            if not is_missing(value):
                says_something = True
                texts.append(_written(value, part))
        return "".join(texts) if says_something else ""

    def prompt_of(self, fields: Mapping[str, Any]) -> str | Unanswered:
        """Return what a row asks, or why it asks nothing."""
        try:
            text = self.render(fields)
        except NotThereError as exc:
            return Unanswered(f"not asked: {exc}")
        if text.strip():
            return text
        are = "is" if len(self.columns) == 1 else "are"
        return Unanswered(f"not asked: {' and '.join(self.columns)} {are} empty", is_failure=False)

    def asked(self, text: str) -> Ask:
        """Return the question of one row."""
        return replace(self.ask, sent=text)


def template_of(
    ask: Ask,
    names: Sequence[str],
    attached: Sequence[str],
    finder: Callable[[], Finder] | None,
    *,
    is_empty: bool = False,
) -> Template:
    """Return the prompt of `ask` for rows with those columns; what else it names is of the notebook, and filled in once.

    `finder` gives what finds that; None: there is no notebook. `is_empty`: there are no rows.

    Raises:
        InputError: it names no column, or what is neither a column nor a name of the notebook.
    """
    parts = _parts_of(ask.prompt, names)
    own = set(names)
    if not own and is_empty:  # a list without rows has no columns either
        return Template(ask, parts)
    named = [part for part in parts if isinstance(part, Placeholder)]
    if not any(part.path.name in own for part in named):
        raise _names_none(named, names)
    others = dict.fromkeys(part for part in named if part.path.name not in own)
    if finder is None:
        if others:
            raise _unknown(next(iter(others)), names)
        if attached:
            raise InputError("what goes along is named, and no names are given", hint="Give names=globals().")
        return Template(ask, parts)
    found = finder() if others or attached or "{{" in ask.system else None
    if found is None:
        return Template(ask, parts)
    shared = fill(replace(ask, prompt=""), attached, found).ask
    texts: dict[Placeholder, str] = {}
    attachments: list[Attachment] = list(shared.attachments)
    for part in others:
        filled = fill(Ask(prompt=part.text), (), found).ask
        if filled.notes:
            raise _unknown(part, names)
        texts[part] = filled.text
        attachments += [one for one in filled.attachments if one not in attachments]
    asked = replace(shared, prompt=ask.prompt, sent=None, attachments=tuple(attachments))
    return Template(
        asked, [texts.get(part, part) if isinstance(part, Placeholder) else part for part in parts]
    )


def _parts_of(prompt: str, names: Sequence[str]) -> list[str | Placeholder]:
    """Return a prompt in its parts; a column may have any name: `{{review text}}`, `{{1}}`, `{{a.b}}`."""
    odd = sorted(
        (name for name in names if name and not name.isidentifier() and name in prompt), key=len, reverse=True
    )
    if not odd:
        return parts_of(prompt)
    pattern = re.compile(rf"(?<!\{{)(\\?)\{{\{{\s*({'|'.join(map(re.escape, odd))})\s*\}}\}}(?!\}})")
    parts: list[str | Placeholder] = []
    at = 0
    for found in pattern.finditer(prompt):
        parts += parts_of(prompt[at : found.start()])
        whole = found[0].removeprefix("\\")
        parts.append(whole if found[1] else Placeholder(whole, Path(found[2])))
        at = found.end()
    return [*parts, *parts_of(prompt[at:])]


def _value(part: Placeholder, fields: Mapping[str, Any]) -> Any:
    path = part.path
    if not path.steps:
        return fields.get(path.name)
    return None if is_missing(fields.get(path.name)) else value_at(path, fields)


def _written(value: Any, part: Placeholder) -> str:
    try:
        return _text_of(value)
    except Exception as exc:  # whatever the code of a person's own class raises
        raise NotThereError(f"{part.path.name} cannot be written: {type(exc).__name__}") from None


def _text_of(value: Any) -> str:
    """Return what a value says in a prompt: a text as it is, of lists and dicts their JSON, of others what `str` gives."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list | tuple):
        try:
            return json.dumps(value, ensure_ascii=False, default=str)
        except (TypeError, ValueError):
            return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def _names_none(named: Sequence[Placeholder], names: Sequence[str]) -> InputError:
    if named:
        return _unknown(named[0], names)
    example = names[0] if names else ITEM
    return InputError(
        "the prompt names no column, so that all rows would ask the same",
        hint=f"Write {{{{{example}}}}} where a row's own text is to stand. {_listed(names)}",
    )


def _unknown(part: Placeholder, names: Sequence[str]) -> InputError:
    near = nearest(part.path.name, names)
    return InputError(f"{part.text} is not a column, and no name of the notebook{near}", hint=_listed(names))


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "The table has no columns."
    shown = ", ".join(name[:60] for name in list(names)[:12])
    return f"The columns are {shown}{', …' if len(names) > 12 else ''}."


__all__ = ["NotThereError", "Template", "template_of"]
