"""`%%chat` and `%chat`: what registers them, and what one run of a cell does."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing, suppress
from functools import cached_property, partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from IPython.core.inputtransformer2 import leading_empty_lines, leading_indent
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from g4f_magic.errors import ChatError, ChatStopped, InputError, WireError
from g4f_magic.loop import run_sync, stoppable
from g4f_magic.secret import redact
from g4f_magic.settings import Settings

if TYPE_CHECKING:
    from g4f_magic.offers import Offers
    from g4f_magic.session import Session

_NAME = "chat"
_LINES = (f"%%{_NAME}", f"%{_NAME}")


@magics_class
class ChatMagics(Magics, Settings):
    """Chat with language models. See `%chat help`."""

    def __init__(self, shell: Any = None, **kwargs: Any) -> None:
        super().__init__(shell, **kwargs)
        self._shell: Any = shell
        self._slots = _Slots(shell)
        self._offers: Offers | None = None
        self._warned = 0

    @cached_property
    def session(self) -> Session:
        """What this kernel holds. Made at its first use, so that loading the extension stays light."""
        from g4f_magic.session import Session

        return Session(self)

    @no_var_expand
    @line_cell_magic
    def chat(self, line: str, cell: str | None = None) -> None:
        """Ask a language model: `%%chat [options]`, and the prompt below. `%chat help` tells more."""
        run_sync(self._work(line, cell), leave=self.session.stop_gateway, is_reply=cell is not None)

    async def chat_awaited(self, line: str, cell: str | None = None) -> None:
        """Do what `chat` does, awaited on the loop of the kernel."""
        await stoppable(self._work(line, cell), is_reply=cell is not None)

    async def _work(self, line: str, cell: str | None) -> None:
        from g4f_magic.notebook import identify
        from g4f_magic.wire.offline import offline

        self.session.enter(identify(self._shell.user_ns))
        try:
            with offline(when=self.mode_in_force == "replay"):
                await (self._command(line) if cell is None else self._ask(line, cell))
        except (ChatError, ChatStopped):
            raise
        except BaseException as exc:
            _redact_traceback(exc, self._shell)
            raise
        finally:
            self._warn()

    async def _command(self, line: str) -> None:
        from g4f_magic import commands

        await commands.run(line, self.session)

    async def _ask(self, line: str, prompt: str) -> None:
        from g4f_magic import grammar, renderers
        from g4f_magic.chunks import Notice
        from g4f_magic.messages import ReplyText

        parsed = grammar.ChatLine(line)
        prompt = prompt.replace("\r\n", "\n").strip("\n")
        slot = self._slots.following()
        reply = await self.session.ask(prompt, parsed.options, slot=slot)
        is_warned = self._warn()
        renderer = renderers.choose(
            format=parsed.format,
            settings=self,
            shell=self._shell,
            keeps_others=is_warned,
            offer=partial(self._offer, slot),
        )
        renderer.begin(reply.turn)
        try:
            async with aclosing(reply):
                async for chunk in reply:
                    if isinstance(chunk, Notice):
                        renderer.notice(chunk.text)
                    else:
                        renderer.show(chunk)
        finally:
            renderer.settle(reply.turn)
            if parsed.out:
                self._shell.user_ns[parsed.out] = ReplyText(reply.turn)
        if renderer.problem:
            raise WireError(renderer.problem, hint="It stays as it came. Ask again, or for another --format.")

    def _offer(self, slot: str, code: str) -> None:
        from g4f_magic.offers import Offers

        if self._offers is None:
            self._offers = Offers(partial(self._shell.set_next_input, replace=False))
        self._offers.make(code, slot, self.session.file)

    def _warn(self) -> bool:
        """Say once what a person should know of files (a disk that fails, a key in a prompt); return whether it did."""
        warnings = self.session.warnings
        for text in warnings[self._warned :]:
            from g4f_magic.commands import say

            say(f"**Note:** {text}")
        before, self._warned = self._warned, len(warnings)
        return self._warned > before


class _Slots:
    """Names the places of the turns that the running cell asks for."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._run = ""
        self._asked = 0

    def following(self) -> str:
        """Return the place of the next turn; empty where the front end names no cells.

        The first is the cell's id; a cell that asks more than once gets a place for each.
        """
        kernel = getattr(self._shell, "kernel", None)
        parent = (kernel.get_parent("shell") if kernel is not None else None) or {}
        cell = str(parent.get("metadata", {}).get("cellId") or "")
        if not cell:
            return ""
        run = str(parent.get("header", {}).get("msg_id", ""))
        self._asked = self._asked + 1 if run == self._run else 1
        self._run = run
        return cell if self._asked == 1 else f"{cell}#{self._asked}"


