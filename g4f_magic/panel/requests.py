"""What a page asks for, done. A request that cannot be done is answered with what to do instead."""

from __future__ import annotations

import asyncio
import json
import re
from collections import OrderedDict
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from g4f_magic.ask import normal_prompt
from g4f_magic.errors import ChatError, InputError
from g4f_magic.known import Known, attachable_of
from g4f_magic.panel.approving import Approvals
from g4f_magic.panel.chips import Along, Chips, again
from g4f_magic.panel.choices import FIELDS
from g4f_magic.panel.steering import SteeringRequests, text_of, turn_of
from g4f_magic.panel.taking_out import TakingOut
from g4f_magic.panel.waiting import Waiting, WaitingLine
from g4f_magic.renderers.sent import whole
from g4f_magic.secret import mask_known

if TYPE_CHECKING:
    from g4f_magic.panel.asked_panel import AskedPanel

_REMEMBERED = 256
_MOST_OFFERED = 500
_LONGEST_PROMPT = 4_000_000
_HEIGHT = re.compile(r"[1-9]\d{1,4}px", re.ASCII)


class Requests:
    """Takes the requests of all pages of one panel, on the kernel's loop."""

    def __init__(self, panel: AskedPanel) -> None:
        self._panel = panel
        self._chips = Chips(panel.session)
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._waiting = WaitingLine()
        self._is_starting = False  # the next of them is about to be asked
        self.approvals = Approvals(panel)
        self._parts = (self, self.approvals, SteeringRequests(panel), TakingOut(panel))

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
        name = f"do_{do}" if isinstance(do, str) and do.isalpha() else ""
        work = next(filter(None, (getattr(part, name, None) for part in self._parts)), None)
        if work is None:
            return
        try:
            later = work(content)
        except ChatError as exc:
            self._panel.tell(exc, key)
            return
        if later is not None:
            self._start(later, key)

    def _start(self, work: Coroutine[Any, Any, object], key: str) -> None:
        # A panel that is closed at once never comes to it: then it is closed, too.
        self._panel.background.start(self._finish(work, key)).add_done_callback(lambda _: work.close())

    async def _finish(self, work: Coroutine[Any, Any, object], key: str) -> None:
        try:
            await work
        except ChatError as exc:
            self._panel.tell(exc, key)

    # Looking.

    def do_hello(self, content: dict[str, Any]) -> Coroutine[Any, Any, None]:
        self._panel.greet(text_of(content, "page"))
        if self._waiting:
            self._panel.say(self._waiting.told())
        self.approvals.is_seen = True
        self._panel.say(self.approvals.told())
        self._panel.show_conversations()
        return self._panel.show_providers()

    def do_earlier(self, content: dict[str, Any]) -> None:
        entries, left = self._panel.following.transcript.earlier(text_of(content, "turn"))
        page = text_of(content, "page")
        self._panel.say({"kind": "earlier", "page": page, "entries": entries, "left": left})

    def do_models(self, content: dict[str, Any]) -> Coroutine[Any, Any, None]:
        return self._panel.show_providers()

    def do_source(self, content: dict[str, Any]) -> None:
        text = turn_of(self._panel, content).reply
        self._panel.say({"kind": "source", "key": text_of(content, "key"), "text": text})

    def do_sent(self, content: dict[str, Any]) -> None:
        text = mask_known(whole(turn_of(self._panel, content).ask))
        self._panel.say({"kind": "source", "key": text_of(content, "key"), "text": text})

    # Attaching.

    def do_attachable(self, content: dict[str, Any]) -> None:
        known = Known(settings=self._panel.session.settings, variables=self._panel.host.variables)
        text = json.dumps([*attachable_of(known, (), "")][:_MOST_OFFERED])
        self._panel.say({"kind": "source", "key": text_of(content, "key"), "text": text})

    def do_attach(self, content: dict[str, Any]) -> None:
        key, text = text_of(content, "key"), text_of(content, "text")
        if text:
            chip = self._chips.name(key, text)
        else:
            chip = self._chips.file(key, text_of(content, "name"), text_of(content, "data"))
        self._panel.say({"kind": "attached", "key": key, "name": chip.name, "about": chip.about})

    # Asking.

    def do_send(self, content: dict[str, Any]) -> Coroutine[Any, Any, None] | None:
        keys, key = content.get("attached"), text_of(content, "key")
        along = self._chips.along(map(str, keys) if isinstance(keys, list) else ())
        prompt = _prompt(content)
        if not (self._panel.asking.is_under_way or self._waiting or self._is_starting):
            return self._ask(prompt, "", key, along)
        self._waiting.add(Waiting(key, prompt, along))
        self._panel.say(self._waiting.told())
        return None

    def do_unqueue(self, content: dict[str, Any]) -> None:
        self._waiting.drop(text_of(content, "text"))
        self._panel.say(self._waiting.told())

    def asked(self, *, is_well: bool) -> None:
        """A reply to this panel has ended. What waits for it is asked, or given back where the reply was none."""
        if not is_well:
            self._give_back()
        elif (one := self._waiting.next()) is not None:
            self._is_starting = True
            self._panel.say(self._waiting.told(one.key))
            self._start(self._ask(one.prompt, "", one.key, one.along), one.key)

    def _give_back(self) -> None:
        waited = self._waiting.clear()
        for one in waited:
            self._panel.note("Not sent: the reply before it did not come. It is in the field again.", one.key)
        if waited:
            self._panel.say(self._waiting.told())

    def do_regenerate(self, content: dict[str, Any]) -> Coroutine[Any, Any, None]:
        turn = turn_of(self._panel, content)
        # What a file of somebody else's names is not looked for here: what it says was sent is sent.
        is_imported = turn.source == "imported"
        prompt = turn.ask.text if is_imported else turn.prompt
        return self._ask(prompt, turn.slot, text_of(content, "key"), again(turn), fills=not is_imported)

    def do_edit(self, content: dict[str, Any]) -> Coroutine[Any, Any, None]:
        turn = turn_of(self._panel, content)
        return self._ask(_prompt(content), turn.slot, text_of(content, "key"), again(turn))

    async def _ask(self, prompt: str, slot: str, key: str, along: Along, *, fills: bool = True) -> None:
        try:
            task = self._panel.asking.begin(prompt, slot=slot, key=key, along=along, fills=fills)
        except ChatError:
            if not self._panel.asking.is_under_way:
                self._give_back()
            raise
        finally:
            self._is_starting = False
        try:
            await asyncio.wait({task})
        finally:
            if not task.done():
                task.cancel()
        if task.cancelled():
            if not self._panel.following.has_begun(key):
                self._panel.note("Stopped before it was asked.", key)
        elif (error := task.exception()) is not None and not self._panel.following.has_begun(key):
            if not isinstance(error, ChatError):
                error = ChatError(f"an unexpected {type(error).__name__}", hint="%chat doctor may tell more.")
            raise error

    # Choosing.

    def do_choose(self, content: dict[str, Any]) -> Coroutine[Any, Any, None] | None:
        panel, values = self._panel, content.get("values")
        values = values if isinstance(values, dict) else {}
        if isinstance(parameters := values.get("parameters"), dict):
            panel.parameters = {name: str(parameters[name]) for name in FIELDS if parameters.get(name)}
        if _HEIGHT.fullmatch(text_of(values, "height")):
            panel.height = values["height"]
        if values.get("send_with") in ("enter", "ctrl+enter"):
            panel.send_with = values["send_with"]
        if isinstance(model := values.get("model"), str):
            panel.model = model.strip()
        if isinstance(provider := values.get("provider"), str) and provider != panel.provider:
            panel.model = ""
            panel.provider = provider.strip()
            return panel.show_providers()
        return None

    def do_stop(self, content: dict[str, Any]) -> None:
        self._panel.asking.stop()


def _prompt(content: dict[str, Any]) -> str:
    prompt = normal_prompt(text_of(content, "text"))
    if not prompt.strip():
        raise InputError("the prompt is empty", hint="Write what you want to ask.")
    if len(prompt) > _LONGEST_PROMPT:
        raise InputError("the prompt is too long", hint="Shorten it; a service would refuse it, too.")
    return prompt
