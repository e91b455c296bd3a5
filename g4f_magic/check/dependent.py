"""Cells whose question depends on the notebook's data: what they ask is known only by running them. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from g4f_magic.ask import Ask, Attachment
from g4f_magic.attaching.placeholders import Placeholder, parts_of
from g4f_magic.attaching.wanted import wanted_in
from g4f_magic.cassette import Asked
from g4f_magic.errors import InputError

_LEAST_TOLD = 3


@dataclass(frozen=True, slots=True)
class DependentAsk:
    """A question as far as it is known without the data."""

    ask: Ask
    pieces: tuple[str, ...]
    """What of the prompt is known, in its order: between two stands what the data say."""
    names: frozenset[str]
    """What goes along, as it was named."""
    is_named: bool
    """Whether the options name something of the notebook: then neither model nor parameters are known."""
    names_tools: bool = False
    """Whether functions of the notebook go along: what the model is told of them is not known."""
    names_schema: bool = False
    """Whether its reply has to be what the notebook defines: then a schema is known to go along, and not which."""

    @classmethod
    def of(
        cls,
        ask: Ask,
        attached: Sequence[str],
        *,
        is_named: bool = False,
        names_schema: bool = False,
        names_tools: bool = False,
    ) -> DependentAsk | None:
        """Return the question, None where it depends on nothing."""
        parts = parts_of(ask.prompt) if "{{" in ask.prompt else [ask.prompt]
        is_filled = any(isinstance(part, Placeholder) for part in (*parts, *parts_of(ask.system)))
        if not (is_filled or attached or is_named or names_schema or names_tools):
            return None
        pieces = [""]
        for part in parts:
            if isinstance(part, str):
                pieces[-1] += part
            else:
                pieces.append("")
        try:
            names = frozenset(one.text for text in attached for one in wanted_in(text))
        except InputError:
            names = frozenset()
        return cls(ask, tuple(pieces), names, is_named, names_tools, names_schema)

    def fits(self, held: Asked) -> bool:
        """Say whether a recorded request may be this question's."""
        if not self.is_named:
            own = (self.ask.provider, self.ask.model, dict(self.ask.parameters))
            if own != (held.provider, held.model, dict(held.parameters)):
                return False
        if "{{" not in self.ask.system and held.system != self.ask.system:
            return False
        if ("tools" in held.further) != self.names_tools:
            return False
        schema = held.further.get("schema")
        if schema is None if self.names_schema else schema != self.ask.schema:
            return False
        told = {one.name for one in attachments_of(held)}
        fixed = {name for name in self.names if name.startswith("@")}
        return fixed <= told and _holds_in_order(held.prompt, self.pieces)


def unescaped(prompt: str) -> str:
    """Return a prompt that names nothing as it is sent: of an escaped name the backslash goes."""
    parts = parts_of(prompt) if "{{" in prompt else [prompt]
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def attachments_of(held: Asked) -> tuple[Attachment, ...]:
    """Return what went along with a recorded request."""
    return tuple(
        Attachment(
            name=one[0], media_type=one[1], text=one[2], digest=one[3] if len(one) > _LEAST_TOLD else ""
        )
        for one in held.attached
        if isinstance(one, list) and len(one) >= _LEAST_TOLD and all(isinstance(part, str) for part in one)
    )


def _holds_in_order(text: str, pieces: Sequence[str]) -> bool:
    """Say whether a text consists of the pieces, in their order, with anything between them."""
    first, *between = pieces
    if not between:
        return text == first
    *between, last = between
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in between:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
