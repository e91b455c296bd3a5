"""The responses that the gateway keeps, by their ids: shown, and deleted."""

from __future__ import annotations

from aiohttp import web

from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.dialects import KeptResponses
from g4f_magic.gateway.dialects.refusals import error_answer
from g4f_magic.gateway.whole import whole_response


class StoredResponses:
    """What `GET` and `DELETE` of `/v1/responses/ID` do."""

    def __init__(self, kept: KeptResponses) -> None:
        self._kept = kept

    async def show(self, request: web.Request) -> web.Response:
        """Return a response as it ended."""
        kept = self._kept.get(request.match_info["id"])
        return _not_found(request) if kept is None else web.json_response(dict(kept.response))

    async def delete(self, request: web.Request) -> web.Response:
        """Forget a response."""
        identity = request.match_info["id"]
        if not self._kept.forget(identity):
            return _not_found(request)
        return web.json_response({"id": identity, "object": "response", "deleted": True})


def _not_found(request: web.Request) -> web.Response:
    identity = request.match_info["id"][:200]
    message = f"Response with id {identity!r} not found. The gateway keeps the newest ones, in memory."
    return whole_response(error_answer(Refuse(404, message, param="response_id", code="response_not_found")))
