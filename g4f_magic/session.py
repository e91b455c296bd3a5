"""What one kernel holds, and the only place where the parts are put together."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, cast

from g4f_magic.answerer import Answerer
from g4f_magic.answering.recording import Recording, is_watched
from g4f_magic.ask import Ask, Attachment, ask_of, typed
from g4f_magic.cassette import OpenCassette, Pace, beside
from g4f_magic.conversation import Conversation, Conversations
from g4f_magic.errors import InputError
from g4f_magic.history import History
from g4f_magic.host import here
from g4f_magic.lasting import history_file
from g4f_magic.local_gateway import LocalGateway
from g4f_magic.loop import interruptible
from g4f_magic.older_answers import OlderAnswers
from g4f_magic.open_notebook import OpenNotebook
from g4f_magic.options import Options
from g4f_magic.running_turn import Reply
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn
from g4f_magic.visible import numbered
from g4f_magic.whereabouts import near

if TYPE_CHECKING:
    from g4f_magic.answering.service import Provider
    from g4f_magic.answering.services import Services
    from g4f_magic.attaching.source import NotebookSource
    from g4f_magic.describing.described import Picture
    from g4f_magic.host.base import Host
    from g4f_magic.secret import Secret
    from g4f_magic.tools import Approver, Toolbox


OPENING = "{{"
"""How a name in a prompt begins. A prompt without it is not looked into."""


Make: TypeAlias = Callable[[], "NotebookSource"]
"""Gives the notebook that a prompt is written in: asked only where the prompt names something."""


class FrontEnd(Protocol):
    """The notebook's own way to ask and to show: what a cell does."""

    host: Host
    """Where the cells run."""

    def source(self) -> NotebookSource:
        """Return what of the notebook can go along."""

    async def ask(self, line: str, prompt: str) -> Turn | None:
        """Ask as a cell does, with the options of `line`, and show the reply; return the turn as it ended, if it was asked."""

    def names(self) -> Mapping[str, Any]:
        """Return the names of the notebook."""

    def offer(self, code: str) -> bool:
        """Offer code as the next input; say whether that can be done here."""


class Closable(Protocol):
    """What ends with the session."""

    def close(self) -> None:
        """End it."""


class Left(NamedTuple):
    """What a session leaves to the next one of the same kernel: what was said, and of which notebook it is."""

    file: Path | None
    history: History
    notebook: OpenNotebook
    conversations: Conversations
    last: Turn | None
    warned: dict[str, int]
    """How many of the sentences of each source were told."""


