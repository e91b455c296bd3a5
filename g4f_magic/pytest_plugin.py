"""The fixture `chat_cassette`, for those who test code that uses `g4f_magic.Chat`. Imports nothing heavy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--chat-record`."""
    parser.getgroup("g4f_magic").addoption(
        "--chat-record",
        action="store_true",
        help="ask the services and record their replies in the cassettes of the tests that use chat_cassette",
    )


@pytest.fixture
def chat_cassette(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Answer every `Chat` of the test from its cassette, `cassettes/MODULE/TEST.chat.jsonl` beside the module.

    A request that it does not hold fails the test. With `--chat-record` the services are asked and the
    cassette is written anew; what a passed test no longer asks for is taken out of it.
    """
    from g4f_magic import disk
    from g4f_magic.answering.recording import cassette_at
    from g4f_magic.settings import FORCED_CASSETTE, FORCED_MODE

    module = Path(request.path)
    path = module.parent / "cassettes" / module.stem / f"{_name(request.node.nodeid)}.chat.jsonl"
    is_recording = bool(request.config.getoption("--chat-record"))
    disk.inside(path, module.parent)  # no link may lead out of the folder of the tests
    if is_recording:
        disk.make_folder(path.parent, within=module.parent, mode=0o777)
    # Not settings, which are read once: a `Chat` that the module made when it was imported is answered, too.
    monkeypatch.setenv(FORCED_MODE, "record" if is_recording else "replay")
    monkeypatch.setenv(FORCED_CASSETTE, str(path.absolute()))
    monkeypatch.setenv("G4F_MAGIC_HISTORY", "off")
    cassette = cassette_at(path, within=module.parent)
    cassette.how_to_record = "To record it: run this test with pytest --chat-record."
    cassette.begin_run()
    failed_before = request.session.testsfailed
    yield path
    if is_recording and request.session.testsfailed == failed_before and path.exists():
        cassette.remove(cassette.index.loose(cassette.unused()))


def _name(node: str) -> str:
    """Return the file name of a test: its own and its classes', and something of its own where signs were left out."""
    whole = "-".join(node.split("::")[1:])
    name = re.sub(r"[^\w.-]+", "-", whole).strip("-")
    return name if name == whole else f"{name}-{sha256(whole.encode()).hexdigest()[:8]}"
