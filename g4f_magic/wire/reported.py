"""The error that a service reports within a reply that began as a success. No I/O."""

from __future__ import annotations

from typing import Any

from g4f_magic.errors import ServiceError
from g4f_magic.wire.diagnosis import diagnose
from g4f_magic.wire.error_words import words_in

_SUCCESS = (0, 200, "0", "200", "ok", "success", None, "")
_REPLY = ("choices", "delta", "content", "text", "usage")


def error_in(value: Any) -> ServiceError | None:
    """Return the error that a decoded value of a stream or a whole body is; None where it is none."""
    return reported_error(value) if is_error(value) else None


def reported_error(said: Any) -> ServiceError:
    """Return the error that a value or a text stands for: the service's words, the cause and what to do about it."""
    words = words_in(said)
    found = diagnose(words)
    hint = found.hint or "Try again, or use another provider."
    what = words.shown() or "without saying which"
    return ServiceError(f"the service reported an error: {what}", hint=hint, diagnosis=found)


def error_in_place_of_reply(value: Any) -> ServiceError | None:
    """Return the error for a whole body in which there is no reply, if there are words in it."""
    words = words_in(value)
    if not words.text:
        return None
    found = diagnose(words)
    hint = found.hint or "Try again, look at the base URL, or use another provider."
    return ServiceError(f"the service sent no reply: {words.shown()}", hint=hint, diagnosis=found)


def is_error(value: Any) -> bool:
    """Say whether a value is an error in any of the forms in which services send one with a success' status."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, dict) and is_error(one) for one in value)
    if not isinstance(value, dict):
        return False
    if _is_told(value.get("error")) or _is_told(value.get("errors")):
        return True
    if value.get("choices") or "delta" in value or "finish_reason" in value:
        return False  # a chunk or a choice, as nearly all are
    if value.get("detail") or "error" in (value.get("object"), value.get("type")):
        return True
    return _is_refusal(value) or any(_names_error(str(name)[:80], inner) for name, inner in value.items())


def _names_error(name: str, value: Any, *, is_outside: bool = True) -> bool:
    """Say whether a field is an error by its name, in the spelling of any service, or holds one that is."""
    plain = name.lower().replace("_", "")
    if plain in _NAMES:
        return _is_told(value)
    if not isinstance(value, dict):
        return plain == "iserror" and value is True
    if plain.endswith(("exception", "errormsg")):  # Bedrock's, Tencent's
        return _is_told(value)
    return (
        is_outside
        and plain in _ENVELOPES
        and any(_names_error(str(inner)[:80], one, is_outside=False) for inner, one in value.items())
    )


_NAMES = frozenset({"error", "errors", "err", "exception", "fault"})
_ENVELOPES = frozenset({"response", "responsemetadata", "data", "result", "output", "body", "header"})
"""What services put a reply in, or an error."""


def _is_told(error: Any) -> bool:
    """Say whether a field for errors holds one; some servers send an empty object in every chunk."""
    return any(error.values()) if isinstance(error, dict) else bool(error)


def _is_refusal(value: dict[str, Any]) -> bool:
    """Say whether an object without a reply says no: `success` false, or a code that is no success with words."""
    if any(value.get(name) for name in _REPLY):
        return False
    if value.get("success") is False or value.get("ok") is False:
        return True
    base = value.get("base_resp")
    if isinstance(base, dict) and base.get("status_code") not in _SUCCESS:
        return True
    has_words = any(isinstance(value.get(name), str) and value[name] for name in _WORDS)
    codes = (value.get("code"), value.get("error_code"), value.get("errcode"))
    statuses = (value.get("status"), value.get("statusCode"))
    return has_words and (any(map(_is_failing, codes)) or any(map(_is_failing_status, statuses)))


_WORDS = ("msg", "message", "Message", "error_msg", "errmsg", "error_message", "detail", "title")


def _is_failing(code: Any) -> bool:
    code = code.lower() if isinstance(code, str) else code
    return not isinstance(code, bool) and isinstance(code, int | str) and code not in _SUCCESS


def _is_failing_status(status: Any) -> bool:
    """Say whether a status is a failure's; "processing" and the like are none."""
    if isinstance(status, str):
        return status.lower() in ("error", "fail", "failed", "failure") or status.isupper()
    return type(status) is int and status >= 400
