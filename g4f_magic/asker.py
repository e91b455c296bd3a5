"""What a `Chat` is without its conversation: whom it asks, and how, and the rows that it asks, each of which stands alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, Self

from g4f_magic.errors import InputError
from g4f_magic.host import here
from g4f_magic.loop import at_once, check_loop, interruptible_here, run_sync
from g4f_magic.options import Options
from g4f_magic.session import Session
from g4f_magic.settings import Settings

if TYPE_CHECKING:
    from g4f_magic.attaching.given import GivenNames
    from g4f_magic.many import RowReply, Wish


class Asker:
    """A session, its own or one that it shares, and the options of each question."""

    def __init__(self, options: Options, session: Session | None, settings: Settings | None) -> None:
        self._options = options
        self._session = session or _session(settings)
        self._is_owner = session is None

    async def map(
        self,
        rows: Any,
        prompt: str,
        *,
        names: Mapping[str, Any] | None = None,
        schema: object = None,
        schema_many: bool = False,
        first: int | None = None,
        parallel: int | None = None,
        fresh: bool = False,
        keep_going: bool = False,
        progress: bool | None = None,
        on: Any = None,
    ) -> Any:
        """Ask once for each row of a data frame, a list, a dict of columns or a generator; return a table of the same kind.

        `{{column}}` in the prompt is the row's field, `{{item}}` that of a plain list. The table has the rows' own
        columns, and `reply` (of a `schema` that is a record, its fields), `error`, `seconds` and `tokens`. Each row stands alone, outside of the conversation.
        What was answered before is not asked again, unless `fresh`; `docs/many.md` tells more. `on` is a client of Dask,
        whose workers ask; rows of a Dask data frame or bag stay with them.

        Raises:
            RowsFailedError: rows have no answer, and not `keep_going`; its `table` has those of the others.
            ChatError: nothing was asked.
        """
        from g4f_magic.many.code import mapped

        wish = _wish(first, parallel, fresh, keep_going)
        options = self._typed(schema, names, schema_many)
        with interruptible_here():
            return await mapped(self._session, rows, prompt, options, wish, names, shows=progress, on=on)

    async def stream_map(
        self,
        rows: Any,
        prompt: str,
        *,
        names: Mapping[str, Any] | None = None,
        schema: object = None,
        schema_many: bool = False,
        first: int | None = None,
        parallel: int | None = None,
        fresh: bool = False,
    ) -> AsyncGenerator[RowReply]:
        """Yield what each row is answered as it comes, in whatever order; `rows` may be a generator without an end.

        A row without an answer is yielded with its `error`. When leaving early, close it (`aclosing`).
        """
        from g4f_magic.many.code import streamed

        wish = _wish(first, parallel, fresh, True)
        async with aclosing(
            streamed(self._session, rows, prompt, self._typed(schema, names, schema_many), wish, names)
        ) as found:
            async for one in found:
                yield one

    async def aclose(self) -> None:
        """Let go what it opened: the gateway, if one runs, and the history. What it shares with others stays."""
        if self._is_owner:
            await self._session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._session.gateway.running is None:  # nothing is waited for
            at_once(self.aclose())
        else:
            run_sync(self.aclose())

    def __reduce__(self) -> NoReturn:
        raise InputError(
            f"a {type(self).__name__} is open in this process and cannot be copied, pickled or sent to another",
            hint="Make one where it is asked: Chat(...). Replies can be pickled, and chat.fork() goes on apart.",
        )

    @staticmethod
    def _given(names: Mapping[str, Any]) -> Callable[[], GivenNames]:
        def given() -> GivenNames:
            from g4f_magic.attaching.given import GivenNames

            return GivenNames(names)

        return given

    def _typed(self, schema: object, names: Mapping[str, Any] | None, is_many: bool) -> Options:
        """Return the options of now, with what the reply has to be, where that is given. All that is awaited begins here.

        Raises:
            InputError: no loop of asyncio awaits it, or there is no such schema.
        """
        check_loop()
        if schema is None:
            return self._now()
        from g4f_magic.schemas import schema_of

        return replace(self._now(), schema=schema_of(schema, names, is_many=is_many))

    def _now(self) -> Options:
        """Return the options, with what the notebook has come to say since this was made: where it is, and the mode replay."""
        self._session.notebook.arrange()  # its cells may stand in another order by now
        magics = loaded_magics()
        if magics is None or self._session.settings is magics:
            return self._options
        self._session.notebook.file = self._session.notebook.file or magics.session.notebook.file
        return replace(self._options, mode="replay") if magics.mode_in_force == "replay" else self._options


def _wish(first: int | None, parallel: int | None, fresh: bool, keep_going: bool) -> Wish:
    from g4f_magic.many.job import Wish
    from g4f_magic.many.pacing import Limits

    return Wish(first, fresh, keep_going, Limits(parallel=parallel))


def loaded_magics() -> Any:
    """Return the magics where the extension is loaded, else None."""
    return here().magics("ChatMagics")


def _session(settings: Settings | None) -> Session:
    """Return a new session; without settings of its own it follows the notebook's: the mode, for instance."""
    magics = loaded_magics() if settings is None else None
    if magics is None:
        return Session(settings)
    session = Session(magics)
    session.notebook.file = magics.session.notebook.file
    return session
