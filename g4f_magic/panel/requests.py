"""What a page asks for, done. A request that cannot be done is answered with what to do instead."""

from __future__ import annotations

import asyncio
import keyword
from collections import OrderedDict
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g4f_magic.errors import ChatError, InputError
from g4f_magic.history import transfer
from g4f_magic.messages import Turn
from g4f_magic.panel.choices import PARAMETERS
from g4f_magic.panel.rendering import to_panel_html

if TYPE_CHECKING:
    from g4f_magic.panel.widget import ChatPanel

_REMEMBERED = 256
_LONGEST_PROMPT = 4_000_000


class Requests:
    """Takes the requests of all pages of one panel, on the kernel's loop."""

    def __init__(self, panel: ChatPanel) -> None:
        self._panel = panel
        self._heard: OrderedDict[str, None] = OrderedDict()

    def hear(self, content: Any) -> None:
        """Do what a page asks for, unless it was done before; acknowledge it in any case."""
        if not isinstance(content, dict):
            return
        key, do = str(content.get("key") or ""), content.get("do")
        self._panel.say({"kind": "ack", "key": key})
        if key in self._heard:
            return
        self._heard[key] = None
        if len(self._heard) > _REMEMBERED:
            self._heard.popitem(last=False)
        work = getattr(self, f"_do_{do}", None) if isinstance(do, str) and do.isalpha() else None
        if work is None:
            return
        try:
            later = work(content)
        except ChatError as exc:
            self._panel.tell(exc, key)
            return
        if later is not None:
            self._panel.start(self._finish(later, key))

    async def _finish(self, work: Coroutine[Any, Any, object], key: str) -> None:
        try:
            await work
        except ChatError as exc:
            self._panel.tell(exc, key)

    # Looking.

    def _do_hello(self, content: dict[str, Any]) -> Coroutine[Any, Any, None]:
        self._panel.greet(_text(content, "page"))
        self._panel.show_conversations()
        return self._panel.show_providers()

    def _do_earlier(self, content: dict[str, Any]) -> None:
        entries, left = self._panel.following.transcript.earlier(_text(content, "turn"))
        page = _text(content, "page")
        self._panel.say({"kind": "earlier", "page": page, "entries": entries, "left": left})

    def _do_models(self, content: dict[str, Any]) -> Coroutine[Any, Any, None]:
        return self._panel.show_providers()

    def _do_source(self, content: dict[str, Any]) -> None:
        text = self._turn(content).reply
        self._panel.say({"kind": "source", "key": _text(content, "key"), "text": text})

    # Asking.

    def _do_send(self, content: dict[str, Any]) -> Coroutine[Any, Any, None]:
        return self._ask(_prompt(content), "", _text(content, "key"))

    def _do_regenerate(self, content: dict[str, Any]) -> Coroutine[Any, Any, None]:
        turn = self._turn(content)
        return self._ask(turn.prompt, turn.slot, _text(content, "key"))

    def _do_edit(self, content: dict[str, Any]) -> Coroutine[Any, Any, None]:
        return self._ask(_prompt(content), self._turn(content).slot, _text(content, "key"))

    async def _ask(self, prompt: str, slot: str, key: str) -> None:
        task = self._panel.begin(prompt, slot=slot, key=key)
        try:
            await asyncio.wait({task})
        finally:
            if not task.done():
                task.cancel()
        if task.cancelled():
            if not self._panel.following.has_begun(key):
                self._panel.note("Stopped before it was asked.", key)
        elif (error := task.exception()) is not None:
            if not isinstance(error, ChatError):
                error = ChatError(f"an unexpected {type(error).__name__}", hint="%chat doctor may tell more.")
            raise error

    def _do_stop(self, content: dict[str, Any]) -> None:
        self._panel.stop()

    # Steering.

    def _do_delete(self, content: dict[str, Any]) -> None:
        panel, turn = self._panel, self._turn(content)
        if not turn.is_settled:
            raise InputError("the reply is under way", hint="Stop it first.")
        panel.session.history.delete(*panel.where, turn.id)
        panel.refresh()

    def _do_revision(self, content: dict[str, Any]) -> None:
        panel, turn = self._panel, self._turn(content)
        revisions = panel.session.history.revised(*panel.where).get(turn.slot, ())
        at = revisions.index(turn.id) if turn.id in revisions else 0
        wanted = at + (1 if content.get("step", -1) > 0 else -1)
        if 0 <= wanted < len(revisions):
            panel.session.history.restore(*panel.where, revisions[wanted])
            panel.refresh()

    def _do_undo(self, content: dict[str, Any]) -> None:
        self._step(back=True)

    def _do_redo(self, content: dict[str, Any]) -> None:
        self._step(back=False)

    def _step(self, *, back: bool) -> None:
        panel = self._panel
        if panel.following.conversation.under_way():
            raise InputError("a reply is under way", hint="Stop it first.")
        history = panel.session.history
        step = history.undo(*panel.where) if back else history.redo(*panel.where)
        if step is None:
            panel.note("There is nothing to take back." if back else "There is nothing to do again.")
        panel.refresh()

    def _do_switch(self, content: dict[str, Any]) -> None:
        name = _text(content, "text").strip()
        if not name or len(name) > 200:
            raise InputError("a conversation's name cannot be blank", hint="Give it a name.")
        left = self._panel.conversation
        self._panel.conversation = name
        self._panel.show_conversations()
        if self._panel.is_busy and name != left:
            self._panel.note(f"The reply in {left} goes on; Stop ends it.")

    def _do_choose(self, content: dict[str, Any]) -> Coroutine[Any, Any, None] | None:
        panel, values = self._panel, content.get("values")
        values = values if isinstance(values, dict) else {}
        if isinstance(parameters := values.get("parameters"), dict):
            panel.parameters = {name: str(parameters[name]) for name in PARAMETERS if parameters.get(name)}
        if isinstance(model := values.get("model"), str):
            panel.model = model.strip()
        if isinstance(provider := values.get("provider"), str) and provider != panel.provider:
            panel.model = ""
            panel.provider = provider.strip()
            return panel.show_providers()
        return None

    # Taking out.

    def _do_insert(self, content: dict[str, Any]) -> None:
        self._panel.shell.set_next_input(_text(content, "text"), replace=False)
        self._panel.note("The code will stand below the next cell that you run.", _text(content, "key"))

    def _do_variable(self, content: dict[str, Any]) -> None:
        name = _text(content, "name").strip()
        if not name.isidentifier() or keyword.iskeyword(name):
            raise InputError(
                f"{name!r} is no name for a variable", hint="Use letters, digits and underscores."
            )
        names = self._panel.shell.user_ns
        was_there = name in names
        names[name] = _text(content, "text")
        self._panel.note(f"{name} holds the code{', in place of what it held' if was_there else ''}.")

    def _do_export(self, content: dict[str, Any]) -> None:
        panel = self._panel
        file = panel.session.file
        folder, stem = (file.parent, file.stem) if file is not None else (Path.cwd(), "chat")
        kind = _text(content, "text") or "md"
        name = f"{stem}.{_plain(panel.conversation)}"
        target = folder / f"{name}.{kind}"
        number = 1
        while target.exists():
            number += 1
            target = folder / f"{name}-{number}.{kind}"
        transfer.write(
            target,
            panel.turns,
            conversation=panel.conversation,
            html=lambda turn: to_panel_html(turn.reply, {}),
        )
        panel.note(f"Written to {target}")

    def _turn(self, content: dict[str, Any]) -> Turn:
        wanted = content.get("turn")
        for turn in self._panel.turns:
            if turn.id == wanted:
                return turn
        raise InputError("that turn is no longer in the conversation", hint="It may have been replaced.")


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _prompt(content: dict[str, Any]) -> str:
    prompt = _text(content, "text").replace("\r\n", "\n").strip("\n")
    if not prompt.strip():
        raise InputError("the prompt is empty", hint="Write what you want to ask.")
    if len(prompt) > _LONGEST_PROMPT:
        raise InputError("the prompt is too long", hint="Shorten it; a service would refuse it, too.")
    return prompt


def _plain(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name)[:60]
