"""OpenAI's form of an error: what happened in words, and which error it is for programs. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from g4f_magic.gateway.actions import Refuse
from g4f_magic.gateway.dialects.dialect import WholeAnswer, json_answer

_INVALID = "invalid_request_error"
_KINDS: dict[int, tuple[str, str]] = {
    400: (_INVALID, "invalid_request"),
    401: ("authentication_error", "invalid_api_key"),
    402: ("insufficient_quota", "insufficient_quota"),
    403: ("permission_error", "permission_denied"),
    404: (_INVALID, "not_found"),
    405: (_INVALID, "method_not_allowed"),
    408: (_INVALID, "request_timeout"),
    413: (_INVALID, "request_too_large"),
    421: (_INVALID, "misdirected_request"),
    422: (_INVALID, "unprocessable_request"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
    502: ("server_error", "upstream_error"),
    503: ("server_error", "overloaded"),
    504: ("server_error", "upstream_timeout"),
}
"""Type and code by status, as OpenAI's own clients and those made after them know them."""


def error_body(refuse: Refuse) -> dict[str, Any]:
    """Return the body of an error; type and code are those of the status where the refusal names none."""
    other = ("server_error", "server_error") if refuse.status >= 500 else (_INVALID, "invalid_request")
    kind, code = _KINDS.get(refuse.status, other)
    said = {"message": refuse.message, "type": refuse.kind or kind, "param": refuse.param}
    return {"error": {**said, "code": refuse.code or code}}


def error_answer(refuse: Refuse) -> WholeAnswer:
    """Return the whole answer."""
    return json_answer(refuse, error_body(refuse))


def wanted(body: Mapping[str, Any], name: str, what: str) -> Refuse:
    """Return the refusal of a request in which a parameter is missing, or not `what` it has to be."""
    code = "missing_required_parameter" if body.get(name) is None else "invalid_type"
    return Refuse(400, f"'{name}' has to be {what}.", param=name, code=code)


NO_JSON = Refuse(400, "We could not parse the body as a JSON object.", code="invalid_json")
