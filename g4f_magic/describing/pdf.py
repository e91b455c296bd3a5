"""The text of a PDF, page by page, where pypdf is installed."""

from __future__ import annotations

import io
from importlib.util import find_spec

from g4f_magic.describing.described import Body, Scope
from g4f_magic.describing.pictures import INSTALL
from g4f_magic.describing.share import reaches
from g4f_magic.describing.structure import counted
from g4f_magic.errors import InputError


def pdf_body(name: str, content: bytes, scope: Scope) -> Body:
    """Return the text of as many pages as the limit takes.

    Raises:
        InputError: pypdf is not there, or it finds no text.
    """
    if find_spec("pypdf") is None:
        raise InputError(
            f"{name} is a PDF, which takes pypdf to read", hint=f"Run {INSTALL}, then the cell again."
        )
    from pypdf import PdfReader

    texts: list[str] = []
    try:
        reader = PdfReader(io.BytesIO(content))
        pages = len(reader.pages)
        room = scope.limit
        for page in reader.pages if reaches(scope.share, "sample") else ():
            texts.append(page.extract_text())
            room -= len(texts[-1])
            if room < 0:
                break
    except Exception as exc:  # of any kind, for a PDF that is torn, locked, or none
        raise InputError(f"{name} cannot be read as a PDF: {type(exc).__name__[:80]}") from None
    facts = counted(pages, "page")
    if not reaches(scope.share, "sample"):
        return Body(kind="PDF", facts=facts)
    text = "\n\n".join(f"Page {number}:\n{one.strip()}" for number, one in enumerate(texts, 1))
    if not any(one.strip() for one in texts):
        raise InputError(f"{name} holds no text: its pages are pictures", hint="Send a picture of the page.")
    told = (f"the text of {len(texts):,} of {facts}",) if len(texts) < pages else ()
    return Body(kind="PDF", text=text, facts=facts, omitted=told)
