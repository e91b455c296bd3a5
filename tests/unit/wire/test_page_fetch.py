"""Replies that a page's own `fetch` gives."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from g4f_magic.wire.page_fetch import FetchReply


def fetched(headers: list[tuple[str, str]]) -> FetchReply:
    reply: Any = SimpleNamespace(status=401, statusText="Unauthorized", headers=headers, body=None)
    return FetchReply(reply, aborting=None, js_error=OSError)


@pytest.mark.parametrize(
    ("said", "kind", "charset"),
    [
        ("text/html; charset=ISO-8859-1", "text/html", "iso-8859-1"),
        ('application/json;charset="UTF-8"', "application/json", "utf-8"),
        ("text/event-stream", "text/event-stream", None),
        ("", "", None),
    ],
)
def test_its_content_type_is_read_as_the_clients(said: str, kind: str, charset: str | None):
    reply = fetched([("content-type", said)] if said else [])
    assert (reply.content_type, reply.charset) == (kind, charset)
