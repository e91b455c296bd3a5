"""What pages attached to their next message, each under the key of its request, until it is sent."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from g4f_magic.ask import Attachment
from g4f_magic.errors import InputError
from g4f_magic.turn import Turn

if TYPE_CHECKING:
    from g4f_magic.describing.described import Picture
    from g4f_magic.options import Options
    from g4f_magic.session import Session

MOST_BYTES = 8_000_000
"""Of a file that a page sends: front ends carry messages of at most 10 MB, in base64."""
_MOST_HELD = 64


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing: named as `--with` names it, or a page's own file, described as it came."""

    name: str
    about: str = ""
    kept: Attachment | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Along:
    """What goes along with a message."""

    attached: tuple[str, ...] = ()
    """As `--with` names it: found anew when it is sent."""
    kept: tuple[Attachment, ...] = ()
    """What goes along as it is."""
    schema: Mapping[str, Any] | None = None
    """What the reply has to be, where that was asked for before."""
    tools: tuple[str, ...] = ()
    """Functions that the model could ask for before."""

    def added_to(self, options: Options, *, fills: bool) -> Options:
        """Return the options of a message with it; what is named is found with `fills` alone."""
        attached = (*options.attached, *self.attached) if fills else ()
        if self.schema is not None:
            return replace(options, attached=attached, schema=self.schema, is_schema_many=False, tools=())
        return replace(options, attached=attached, tools=self.tools or options.tools)


NOTHING = Along()


class Chips:
    """The chips of the pages of one panel."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._held: OrderedDict[str, Chip] = OrderedDict()

    def name(self, key: str, text: str) -> Chip:
        """Hold what is named; it is described once, to show what it is.

        Raises:
            InputError: it is not there.
        """
        from g4f_magic.attaching.filling import attachment_of
        from g4f_magic.attaching.finding import Finder
        from g4f_magic.attaching.wanted import wanted_in

        if self._session.front is None:
            raise InputError("there is no notebook here to attach from", hint="Run %load_ext g4f_magic.")
        finder = Finder(self._session.front.source(), ceiling=self._session.settings.share)
        found = [attachment_of(one, "with") for wanted in wanted_in(text) for one in finder.wanted(wanted)]
        return self._hold(key, Chip(text.strip(), ", ".join(filter(None, (one.summary for one in found)))))

    def file(self, key: str, name: str, data: str) -> Chip:
        """Hold a file that a page sent, in base64.

        Raises:
            InputError: it is too large, or none of what can be sent.
        """
        from g4f_magic.attaching.filling import attachment_of
        from g4f_magic.attaching.finding import LIMITS, USUAL
        from g4f_magic.describing.files import described_file
        from g4f_magic.describing.share import lower, share_of

        plain = Path(name.replace("\\", "/")).name[:200] or "file"
        if len(data) > MOST_BYTES * 4 // 3 + 4:
            raise InputError(
                f"{plain} is larger than {MOST_BYTES // 1_000_000} MB", hint="Attach it by its path."
            )
        try:
            content = b64decode(data, validate=True)
        except (binascii.Error, ValueError) as exc:
            raise InputError(f"{plain} did not arrive whole", hint="Attach it again.") from exc
        share = lower(USUAL, share_of(self._session.settings.share))
        with TemporaryDirectory(prefix="g4f_magic-") as folder:
            path = Path(folder) / f"file{_suffix(plain)}"
            path.write_bytes(content)
            described = described_file(path, name=plain, share=share, limit=LIMITS[share])
        kept = attachment_of(described, "page")
        return self._hold(key, Chip(plain, kept.summary, kept, described.picture))

    def along(self, keys: Iterable[str]) -> Along:
        """Return what goes along with a message that has these chips.

        Raises:
            InputError: one is not held.
        """
        chips = []
        for key in keys:
            if (chip := self._held.get(key)) is None:
                raise InputError("something that was attached is no longer there", hint="Attach it again.")
            chips.append(chip)
        for picture in filter(None, (chip.picture for chip in chips)):
            self._keep(picture)
        return Along(
            tuple(chip.name for chip in chips if chip.kept is None),
            tuple(chip.kept for chip in chips if chip.kept is not None),
        )

    def _keep(self, picture: Picture) -> None:
        session = self._session
        session.history.keep_picture(
            session.notebook.key, picture.digest, picture.media_type, picture.content
        )

    def _hold(self, key: str, chip: Chip) -> Chip:
        self._held[key] = chip
        while len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)
        return chip


def again(turn: Turn) -> Along:
    """Return what goes along when a turn is asked again: what it named, found anew, and what a page sent, as it was.

    What another's file names is not looked for here: it goes along as the file has it.
    """
    attachments: Sequence[Attachment] = turn.ask.attachments
    if turn.source == "imported":
        kept = tuple(replace(one, origin="page") for one in attachments if one.origin != "inline")
        return Along((), kept, turn.ask.schema)
    return Along(
        tuple(one.name for one in attachments if one.origin == "with"),
        tuple(one for one in attachments if one.origin == "page"),
        turn.ask.schema,
        turn.ask.tools,
    )


def _suffix(name: str) -> str:
    suffix = Path(name).suffix
    return suffix if suffix[1:].isalnum() and len(suffix) <= 12 else ""
