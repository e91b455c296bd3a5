"""The widget: its traits, its life, and what it says to its pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from contextvars import Context
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from g4f_magic.chat import loaded_magics
from g4f_magic.errors import ChatError, InputError
from g4f_magic.messages import ReplyText, Turn
from g4f_magic.notebook import identify
from g4f_magic.options import Options
from g4f_magic.panel import choices, control, place
from g4f_magic.panel.following import Following
from g4f_magic.panel.kept import KeptOutputs
from g4f_magic.panel.protocol import Said
from g4f_magic.panel.requests import Requests
from g4f_magic.session import Session
from g4f_magic.wire.offline import offline

_PAGE = Path(__file__).parent / "page"
_SCRIPTS = ("dom", "code", "message", "transcript", "composer", "choices", "link", "panel")


class ChatPanel(anywidget.AnyWidget):
    """A chat in the notebook, on the same conversations as its cells.

    ```python
    panel = ChatPanel("koala", system="Be brief.")
    panel                                   # shows it
    answer = await panel.ask("What is a magic?")
    panel.observe(lambda change: ..., "value")
    ```

    Options are those of `%%chat`, with underscores. Traits: `provider`, `model`, `conversation`, `parameters`
    (what stands in the fields: `system`, `temperature`, `max_tokens`, `context`, `more`), `send_with`,
    `is_busy`, and `value`, the last reply that has settled.
    """

    _esm = "\n".join((_PAGE / f"{name}.js").read_text("utf-8") for name in _SCRIPTS)
    _css = (_PAGE / "panel.css").read_text("utf-8")

    provider = traitlets.Unicode(help="Who answers.").tag(sync=True)
    model = traitlets.Unicode(help="The provider's model; empty: its default.").tag(sync=True)
    conversation = traitlets.Unicode(help="The conversation that is shown.").tag(sync=True)
    parameters = traitlets.Dict(help="What stands in the fields behind the fold.").tag(sync=True)
    send_with = traitlets.Enum(
        ["enter", "ctrl+enter"], "enter", help="Which key sends; with Shift, Enter is a new line."
    ).tag(sync=True)
    height = traitlets.Unicode("32em", help="The most height of the transcript, as CSS.").tag(sync=True)
    is_busy = traitlets.Bool(False, help="A reply to this panel is under way.").tag(sync=True)
    value = traitlets.Unicode("", help="The last reply to this panel.")

    _providers: traitlets.List[Any] = traitlets.List().tag(sync=True)
    _models = traitlets.Dict().tag(sync=True)
    _conversations: traitlets.List[Any] = traitlets.List().tag(sync=True)
    _kept = traitlets.Unicode().tag(sync=True)
    _cell = traitlets.Unicode().tag(sync=True)

    def __init__(self, provider: str = "", *, session: Session | None = None, **options: Any) -> None:
        from IPython import get_ipython

        self._is_closed = True  # until all of it is there
        self._shell: Any = get_ipython()
        self._is_shown = place.is_shown(self._shell)
        self._session = session or _session_here(self._shell)
        given = Options(provider=provider, **options)
        self._given = given
        super().__init__(
            provider=given.provider or self._session.settings.provider,
            model=given.model or ("" if given.provider else self._session.settings.model),
            conversation=given.conversation or self._session.conversation_name,
            parameters=choices.fields_of(given, self._session.settings.system),
            _cell=place.cell_id(self._shell),
        )
        # It is made when it is first asked for, and tells the front end of itself.
        self._own_layout = self.layout if self._is_shown else None
        self._kept = self.model_id or "" if self.comm is not None else ""
        self._loop = place.kernel_loop(self._shell)
        self._task: asyncio.Task[ReplyText] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._requests = Requests(self)
        self._output = self._kept_outputs() if self._shell else None
        self._pages: set[str] = set()
        self._seen = -1
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
        place_of_it = panel._cell or panel._kept
        if (before := session.panels.pop(place_of_it, None)) is not None:
            before.close()
        session.panels[place_of_it] = panel
        return panel

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
        if self._output is not None:
            self._output.close()
        self.stop()
        for task in self._tasks:
            task.cancel()
        super().close()
        if self._own_layout is not None:
            self._own_layout.close()  # a widget of its own, which ipywidgets leaves open

    def _ipython_display_(self, **kwargs: Any) -> None:
        publisher = self._shell.display_pub
        if self._is_shown:
            view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
            publisher.publish(
                {"application/vnd.jupyter.widget-view+json": view, "text/plain": "ChatPanel"}, {}
            )
        if self._output is None:
            return
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
        task = self.begin(prompt)
        try:
            return await task
        except asyncio.CancelledError:
            waiting = asyncio.current_task()
            if waiting is not None and waiting.cancelling():
                raise
            # Not as an interrupt: that would end the loop where this runs in a task of its own.
            raise ChatError("the reply was stopped", hint="What had come is in the conversation.") from None

    def begin(self, prompt: str, *, slot: str = "", key: str = "") -> asyncio.Task[ReplyText]:
        """Ask, in the background; with `slot` in place of the turn that stands there.

        Raises:
            InputError: a reply to this panel is under way, or what was chosen does not fit.
        """
        if self._task is not None and not self._task.done():
            raise InputError("the reply before is still under way", hint="Stop it, or wait for its end.")
        options = self._options()
        work = self._work(prompt, options, slot, key)
        # A context of its own: what it does belongs to no cell.
        self._task = self._on().create_task(work, context=Context())
        return self._task

    def stop(self) -> bool:
        """Stop the reply to this panel, and say whether there was one."""
        task = self._task
        if task is None or task.done():
            return False
        self._loop_call(task.cancel)
        return True

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Return the turns of the conversation that is shown, oldest first."""
        return self.following.conversation.turns

    @property
    def session(self) -> Session:
        """Return what the kernel holds, of which the panel shows a part."""
        return self._session

    @property
    def shell(self) -> Any:
        """Return the IPython shell, None where there is none."""
        return self._shell

    @property
    def where(self) -> tuple[str, str]:
        """Return the notebook's key and the name of the conversation that is shown."""
        here = self.following.conversation
        return here.notebook, here.name

    # Asking.

    def _options(self) -> Options:
        """Return what the person chose, over what the panel was made with.

        Raises:
            InputError: a field cannot be read.
        """
        chosen = choices.options_of(dict(self.parameters))
        chosen |= {"provider": self.provider, "model": self.model, "conversation": self.conversation}
        return replace(self._given, **chosen)

    async def _work(self, prompt: str, options: Options, slot: str, key: str) -> ReplyText:
        self.is_busy = True
        try:
            self._session.enter(identify(self._shell.user_ns if self._shell else {}))
            with offline(when=self._session.settings.mode_in_force == "replay"):
                reply = await self._session.ask(prompt, options, slot=slot)
                if key:
                    self.following.transcript.keys[reply.turn.id] = key
                async with aclosing(reply):
                    await reply.text()
            self.value = reply.turn.reply
            if self._output is not None and not self._is_shown:
                self._output.renew(self.conversation, self.turns)
            return ReplyText(reply.turn)
        finally:
            self.is_busy = False

    # Showing.

    def _take_up(self) -> Following:
        here = self._session.conversation(self.conversation)
        return Following(
            self._session, here, call=self._loop_call, say=self.say, keep=self._keep, on=self._on
        )

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
        """Look whether a cell, or another kernel, changed the history."""
        version = self._session.history.version()
        if version != self._seen:
            self._seen = version
            self.refresh()
            self.show_conversations()

    def _keep(self) -> None:
        """Have the static outputs follow."""
        if self._output is not None and self._loop is not None and self._is_shown:
            self._output.follow(self._loop, lambda: (self.conversation, self.turns))

    def greet(self, page: str) -> None:
        """Tell a page that has come what there is; each that comes after the first was loaded later."""
        self.following.tell_all(page)
        self._pages.add(page)
        if len(self._pages) > 1 and self._output is not None:
            self._output.tell_all()

    def _kept_outputs(self) -> KeptOutputs:
        def tell(number: int, bundle: dict[str, str]) -> None:
            html, plain = bundle["text/html"], bundle["text/plain"]
            self.say({"kind": "kept", "number": number, "html": html, "plain": plain})

        return KeptOutputs(self._kept, self._shell.display_pub, self._blocks, tell=tell)

    def _blocks(self, turn: Turn) -> list[str]:
        return self.following.transcript.blocks(turn)

    def say(self, message: Said) -> None:
        """Send a message to the pages."""
        self.send(message)

    def tell(self, error: ChatError, key: str = "") -> None:
        """Tell what went wrong."""
        self.say(
            {"kind": "notice", "key": key, "is_error": True, "text": str(error), "hint": error.hint or ""}
        )

    def note(self, text: str, key: str = "") -> None:
        """Tell something that is no error."""
        self.say({"kind": "notice", "key": key, "is_error": False, "text": text, "hint": ""})

    def show_conversations(self) -> None:
        """Renew the list of conversations."""
        names = [name for name in self._session.conversation_names() if name != self.conversation]
        self._conversations = [self.conversation, *names]

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
            self._loop_call(self._requests.hear, content)  # some kernels call from another thread

        self.on_msg(hear)
        kernel = getattr(self._shell, "kernel", None)
        self._listener = control.listen(
            kernel, self._kept, lambda content: self._loop_call(self._requests.hear, content)
        )
        events = getattr(self._shell, "events", None)
        if events is not None:
            events.register("post_run_cell", self._after_cell)

    def _deafen(self) -> None:
        self._listener = None
        events = getattr(self._shell, "events", None)
        if events is not None:
            with suppress(ValueError):
                events.unregister("post_run_cell", self._after_cell)

    def start(self, work: Any) -> None:
        """Run a coroutine of the panel's own in the background, on the kernel's loop."""
        task = self._on().create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on(self) -> asyncio.AbstractEventLoop:
        self._loop = self._loop or asyncio.get_running_loop()
        return self._loop

    def _loop_call(self, call: Callable[..., object], *arguments: object) -> None:
        self._on().call_soon_threadsafe(call, *arguments)


def _session_here(shell: Any) -> Session:
    """Return the notebook's session; one for itself where the extension is not loaded."""
    magics = loaded_magics()
    session: Session = Session() if magics is None else magics.session
    session.enter(identify(shell.user_ns if shell is not None else {}))
    return session
