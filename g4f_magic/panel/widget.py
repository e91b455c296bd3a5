"""The widget: its traits, its life, and what it says to its pages."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import fields
from typing import Any

from g4f_magic import remarks
from g4f_magic.errors import ChatError
from g4f_magic.host import here
from g4f_magic.options import Options
from g4f_magic.panel import choices
from g4f_magic.panel.asking import CurrentReply
from g4f_magic.panel.background import Background
from g4f_magic.panel.examples import examples_of
from g4f_magic.panel.following import Following
from g4f_magic.panel.joining import session_here
from g4f_magic.panel.kept import KeptOutputs
from g4f_magic.panel.protocol import Example, Said, notice
from g4f_magic.panel.requests import Requests
from g4f_magic.panel.showing import Side, bundle, side_of, within
from g4f_magic.panel.traits import PanelTraits
from g4f_magic.reply import ReplyText
from g4f_magic.session import Session
from g4f_magic.turn import Turn


class ChatPanel(PanelTraits):
    """A chat in the notebook, on the same conversations as its cells.

    ```python
    panel = ChatPanel("koala", system="Be brief.")
    panel                                   # shows it
    answer = await panel.ask("What is a magic?")
    panel.observe(lambda change: ..., "value")
    ```

    Options are those of `%%chat`, with underscores. Traits: `provider`, `model`, `conversation`, `parameters`
    (what stands in the fields: `system`, `temperature`, `max_tokens`, `context`, `more`, ...), `send_with`,
    `is_busy`, and `value`, the last reply that has settled.
    """

    def __init__(
        self,
        provider: str = "",
        *,
        session: Session | None = None,
        **options: Any,
    ) -> None:
        self._is_closed = True  # until all of it is there
        self.host = here()
        """Where it stands."""
        self._session = session or session_here(self.host)
        self._is_shown = self._is_looked_at()
        given = Options.of(provider, options)
        super().__init__(
            provider=given.provider or self._session.settings.provider,
            model=given.model or ("" if given.provider else self._session.settings.model),
            conversation=given.conversation or self._session.conversation_name,
            parameters=choices.fields_of(given, self._session.settings.system),
            _cell=self.host.cell.id,
            _fields=choices.fields(),
        )
        # It is made when it is first asked for, and tells the front end of itself.
        self._own_layout = self.layout if self._is_shown else None
        self._comm_id = self.model_id or "" if self.comm is not None else ""
        self.background = Background(self.host.loop)
        self._requests = Requests(self)
        self.asking = CurrentReply(self, given, approve=self._requests.approvals.ask, ended=self._ended)
        self._output = self._kept_outputs()
        self._pages: set[str] = set()
        self._seen = -1
        self._examples: list[Example] = []
        self._side: Side | None = None
        self.following = self._take_up()
        self.observe(self._turn_over, ["conversation"])
        self.observe(self._forget_models, ["provider"])
        self._listen()
        self._is_closed = False

    @classmethod
    def of(cls, options: Options, session: Session) -> ChatPanel:
        """Return a panel with these options; one that stood in the same cell before is closed."""
        named = {field.name: getattr(options, field.name) for field in fields(options)}
        panel = cls(session=session, **named)
        place_of_it = panel._cell or panel._comm_id
        if (before := session.panels.pop(place_of_it, None)) is not None:
            before.close()
        session.panels[place_of_it] = panel
        return panel

    def _is_looked_at(self) -> bool:
        """Say whether somebody sees widgets here."""
        return self.host.shows_widgets or self._session.settings.panel == "widget"

    # What ipywidgets calls.

    def open(self) -> None:
        """Tell the front end of the widget, where there is one that shows it."""
        if self._is_shown:
            super().open()

    def close(self) -> None:
        """Stop what is under way, and end the widget. The conversation stays, and so does its static output."""
        if self._is_closed:  # it is called again when the object goes
            return
        self._is_closed = True
        self.following.close()
        self._deafen()
        self._output.close()
        self.stop()
        self.background.close()
        if self._side is not None:
            self._side.close()
        super().close()
        if self._own_layout is not None:
            self._own_layout.close()  # a widget of its own, which ipywidgets leaves open

    def _ipython_display_(self, **kwargs: Any) -> None:
        self.show()

    def show(self, *, beside: bool = False) -> None:
        """Show it in the running cell, or beside the notebook, and what is kept of it below.

        Raises:
            InputError: what shows things beside the notebook is not installed.
        """
        if self._is_shown and beside:
            self._side = side_of("Chat")
            self._is_beside = True
            with within(self._side):
                self.host.show(bundle(self.model_id))
        elif self._is_shown:
            self.host.show(bundle(self.model_id))
        if self._is_shown:  # what is said is put there a moment later: the panel comes first
            self._output.reserve()
            self._keep()
        else:
            self._output.show(self.conversation, self.turns)

    # What a program calls.

    async def ask(self, prompt: str) -> ReplyText:
        """Return the whole reply, which streams into the panel meanwhile.

        Raises:
            ChatError: it failed, or was stopped; what had arrived is kept.
        """
        task = self.asking.begin(prompt)
        try:
            return await task
        except asyncio.CancelledError:
            waiting = asyncio.current_task()
            if waiting is not None and waiting.cancelling():
                raise
            # Not as an interrupt: that would end the loop where this runs in a task of its own.
            raise ChatError("the reply was stopped", hint="What had come is in the conversation.") from None

    def stop(self) -> bool:
        """Stop the reply to this panel, and say whether there was one."""
        return self.asking.stop()

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Return the turns of the conversation that is shown, oldest first."""
        return self.following.conversation.turns

    @property
    def session(self) -> Session:
        """Return what the kernel holds, of which the panel shows a part."""
        return self._session

    # Asking.

    def answered(self, turn: Turn) -> None:
        """Have what was said follow a reply to this panel that came whole."""
        self._session.older.renew(turn, self.conversation)
        self.value = turn.reply
        if not self._is_shown:
            self._output.renew(self.conversation, self.turns)

    def _ended(self, is_well: bool) -> None:
        if not self._is_closed:
            self._requests.asked(is_well=is_well)

    def tell_notes(self) -> None:
        """Say once what a person should know of keys, and of files; those wait for a cell where no page looks on."""
        for text in remarks.take():
            self.note(text, stays=True)
        if self._pages:
            for text in self._session.untold():
                self.note(text, stays=True)

    # Showing.

    def _take_up(self) -> Following:
        here = self._session.conversation(self.conversation)
        return Following(self._session, here, self.background, say=self.say, keep=self._keep)

    def _turn_over(self, change: object = None) -> None:
        """Show another conversation."""
        self.following.close()
        self.following = self._take_up()
        self.following.tell_all("")
        self._keep()

    def refresh(self) -> None:
        """Tell the pages what became different in the history."""
        if self._session.conversation(self.conversation) is self.following.conversation:
            self.following.refresh()
        else:  # another notebook's: `%chat notebook`
            self._turn_over()

    def _after_cell(self, *_: object) -> None:
        """Look whether a cell, or another kernel, changed the history, and what there is to ask about."""
        version = self.following.conversation.version()
        if version != self._seen:
            self._seen = version
            self.refresh()
            self.show_conversations()
        if self._pages:
            self.show_examples()

    def _keep(self) -> None:
        """Have the static outputs follow."""
        if self.background.loop is not None and self._is_shown:
            self._output.follow(self.background.loop, lambda: (self.conversation, self.turns))

    def greet(self, page: str) -> None:
        """Tell a page that has come what there is; each that comes after the first was loaded later."""
        self.following.tell_all(page)
        self._pages.add(page)
        self._examples = []
        self.show_examples()
        self.tell_notes()
        if len(self._pages) > 1:
            self._output.tell_all()

    def _kept_outputs(self) -> KeptOutputs:
        def tell(number: int, bundle: dict[str, str]) -> None:
            html, plain = bundle["text/html"], bundle["text/plain"]
            self.say({"kind": "kept", "number": number, "html": html, "plain": plain})

        return KeptOutputs(self._comm_id, self.host, self._blocks, tell=tell)

    def _blocks(self, turn: Turn) -> list[str]:
        return self.following.transcript.blocks(turn)

    def say(self, message: Said) -> None:
        """Send a message to the pages."""
        self.send(message)
        if message["kind"] in ("all", "change", "settled"):
            steps = self.following.conversation.steps()
            self._steps = {"undo": steps.can_undo, "redo": steps.can_redo}
            self.show_conversations()

    def tell(self, error: ChatError, key: str = "") -> None:
        """Tell what went wrong."""
        self.say(notice(key, str(error), error.hint, is_error=True))

    def note(self, text: str, key: str = "", *, stays: bool = False) -> None:
        """Tell something that is no error; with `stays` until the person has read it."""
        self.say(notice(key, text, stays=stays))

    def show_conversations(self) -> None:
        """Renew the list of conversations."""
        self._conversations = choices.conversation_choices(self._session, self.conversation)

    def show_examples(self) -> None:
        """Tell what could be asked, where nothing was yet."""
        if not self.turns and (found := examples_of(self._session, self.host)) != self._examples:
            self._examples = found
            self.say({"kind": "examples", "examples": found})

    def siblings(self) -> list[ChatPanel]:
        """Return the panels of the same session, this one too."""
        others = [one for one in self._session.panels.values() if isinstance(one, ChatPanel)]
        return others if self in others else [self, *others]

    async def show_providers(self) -> None:
        """Renew the list of providers and their models."""
        self._providers = await choices.provider_choices(self._session)
        with suppress(ChatError):  # a model can be named without a list
            self._models = dict(await choices.model_choice(self._session, self.provider))

    def _forget_models(self, change: object) -> None:
        self._models = {}

    # Hearing.

    def _listen(self) -> None:
        def hear(widget: object, content: dict[str, Any], buffers: object) -> None:
            self.background.call(self._requests.hear, content)

        self.on_msg(hear)
        self._listener = self.host.listen(
            self._comm_id, lambda content: self.background.call(self._requests.hear, content)
        )
        self._release = self.host.after_cells(self._after_cell)

    def _deafen(self) -> None:
        self._listener = None
        self._release()
