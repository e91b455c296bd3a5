"""Which path and method leads where; what leads nowhere is told so as JSON."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus

from aiohttp import web
from aiohttp.http import SERVER_SOFTWARE

from g4f_magic.gateway.access import AccessGuard
from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.dialects import Dialect, Incoming, OpenAIDialect, ResponsesDialect
from g4f_magic.gateway.dialects.refusals import error_answer
from g4f_magic.gateway.dispatch import Dispatcher
from g4f_magic.gateway.page import chat_page
from g4f_magic.gateway.stored import StoredResponses
from g4f_magic.gateway.whole import whole_response

BODY_LIMIT_BYTES = 32 * 1024**2
_PREFIX = r"/{token:(?!v1/|v1\Z)[^/]+}"
_V1 = "/v1{_slashes:/+}"
"""Clients that join a base URL with a slash at its end and a path send two."""
_WHAT_IS_THERE = (
    "The gateway has POST /v1/chat/completions, /v1/responses and /v1/embeddings, "
    "GET /v1/models and /v1/models/NAME, GET and DELETE /v1/responses/ID."
)
_LOG = logging.getLogger("g4f_magic.gateway")

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(guard: AccessGuard, dispatcher: Dispatcher, dialects: Iterable[Dialect]) -> web.Application:
    """Return the server's paths, `guard` before them all and `dispatcher` behind them."""

    def chat(*there: Dialect) -> Answering:
        def choose(incoming: Incoming) -> Dialect | None:
            return next((one for one in there if one.takes(incoming.body)), None)

        async def answer(request: web.Request) -> web.StreamResponse:
            return await dispatcher.chat(request, choose)

        return answer

    app = web.Application(
        client_max_size=BODY_LIMIT_BYTES, middlewares=[in_json, guard.middleware, answer_options]
    )
    app.on_response_prepare.append(_drop_added_headers)
    responses, stored = ResponsesDialect(dispatcher.kept), StoredResponses(dispatcher.kept)
    for prefix in (_PREFIX, ""):
        app.router.add_post(f"{prefix}{_V1}chat/completions", chat(OpenAIDialect()))
        app.router.add_post(f"{prefix}{_V1}responses", chat(responses))
        app.router.add_get(f"{prefix}{_V1}responses/{{id}}", stored.show)
        app.router.add_delete(f"{prefix}{_V1}responses/{{id}}", stored.delete)
        app.router.add_post(f"{prefix}{_V1}embeddings", dispatcher.embeddings)
        app.router.add_get(f"{prefix}{_V1}models", dispatcher.models)
        app.router.add_get(prefix + "/v1/models/{model:.+}", dispatcher.models)
        app.router.add_get(f"{prefix}/health", _health)
    paths: dict[str, list[Dialect]] = {}
    for dialect in dialects:
        paths.setdefault(dialect.path, []).append(dialect)
    for path, there in paths.items():
        app.router.add_post(_PREFIX + path, chat(*there))
    app.router.add_get(_PREFIX, chat_page)
    app.router.add_get(f"{_PREFIX}/", chat_page)
    return app


@web.middleware
async def in_json(request: web.Request, handler: Answering) -> web.StreamResponse:
    """Say in JSON what went wrong before an engine was asked, as clients of OpenAI's protocol read nothing else."""
    try:
        return await handler(request)
    except web.HTTPException as exc:
        headers = {name: value for name, value in exc.headers.items() if name in ("Allow", "Connection")}
        message, code = _words(request, exc)
        return whole_response(error_answer(Refuse(exc.status, message, headers, code=code)))
    except Exception:
        if request.writer.output_size:
            raise  # its reply has begun: the connection can only be closed
        _LOG.exception("a request failed")
        return whole_response(error_answer(Refuse(500, "The gateway failed.")))


@web.middleware
async def answer_options(request: web.Request, handler: Answering) -> web.StreamResponse:
    """Tell which methods a path takes. No page of another origin gets this far, and none is told that it may."""
    if request.method != "OPTIONS":
        return await handler(request)
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as exc:
        return web.Response(
            status=204, headers={"Allow": ", ".join(sorted({*exc.allowed_methods, "OPTIONS"}))}
        )


def _words(request: web.Request, exc: web.HTTPException) -> tuple[str, str]:
    """Return what to say, and the code where it is not the status's own."""
    match exc.status:
        case 404:
            return f"Unknown request URL: {request.method} {_path(request)}. {_WHAT_IS_THERE}", "unknown_url"
        case 405:
            allowed = exc.headers.get("Allow", "")
            return f"{request.method} is not allowed for {_path(request)}; it takes {allowed}.", ""
        case 413:
            return f"The body is larger than {BODY_LIMIT_BYTES // 2**20} MiB.", ""
        case 408:
            return "The body did not come in time.", ""
        case _:
            return f"{HTTPStatus(exc.status).phrase}.", ""


def _path(request: web.Request) -> str:
    """Return the path without the token that may stand in it, as far as it can be shown."""
    path = request.raw_path.partition("?")[0]
    parts = path.split("/", 2)
    is_open = path.startswith("/v1/") or len(parts) < 3
    return (path if is_open else f"/{parts[2]}")[:200]


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _drop_added_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Take out what aiohttp adds by itself: `Server`, and a content type where the dialect sends none."""
    if response.headers.get("Server") == SERVER_SOFTWARE:
        del response.headers["Server"]
    if response.headers.get("Content-Type") == "application/octet-stream":
        del response.headers["Content-Type"]
