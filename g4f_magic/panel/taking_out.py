"""What a page takes out of a conversation: code into a variable, and the whole of it into a file."""

from __future__ import annotations

import keyword
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g4f_magic.errors import InputError
from g4f_magic.files import exporting
from g4f_magic.panel.rendering import to_panel_html
from g4f_magic.panel.steering import text_of
from g4f_magic.renderers import citations

if TYPE_CHECKING:
    from g4f_magic.panel.asked_panel import AskedPanel


class TakingOut:
    """Its requests, each by the name of its method."""

    def __init__(self, panel: AskedPanel) -> None:
        self._panel = panel

    def do_variable(self, content: dict[str, Any]) -> None:
        """Put code into a variable of the notebook."""
        name = text_of(content, "name").strip()
        if not name.isidentifier() or keyword.iskeyword(name):
            raise InputError(
                f"{name!r} is not a name for a variable", hint="Use letters, digits and underscores."
            )
        names = self._panel.host.names
        was_there = name in names
        names[name] = text_of(content, "text")
        self._panel.note(f"{name} holds the code{', in place of what it held' if was_there else ''}.")

    def do_export(self, content: dict[str, Any]) -> None:
        """Write the conversation into a file beside the notebook; none is overwritten."""
        panel = self._panel
        file = panel.session.notebook.file
        folder, stem = (file.parent, file.stem) if file is not None else (Path.cwd(), "chat")
        kind = text_of(content, "text") or "md"
        name = f"{stem}.{_plain(panel.conversation)}"
        target = folder / f"{name}.{kind}"
        number = 1
        while target.exists():
            number += 1
            target = folder / f"{name}-{number}.{kind}"
        exporting.write(
            target,
            panel.turns,
            conversation=panel.conversation,
            html=lambda turn: to_panel_html(turn.reply, {}) + citations.to_html(turn.citations),
        )
        panel.note(f"Written to {target}")


def _plain(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name)[:60]
