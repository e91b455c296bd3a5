"""What a service knows a person by: the key or the cookies that belong where it is asked, found and told of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from g4f_magic import remarks
from g4f_magic.answering import keys
from g4f_magic.answering.service import Provider
from g4f_magic.credentials import Destination, login_name, origins_of
from g4f_magic.errors import MissingAuthError
from g4f_magic.host import here
from g4f_magic.options import Options
from g4f_magic.providers import presets
from g4f_magic.secret import Secret
from g4f_magic.settings import Settings, cookie_path


class SignIn:
    """Finds keys and cookies for the services that one kernel asks."""

    def __init__(self, settings: Settings, folder: Callable[[], Path]) -> None:
        self._settings = settings
        self._folder = folder

    async def key(
        self, provider: Provider, name: str, destination: Destination | None = None
    ) -> keys.FoundKey | None:
        """Return the key that belongs where a provider is asked: its own at its own host, that host's elsewhere.

        The secrets of a hosted notebook service are not looked into: each look may ask the person something.
        """
        if not provider.takes_key():
            return None
        destination = destination or destination_of(provider, name)
        return await keys.look_up(name, provider.key_variables, self._folder(), destination)

    async def found(self, provider: Provider, name: str) -> keys.FoundKey | None:
        """Return the key of a provider that is asked now: one at hand, else one of the hosted service's secrets.

        Raises:
            MissingAuthError: it is there, and this notebook may not have it, or nobody answered.
        """
        return await self._found(provider, name, destination_of(provider, name))

    async def _found(self, provider: Provider, name: str, destination: Destination) -> keys.FoundKey | None:
        key = await self.key(provider, name, destination)
        return key if key is not None else await self._stored(provider, destination)

    async def _stored(self, provider: Provider, destination: Destination) -> keys.FoundKey | None:
        if not provider.needs_auth or not destination.is_home or (store := here().secret_store) is None:
            return None
        for variable in provider.key_variables:
            if value := await asyncio.to_thread(store.get, variable):
                return keys.FoundKey(Secret(value, homes=destination.origins), f"{variable} in {store.name}")
        return None

    async def secret(self, provider: Provider, name: str) -> Secret | None:
        """Return that key, to be used; the person is told of one that came from a `.env`.

        Raises:
            MissingAuthError: as `found`.
        """
        return self._told(name, await self.found(provider, name))

    def _told(self, name: str, key: keys.FoundKey | None) -> Secret | None:
        if key is not None and key.file is not None:
            remarks.make(
                f"The key of {name} came from {key.file.name} beside the notebook ({key.place.split()[0]}).",
                about=(str(key.file.absolute()),),
            )
        return key.secret if key else None

    async def arguments(self, provider: Provider, name: str, options: Options) -> dict[str, Any]:
        """Return cookies or a key, as the provider wants them.

        Raises:
            MissingAuthError: it wants them and there are none.
        """
        if provider.cookie_domain:
            return {"cookies": self._cookies(provider, name, options)}
        destination = destination_of(provider, name)
        if (key := self._told(name, await self._found(provider, name, destination))) is not None:
            return {"api_key": key}
        if not destination.is_home:
            await self._remark_on_key(provider, name)
        elif provider.needs_key():
            raise self.missing_key(provider, name)
        return {}

    def missing_key(self, provider: Provider, name: str) -> MissingAuthError:
        """Return the error for a service that needs a key which is not there, with the ways to give it one here."""
        variable = provider.key_variables[0]
        if there := keys.belonging_elsewhere(provider.key_variables, self._folder()):
            hint = f"{there} Or run %chat login {name}."
        elif (store := here().secret_store) is not None:
            hint = f"Add {variable} to {store.name} ({store.how.format(name=variable)}), or set it in os.environ."
        else:
            hint = f"Set {variable}, or run %chat login {name}."
        return MissingAuthError(f"{name} needs a key and none was found", hint=hint)

    def _cookies(self, provider: Provider, name: str, options: Options) -> dict[str, Secret]:
        source = cookie_path(options.cookies) if options.cookies else self._settings.cookie_path
        cookies = provider.own_cookies(source)
        if not cookies:
            place = urlsplit(provider.url).netloc.rpartition("@")[2]
            remarks.make(
                f"No cookies were sent to {place}: those of {provider.cookie_domain} belong to that host, over https.",
                about=(name, place),
            )
        return cookies

    async def _remark_on_key(self, provider: Provider, name: str) -> None:
        """Have the person told of a key that is there and was not sent, and how to give the host one."""
        if await keys.look_up(name, provider.key_variables, self._folder()) is None:
            return
        place = urlsplit(provider.url).netloc.rpartition("@")[2]
        way = next(map(login_name, provider.origins() - {""}), place)
        remarks.make(
            f"No key was sent to {place}: the one of {name} belongs to another host. If this one wants a key: "
            f"%chat login {way}",
            about=(name, place),
        )


def destination_of(provider: Provider, name: str) -> Destination:
    """Return where a provider is asked, and what its key is called there.

    A name that is ours stands for the host that we published it with, whatever a person's own file says of it.
    """
    origins = provider.origins()
    published = presets.built_in().get(name)
    is_ours = published is None or origins_of([published.base_url]) == provider.homes()
    is_home = provider.is_where_published()
    hosts = [login_name(origin) for origin in origins if origin] if len(origins) == 1 else []
    return Destination(origins, is_home, (*([name] if is_home and is_ours else []), *hosts))
