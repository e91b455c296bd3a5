"""Settings, and what is strongest among them."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets import TraitError
from traitlets.config import Config

from g4f_magic.errors import InputError
from g4f_magic.settings import Settings, data_folder


def test_a_variable_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("G4F_MAGIC_PROVIDER", "darkai")
    monkeypatch.setenv("G4F_MAGIC_TIMEOUT_SECONDS", "2.5")
    monkeypatch.setenv("G4F_MAGIC_REMOTE_IMAGES", "true")
    settings = Settings()
    assert (settings.provider, settings.timeout_seconds, settings.remote_images) == ("darkai", 2.5, True)


def test_a_variable_is_stronger_than_the_configuration_file(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config({"Settings": {"provider": "aura", "model": "from-file"}})
    monkeypatch.setenv("G4F_MAGIC_PROVIDER", "darkai")
    settings = Settings(config=config)
    assert (settings.provider, settings.model) == ("darkai", "from-file")


def test_a_variable_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("G4F_MAGIC_TIMEOUT_SECONDS", "soon")
    with pytest.raises(InputError, match="G4F_MAGIC_TIMEOUT_SECONDS"):
        Settings()


def test_a_variable_that_is_none_of_the_values_is_named_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("G4F_MAGIC_MODE", "reply")
    with pytest.raises(InputError, match="G4F_MAGIC_MODE") as caught:
        Settings()
    assert "live, record, replay, auto" in caught.value.hint


def test_a_value_that_does_not_fit_is_refused() -> None:
    with pytest.raises(TraitError):
        Settings().frames_per_second = "often"


@pytest.mark.parametrize(
    ("given", "file"), [("off", None), ("OFF", None), ("/x/h.sqlite", Path("/x/h.sqlite"))]
)
def test_the_history_is_moved_or_switched_off(given: str, file: Path | None) -> None:
    assert Settings(history=given).history_file == file


def test_every_setting_says_what_it_is() -> None:
    assert all(trait.help for trait in Settings.class_own_traits(config=True).values())


@pytest.mark.parametrize("name", ["HOME", "XDG_DATA_HOME"])
def test_the_persons_folder_is_never_in_the_one_that_is_worked_in(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv(name, "here")
    assert data_folder().is_absolute()
