"""What an option of a chat cell is: how it is written, read, offered and told. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from g4f_magic.errors import with_article


@dataclass(frozen=True, slots=True)
class PanelField:
    """Where the panel takes an option: behind its fold."""

    name: str
    """In the panel's `parameters`."""
    label: str
    hint: str
    """What stands below the field: an example, or what holds while it is empty."""
    is_long: bool = False
    """It has lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option."""

    names: tuple[str, ...]
    """As a cell writes it, the long one last."""
    fields: tuple[str, ...]
    """Which fields of `Options` it sets; of an option of a cell alone, what `ChatLine` calls it."""
    help: str
    """A few words, for people."""
    value: str = ""
    """What its value is called; empty: it has none."""
    read: Callable[[Any], Any] = str
    """Returns the value of a text, or of the texts of one that is repeated; of several fields, their values in order.
    Raises a ValueError, or an InputError that says it all."""
    write: Callable[..., str] = lambda value: "" if value is None else str(value)
    """Returns the text for the values of `fields`."""
    wanted: str = "number"
    """What a text is not that it cannot read: "warm is no number"."""
    choices: tuple[str, ...] = ()
    """What the value can be, where that is not open."""
    is_repeated: bool = False
    sets: object = True
    """What it sets where it has no value."""
    offers: str = ""
    """The kind of value that Tab offers (see `known.OFFERS`)."""
    is_parameter: bool = False
    """It goes to the service under the name of its field, where that takes it, and into recordings and exports."""
    is_for_panel: bool = True
    """`%chat panel` takes it."""
    panel: PanelField | None = None
    """Where a person changes it in the panel, if that is meant."""

    @property
    def name(self) -> str:
        """Return its long name."""
        return self.names[-1]

    @property
    def usage(self) -> str:
        """Return how it is written: `-p, --provider NAME`."""
        return f"{', '.join(self.names)} {self.value}".rstrip()

    def fill(self, given: Any = None) -> dict[str, Any]:
        """Return the fields that it sets, of the text that was given, or of the texts of one that is repeated.

        Raises:
            ValueError: that cannot be read.
            InputError: it cannot be, and why.
        """
        if not self.value:
            return dict.fromkeys(self.fields, self.sets)
        if self.choices and given not in self.choices:
            raise ValueError(f"{given!r} is not one of {', '.join(self.choices)}")
        try:
            value = self.read(given)
        except ValueError:
            raise ValueError(f"{given!r} is not {with_article(self.wanted)}") from None
        return dict(zip(self.fields, value if len(self.fields) > 1 else (value,), strict=True))
