"""The gateway of one kernel: started at its first use, on the loop that runs, and stopped with the kernel's session."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from g4f_magic.settings import Settings
from g4f_magic.wire.offline import IS_OFFLINE, refusal

if TYPE_CHECKING:
    from g4f_magic.gateway import Gateway, KeyOf


class LocalGateway:
    """The gateway, once it is asked for. `key_of` finds the keys of what may stand behind it."""

    def __init__(self, settings: Settings, key_of: KeyOf) -> None:
        self.running: Gateway | None = None
        self._settings = settings
        self._key_of = key_of
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = asyncio.Lock()

    async def started(self) -> Gateway:
        """Return it, started where it does not run. A guide gives way to a model that came.

        Raises:
            InputError: the settings name an engine that there is not.
        """
        from g4f_magic.gateway import Gateway, choose_engine

        if IS_OFFLINE.get():
            raise refusal()
        choose = partial(choose_engine, self._settings, key_of=self._key_of)
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # A server of a loop that no longer runs can neither answer nor be asked to stop.
            self.running, self._loop, self._lock = None, loop, asyncio.Lock()
        async with self._lock:
            engine = None
            if self.running is not None and self.running.engine.name == "guide":
                engine = await choose()  # a model may be there by now
                if engine.name != "guide":
                    await self.stop()
            if self.running is None:
                gateway = Gateway(engine or await choose())
                await gateway.start()
                self.running = gateway
            return self.running

    async def stop(self) -> bool:
        """Stop it and say whether it ran."""
        gateway, self.running = self.running, None
        if gateway is None:
            return False
        await gateway.stop()
        return True
