"""WhiteRabbitNeo: a signed-in person's cookies, and raw text or lines of JSON strings back."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from g4f_magic.chunks import Chunk, Finish, Text
from g4f_magic.errors import ServiceError
from g4f_magic.messages import Messages
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult
from g4f_magic.providers.readers import Reader, TextReader, unexpected
from g4f_magic.wire.cookies import get_cookies
from g4f_magic.wire.text import LineDecoder
from g4f_magic.wire.transport import Request, accepted_encodings
from g4f_magic.wire.values import said_in, value_of

if TYPE_CHECKING:
    import aiohttp

_TEXT, _ERROR = "0", "3"


class DataLineReader:
    """Lines `code:json`, of which `0` is text and `3` an error; other codes are passed over."""

    ended = False

    def __init__(self) -> None:
        self._decoder = LineDecoder()
        self._skipped_lines = 0

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the texts of the lines that `piece` completes."""
        yield from self._read(self._decoder.feed(piece))

    def close(self) -> Iterator[Chunk]:
        """Yield the text of a last line without its line end."""
        yield from self._read(self._decoder.close())
        yield Finish(skipped_lines=self._skipped_lines)

    def _read(self, lines: list[str]) -> Iterator[Chunk]:
        for line in filter(None, lines):
            code, _, data = line.partition(":")
            try:
                value = value_of(data)
            except ValueError:
                self._skipped_lines += 1
                continue
            if code == _ERROR:
                said = said_in(value) or "without saying which"
                raise ServiceError(f"the service reported an error: {said}", hint="Try again.")
            if code == _TEXT:
                if not isinstance(value, str):
                    raise unexpected(value)
                yield Text(value)


class WhiteRabbitNeo(AsyncGeneratorProvider):
    """WhiteRabbitNeo's chat, for people who are signed in there."""

    url: ClassVar[str] = "https://www.whiterabbitneo.com"
    working = True
    supports_message_history = True
    needs_auth = True
    cookie_domain = "www.whiterabbitneo.com"
    # Our own gateway asks for a session as the true site does, and takes any.
    local_options: ClassVar[dict[str, Any]] = {"cookies": {"__Secure-next-auth.session-token": "local"}}

    @classmethod
    def create_async_generator(
        cls,
        model: str,
        messages: Messages,
        cookies: Mapping[str, str] | None = None,
        connector: aiohttp.BaseConnector | None = None,
        proxy: str | None = None,
        **kwargs: Any,
    ) -> AsyncResult:
        """Return the reply to `messages`; its chunks are text.

        Without `cookies`, those that the person exported from a browser are used.

        Raises, when the reply is read:
            MissingAuthError: no cookies were found; nothing was sent.
        """

        def build(said: list[dict[str, Any]]) -> Request:
            session = get_cookies(cls.cookie_domain) if cookies is None else cookies
            letters = string.ascii_lowercase + string.digits
            return Request(
                url=f"{cls.url}/api/chat",
                headers=cls._headers(),
                cookies=session,
                body={
                    "messages": said,
                    "id": "".join(random.choices(letters, k=6)),  # noqa: S311 - an identifier, not a secret
                    "enhancePrompt": False,
                    "useFunctions": False,
                },
            )

        return cls._result(
            messages,
            build,
            cls._reader,
            proxy=proxy,
            connector=connector,
            timeout=kwargs.get("timeout"),
            ca_file=kwargs.get("ca_file"),
        )

    @staticmethod
    def _reader(headers: Mapping[str, str]) -> Reader:
        is_lines = headers.get("x-experimental-stream-data", "").lower() == "true"
        return DataLineReader() if is_lines else TextReader()

    @classmethod
    def _headers(cls) -> dict[str, str]:
        return {
            "User-Agent": "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Accept": "*/*",
            "Accept-Language": "de,en-US;q=0.7,en;q=0.3",
            "Accept-Encoding": accepted_encodings(),
            "Referer": f"{cls.url}/",
            "Content-Type": "text/plain;charset=UTF-8",
            "Origin": cls.url,
            "Connection": "keep-alive",
            "Sec-Fetch-Dest": "empty",
            "Sec-Fetch-Mode": "cors",
            "Sec-Fetch-Site": "same-origin",
            "TE": "trailers",
        }
