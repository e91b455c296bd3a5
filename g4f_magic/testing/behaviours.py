"""What real servers do at times, by name, as actions. No I/O."""

from __future__ import annotations

import difflib
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from g4f_magic.chunks import Finish, Reasoning, Text
from g4f_magic.errors import InputError
from g4f_magic.gateway.actions import Action, BadLine, Begin, Cut, CutOff, ErrorEvent, Hang, RawBytes, Refuse
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.messages import Usage

_HTML = b"<!doctype html><html><head><title>Welcome</title></head><body><p>Please sign in</p></body></html>"
_CLOUDFLARE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
    b'<div id="cf-wrapper">Checking your browser before accessing the site. Cloudflare Ray ID: 0</div></body></html>'
)
_PAGE = {"Content-Type": "text/html; charset=UTF-8"}


@dataclass(frozen=True, slots=True)
class Scene:
    """What a behaviour is made from: the conversation, the text, and how many characters a piece of it has."""

    chat: ChatRequest
    text: str
    piece_characters: int

    def pieces(self) -> list[str]:
        """Return the text in pieces."""
        size = self.piece_characters
        return [self.text[start : start + size] for start in range(0, len(self.text), size)]

    def texts(self) -> Iterator[Action]:
        """Return the whole text as actions."""
        return map(Text, self.pieces())

    def half(self) -> Iterator[Action]:
        """Return the first half of the text as actions."""
        pieces = self.pieces()
        return map(Text, pieces[: max(1, len(pieces) // 2)])

    def ending(self) -> Iterator[Action]:
        """Return the count of tokens and the finish."""
        asked = sum(len(message.content.split()) for message in self.chat.messages)
        yield Usage(asked, len(self.text.split()))
        yield Finish("stop")


Behaviour = Callable[[Scene], Iterator[Action]]


def behaviours() -> list[str]:
    """Return the names of all behaviours."""
    return sorted(_BEHAVIOURS)


def behaviour_of(name: str) -> Behaviour:
    """Return the behaviour of that name.

    Raises:
        InputError: there is none; it names the nearest.
    """
    if name in _BEHAVIOURS:
        return _BEHAVIOURS[name]
    nearest = difflib.get_close_matches(name, _BEHAVIOURS, n=1)
    raise InputError(
        f"the script engine has no behaviour called {name!r}",
        hint=(f"Did you mean {nearest[0]}? " if nearest else "") + f"There are {', '.join(behaviours())}.",
    )


def _plain(scene: Scene) -> Iterator[Action]:
    return itertools.chain(scene.texts(), scene.ending())


def _with(*before: Action) -> Behaviour:
    return lambda scene: itertools.chain(before, _plain(scene))


def _half(*after: Action) -> Behaviour:
    return lambda scene: itertools.chain(scene.half(), after)


def _only(*actions: Action) -> Behaviour:
    return lambda scene: iter(actions)


def _bad_json_line(scene: Scene) -> Iterator[Action]:
    pieces = scene.pieces()
    middle = len(pieces) // 2
    yield from map(Text, pieces[:middle])
    yield BadLine()
    yield from map(Text, pieces[middle:])
    yield from scene.ending()


def _echo(scene: Scene) -> Iterator[Action]:
    said = [message.to_json() for message in scene.chat.messages]
    received = {"messages": said, "model": scene.chat.model, "parameters": dict(scene.chat.parameters)}
    return _plain(replace(scene, text=json.dumps(received, ensure_ascii=False)))


def _never_closing(scene: Scene) -> Iterator[Action]:
    return itertools.cycle([*scene.texts(), Text("\n")])


_BEHAVIOURS: dict[str, Behaviour] = {
    "plain": _plain,
    "slow": _plain,
    "long": _plain,
    "echo": _echo,
    "reasoning": _with(Reasoning("Let me think"), Reasoning(" about it.")),
    "cut-off": _half(CutOff()),
    "reset": _half(CutOff(reset=True)),
    "cut-off-before": _only(CutOff()),
    "no-end-mark": lambda scene: scene.texts(),
    "401": _only(Refuse(401, "wrong key")),
    "402": _only(Refuse(402, "no credit left", {"Retry-After": "60"})),
    "403": _only(Refuse(403, "not allowed")),
    "403-cloudflare": _only(
        Refuse(403, headers={**_PAGE, "Server": "cloudflare", "CF-RAY": "0-TXL"}, body=_CLOUDFLARE)
    ),
    "404": _only(Refuse(404, "no such model")),
    "429": _only(Refuse(429, "too many requests", {"Retry-After": "7"})),
    "500": _only(Refuse(500, "the server has a fault")),
    "503": _only(Refuse(503, "overloaded")),
    "504": _only(Refuse(504, headers=_PAGE, body=b"<html><h1>504 Gateway Time-out</h1></html>")),
    "500-html": _only(Refuse(500, headers=_PAGE, body=_HTML)),
    "html": _only(Refuse(200, headers=_PAGE, body=_HTML)),
    "redirect": _only(Refuse(302, headers={"Location": "/elsewhere"}, body=b"")),
    "split-utf8": _with(Cut("characters")),
    "byte-by-byte": _with(Cut("bytes")),
    "bad-json-line": _bad_json_line,
    "junk": _half(RawBytes(b"\xff\xfe\x00 junk \x80\r\n\n"), Finish("stop")),
    "silent": _only(Begin(), Hang()),
    "silent-before": _only(Hang()),
    "silent-after": _half(Hang()),
    "empty": lambda scene: iter([Begin(), Finish("stop")]),
    "nothing": _only(Begin()),
    "error-event": _half(ErrorEvent("the model fell over")),
    "error-event-first": _only(Begin(), ErrorEvent("rate limit reached, try again later")),
    "hang-after-end": lambda scene: itertools.chain(_plain(scene), [Hang()]),
    "never-closing": _never_closing,
}