class Session:
    """Settings, conversations, history and the gateway of one kernel. One notebook at a time."""

    def __init__(
        self, settings: Settings | None = None, *, notebook: str = "", left: Left | None = None
    ) -> None:
        """`left` is what the session before it left, where the extension was loaded anew; another history's does not count."""
        self.settings = settings or Settings()
        self._file, note = history_file(self.settings, here())
        if left is not None and left.file != self._file:
            left = None
        self.history = left.history if left else History(self._file)
        self.notebook = left.notebook if left else OpenNotebook(self.history, notebook)
        self.conversations = left.conversations if left else Conversations(self.history, self.notebook)
        """Those of the notebook, and what is kept of others."""
        self.recording = Recording()
        self.last: Turn | None = left.last if left else None
        """The turn that a cell showed last, also where it was kept in no conversation."""
        self.front: FrontEnd | None = None
        """Where its cells run; None for code outside of a notebook."""
        self._warnings = [text for text in (note, self._forgotten()) if text]
        self._told = 0
        self._warned = left.warned if left else {}
        self.panels: dict[str, Closable] = {}
        """The panels that are shown, each by the place where it stands."""
        self.older = OlderAnswers(self.conversations)
        self.gateway = LocalGateway(self.settings, self._key_of)

    def _forgotten(self) -> str:
        """Forget what the person wants to be kept no longer, and return a sentence about it."""
        days = self.settings.keep_days
        count = 0 if days is None else self.history.forget_older(days * 86_400, is_wary=True)
        if not count:
            return ""
        turns = f"{numbered(count, 'turn')} older than {days} days"
        return f"Deleted for good, as ChatMagics.keep_days says: {turns}."

    @cached_property
    def services(self) -> Services:
        """The services that can be asked. Made at its first use: what is replayed asks none."""
        from g4f_magic.answering.services import Services

        return Services(
            self.settings,
            self.gateway.started,
            lambda: self.notebook.folder,
            pictures=lambda digests: self.history.pictures(self.notebook.key, digests),
            is_recorded=self._has_recordings_unused,
        )

    def _has_recordings_unused(self) -> bool:
        """Say whether replies of the notebook are recorded, and the mode does not look at them."""
        file = self.cassette_file()
        return self.settings.mode_in_force == "live" and file is not None and file.is_file()

    async def _key_of(self, provider: Provider, name: str) -> Secret | None:
        return await self.services.sign_in.secret(provider, name)

    @property
    def conversation_name(self) -> str:
        """Return the name of the conversation in use."""
        return self.conversations.in_use

    @conversation_name.setter
    def conversation_name(self, name: str) -> None:
        self.conversations.in_use = name

    def other_notebooks(self) -> list[str]:
        """Return the other notebooks that hold turns, as they are named on a command line."""
        outlines = [one for one in self.conversations.others() if one.turns]
        names = [one.path or one.name for one in outlines if not one.is_kernel]
        beside = [near(name, self.notebook.place) for name in names]
        return [shlex.quote(name) for name in beside if name.isprintable() and len(name) < 500]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return one sentence for each thing about files that the person should know, in the order of their coming."""
        for name, source in (("notebook", self.notebook.notes), ("history", self.history.warnings)):
            self._warnings += source[self._warned.get(name, 0) :]
            self._warned[name] = len(source)
        taken = [self.recording.warnings]
        if self.recording.in_use is not None:
            taken.append(self.recording.in_use.warnings)  # of the file, which other sessions may use, too
        for source in taken:
            self._warnings += source
            source.clear()
        return tuple(self._warnings)

    def untold(self) -> tuple[str, ...]:
        """Return those of `warnings` that nobody was told yet: each is told once, in a cell, a panel, or by code."""
        texts = self.warnings[self._told :]
        self._told += len(texts)
        return texts

    def conversation(self, name: str = "") -> Conversation:
        """Return the notebook's conversation of that name; of an empty name, the one in use.

        Raises:
            InputError: that can be no name.
        """
        return self.conversations.get(name)

    def conversation_names(self) -> list[str]:
        """Return the names of the notebook's conversations."""
        return self.conversations.names()

    async def ask(
        self,
        prompt: str,
        options: Options,
        *,
        slot: str = "",
        source: Make | None = None,
        kept: Sequence[Attachment] = (),
        approve: Approver | None = None,
    ) -> Reply:
        """Return the reply to `prompt`, not yet sent: iterate it, inside `aclosing`.

        With `source`, which gives the notebook, names in the prompt are filled in; without it the prompt is sent as it stands.
        `kept` are attachments that go along as they are; `approve` asks the person before a function runs, where that
        is not by a line of input.

        Raises:
            InputError: something of what was asked for cannot be; nothing was sent.
            MissingAuthError: the provider wants cookies and none were found; nothing was sent.
        """
        ask, pictures = self.filled(prompt, options, source, kept, approve)
        mode = self.settings.mode_of(options.mode)
        self.keep_pictures(pictures)
        answerer = await self.answerer(mode, ask, options, slot)
        conversation = self.conversations.get(options.conversation)
        longest = self.settings.longest_reply if mode != "replay" else None
        return conversation.ask(ask, answerer, slot=slot, longest=longest, is_kept=not options.is_once)

    def keep_pictures(self, pictures: Sequence[Picture]) -> None:
        """Keep the pictures of a question that is about to be asked."""
        for picture in pictures:
            self.history.keep_picture(self.notebook.key, picture.digest, picture.media_type, picture.content)

    async def answerer(self, mode: str, ask: Ask, options: Options, slot: str) -> Answerer:
        """Return who answers in a mode; `slot` is what asks, for the recording.

        Raises:
            InputError, MissingAuthError: as `ask`.
        """
        if mode == "live":
            return await self.services.answerer(options)
        answerer = await self._recorded(mode, ask, options, slot)
        if mode == "replay" and ask.toolbox is not None and self.settings.runs_tools:
            from g4f_magic.answering.tools_again import ToolsAgain

            return ToolsAgain(answerer, cast("Toolbox", ask.toolbox))
        return answerer

    def filled(
        self,
        prompt: str,
        options: Options,
        source: Make | None = None,
        kept: Sequence[Attachment] = (),
        approve: Approver | None = None,
    ) -> tuple[Ask, Sequence[Picture]]:
        """Return the question as it is sent, with what its prompt names, and the pictures that go along.

        Raises:
            InputError: the prompt is empty, or something that is to go along is not there.
        """
        ask = ask_of(prompt, options, self.settings)
        if options.schema is not None or options.is_schema_many:
            ask = typed(ask, options, {} if self.front is None else self.front.names())
        if options.tools or options.approve:
            from g4f_magic.tools.named import tooled

            names = {} if self.front is None else self.front.names()
            place = self.conversation(options.conversation)
            ask = tooled(ask, options, self.settings, names, place=place, approve=approve)
        if not ask.prompt.strip():
            raise InputError(
                "the prompt is empty", hint="Write the question below the %%chat line, or behind %ask."
            )
        is_naming = OPENING in ask.prompt or OPENING in ask.system
        if source is None or not (is_naming or options.attached):
            if options.attached:
                raise InputError(
                    "what goes along is named, and no names are given",
                    hint="Give names=globals(), or leave it out.",
                )
            return (replace(ask, attachments=tuple(kept)) if kept else ask), ()
        from g4f_magic.attaching.filling import fill
        from g4f_magic.attaching.finding import Finder

        finder = Finder(source(), ceiling=self.settings.share, detail=options.detail)
        with interruptible():
            filled = fill(ask, options.attached, finder, kept=kept)
        return filled.ask, filled.pictures

    async def _recorded(self, mode: str, ask: Ask, options: Options, slot: str) -> Answerer:
        """Return who answers in the modes that have recordings; where one plays, no service is looked at."""
        pace = self._pace(mode, options, slot)
        file, within = self._cassette_place()
        in_force = self.settings.mode_in_force
        host = here() if self.front is None else self.front.host
        if mode == "replay" and file is None:
            with interruptible():
                return self.recording.player_of_folder(Path.cwd(), ask, slot=slot, host=host, pace=pace)
        return await self.recording.answerer(
            mode,
            ask,
            self.recording.cassette(file, within),
            lambda: self.services.answerer(options),
            slot=slot,
            host=host,
            pace=pace,
            in_force=in_force,
            is_recording_errors=options.record_errors or self.settings.record_errors,
        )

    def _pace(self, mode: str, options: Options, slot: str) -> Pace:
        if mode == "record":  # nothing is played
            return "pieces"
        wanted = options.pace or self.settings.pace
        if wanted == "real" or (wanted == "auto" and is_watched(slot)):
            return "real"
        # Code gets the pieces as they were recorded; a cell shows them.
        return "pieces" if self.front is None or is_watched(slot) else "whole"

    def retried(self, prompt: str, options: Options) -> str:
        """Return the slot of the turn that is tried again where no front end names cells; empty where it is a new one.

        That is the last turn of the conversation if the same was asked in it, in this kernel, and no whole answer came.
        """
        shown = self.last
        if shown is None or shown.status in ("done", "open") or shown.prompt.strip() != prompt.strip():
            return ""
        turns = self.conversation(options.conversation).turns
        return turns[-1].slot if turns and turns[-1].id == shown.id else ""

    def cassette(self) -> OpenCassette:
        """Return the notebook's cassette.

        Raises:
            InputError: it is not known which file that is.
        """
        return self.recording.cassette(*self._cassette_place())

    def cassette_file(self) -> Path | None:
        """Return the notebook's cassette: the one that is named, else the one beside it; None where nobody says which that is."""
        return self._cassette_place()[0]

    def _cassette_place(self) -> tuple[Path | None, Path | None]:
        """Return the notebook's cassette, and the folder out of which no link may lead: none where the person named the file."""
        if (named := self.settings.cassette_path) is not None:
            return named, None
        host = here()
        file = self.notebook.look_for_file(host.notebook or host.executed_file)
        return (None, None) if file is None else (beside(file), beside(file).parent)

    async def leave(self) -> Left:
        """Close the panels, stop the gateway and let the history's file go; return what the next session goes on with."""
        for panel in tuple(self.panels.values()):
            panel.close()
        await self.gateway.stop()
        self.history.rest()
        return Left(self._file, self.history, self.notebook, self.conversations, self.last, self._warned)

    async def aclose(self) -> None:
        """Do what `leave` does, and let go what lies in memory alone."""
        await self.leave()
        self.history.close()
