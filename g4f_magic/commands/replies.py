"""`%chat copy` and `%chat code`: a reply into the clipboard, its code into the next cell."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from g4f_magic.commands.choosing import front_of, offer, turn_of
from g4f_magic.commands.output import say
from g4f_magic.errors import InputError
from g4f_magic.host import here
from g4f_magic.loop import interruptible
from g4f_magic.quoting import code_fence
from g4f_magic.subcommand import Given, Group
from g4f_magic.visible import numbered

if TYPE_CHECKING:
    from g4f_magic.session import Session
    from g4f_magic.turn import Turn

COMMANDS = Group("What a reply is for")
_PROGRAMS = (
    ("pbcopy",),
    ("clip.exe",) if sys.platform == "win32" else ("wl-copy",),
    ("xclip", "-selection", "clipboard"),
    ("xsel", "--clipboard", "--input"),
)
"""What puts a text into the clipboard of a desktop, as each system has it."""
_SECONDS = 3.0


@COMMANDS.entry("copy", "the last reply, or that of a turn, into the clipboard", takes="[TURN]")
async def copy(session: Session, given: Given) -> None:
    """Put the last reply, or that of a turn, into the clipboard, as it came: Markdown.

    The clipboard is that of the machine on which the kernel runs. Where it has none, the text is shown to be copied.
    """
    text = _turn(session, given.word()).reply
    if not text.strip():
        raise InputError("that turn has no reply", hint="%chat history shows the turns with their numbers.")
    with interruptible():
        is_done = _to_clipboard(text)
    if is_done:
        say(f"Copied: {numbered(len(text), 'character')}.")
        return
    host = here()
    if host.can_display:
        host.show({"text/plain": text})
    else:
        print(text)
    say("There is no clipboard where this kernel runs: the text stands above, as it came.")


@COMMANDS.entry(
    "code", "the code of the last reply, or its Nth block, into the next cell", takes="[N] [TURN]"
)
async def code(session: Session, given: Given) -> None:
    """Put code of the last reply, or of the reply of a turn, into the next cell: its first block, or the Nth.

    Nothing of it runs until you run that cell.
    """
    from g4f_magic.renderers.formats import fences

    front = front_of(session)
    blocks = [text.strip("\n") for text, _ in fences(_turn(session, given.word(1)).reply)]
    blocks = [text for text in blocks if text.strip()]
    if not blocks:
        raise InputError(
            "that reply has no code", hint="%chat code N TURN takes the code of an earlier turn."
        )
    number = given.word() or "1"
    if not number.isdecimal() or not 1 <= int(number) <= len(blocks):
        raise InputError(
            f"there is no block of code {number}; the reply has {len(blocks)}", hint="Write %chat code 1."
        )
    at, text = int(number), blocks[int(number) - 1]
    more = f" `%chat code {at + 1}` takes the next one." if at < len(blocks) else ""
    which = f" It is block {at} of {len(blocks)}.{more}" if len(blocks) > 1 else ""
    if offer(front, text):
        say(f"The code stands in the next cell; nothing of it has run.{which}")
        return
    fence = code_fence(text)
    say(f"No cell can be put here: this is the code, to be copied.{which}\n\n{fence}\n{text}\n{fence}")


def _turn(session: Session, word: str) -> Turn:
    """Return the turn of a number, of none the last that was shown."""
    return session.last if session.last is not None and not word else turn_of(session, word or "-1")


def _to_clipboard(text: str) -> bool:
    """Put a text into the clipboard, and say whether there is one."""
    for program, *arguments in _PROGRAMS:
        if (path := shutil.which(program)) is None:
            continue
        try:
            found = subprocess.run(  # noqa: S603 - a program of the system's, with our own arguments
                [path, *arguments],
                input=text.encode("utf-8", "replace"),
                timeout=_SECONDS,
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if found.returncode == 0:
            return True
    return False
