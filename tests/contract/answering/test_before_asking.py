"""`%%chat --dry-run` and `%chat context`: who would be asked is named, and nobody is sent anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from g4f_magic import settings
from g4f_magic.commands import run
from g4f_magic.commands.sending import show_question
from g4f_magic.options import Options
from g4f_magic.providers import nearby
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.completions import completions

NO_MODEL = "To the offline guide (no model is connected) would go 1 message"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    async def nobody() -> str:
        return ""

    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(nearby, "running", nobody)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return tmp_path


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    session = Session(Settings(provider="auto", engine="auto", history="off"))
    yield session
    await session.aclose()


async def dry_run(session: Session, options: Options | None = None) -> None:
    options = options or Options()
    ask, _ = session.filled("Hello", options)
    await show_question(session, ask, options, "")


def connect(folder: Path, url: str) -> None:
    (folder / "services.toml").write_text(
        f'[default]\nprovider = "corp"\nmodel = "m-1"\n[corp]\nbase_url = "{url}"\n'
    )


async def test_who_is_connected_is_named_and_is_sent_nothing(
    session: Session, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with completions() as server:
        connect(folder, server.url)
        await run("context", session)
        assert "and its own prompt, to corp · m-1 (you connected it)." in capsys.readouterr().out
        await dry_run(session)
        assert "To corp · m-1 (you connected it) would go 1 message" in capsys.readouterr().out
        assert not server.raw


async def test_the_guide_is_named_where_no_model_is_connected(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    await dry_run(session)
    assert NO_MODEL in capsys.readouterr().out
    await run("context", session)
    assert "to the offline guide (no model is connected)." in capsys.readouterr().out


async def test_a_model_is_not_sent_what_the_guide_said_before_it_was_connected(
    session: Session, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await (await session.ask("Hello", Options())).text()
    async with completions() as server:
        connect(folder, server.url)
        await run("context", session)
        shown = capsys.readouterr().out
        assert "The next cell sends 0 messages" in shown
        assert "1 turn of the offline guide: not sent to a model." in shown
        assert not server.raw


async def test_the_context_looks_for_nobody(
    session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def looked() -> str:
        raise AssertionError("nobody is looked for")

    monkeypatch.setattr(nearby, "running", looked)
    await run("context", session)
    assert "prompt, to a model that is found on this machine, if there is one." in capsys.readouterr().out


async def test_a_host_is_named_without_the_password_in_its_address(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    await dry_run(session, Options(base_url="http://ada:sesame@127.0.0.1:9/v1"))
    shown = capsys.readouterr().out
    assert "To openai at 127.0.0.1:9 would go 1 message" in shown
    assert "sesame" not in shown


async def test_while_the_recording_plays_nobody_is_looked_for(
    session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def looked() -> str:
        raise AssertionError("nobody is looked for")

    monkeypatch.setattr(nearby, "running", looked)
    session.settings.mode = "replay"
    await dry_run(session)
    assert "A reply would be looked for in the recording by 1 message" in capsys.readouterr().out
    await run("context", session)
    assert "and its own prompt." in capsys.readouterr().out


async def test_what_answers_behind_the_gateway_is_named(
    session: Session, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with completions() as server:
        connect(folder, server.url)
        place = server.url.removeprefix("http://").removesuffix("/v1")
        await dry_run(session, Options(provider="koala"))
        named = f"To koala, answered in the local gateway by m-1 at {place} would go 1 message"
        assert named in capsys.readouterr().out
        await dry_run(session, Options(provider="koala", model="gpt-4"))
        assert named in capsys.readouterr().out
        await dry_run(session, Options(provider="corp,koala"))
        told = f"To corp,koala (in the local gateway koala by m-1 at {place}) would go 1 message"
        assert told in capsys.readouterr().out
        assert not server.raw


async def test_the_guide_behind_the_gateway_is_named(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    await dry_run(session, Options(provider="koala"))
    named = "To koala, answered in the local gateway by the offline guide (no model is connected)"
    assert named in capsys.readouterr().out


async def test_the_engine_that_is_set_is_named_where_nobody_else_answers(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    session.settings.engine = "script"
    await run("", session)
    shown = capsys.readouterr().out
    assert "The local gateway answers, with its engine `script` (ChatMagics.engine says so)." in shown
    assert "openai" not in shown
    await dry_run(session)
    shown = capsys.readouterr().out
    assert "To what answers in the local gateway: script" in shown
    await run("providers", session)
    assert "in use" not in capsys.readouterr().out
