"""A request put in the words that a server wants: `max_completion_tokens` for `max_tokens`, as it asked for. No I/O.

What a server wants is remembered for its address and the model as long as the process lives. The request that the
person made, and the key of its recording, stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from g4f_magic.carried_back import formed
from g4f_magic.causes import Diagnosis

_MOST_KNOWN = 256
_UNTOUCHED = frozenset({"model", "messages", "stream", "tools", "tool_choice", "response_format"})
"""What no server may have called by another name: it is the question itself."""
_OURS: Mapping[str, Any] = {"stream_options": {"include_usage": True}, "stream": True}
"""What we wish for by ourselves, a count of tokens and a reply bit by bit: left out where it is refused."""

_ONLY_STREAMS = "stream: false"
"""Among what is known of a place: what is wished for whole has to be asked for bit by bit."""

_OF_MESSAGES = "messages: "
"""Before the form that a place wants messages in, among what is known of it."""

_known: dict[tuple[str, str], dict[str, str]] = {}
"""By address and model: parameters and the names that they go by there; an empty one is left out."""


def in_its_words(url: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request's body as the server at `url` wanted it before."""
    names = _known.get(_place(url, body))
    return _renamed(body, names) if names else dict(body)


def reworded(url: str, body: Mapping[str, Any], refused: Diagnosis) -> dict[str, Any] | None:
    """Return the body as the server asks for it in what it refused, and remember that; None: it cannot be.

    A parameter that the person gave is never left out.
    """
    if refused.form and (made := _in_form(url, body, refused.form)):
        return made
    name, instead = refused.parameter, refused.instead
    if name not in body:
        return None
    if name == "stream" and body[name] is False:
        names = _known.setdefault(_place(url, body), {})
        if _ONLY_STREAMS in names:
            return None
        names[_ONLY_STREAMS] = ""
        return _renamed(body, names)
    is_ours = name in _OURS and body[name] == _OURS[name]
    if not is_ours and name in _UNTOUCHED:
        return None
    if not is_ours and (not instead or instead in body or instead in _UNTOUCHED):
        return None
    place = _place(url, body)
    names = _known.get(place, {})
    _remember(place, names)
    if instead and (names.get(instead) == name or name in names.values()):
        _known.pop(place)  # it takes neither of the two
        return None
    names[name] = "" if is_ours else instead
    if is_ours and name == "stream":
        names["stream_options"] = ""  # nothing is counted of a stream that is none
    return _renamed(body, names)


def _in_form(url: str, body: Mapping[str, Any], form: str) -> dict[str, Any] | None:
    """Return the body with its messages in one more form, and remember that; None where it changes nothing."""
    place = _place(url, body)
    against = {"bare": ("thoughts", "signatures"), "ids": ()}.get(form, ("bare",))  # the last word counts
    names = {
        name: other
        for name, other in _known.get(place, {}).items()
        if name.removeprefix(_OF_MESSAGES) not in against
    } | {_OF_MESSAGES + form: ""}
    made = _renamed(body, names)
    if made == body:
        return None
    _remember(place, names)
    return made


def _remember(place: tuple[str, str], names: dict[str, str]) -> None:
    _known.pop(place, None)
    _known[place] = names
    while len(_known) > _MOST_KNOWN:
        _known.pop(next(iter(_known)))


def _renamed(body: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    renamed = {}
    for name, value in body.items():
        other = names.get(name, name)
        if not other and value == _OURS.get(name):
            continue
        # Both names given by the person stay as they are: the server says what it does not take.
        renamed[other if other and other not in body else name] = value
    forms = frozenset(name.removeprefix(_OF_MESSAGES) for name in names if name.startswith(_OF_MESSAGES))
    if forms:
        renamed["messages"] = formed(renamed["messages"], forms)
    if _ONLY_STREAMS in names and renamed.get("stream") is False:
        renamed["stream"] = True
    return renamed


def _place(url: str, body: Mapping[str, Any]) -> tuple[str, str]:
    return url, str(body.get("model", ""))
