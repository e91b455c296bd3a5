"""A question with what it names filled in: the names in its prompt, and what `--with` wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from g4f_magic.ask import Ask, Attachment, Origin
from g4f_magic.attaching.finding import Finder
from g4f_magic.attaching.lookup import NotThereError
from g4f_magic.attaching.placeholders import Placeholder, parts_of
from g4f_magic.attaching.wanted import wanted_in
from g4f_magic.describing.described import Described, Picture
from g4f_magic.describing.framing import one_line
from g4f_magic.errors import InputError

MOST = 50
"""Things that go along with one prompt."""


@dataclass(slots=True)
class Filled:
    """A question as it is sent."""

    ask: Ask
    pictures: tuple[Picture, ...] = ()
    """Those that go along; the attachments name their digests."""


def fill(ask: Ask, given: Sequence[str], finder: Finder, *, kept: Sequence[Attachment] = ()) -> Filled:
    """Return the question with the names in its prompt and system prompt filled in, and with what `given` names.

    `kept` are attachments that go along as they are: what a page sent.

    Raises:
        InputError: something that `given` names is not there, or too much is named.
    """
    work = _Filling(finder)
    sent, system = work.text(ask.prompt), work.system_prompt(ask.system)
    for one in (one for text in given for one in wanted_in(text)):
        for described in finder.wanted(one):
            work.add(described, "with")
    attachments = (*work.found.values(), *kept)
    if len(attachments) > MOST:
        raise InputError(
            f"{len(attachments)} things are to go along, more than {MOST}", hint="Name fewer, or one file."
        )
    filled = replace(
        ask,
        sent=None if sent == ask.prompt else sent,
        system=system,
        attachments=attachments,
        notes=tuple(dict.fromkeys((*ask.notes, *work.notes, *finder.notes))),
    )
    return Filled(filled, tuple(work.pictures.values()))


@dataclass(slots=True)
class _Filling:
    """One question being filled in. Each thing goes along once, however often it is named."""

    finder: Finder
    found: dict[tuple[str, Origin], Attachment] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)
    _described: dict[tuple[str, str], Described | None] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """Return a prompt with its names filled in: short values where they stand, others after it."""
        return "".join(self._part(part) for part in parts_of(text))

    def system_prompt(self, text: str) -> str:
        """Return a system prompt with its names filled in, and what is too long for a sentence after it."""
        texts: list[str] = []

        def filled(part: str | Placeholder) -> str:
            if isinstance(part, str) or (described := self._describe(part)) is None:
                return part if isinstance(part, str) else part.text
            self.add(described, "inline")
            if not described.inline and described.text not in texts:
                texts.append(described.text)
            return _in_place(described)

        return "\n\n".join(["".join(map(filled, parts_of(text))), *texts])

    def _part(self, part: str | Placeholder) -> str:
        if isinstance(part, str):
            return part
        described = self._describe(part)
        if described is None:
            return part.text
        self.add(described, "inline" if described.inline else "")
        return _in_place(described)

    def _describe(self, part: Placeholder) -> Described | None:
        key = (str(part.path), part.level)
        if key not in self._described:
            try:
                self._described[key] = self.finder.named(part)
            except NotThereError as exc:
                self.notes.append(f"{part.text} was sent as it stands: {exc}.")
                self._described[key] = None
        return self._described[key]

    def add(self, described: Described, origin: Origin) -> None:
        """Have a thing go along, unless it does already."""
        if origin == "with" and (described.name, "") in self.found:
            return  # the prompt names it, too
        if origin != "inline" and (picture := described.picture) is not None:
            self.pictures[picture.digest] = picture
        self.found.setdefault((described.name, origin), attachment_of(described, origin))


def attachment_of(described: Described, origin: Origin) -> Attachment:
    """Return a description as a part of a question."""
    picture = None if origin == "inline" else described.picture
    return Attachment(
        name=described.name,
        text="" if origin == "inline" else described.text,
        media_type="text/plain" if picture is None else picture.media_type,
        digest="" if picture is None else picture.digest,
        pixels="" if picture is None else picture.pixels,
        omitted=described.omitted,
        summary=described.summary,
        origin=origin,
    )


def _in_place(described: Described) -> str:
    """Return what stands where a name stood: the value where it is short, else the name, as what follows calls it."""
    return described.inline or f"`{one_line(described.name)}`"
