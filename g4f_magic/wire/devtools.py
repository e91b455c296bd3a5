"""One page of a browser, by Chromium's DevTools protocol."""

from __future__ import annotations

import json
from typing import Any

from g4f_magic.errors import UnreachableError
from g4f_magic.wire.chromium import ChromiumProxy
from g4f_magic.wire.devtools_line import Line


class Page:
    """One page. Answers are awaited in turn, and what happens meanwhile is noted; there is no task."""

    def __init__(self, line: Line, proxy: ChromiumProxy | None = None) -> None:
        self._line = line
        self._proxy = proxy
        self._calls = 0
        self._session: str | None = None
        self._frame = ""
        self._asked: set[str] = set()
        self.document = ""
        """The document that is shown, by its loader's id; a script may lead to another while it loads."""
        self.loaded: set[str] = set()
        self.settled: set[str] = set()
        """The documents that have asked for nothing more for half a second."""
        self.response: dict[str, Any] = {}
        """The response that the last document came with."""

    async def open(self) -> None:
        """Open a page and let it tell what happens in it."""
        target = (await self.call("Target.createTarget", url="about:blank"))["targetId"]
        self._frame = target  # a page's main frame has its target's id
        attached = await self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        await self.call("Page.enable")
        await self.call("Page.setLifecycleEventsEnabled", enabled=True)
        await self.call("Network.enable")
        if self._proxy and self._proxy.username:
            await self.call("Fetch.enable", handleAuthRequests=True)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the result of a command."""
        number = await self._send(method, params)
        while True:
            message = await self.receive()
            if message.get("id") == number:
                if "error" in message:
                    raise UnreachableError(f"the browser refused {method}: {message['error'].get('message')}")
                result: dict[str, Any] = message["result"]
                return result

    async def wait_for(self, documents: set[str]) -> None:
        """Return when the document that is shown is one of `documents`."""
        while self.document not in documents:
            await self.receive()

    async def receive(self) -> dict[str, Any]:
        """Return the next message, after what it tells was noted."""
        message: dict[str, Any] = json.loads(await self._line.receive())
        params = message.get("params", {})
        match message.get("method"):
            case "Page.lifecycleEvent" if params["name"] == "load":
                self.loaded.add(params["loaderId"])
            case "Page.lifecycleEvent" if params["name"] == "networkIdle":
                self.settled.add(params["loaderId"])
            case "Page.frameNavigated" if "parentId" not in params["frame"]:
                self.document = params["frame"]["loaderId"]
            case "Network.responseReceived" if (
                params["type"] == "Document" and params["frameId"] == self._frame
            ):
                self.response = params["response"]
            case "Fetch.requestPaused":
                await self._send("Fetch.continueRequest", {"requestId": params["requestId"]})
            case "Fetch.authRequired":
                await self._send("Fetch.continueWithAuth", self._answer(params))
        return message

    def _answer(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return name and password where the proxy asks, once; it asks again where they are wrong."""
        request = params["requestId"]
        if params["authChallenge"].get("source") != "Proxy" or self._proxy is None:
            answer = {"response": "Default"}
        elif request in self._asked:
            answer = {"response": "CancelAuth"}
        else:
            self._asked.add(request)
            given = {"username": self._proxy.username, "password": self._proxy.password}
            answer = {"response": "ProvideCredentials", **given}
        return {"requestId": request, "authChallengeResponse": answer}

    async def _send(self, method: str, params: dict[str, Any]) -> int:
        self._calls += 1
        message = {"id": self._calls, "method": method, "params": params}
        await self._line.send(
            json.dumps({**message, "sessionId": self._session} if self._session else message)
        )
        return self._calls
