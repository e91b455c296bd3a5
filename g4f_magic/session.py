"""What one kernel holds, and the only place where the parts are put together."""

from __future__ import annotations

import asyncio
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from g4f_magic.cassette import Asked, Tape, beside, recordable
from g4f_magic.conversation import Bound, Conversation, Question, Reply
from g4f_magic.errors import InputError
from g4f_magic.history import KERNEL, History, Identity
from g4f_magic.notebook import chat_cells, identify
from g4f_magic.options import Options
from g4f_magic.recording import Recording, Wish, is_watched
from g4f_magic.settings import Settings
from g4f_magic.wire.offline import refuse_offline

if TYPE_CHECKING:
    from g4f_magic.gateway import Gateway
    from g4f_magic.services import Services


class Closable(Protocol):
    """What ends with the session."""

    def close(self) -> None:
        """End it."""


class Session:
    """Settings, conversations, history and the gateway of one kernel. One notebook at a time."""

    def __init__(self, settings: Settings | None = None, *, notebook: str = "") -> None:
        self.settings = settings or Settings()
        self.history = History(self.settings.history_file)
        self.notebook = notebook or f"{KERNEL}{uuid4().hex}"
        self._is_named = False
        self.file: Path | None = None
        """The notebook's file, where the front end says which that is."""
        self.recording = Recording()
        self._warnings: list[str] = []
        self._warned: dict[str, int] = {}
        self.conversation_name = "main"
        self._conversations: dict[tuple[str, str], Conversation] = {}
        self.panels: dict[str, Closable] = {}
        """The panels that are shown, each by the place where it stands."""
        self._gateway: Gateway | None = None
        self._gateway_loop: asyncio.AbstractEventLoop | None = None
        self._gateway_lock = asyncio.Lock()

    @cached_property
    def services(self) -> Services:
        """The services that can be asked. Made at its first use: what is replayed asks none."""
        from g4f_magic.services import Services

        return Services(self.settings, self.gateway, lambda: self.file.parent if self.file else Path())

    def enter(self, identity: Identity | None) -> None:
        """Take up the history of the notebook that the front end names, unless the person named another."""
        if identity is not None:
            self.file = Path(identity.path)
        if identity is not None and not self._is_named:
            self.notebook = self.history.resolve(identity)
        self._arrange()

    def _arrange(self) -> None:
        """Let the turns follow the cells as the notebook's file holds them now, unless the person named another."""
        if self.file is not None and not self._is_named and not self.notebook.startswith(KERNEL):
            self.history.arrange(self.notebook, chat_cells(self.file))

    def enter_named(self, key: str) -> None:
        """Take up the history of the notebook of that key, whatever the front end says."""
        self.notebook = key
        self._is_named = True

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return one sentence for each thing about files that the person should know, in the order of their coming."""
        for name, source in (("history", self.history.warnings), ("recording", self.recording.warnings)):
            self._warnings += source[self._warned.get(name, 0) :]
            self._warned[name] = len(source)
        return tuple(self._warnings)

    def conversation(self, name: str = "") -> Conversation:
        """Return the notebook's conversation of that name; of an empty name, the one in use."""
        key = (self.notebook, name or self.conversation_name)
        if key not in self._conversations:
            self._conversations[key] = Conversation(self.history, *key)
        return self._conversations[key]

    def conversation_names(self) -> list[str]:
        """Return the names of the notebook's conversations."""
        return [outline.name for outline in self.history.conversations(self.notebook)]

    async def ask(self, prompt: str, options: Options, *, slot: str = "") -> Reply:
        """Return the reply to `prompt`, not yet sent: iterate it, inside `aclosing`.

        Raises:
            InputError: something of what was asked for cannot be; nothing was sent.
            MissingAuthError: the provider wants cookies and none were found; nothing was sent.
        """
        if not prompt.strip():
            raise InputError("the prompt is empty", hint="Write what you want to ask below the %%chat line.")
        self._arrange()
        mode = self.mode(options)
        live = partial(self._question, prompt, options, slot)
        if mode == "live":
            question = await live()
        else:
            tape = self.tape()
            wish = self._wish(mode, prompt, options, slot, tape)
            tape.enter(self.settings.mode_in_force)
            question = await self.recording.question(wish, tape, live)
        return self.conversation(options.conversation).ask(question, is_kept=not options.is_once)

    def mode(self, options: Options) -> str:
        """Return where a reply is to come from.

        Raises:
            InputError: a cell would send something while the settings say that nothing is sent.
        """
        mode = options.mode or self.settings.mode_in_force
        if self.settings.mode_in_force == "replay" and mode != "replay":
            raise InputError("the mode is replay: nothing is sent", hint="%chat mode live comes first.")
        return mode

    def tape(self) -> Tape:
        """Return the notebook's cassette.

        Raises:
            InputError: it is not known which file that is.
        """
        path = self.settings.cassette_path
        if path is None:
            if self.file is None and (identity := identify({})) is not None:
                self.file = Path(identity.path)
            if self.file is None:
                raise InputError(
                    "it is not known beside which notebook the recordings lie",
                    hint="Name the file: %chat cassette FILE, or G4F_MAGIC_CASSETTE=FILE where no front end says.",
                )
            path = beside(self.file)
        return self.recording.tape(path)

    def _wish(self, mode: str, prompt: str, options: Options, slot: str, tape: Tape) -> Wish:
        """Return what is asked for, without a look at the provider: a recording plays without it."""
        name = (options.provider or self.settings.provider).strip().lower()
        pace = options.pace or self.settings.pace
        asked = Asked(
            provider=name,
            prompt=prompt,
            model=self._model(name, options),
            system=(self.settings.system if options.system is None else options.system),
            parameters=recordable(options.parameters),
        )
        return Wish(
            asked=asked,
            slot=slot,
            cell=slot or self.recording.cell_of_code(tape, asked),
            bound=self.bound(options),
            mode=mode,
            is_paced=pace == "real" or (pace == "auto" and is_watched(slot)),
            is_recording_errors=options.record_errors or self.settings.record_errors,
        )

    async def _question(self, prompt: str, options: Options, slot: str) -> Question:
        link = await self.services.answering(options)
        return Question(
            prompt=prompt,
            provider=link.provider,
            model=link.model,
            system=self.settings.system if options.system is None else options.system,
            via=link.via,
            slot=slot,
            bound=self.bound(options),
            stream=link.stream,
            hosts=link.hosts,
            longest=self.settings.longest_reply,
        )

    def bound(self, options: Options) -> Bound:
        """Return how much of the conversation is sent along at most; what a cell says takes the settings' place."""
        if options.context_turns is not None or options.context_tokens is not None:
            return Bound(options.context_turns, options.context_tokens)
        return Bound(self.settings.context_turns, self.settings.context_tokens)

    def _model(self, name: str, options: Options) -> str:
        """Return the model asked for; the settings' model is meant for the settings' provider alone."""
        is_default = not options.provider or name == self.settings.provider.lower()
        return options.model or (self.settings.model if is_default else "")

    @property
    def running_gateway(self) -> Gateway | None:
        """Return the gateway if it runs."""
        return self._gateway

    async def gateway(self) -> Gateway:
        """Return the local gateway; its first use starts it, on the running loop.

        Raises:
            InputError: the settings name an engine that there is not.
        """
        from g4f_magic.gateway import Gateway, choose_engine

        refuse_offline()
        loop = asyncio.get_running_loop()
        if self._gateway_loop is not loop:
            # A server of a loop that no longer runs can neither answer nor be asked to stop.
            self._gateway, self._gateway_loop, self._gateway_lock = None, loop, asyncio.Lock()
        async with self._gateway_lock:
            if self._gateway is None:
                gateway = Gateway(await choose_engine(self.settings))
                await gateway.start()
                self._gateway = gateway
            return self._gateway

    async def stop_gateway(self) -> bool:
        """Stop the local gateway and say whether it ran."""
        gateway, self._gateway = self._gateway, None
        if gateway is None:
            return False
        await gateway.stop()
        return True

    async def aclose(self) -> None:
        """Close the panels, stop the gateway and let the history's file go."""
        for panel in tuple(self.panels.values()):
            panel.close()
        await self.stop_gateway()
        self.history.close()
