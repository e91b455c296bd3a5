"""What a page does to conversations and to their turns, besides asking."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from g4f_magic.conversation import MAIN
from g4f_magic.errors import InputError
from g4f_magic.turn import Turn

if TYPE_CHECKING:
    from g4f_magic.panel.asked_panel import AskedPanel

_LONGEST_NAME = 200


class SteeringRequests:
    """Its requests, each by the name of its method."""

    def __init__(self, panel: AskedPanel) -> None:
        self._panel = panel

    # Turns.

    def do_delete(self, content: dict[str, Any]) -> None:
        """Take a turn out."""
        panel, turn = self._panel, turn_of(self._panel, content)
        panel.following.conversation.delete(turn.id)
        panel.refresh()

    def do_revision(self, content: dict[str, Any]) -> None:
        """Show another answer of a turn."""
        panel, turn = self._panel, turn_of(self._panel, content)
        revisions = panel.following.conversation.revised().get(turn.slot, ())
        at = revisions.index(turn.id) if turn.id in revisions else 0
        wanted = at + (1 if content.get("step", -1) > 0 else -1)
        if 0 <= wanted < len(revisions):
            conversation = panel.following.conversation
            conversation.restore(revisions[wanted])
            panel.refresh()
            restored = next((one for one in conversation.turns if one.id == revisions[wanted]), None)
            if restored is not None:
                panel.session.older.show_kept(restored, conversation.name)

    def do_undo(self, content: dict[str, Any]) -> None:
        """Take the last thing back."""
        self._step(back=True)

    def do_redo(self, content: dict[str, Any]) -> None:
        """Do it again."""
        self._step(back=False)

    def _step(self, *, back: bool) -> None:
        panel = self._panel
        conversation = panel.following.conversation
        if not (conversation.undo() if back else conversation.redo()):
            panel.note("There is nothing to undo." if back else "There is nothing to redo.")
        panel.refresh()

    def do_find(self, content: dict[str, Any]) -> None:
        """Tell which turns hold a text, in the question or in the answer."""
        wanted = text_of(content, "text").casefold()
        found = [
            turn.id
            for turn in self._panel.turns
            if wanted and (wanted in turn.prompt.casefold() or wanted in turn.reply.casefold())
        ]
        self._panel.say({"kind": "source", "key": text_of(content, "key"), "text": json.dumps(found)})

    # Conversations.

    def do_switch(self, content: dict[str, Any]) -> None:
        """Go to another conversation, which begins with that where there is none of the name."""
        panel = self._panel
        name = text_of(content, "text").strip() or self._new_name()
        if len(name) > _LONGEST_NAME:
            raise InputError("the conversation's name is too long", hint="Give it a shorter one.")
        panel.session.conversation(name)
        left = panel.conversation
        panel.conversation = name
        panel.show_conversations()
        if panel.is_busy and name != left:
            panel.note(f"The reply in {left} goes on; Stop ends it.")

    def _new_name(self) -> str:
        taken = {*self._panel.session.conversation_names(), self._panel.conversation, MAIN}
        number = 2
        while f"chat {number}" in taken:
            number += 1
        return f"chat {number}"

    def do_rename(self, content: dict[str, Any]) -> None:
        """Give a conversation another name, in all panels that show it."""
        panel = self._panel
        name, new = text_of(content, "name"), text_of(content, "text").strip()
        panel.session.conversations.rename(name, new)
        self._move(name, new)
        panel.note(f"“{name}” is called “{new}” now.")

    def do_forget(self, content: dict[str, Any]) -> None:
        """Delete a conversation for good."""
        panel, name = self._panel, text_of(content, "text")
        if name == MAIN or not name:
            raise InputError(f"{MAIN} cannot be deleted", hint="Empty it instead.")
        if panel.session.conversation(name).under_way():
            raise InputError("a reply is under way in it", hint="Stop it first.")
        count = panel.session.conversations.forget(name)
        if panel.session.conversation_name == name:
            panel.session.conversation_name = MAIN
        self._move(name, MAIN)
        panel.note(f"“{name}” is deleted, with {count} {'turn' if count == 1 else 'turns'}.")

    def do_empty(self, content: dict[str, Any]) -> None:
        """Take all turns out of the conversation that is shown; undo brings them back."""
        self._panel.following.conversation.reset()
        self._panel.refresh()
        self._panel.show_conversations()

    def _move(self, name: str, new: str) -> None:
        for panel in self._panel.siblings():
            if panel.conversation == name:
                panel.conversation = new
            panel.show_conversations()


def turn_of(panel: AskedPanel, content: dict[str, Any]) -> Turn:
    """Return the turn that a request names.

    Raises:
        InputError: it is gone.
    """
    wanted = content.get("turn")
    for turn in panel.turns:
        if turn.id == wanted:
            return turn
    raise InputError("that turn is no longer in the conversation", hint="It may have been replaced.")


def text_of(content: dict[str, Any], name: str) -> str:
    """Return a field of a request that is a text, empty where it is none."""
    value = content.get(name)
    return value if isinstance(value, str) else ""
