"""Which cell of the saved file VS Code runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.host import RunningCell
from g4f_magic.notebook import SavedCell
from g4f_magic.open_notebook import Slots
from g4f_magic.vscode import handle, own_id

_DIGITS = "0123456"


def address(number: int) -> str:
    """Return the address that VS Code gives the cell with that handle."""
    digits = "" if number else "0"
    while number:
        number, digit = divmod(number, 7)
        digits = _DIGITS[digit] + digits
    return f"vscode-notebook-cell:/home/me/a.ipynb#{'WXYZabcdef'[len(digits) - 1]}{digits}sZmlsZQ%3D%3D"


def saved(*cells: tuple[str, str]) -> list[SavedCell]:
    return [SavedCell(identity, "code", source) for identity, source in cells]


CELLS = saved(
    ("a", "%load_ext g4f_magic"), ("b", "%%chat\nHello\n"), ("c", "%%chat\nAgain"), ("d", "%%chat\nHello")
)


@pytest.mark.parametrize(
    ("fragment", "number"),
    [
        ("W0s", 0),
        ("W6s", 6),
        ("X10s", 7),
        ("X16s", 13),
        ("X1s", None),
        ("W7s", None),
        ("", None),
        ("V0s", None),
    ],
)
def test_a_handle_is_read_from_the_address(fragment: str, number: int | None) -> None:
    assert handle(f"vscode-notebook-cell:/a.ipynb#{fragment}ZmlsZQ%3D%3D") == number


@given(st.integers(0, 10**6))
def test_every_handle_is_read(number: int) -> None:
    assert handle(address(number)) == number


@pytest.mark.parametrize(
    ("place", "code", "identity"),
    [
        (0, "%%chat\nAgain", "c"),
        (9, "%%chat\nAgain", "c"),
        (1, "%%chat\nHello", "b"),
        (3, "%%chat\nHello", "d"),
        (2, "%%chat\nHello", ""),
        (9, "%%chat\nHello", ""),
        (1, "%%chat\nHello, edited", ""),
    ],
)
def test_the_cell_is_the_one_of_that_code_and_of_several_the_one_at_the_place(
    place: int, code: str, identity: str
) -> None:
    assert own_id(address(place), code, CELLS) == identity


def test_a_cell_that_is_not_saved_has_a_slot_of_this_session_until_a_save_shows_it() -> None:
    slots = Slots()
    cell = RunningCell(address(4), "run 1", "%%chat\nNew")
    slot = slots.following(cell, CELLS)
    assert slot not in {"a", "b", "c", "d"}
    assert slots.following(cell, CELLS) == f"{slot}#2"
    assert slots.following(RunningCell(address(4), "run 2", "%%chat\nNew, edited"), CELLS) == slot
    assert Slots().following(cell, CELLS) != slot
    assert list(slots.saved(CELLS)) == []
    now = [*CELLS[:1], SavedCell("e", "code", "%%chat\nNew, edited"), *CELLS[1:]]
    assert list(slots.saved(now)) == [(slot, "e")]
    assert list(slots.saved(now)) == []