class _Completer:
    """What Tab asks on the lines of the magic; loaded at the first Tab."""

    def __init__(self, shell: Any, magics: ChatMagics) -> None:
        self._shell = shell
        self._magics = magics
        for command in _LINES:
            shell.set_hook("complete_command", lambda _, event: self._offer(event), str_key=command)

    def remove(self) -> None:
        strings = self._shell.strdispatchers["complete_command"].strs
        for command in _LINES:
            strings.pop(command, None)

    def _offer(self, event: Any) -> list[str]:
        from g4f_magic import completion

        session: Session | None = vars(self._magics).get("session")  # asking for it would make one
        services = vars(session).get("services") if session else None
        known = completion.Known(
            settings=self._magics,
            catalogue=services.catalogue if services else None,
            conversations=session.conversation_names if session else tuple,
        )
        return completion.offer(event.text_until_cursor, event.symbol, known)


class Extension:
    """The magic in one shell: registered, and put back as it was."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        for kind in ("line", "cell"):
            _refuse_to_overwrite(shell.magics_manager.magics[kind].get(_NAME))
        shell.register_magics(ChatMagics)
        self.magics: ChatMagics = shell.magics_manager.registry[ChatMagics.__name__]
        # First of all: IPython's own would take what looks like `>>> ` or `In [1]: ` out of the prompt.
        shell.input_transformers_cleanup.insert(0, self._await)
        self._completer = _Completer(shell, self.magics)

    def _await(self, lines: list[str]) -> list[str]:
        """Turn a cell that begins with the magic into an awaited call.

        A cell that is read while another one runs in this thread is inside `%%time`, `%%capture` or
        `run_cell`, which cannot await: it stays as it is and goes to the plain magic.
        """
        if not self._shell.autoawait or _is_inside_cell():
            return lines
        first, *rest = _unindented(leading_empty_lines(lines)) or [""]
        word, line = (*first.split(maxsplit=1), "", "")[:2]
        call = "await get_ipython().magics_manager.registry['ChatMagics'].chat_awaited"
        if word == f"%%{_NAME}":
            return [f"{call}({line.rstrip()!r}, {''.join(rest)!r})\n"]
        # A line that ends with a question mark is ours too: IPython would look for an object of its last word.
        if word == f"%{_NAME}" and not "".join(rest).strip():
            return [f"{call}({line.rstrip()!r})\n"]
        return lines

    # A terminal tries transformers on a cell that is still being typed, to see whether it is complete. This
    # one would make a lone `%%chat` line a whole cell; IPython leaves out those that say this of themselves.
    _await.has_side_effects = True  # type: ignore[attr-defined]

    def unload(self) -> None:
        """Take the magic out, and with it all that it opened."""
        shell = self._shell
        shell.input_transformers_cleanup.remove(self._await)
        self._completer.remove()
        shell.configurables.remove(self.magics)
        del shell.magics_manager.registry[ChatMagics.__name__]
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop(_NAME, None)
        if "session" in vars(self.magics):
            run_sync(self.magics.session.aclose())


def _unindented(lines: list[str]) -> list[str]:
    # Only where it is needed: it also takes the spaces of lines that have nothing else.
    return leading_indent(lines) if lines and lines[0][:1].isspace() else lines


def _refuse_to_overwrite(owner: Any) -> None:
    if owner is None:
        return
    module = getattr(getattr(owner, "__self__", owner), "__module__", "") or "another extension"
    raise InputError(
        f"{module} already owns %%{_NAME}",
        hint=f"Unload it first (%unload_ext {module.partition('.')[0]}), or use g4f_magic.Chat.",
    )


def _redact_traceback(exc: BaseException, shell: Any) -> None:
    """Have IPython show the traceback of an error that is none of ours without the secrets that its frames may hold."""

    def lines() -> list[str]:
        shown = shell.InteractiveTB.structured_traceback(type(exc), exc, exc.__traceback__)
        return [redact(line) for line in shown]

    if not isinstance(exc, asyncio.CancelledError):
        exc.args = tuple(redact(one) if isinstance(one, str) else one for one in exc.args)
        with suppress(AttributeError):  # an error with slots takes no attributes
            exc._render_traceback_ = lines  # type: ignore[attr-defined]


def _is_inside_cell() -> bool:
    """Say whether a cell runs on this thread's stack. One that only waits, on the loop, is not on it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async" and frame.f_globals.get("__name__", "").startswith(
            "IPython."
        ):
            return True
        frame = frame.f_back
    return False
