"""What a person connected: kept in their own file of services, which stays theirs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from g4f_magic import providers, settings
from g4f_magic.errors import InputError
from g4f_magic.providers import connections
from g4f_magic.providers.connections import DefaultService, NewService

OURS = NewService(name="mine", base_url="http://127.0.0.1:8080/v1")
WRITTEN = """\
# at work
[corp]  # ask Anna
base_url = "https://llm.corp.example/v1"
keys = [
    "CORP_KEY",  # from the vault
]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path / "data")
    return tmp_path / "data" / "services.toml"


def test_nothing_is_connected_at_first(file: Path) -> None:
    assert connections.connection() is None
    assert connections.disconnect() is None
    assert not file.exists()


def test_a_service_is_kept_and_answers(file: Path) -> None:
    connections.connect(DefaultService("mine", "m"), OURS)
    assert connections.connection() == DefaultService("mine", "m")
    assert providers.known_presets()["mine"].base_url == "http://127.0.0.1:8080/v1"
    assert "default" not in providers.names()
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_a_person_wrote_stays(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(WRITTEN)
    connections.connect(DefaultService("mine"), OURS)
    assert connections.disconnect() == DefaultService("mine")
    lines = [line for line in file.read_text().splitlines() if line]
    assert lines[: len(WRITTEN.splitlines())] == WRITTEN.splitlines()
    assert connections.connection() is None
    assert {"corp", "mine"} <= set(providers.names())


def test_a_service_of_that_name_is_changed_where_it_stands(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(WRITTEN)
    connections.connect(
        DefaultService("corp"), NewService(name="corp", base_url="https://new.corp.example/v1")
    )
    assert '"CORP_KEY",  # from the vault' in file.read_text()
    assert providers.known_presets()["corp"].base_url == "https://new.corp.example/v1"


def test_a_link_to_the_file_stays_a_link(file: Path, tmp_path: Path) -> None:
    file.parent.mkdir()
    elsewhere = tmp_path / "dotfiles.toml"
    elsewhere.write_text(WRITTEN)
    os.symlink(elsewhere, file)
    connections.connect(DefaultService("groq"))
    assert file.is_symlink()
    assert connections.connection() == DefaultService("groq")


@pytest.mark.parametrize(
    "text", ["[corp\n", 'default = 3\n[corp]\nbase_url = "https://h.example/v1"\n', "\x00", "default = {}\n"]
)
def test_a_file_that_is_broken_is_said_and_left_alone(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(InputError, match=r"services\.toml cannot be understood"):
        connections.connection()


def test_a_broken_file_is_not_written_over(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("[corp\n")
    with pytest.raises(InputError, match=r"services\.toml cannot be understood"):
        connections.connect(DefaultService("groq"))
    assert file.read_text() == "[corp\n"


def test_a_service_that_is_called_default_is_still_one(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('[default]\nbase_url = "https://h.example/v1"\n')
    assert connections.connection() is None
    assert "default" in providers.names()
    with pytest.raises(InputError, match="is called 'default'"):
        connections.connect(DefaultService("groq"))


def test_a_name_alone_is_read_too(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('default = "groq,ollama"\n')
    assert connections.connection() == DefaultService("groq,ollama")
