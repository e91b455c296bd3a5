"""Each expression that reads what others wrote ends soon, whatever that is: 50 KB of it here."""

from __future__ import annotations

import pytest

from g4f_magic.cassette.secret_scan import secret_kinds
from g4f_magic.commands.output import as_text
from g4f_magic.guide.topics import content_words
from g4f_magic.renderers.escaping import escaped
from g4f_magic.renderers.formats import unfenced
from g4f_magic.renderers.frame import frame_body
from g4f_magic.renderers.simple_inline import simple_pieces
from g4f_magic.renderers.tex import is_safe
from g4f_magic.secret import mask_known, redact
from g4f_magic.visible import make_visible
from tests.examples import share

PIECES = (
    *" \n\t`*_[]()<>\"'.-+:/@=\\${}&",
    *(
        "eyJaaaaaaaa-",
        "token:",
        "://a",
        "://a:",
        "sk-",
        "Bearer ",
        "-----BEGIN ",
        "a1",
        "a_",
        "*a",
        "`a",
        "**a ",
    ),
    *(
        "<a ",
        '<a "',
        "<!--",
        "<style>",
        "<b>",
        "</",
        "\\left",
        "\\a",
        "&#",
        "&amp",
        "_*",
        "a.",
        "é",
        "\x1b",
        "\r\n",
    ),
)
LENGTH = share(50_000)
READERS = [
    secret_kinds,
    as_text,
    content_words,
    unfenced,
    escaped,
    simple_pieces,
    is_safe,
    mask_known,
    redact,
    make_visible,
]


@pytest.mark.heavy
@pytest.mark.parametrize("read", [*READERS, frame_body], ids=lambda read: str(read.__name__))
def test_it_ends(read) -> None:  # type: ignore[no-untyped-def]
    for piece in PIECES:
        read((piece * LENGTH)[:LENGTH])
        read("```\n" + (piece * LENGTH)[:LENGTH] + "x")
