"""What the doctor finds. Nobody outside is asked; what is asked here is a real server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from keyring import get_keyring, set_keyring
from keyring.backend import KeyringBackend

from g4f_magic import settings
from g4f_magic.chat import Chat
from g4f_magic.cli import main
from g4f_magic.commands.doctor import to_markdown
from g4f_magic.doctor import Finding, examine
from g4f_magic.errors import ChatError
from g4f_magic.gateway import Gateway
from g4f_magic.installation import versions
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.testing.script import ScriptEngine

KEY = "gsk_0123456789abcdefghij"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    monkeypatch.delenv("MISTRAL_API_KEY", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return tmp_path


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    session = Session(Settings(history="off", engine="script"))
    yield session
    await session.aclose()


async def finding(session: Session, name: str, *, is_online: bool = False) -> Finding:
    report = await examine(session, is_online=is_online)
    return next(one for one in report.findings if one.provider == name)


async def test_a_key_is_told_by_its_place_and_never_shown(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", KEY)
    report = await examine(session)
    groq = next(one for one in report.findings if one.provider == "groq")
    assert groq.key == "GROQ_API_KEY"
    assert KEY not in repr(report)
    assert KEY not in to_markdown(report)


async def test_where_a_key_is_missing_it_says_what_to_do(session: Session) -> None:
    found = await finding(session, "mistral")
    assert (found.key, found.advice) == ("none", "Set MISTRAL_API_KEY, or run %chat login mistral.")


async def test_nobody_outside_is_asked(session: Session) -> None:
    report = await examine(session)
    outside = {
        one.provider: one.reached for one in report.findings if one.provider in ("groq", "openai", "gemini")
    }
    assert set(outside.values()) == {"not asked (--online asks)"}


async def test_a_server_of_this_machine_is_found_at_its_port(session: Session, folder: Path) -> None:
    async with Gateway(ScriptEngine(models=("a", "b"))) as gateway:
        (folder / "services.toml").write_text(
            f'[here]\nbase_url = "{gateway.openai_base_url}"\nlocal = true\n'
            '[gone]\nbase_url = "http://127.0.0.1:9/v1"\nlocal = true\nadvice = "Start it."\n'
        )
        assert (await finding(session, "here")).reached == "yes, 2 models"
        gone = await finding(session, "gone")
    assert (gone.reached, gone.advice) == ("not running", "Start it.")


async def test_another_server_at_that_port_is_none(session: Session, folder: Path) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        (folder / "services.toml").write_text(f'[here]\nbase_url = "{gateway.base_url}/chat"\nlocal = true\n')
        assert (await finding(session, "here")).reached.startswith(("something else", "yes (HTTP 4"))


@pytest.fixture
def corp(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave nothing but one service to ask, so that no test asks a stranger."""
    monkeypatch.setattr("g4f_magic.providers.names", lambda: ["corp"])


@pytest.mark.usefixtures("corp")
async def test_a_service_is_asked_only_if_that_is_wanted(session: Session, folder: Path) -> None:
    async with Gateway(ScriptEngine(models=("a", "b"))) as gateway:
        (folder / "services.toml").write_text(
            f'[corp]\nbase_url = "{gateway.openai_base_url}"\nmodel = "m"\n'
        )
        assert (await finding(session, "corp")).reached == "not asked (--online asks)"
        assert (await finding(session, "corp", is_online=True)).reached == "yes, 2 models"


@pytest.mark.usefixtures("corp")
async def test_a_service_that_is_not_there_is_told_with_the_way_out(session: Session, folder: Path) -> None:
    (folder / "services.toml").write_text('[corp]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n')
    found = await finding(session, "corp", is_online=True)
    assert found.reached == "no"
    assert "service running" in found.advice


async def test_the_last_success_and_the_last_error_are_told(session: Session) -> None:
    chat = Chat("koala", session=session)
    await chat.ask("Hello")
    with pytest.raises(ChatError):
        await chat.ask("!500")
    found = await finding(session, "koala")
    assert found.last_success.startswith("20")
    assert "HTTP 500" in found.last_error
    assert found.reached.startswith("local gateway")


async def test_what_is_broken_is_named_apart(session: Session, folder: Path) -> None:
    (folder / "services.toml").write_text("[corp")
    report = await examine(session)
    assert "services.toml" in report.broken
    assert "services.toml" in to_markdown(report)


async def test_a_proxys_password_does_not_show() -> None:
    session = Session(Settings(history="off", proxy="http://anna:open-sesame@127.0.0.1:9"))
    assert "sesame" not in to_markdown(await examine(session))
    await session.aclose()


def test_the_versions_of_the_parts_are_told() -> None:
    assert {"python", "g4f-magic", "aiohttp", "ipython"} <= {name for name, _ in versions()}


def test_the_command_line_shows_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "`koala`" in shown.partition("Not set up: ")[2]
    assert "| python |" in shown


async def test_what_never_comes_back_does_not_hold_the_others_up(
    session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No other test has a service of this name: what a thread of one may still learn of a keyring is about others.
    (folder / "services.toml").write_text(
        '[held-up]\nbase_url = "https://llm.corp.example/v1"\nmodel = "m"\nkeys = ["HELD_UP_KEY"]\n'
    )
    monkeypatch.delenv("HELD_UP_KEY", raising=False)
    monkeypatch.setattr("g4f_magic.providers.names", lambda: ["held-up", "koala"])
    monkeypatch.setattr("g4f_magic.doctor._MOST_SECONDS", 0.1)

    keyring, before = Waiting(), get_keyring()
    set_keyring(keyring)
    try:
        held_up, other = (await examine(session)).findings
        assert held_up.reached.startswith("not found out within")
        assert other.reached == "local gateway (its public site is gone)"
    finally:
        set_keyring(before)
        keyring.may_go.set()
        # Those who still wait are gone before the next test begins.
        await asyncio.get_running_loop().shutdown_default_executor()


class Waiting(KeyringBackend):
    """A keyring that waits for a person to unlock it."""

    priority = -1  # keyring takes every class of this kind into its chain, and other tests would wait, too

    def __init__(self) -> None:
        super().__init__()
        self.may_go = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.may_go.wait(60)
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError
