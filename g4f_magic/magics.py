"""`%%chat` and `%chat`: what one run of a cell does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, nullcontext, suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand

from g4f_magic.errors import ChatError, ChatStopped, InputError, WireError, bare
from g4f_magic.host import CellsRun, of_shell
from g4f_magic.settings import Settings
from g4f_magic.shown import CellsShown
from g4f_magic.version import __version__, installed, is_replaced

if TYPE_CHECKING:
    from g4f_magic.attaching.host_source import HostSource
    from g4f_magic.grammar import ChatLine, CompareOptions
    from g4f_magic.host.base import Host
    from g4f_magic.offers import Offers
    from g4f_magic.page import PageLink
    from g4f_magic.session import Left, Session
    from g4f_magic.turn import Turn

NAME = "chat"
PAGES = "g4f_magic"
"""The comm between a page and its kernel."""


@magics_class
class ChatMagics(Magics, Settings):
    """Chat with language models. See `%chat help`."""

    def __init__(self, shell: Any = None, **kwargs: Any) -> None:
        super().__init__(shell, **kwargs)
        self.host: Host = of_shell(shell)
        self.cells_run = CellsRun()
        self.left: Left | None = None
        """What the session before this one left, where the extension was loaded anew."""
        self.changed: dict[str, Any] = {}
        """The settings that are others than the environment and the configuration gave."""
        self.observe(self._note_changed)
        self.note_cell()
        self.shown = CellsShown(self.host, self._hint)
        self._offers: Offers | None = None
        self._is_version_told = False

    @cached_property
    def session(self) -> Session:
        """What this kernel holds. Made at its first use, so that loading the extension stays light."""
        from g4f_magic.session import Session

        session = Session(self, left=self.left)
        session.front = self
        session.older.tell_page = self.page.tell
        return session

    @cached_property
    def page(self) -> PageLink:
        """What the pages that show the notebook tell, and are told. Made where there is one, or at the first chat."""
        from g4f_magic.page import PageLink

        return PageLink(PAGES, self.host, self._entered)

    def enter(self) -> None:
        """Take up the notebook that this kernel serves, as far as that can be told by now."""
        # xeus-python knows a cell by its code, and that only once it runs.
        if self.host.cell is not self._noted:
            self.note_cell()
        named = self.host.notebook
        page = None if named else self.host.told_notebook()
        told = self.page.told
        if told.path:
            named = self.page.file(named)
        ran = self.cells_run.marks if named or page is not None else frozenset()
        self.session.notebook.enter(named, ran, page, told.cells, told.own)

    def identify(self) -> None:
        """Have the notebook's page keep its own id in it, once something was asked there."""
        self.page.identify(*self.session.notebook.id_to_write())

    def _entered(self) -> Session:
        self.enter()
        return self.session

    def _note_changed(self, change: Mapping[str, Any]) -> None:
        if self.trait_metadata(change["name"], "config"):
            self.changed[change["name"]] = change["new"]

    def note_cell(self, *_: object) -> None:
        """Remember the cell that runs: the extension has this called before each."""
        self._noted = cell = self.host.cell
        self.cells_run.note(cell)
        if cell.id and not cell.is_address:  # a front end that may have the other end
            self.page.begin()

    def source(self) -> HostSource:
        """Return the notebook as far as this kernel knows it: what a prompt can name."""
        from g4f_magic.attaching.host_source import HostSource

        cell = self.host.cell
        file = self.session.notebook.file if cell.id and not cell.is_address else None
        return HostSource(self.host, self.shown, cell=cell.id, file=file)

    @no_var_expand
    @line_cell_magic
    def chat(self, line: str, cell: str | None = None) -> None:
        """Ask a language model: `%%chat [options]`, and the prompt below.

        `-p` says who answers, `-m` which model; `{{df}}` in the prompt, or `-w df`, takes a variable along; `-o name` keeps the
        reply; `--dry-run` shows what would be sent, and sends nothing. Tab offers all options, `%chat help asking` lists them.
        `%chat help` tells the rest.
        """
        self._run(line, cell)

    def _run(self, line: str, cell: str | None) -> None:
        from g4f_magic.loop import at_once, run_sync

        try:
            if cell is None and not is_waiting(line):
                at_once(self._work(line, cell))
            else:
                run_sync(self._work(line, cell), leave=self.session.gateway.stop, is_reply=cell is not None)
            return
        except (ChatError, ChatStopped) as exc:
            failure = bare(exc)
        raise failure

    @no_var_expand
    @line_magic("ask")  # type: ignore[arg-type]  # IPython's own types say that it decorates nothing
    def ask_line(self, line: str) -> None:
        """Ask a language model in one line: `%ask How do I sort a list?`, with the options of `%%chat` before it."""
        self._run(line, "")

    def refuse_above(self, lines: int) -> None:
        """Refuse a cell whose `%%chat` is not its first line.

        Raises:
            InputError: always.
        """
        what = "line 1 stands" if lines == 1 else f"lines 1 to {lines} stand"
        raise bare(
            InputError(
                f"{what} above %%chat, which has to begin its cell",
                hint="Only comments may stand above it. Move the other lines into a cell of their own.",
            )
        )

    async def chat_awaited(self, line: str, cell: str | None = None) -> None:
        """Do what `chat` does, awaited on the loop of the kernel."""
        from g4f_magic.loop import stoppable

        try:
            await stoppable(self._work(line, cell), is_reply=cell is not None)
            return
        except (ChatError, ChatStopped) as exc:
            failure = bare(exc)
        raise failure

    async def _work(self, line: str, cell: str | None) -> None:
        try:
            await self._done(line, cell)
        except (ChatError, ChatStopped):
            raise
        except BaseException as exc:
            _check_ground(exc)
            _redact_traceback(exc, self.host)
            raise

    async def _done(self, line: str, cell: str | None) -> None:
        """Do what a line or a cell says, and tell what a person should know besides, however it ends."""
        from g4f_magic.wire.offline import offline

        self.enter()
        try:
            with offline() if self.mode_in_force == "replay" else nullcontext():
                if cell is None:
                    await self._command(line)
                elif line.strip() in ("-h", "--help"):
                    await self._command("help asking")
                else:
                    await self.ask(line, cell)
        finally:
            self.identify()
            self._warn()
            self._tell_version()
            self._remark()

    async def _command(self, line: str) -> None:
        from g4f_magic import commands

        await commands.run(line, self.session)

    async def ask(self, line: str, prompt: str) -> Turn | None:
        """Ask as a cell does, with the options of `line`, and show the reply; return the turn as it ended.

        None: with `--dry-run`, which only shows what would be sent.
        """
        from g4f_magic import grammar, renderers
        from g4f_magic.chunks import Notice

        parsed = grammar.ChatLine(line, self.host.names)
        prompt = parsed.prompt(prompt)
        if parsed.many.each:
            await self._ask_rows(parsed, prompt)
            return None
        slot = self.session.notebook.slot(self.host.cell, is_watched=self.host.has_stdin)
        slot = slot or self.session.retried(prompt, parsed.options)
        if parsed.beside is not None:
            return await self._ask_several(parsed, parsed.beside, prompt, slot)
        if parsed.is_dry_run:
            from g4f_magic.commands.sending import show_question

            ask, _ = self.session.filled(prompt, parsed.options, self.source)
            await show_question(self.session, ask, parsed.options, slot)
            return None
        reply = await self.session.ask(prompt, parsed.options, slot=slot, source=self.source)
        turn = reply.turn
        is_warned = self._warn()
        renderer = renderers.choose(
            format=parsed.format,
            settings=self,
            host=self.host,
            keeps_others=is_warned,
            offer=partial(self._offer, slot),
        )
        renderer.begin(turn)
        try:
            async with aclosing(reply):
                async for chunk in reply:
                    if isinstance(chunk, Notice):
                        renderer.notice(chunk.text)
                    else:
                        renderer.show(chunk)
        finally:
            renderer.settle(reply.turn)
            self.session.last = reply.turn
            if not parsed.options.is_once:
                self.session.older.show(reply.turn, renderer, parsed.options.conversation)
            if parsed.out and (reply.turn.reply or reply.turn.status == "done"):
                self.host.names[parsed.out] = renderers.shown_value(reply.value, reply.turn, parsed.format)
        if renderer.problem:
            raise WireError(renderer.problem, hint="It stays as it came. Ask again, or for another --format.")
        return reply.turn

    async def _ask_rows(self, parsed: ChatLine, prompt: str) -> None:
        """Ask for each row of a table, one or several."""
        if parsed.beside is not None:
            from g4f_magic.compare_rows import ask_each_of_all

            await ask_each_of_all(self.session, parsed, parsed.beside, prompt, self.host, self.source)
        else:
            from g4f_magic.many_cell import ask_each

            await ask_each(self.session, parsed, prompt, self.host, self.source)

    async def _ask_several(
        self, parsed: ChatLine, beside: CompareOptions, prompt: str, slot: str
    ) -> Turn | None:
        """Ask several at once, a column each."""
        from g4f_magic.compare_cell import ask_compared

        self._warn()
        offer = partial(self._offer, slot)
        return await ask_compared(self.session, parsed, beside, prompt, slot, self.host, self.source, offer)

    def names(self) -> Mapping[str, Any]:
        """Return the names of the notebook."""
        return self.host.names

    def offer(self, code: str) -> bool:
        """Offer code as the next input, unless the notebook holds it; say whether that can be done here."""
        self._offer(self.host.cell.id, code)
        return self.host.can_offer

    def _offer(self, slot: str, code: str) -> None:
        from g4f_magic.offers import Offers

        if self._offers is None:
            self._offers = Offers(self.host.offer)
        self._offers.make(code, slot, self.session.notebook.file)

    def _hint(self) -> None:
        """Say under a cell that failed what looks at its error, where the person wants that."""
        if self.hint_on_error:
            from g4f_magic.commands import say

            say("`%chat explain` says what went wrong, `%chat fix` offers a corrected cell.")

    def _warn(self) -> bool:
        """Say once what a person should know of files (a disk that fails, a key in a prompt); return whether it did."""
        texts = self.session.untold()
        for text in texts:
            from g4f_magic.commands import say

            say(f"**Note:** {text}")
        return bool(texts)

    def _tell_version(self) -> None:
        """Say once that another version of the package was installed than the one that runs."""
        if self._is_version_told or not is_replaced() or (now := installed()) in ("", __version__):
            return
        from g4f_magic.commands import say

        self._is_version_told = True
        say(f"**Note:** g4f_magic {now} is installed by now, and this kernel runs {__version__}: restart it.")

    def _remark(self) -> None:
        """Say under a reply, once, where its key came from, or that one was not sent."""
        from g4f_magic import remarks

        if texts := remarks.take():
            from g4f_magic.commands import say
            from g4f_magic.commands.output import as_text

            say(*(f"**Note:** {as_text(text)}" for text in texts))


def is_waiting(line: str) -> bool:
    """Say whether a `%chat` line waits for something."""
    from g4f_magic import commands

    return commands.is_waiting(line)


def _check_ground(exc: BaseException) -> None:
    """Say in two lines what an error comes from where it is the ground under this kernel that is gone.

    Raises:
        InputError: another version of this package lies in its place by now, or the working folder is gone.
    """
    if isinstance(exc, ImportError | AttributeError | TypeError | NameError) and is_replaced():
        raise InputError(
            f"g4f_magic {installed()} was installed while this kernel runs {__version__}"
            if installed()
            else "g4f_magic was taken away while this kernel runs it",
            hint="Restart the kernel.",
        ) from None
    if isinstance(exc, FileNotFoundError):
        from g4f_magic.disk import check_current

        check_current()


def _redact_traceback(exc: BaseException, host: Host) -> None:
    """Have the host show the traceback of an error that is none of ours without the secrets that its frames may hold."""
    from g4f_magic.secret import redact

    def lines() -> list[str]:
        return [redact(line) for line in host.traceback(exc)]

    if not isinstance(exc, asyncio.CancelledError):
        exc.args = tuple(redact(one) if isinstance(one, str) else one for one in exc.args)
        with suppress(AttributeError):  # an error with slots takes no attributes
            exc._render_traceback_ = lines  # type: ignore[attr-defined]
