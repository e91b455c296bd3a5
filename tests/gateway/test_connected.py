"""What is connected answers behind the gateway too: by the same key as directly, and that goes home and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from g4f_magic import remarks, settings
from g4f_magic.answering import keys
from g4f_magic.cli import _key_of
from g4f_magic.gateway import choose_engine
from g4f_magic.options import Options
from g4f_magic.providers import nearby
from g4f_magic.secret import Secret
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.gateway.service import DONE, Service, choice, running
from tests.keyrings import keyring_in

KEY, OTHER = "corp-0123456789abcdefghij", "else-0123456789abcdefghij"
_VARIABLES = ("CORP_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    async def nobody() -> str:
        return ""

    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(nearby, "running", nobody)
    monkeypatch.setattr(remarks, "_said", set())
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def ring(tmp_path: Path) -> Iterator[None]:
    with keyring_in(tmp_path) as ours:
        yield ours


@pytest.fixture
async def corp(folder: Path) -> AsyncIterator[Service]:
    """A service that wants a key, connected."""
    async with running(Service(choice({"content": "Yes."}), choice({}, "stop"), DONE)) as service:
        connect(folder, service.base_url)
        yield service


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    one = Session(Settings(engine="auto", history="off"))
    yield one
    await one.aclose()


def connect(folder: Path, url: str, more: str = 'keys = ["CORP_KEY"]') -> None:
    (folder / "services.toml").write_text(
        f'[default]\nprovider = "corp"\nmodel = "theirs"\n[corp]\nbase_url = "{url}"\n{more}\n'
    )


async def asked_koala(session: Session) -> str:
    return await (await session.ask("Hello", Options(provider="koala"))).text()


@pytest.mark.parametrize("place", ["keyring", "variable", ".env"])
async def test_a_key_is_found_wherever_a_cell_finds_it(
    corp: Service, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    match place:
        case "keyring":
            keys.store("corp", Secret(KEY))
        case "variable":
            monkeypatch.setenv("CORP_KEY", KEY)
        case _:
            (folder / ".env").write_text(f"CORP_KEY={KEY}\n")
    remarks.take()
    assert await asked_koala(session) == "Yes."
    assert corp.keys == [f"Bearer {KEY}"]
    told = ["The key of corp came from .env beside the notebook (CORP_KEY)."]
    assert remarks.take() == (told if place == ".env" else [])


async def test_serve_finds_it_in_the_keyring_and_reads_no_file_where_it_is_started(
    corp: Service, folder: Path
) -> None:
    (folder / ".env").write_text(f"CORP_KEY={OTHER}\n")
    assert (await choose_engine(Settings(engine="auto"), key_of=_key_of)).name == "guide"
    keys.store("corp", Secret(KEY))
    engine = await choose_engine(Settings(engine="auto"), key_of=_key_of)
    assert engine.label == f"theirs at {corp.base_url.removesuffix('/v1').removeprefix('http://')}"


async def test_without_a_key_it_is_passed_over(corp: Service, session: Session) -> None:
    assert "o model is connected" in await asked_koala(session)
    assert not corp.sent


async def test_a_key_of_another_host_is_not_sent(
    corp: Service, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(folder, corp.base_url, 'keys = ["OPENAI_API_KEY"]')
    monkeypatch.setenv("OPENAI_API_KEY", OTHER)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    engine = await choose_engine(Settings(engine="auto"), key_of=session.services.sign_in.secret)
    assert engine.label == "127.0.0.1:9"
    assert not corp.sent


async def test_a_service_gets_its_key_in_the_header_of_its_own(
    corp: Service, session: Session, folder: Path
) -> None:
    keys.store("corp", Secret(KEY))
    connect(folder, corp.base_url, 'keys = ["CORP_KEY"]\nkey_header = "X-Api-Key"')
    assert await asked_koala(session) == "Yes."
    assert (corp.keys, corp.own_keys) == ([""], [KEY])


async def test_openai_itself_may_be_connected(
    corp: Service, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "services.toml").write_text('[default]\nprovider = "openai"\nmodel = "theirs"\n')
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", corp.base_url)
    assert await asked_koala(session) == "Yes."
    assert corp.keys == [f"Bearer {KEY}"]
