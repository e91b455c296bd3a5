"""Answers that are complete as they stand, in place of a reply on its way."""

from __future__ import annotations

from aiohttp import web

from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.dialects import Dialect, WholeAnswer


def refusal(dialect: Dialect, refuse: Refuse) -> web.Response:
    """Return the answer in place of a stream."""
    if refuse.body is None:
        return whole_response(dialect.answer(refuse))
    return whole_response(WholeAnswer(refuse.status, refuse.body, refuse.headers))


def whole_response(answer: WholeAnswer) -> web.Response:
    """Return a response that is complete as it stands."""
    return web.Response(
        status=answer.status, reason=answer.reason, body=answer.body, headers=dict(answer.headers)
    )
