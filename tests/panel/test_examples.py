"""What an empty conversation offers to ask: of what the notebook holds, and nothing of it is touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from g4f_magic.attaching.given import GivenNames
from g4f_magic.attaching.source import Failure
from g4f_magic.panel.examples import examples_of
from g4f_magic.session import Session
from tests.hosts import Notebook


class DataFrame:
    """Tells of itself by its name alone: whatever else is asked of it is an error."""

    def __getattribute__(self, name: str) -> Any:
        if name in ("__class__", "__dict__"):
            return object.__getattribute__(self, name)
        raise AssertionError(name)


class Source(GivenNames):
    """A notebook whose last cell failed."""

    def failure(self) -> Failure | None:
        return Failure(ZeroDivisionError("division by zero"))


@dataclass
class Front:
    """What the extension gives a session."""

    held: dict[str, Any] = field(default_factory=dict)
    has_failed: bool = False

    def names(self) -> dict[str, Any]:
        return self.held

    def source(self) -> GivenNames:
        return Source(self.held) if self.has_failed else GivenNames(self.held)


def offered(session: Session, names: dict[str, Any], *, has_failed: bool = False) -> Sequence[str]:
    notebook = Notebook()
    notebook.names.update(names)
    session.front = Front(names, has_failed)  # type: ignore[assignment]  # as much of one as is looked at
    return [one["attach"] for one in examples_of(session, notebook)]


@pytest.mark.parametrize(
    ("names", "has_failed", "attached"),
    [
        ({}, False, []),
        ({"x": 1, "old": DataFrame(), "sales": DataFrame(), "_": DataFrame()}, False, ["sales", "sales"]),
        ({"sales": DataFrame()}, True, ["@error", "sales", "sales"]),
        ({"x": 1}, True, ["@error"]),
    ],
)
async def test_the_last_error_and_the_newest_table_are_offered(
    session: Session, names: dict[str, Any], has_failed: bool, attached: list[str]
) -> None:
    found = offered(session, names, has_failed=has_failed)
    assert [one for one in found if one] == attached
    assert 2 <= len(found) <= 4
