"""Chunks on their way to the turn: what is hidden of them, noted of them, and shown of them."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator

import pytest

from g4f_magic.answering.redaction import redacted
from g4f_magic.chunks import Chunk, Citations, Finish, Named, Reasoning, Rethought, Text, Unshown
from g4f_magic.messages import Citation
from g4f_magic.outcome import failure_in
from g4f_magic.renderers.plain import PlainRenderer
from g4f_magic.renderers.terminal import TerminalRenderer
from g4f_magic.secret import Secret
from g4f_magic.turn import Turn
from tests.turns import changed

KEY = "sk-0123456789abcdef"
TURN = Turn.plain(id="1", slot="1", prompt="", provider="koala", model="tiny", started_at=0.0, status="done")


async def cleaned(*chunks: Chunk) -> list[Chunk]:
    async def stream() -> AsyncGenerator[Chunk]:
        for chunk in chunks:
            yield chunk

    return [chunk async for chunk in redacted(stream())]


async def test_a_key_is_hidden_wherever_a_service_puts_it() -> None:
    key = Secret(KEY)
    assert key
    said = [
        Named(f"m-{KEY}"),
        Citations((Citation(f"https://a.example/{KEY}", KEY),)),
        Unshown((f"a call of {KEY}",)),
    ]
    assert KEY not in str(await cleaned(*said, Text("Yes"), Finish(f"stop {KEY}")))


async def test_what_waits_for_more_of_a_key_comes_before_its_text_is_taken_back() -> None:
    key = Secret(KEY)
    assert key
    chunks = await cleaned(Text("see sk-0123"), Rethought(), Text("Oh"))
    assert chunks == [Text("see "), Text("sk-0123"), Rethought(), Text("Oh")]


@pytest.mark.parametrize(
    ("chunks", "words"),
    [
        ([], "is empty"),
        ([Text(" \n")], "is empty"),
        ([Reasoning("Hm"), Finish("stop")], "thought and said nothing"),
        ([Reasoning("Hm"), Finish("MAX_TOKENS")], "while the model was thinking"),
        ([Text("Yes"), Finish("error")], "broke the reply off"),
        ([Unshown(("1 image",)), Finish("stop")], "only 1 image"),
    ],
)
def test_what_is_no_reply_is_said(chunks: list[Chunk], words: str) -> None:
    error = failure_in("koala", chunks)
    assert error is not None
    assert words in str(error)
    assert error.hint


@pytest.mark.parametrize("finish", [None, "stop", "length", "content_filter", "tool_calls", "refusal", "odd"])
def test_a_reply_with_words_is_one(finish: str | None) -> None:
    assert failure_in("koala", [Text("Yes"), Finish(finish)]) is None


def test_a_terminal_shows_pages_and_says_what_was_thinking(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdout", out)
    renderer = TerminalRenderer()
    renderer.begin(TURN)
    for chunk in (Text("Hm **bold**\n"), Rethought(), Text("Yes [1]")):
        renderer.show(chunk)
    renderer.settle(
        changed(TURN, reply="Yes [1]", citations=(Citation("https://a.example/" + "x" * 200, "A"),))
    )
    shown = out.getvalue()
    assert [shown.index(one) for one in ("Hm bold", "until here", "Yes [1]", "[1] A ·", "live")] == sorted(
        shown.index(one) for one in ("Hm bold", "until here", "Yes [1]", "[1] A ·", "live")
    )
    assert "https://a.example/" + "x" * 200 in shown  # unbroken, to be copied


def test_plain_text_shows_pages_and_says_what_was_thinking() -> None:
    out = io.StringIO()
    renderer = PlainRenderer(out)
    for chunk in (Text("Hm"), Rethought(), Text("Yes [1]")):
        renderer.show(chunk)
    renderer.settle(changed(TURN, reply="Yes [1]", citations=(Citation("https://a.example", "A\x1b[2J"),)))
    assert out.getvalue() == (
        "Hm\n— until here it was reasoning\nYes [1]\n[1] A␛[2J · https://a.example\n— live · koala · tiny\n"
    )
