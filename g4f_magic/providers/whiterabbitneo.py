"""WhiteRabbitNeo: a signed-in person's cookies, and raw text or lines of JSON strings back."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from g4f_magic.chunks import Chunk, Finish, Reasoning, Text
from g4f_magic.endings import reason_in
from g4f_magic.messages import Messages
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult
from g4f_magic.providers.citing import Citing
from g4f_magic.providers.readers import Reader, TextReader, broken_off, unexpected
from g4f_magic.providers.speech import Beside
from g4f_magic.wire.compression import accepted_encodings
from g4f_magic.wire.json_values import value_of
from g4f_magic.wire.reported import error_in_place_of_reply, reported_error
from g4f_magic.wire.request import HeaderValue, Request
from g4f_magic.wire.text_decoding import LineDecoder

if TYPE_CHECKING:
    import aiohttp

_TEXT, _ERROR, _CALL, _END, _REASONING, _SOURCE = "0", "3", "9", "d", "g", "h"


class DataLineReader:
    """Lines `code:json` of the AI SDK: text, what the model thinks, sources, calls of tools, an error, the end.

    Other codes are passed over.
    """

    ended = False

    def __init__(self) -> None:
        self._decoder = LineDecoder()
        self._skipped_lines = 0
        self._has_value = False
        self._words = ""
        """The last line that was of no protocol."""
        self._reason: str | None = None
        self._beside, self._citing = Beside(), Citing()
        self._calls = 0

    @property
    def is_told_whole(self) -> bool:
        """Say whether the line of the end came."""
        return self._reason is not None

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """Yield the texts of the lines that `piece` completes."""
        yield from self._read(self._decoder.feed(piece))

    def close(self) -> Iterator[Chunk]:
        """Yield the text of a last line without its line end.

        Raises:
            ServiceError: nothing came but bare words.
            BrokenOffError: the last line is cut.
        """
        skipped = self._skipped_lines
        yield from self._read(self._decoder.close())
        if not self._has_value and (error := error_in_place_of_reply(self._words)) is not None:
            raise error
        if self._has_value and self._skipped_lines > skipped:
            raise broken_off()
        yield from self._beside.chunks()
        yield from self._citing.chunks()
        yield Finish(self._reason, self._skipped_lines)

    def _read(self, lines: list[str]) -> Iterator[Chunk]:
        for line in filter(None, lines):
            code, _, data = line.partition(":")
            try:
                value = value_of(data)
            except ValueError:
                self._skipped_lines += 1
                self._words = line
                continue
            self._has_value = True
            if code == _ERROR:
                raise reported_error(value)
            if code in (_TEXT, _REASONING):
                if not isinstance(value, str):
                    raise unexpected(value)
                yield Text(value) if code == _TEXT else Reasoning(value)
            elif code == _SOURCE:
                self._citing.take_list(value)
            elif code == _CALL and isinstance(value, dict):
                self._calls += 1
                self._beside.take(
                    {"tool_calls": [{"index": self._calls, "function": {"name": value.get("toolName")}}]}
                )
            elif code == _END and isinstance(value, dict):
                self._reason = reason_in(value) or self._reason


class WhiteRabbitNeo(AsyncGeneratorProvider):
    """WhiteRabbitNeo's chat, for people who are signed in there."""

    says_who = False
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
        cookies: Mapping[str, HeaderValue] | None = None,
        connector: aiohttp.BaseConnector | None = None,
        proxy: str | None = None,
        **kwargs: Any,
    ) -> AsyncResult:
        """Return the reply to `messages`; its chunks are text.

        Without `cookies`, those that the person exported from a browser are used, at the service's own host.

        Raises, when the reply is read:
            MissingAuthError: no cookies were found; nothing was sent.
        """

        def build(said: list[dict[str, Any]]) -> Request:
            session = cls.own_cookies() if cookies is None else cookies
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
    def _reader(headers: Mapping[str, str], request: Request) -> Reader:
        is_lines = headers.get("x-experimental-stream-data", "").lower() == "true"
        return DataLineReader() if is_lines else TextReader(headers)

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
