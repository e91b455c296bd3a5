"""Aura: OpenChat's page, opened in a real browser first, and raw text back."""

from __future__ import annotations

from typing import Any, ClassVar

from g4f_magic.messages import Messages
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult
from g4f_magic.providers.readers import TextReader
from g4f_magic.wire.browser import get_args_from_browser
from g4f_magic.wire.request import Request


class Aura(AsyncGeneratorProvider):
    """OpenChat's chat, which wants the cookies and the user agent of a browser that opened its page."""

    says_who = False
    url: ClassVar[str] = "https://openchat.team"
    working = False
    parameters = frozenset({"temperature", "max_tokens"})
    # Our own gateway asks for no browser.
    local_options: ClassVar[dict[str, Any]] = {"session_args": {}}

    @classmethod
    def create_async_generator(
        cls,
        model: str,
        messages: Messages,
        proxy: str | None = None,
        temperature: float = 0.5,
        max_tokens: int = 8192,
        webdriver: Any = None,
        **kwargs: Any,
    ) -> AsyncResult:
        """Return the reply to `messages`; its chunks are text.

        `webdriver` is a Selenium driver of the caller's, used and not quit; without one the system's Chromium
        is started for a moment. `session_args` (cookies and headers, as `get_args_from_browser` gives them)
        saves the browser where they are already at hand.

        Raises, when the reply is read:
            aiohttp.ClientError: as its document says; each is a `ChatError` as well.
            InputError: `webdriver` is no Selenium webdriver.
        """

        async def build(said: list[dict[str, Any]]) -> Request:
            args = kwargs.get("session_args")
            if args is None:
                args = await get_args_from_browser(cls.url, webdriver, proxy)
            return Request(
                url=f"{cls.url}/api/chat",
                headers=args.get("headers", {}),
                cookies=args.get("cookies", {}),
                body={
                    "model": {
                        "id": "openchat_3.6",
                        "name": "OpenChat 3.6 (latest)",
                        "maxLength": 24576,
                        "tokenLimit": max_tokens,
                    },
                    "messages": [message for message in said if message["role"] != "system"],
                    "key": "",
                    "prompt": "\n".join(
                        message["content"] for message in said if message["role"] == "system"
                    ),
                    "temperature": temperature,
                },
            )

        return cls._result(
            messages,
            build,
            lambda headers, request: TextReader(headers),
            proxy=proxy,
            connector=kwargs.get("connector"),
            timeout=kwargs.get("timeout"),
            ca_file=kwargs.get("ca_file"),
        )
