"""Conversations as files: written for people and for machines, and read back."""

from __future__ import annotations

import html as markup
import os
import re
from collections.abc import Iterable
from pathlib import Path, PureWindowsPath

from g4f_magic import disk
from g4f_magic.endings import words_of
from g4f_magic.errors import InputError
from g4f_magic.files.escaped_markdown import escaped, escaped_line
from g4f_magic.files.runnable_notebook import Html, json_text, origin
from g4f_magic.files.runnable_notebook import to_notebook as to_notebook
from g4f_magic.in_short import in_short
from g4f_magic.messages import Citation
from g4f_magic.secret import mask_known
from g4f_magic.turn import STATUS_WORDS, Step, ToolCall, ToolResult, Turn
from g4f_magic.turn_json import turn_to_json
from g4f_magic.visible import make_visible

FORMAT = "g4f_magic conversation"
VERSION = 1


def write(
    file: Path,
    turns: Iterable[Turn],
    *,
    conversation: str = "main",
    html: Html | None = None,
    overwrite: bool = False,
) -> None:
    """Write turns to a .md, .json, .jsonl or .ipynb file.

    With `html` the notebook's outputs hold that too, beside the Markdown as it came.

    Raises:
        InputError: another suffix, a file that is there already, one that cannot be written, or a path of another system.
    """
    if os.name != "nt" and PureWindowsPath(file).drive:
        raise InputError(
            f"{file} is a path of Windows, and the kernel runs on another system",
            hint="Name a folder of the machine on which the kernel runs, or no folder.",
        )
    given = tuple(turns)
    suffix = file.suffix.lower()
    if suffix == ".md":
        text = to_markdown(given, conversation=conversation)
    elif suffix == ".json":
        text = to_json(given, conversation=conversation)
    elif suffix == ".jsonl":
        text = to_json_lines(given)
    elif suffix == ".ipynb":
        text = to_notebook(given, html=html)
    else:
        raise InputError(
            f"{file.name}: chats are not written as {suffix or 'a file without a suffix'}",
            hint="Give a name that ends in .md, .json, .jsonl or .ipynb.",
        )
    content = mask_known(text).encode("utf-8", "replace")
    try:
        # For its owner alone: what was said is theirs to give to others.
        disk.write(file, content, is_new=not overwrite, within=_folder(file))
    except FileExistsError as exc:
        raise InputError(f"{file} is there already", hint="Give another name, or add --overwrite.") from exc
    except disk.OutsideError as exc:
        raise InputError(
            f"{file} is not where it seems: a link leads to {exc.real}",
            hint=f"If you mean that place, write there: {exc.real / file.name}",
        ) from exc
    except OSError as exc:
        raise InputError(
            f"{file} cannot be written: {exc.strerror}", hint="Choose a folder that you may write to."
        ) from exc


def _folder(file: Path) -> Path | None:
    """Return the current folder where the file is named as one in it: then no link may lead out of it."""
    here = Path.cwd()
    return here if Path(os.path.abspath(file)).is_relative_to(here) else None


def to_json(turns: Iterable[Turn], *, conversation: str = "main") -> str:
    """Return turns as one JSON value, with all that is known of them."""
    value = {
        "format": FORMAT,
        "version": VERSION,
        "conversation": conversation,
        "turns": [turn_to_json(turn) for turn in turns],
    }
    return json_text(value, indent=1)


def to_json_lines(turns: Iterable[Turn]) -> str:
    """Return turns as JSON, one line each, with all that is known of them."""
    return "".join(json_text(turn_to_json(turn)) for turn in turns)


def to_markdown(turns: Iterable[Turn], *, conversation: str = "main") -> str:
    """Return turns as Markdown, to be read; nothing in it acts, wherever it is shown."""
    parts = [f"# {escaped_line(conversation)}"]
    for number, turn in enumerate(turns, start=1):
        parts += [
            f"## {number}. You",
            escaped(turn.prompt),
            *_went_along(turn),
            f"## {number}. {escaped_line(origin(turn))}",
        ]
        if turn.reasoning:
            parts.append("\n".join(f"> {line}".rstrip() for line in escaped(turn.reasoning).split("\n")))
        parts += map(_called, turn.steps)
        parts.append(escaped(turn.reply))
        parts.append("\n".join(f"{n}. {_linked(one)}" for n, one in enumerate(turn.citations, start=1)))
        if turn.status != "done":
            parts.append(
                f"*{STATUS_WORDS[turn.status]}{': ' + escaped_line(turn.error) if turn.error else ''}*"
            )
        parts += [f"*{escaped_line(words)}*" for words in _notes(turn)]
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _went_along(turn: Turn) -> list[str]:
    """Return what was sent with the prompt: in a line, and the text of each thing."""
    words = [f"*{escaped_line(words.replace('*', ''))}*" for words in in_short(turn.ask)]
    texts = ["> " + escaped(text).replace("\n", "\n> ") for text in turn.ask.attached_texts]
    return [*words, *texts]


def _called(step: Step) -> str:
    """Return a call of a function, or what it gave, as text that is quoted; of other steps nothing."""
    match step:
        case ToolCall(_, name, arguments):
            text = f"{name}({arguments})"
        case ToolResult(_, result, status):
            text = f"gave ({status}): {result}" if status != "done" else f"gave: {result}"
        case _:
            return ""
    return "\n".join(f"> {line}".rstrip() for line in escaped(text).split("\n"))


def _linked(citation: Citation) -> str:
    """Return a page as Markdown: its title, which is only text, and its address."""
    # Entities first: an address takes in a backslash that stands before `<`, where it is made a link.
    title = markup.escape(make_visible(" ".join(citation.title.split())), quote=False)
    title = re.sub(r"([\\`*_\[\]#!|{])", r"\\\1", title)
    is_plain = re.fullmatch(r"https?://[^\s<>\\\x00-\x1f\x7f-\x9f]+", citation.url)
    return f"{title} {f'<{citation.url}>' if is_plain else escaped_line(citation.url)}".strip()


def _notes(turn: Turn) -> list[str]:
    """Return what a person should know of a reply beside its words."""
    ending = words_of(turn.finish) if turn.status == "done" else ""
    unshown = f"not shown: {', '.join(turn.unshown)}" if turn.unshown else ""
    return [" ".join(words.replace("*", "").split()) for words in (ending, unshown) if words]
