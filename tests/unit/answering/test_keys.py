"""Where keys come from, and that they never show."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from g4f_magic import Chat, grammar
from g4f_magic.answering import env_file, keys
from g4f_magic.errors import InputError
from g4f_magic.secret import Address, Secret, redact
from g4f_magic.settings import Settings
from tests.keyrings import keyring_in

KEY = "gsk_0123456789abcdefghij"


@pytest.fixture(autouse=True)
def _nothing_asked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_asked", {})


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[KeyringBackend]:
    """A real keyring, in a file."""
    with keyring_in(tmp_path) as ours:
        yield ours


@pytest.fixture
def no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("backend")
def test_a_stored_key_is_found_again_and_can_be_taken_out() -> None:
    keys.store("groq", Secret(f" {KEY}\n"))
    found = keys.find("groq")
    assert found is not None
    assert (found.secret.reveal(), found.place) == (KEY, "keyring")
    assert keys.delete("groq")
    assert keys.find("groq") is None
    assert not keys.delete("groq")


async def test_a_keyring_is_asked_once_a_minute_and_again_after_a_key_was_stored(
    backend: KeyringBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(keys, "time", SimpleNamespace(monotonic=lambda: now))
    assert await keys.look_up("groq") is None
    backend.set_password(keys.KEYRING_SERVICE, "groq", KEY)
    assert await keys.look_up("groq") is None
    now += 60
    found = await keys.look_up("groq")
    assert found is not None
    assert found.secret.reveal() == KEY
    keys.store("groq", Secret("gsk_another-key-altogether"))
    found = await keys.look_up("groq")
    assert found is not None
    assert found.secret.reveal() == "gsk_another-key-altogether"


@pytest.mark.usefixtures("backend")
def test_the_environment_comes_before_the_keyring_and_the_keyring_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("GROQ_API_KEY=from-file\n")
    places = []
    for prepare in (
        lambda: None,
        lambda: keys.store("groq", Secret("from-keyring")),
        lambda: monkeypatch.setenv("GROQ_API_KEY", "from-environment"),
    ):
        prepare()
        found = keys.find("groq", ("GROQ_API_KEY",), tmp_path)
        assert found is not None
        places.append(found.secret.reveal())
    assert places == ["from-file", "from-keyring", "from-environment"]


@pytest.mark.usefixtures("no_keyring")
def test_a_keyring_that_is_not_there_is_passed_over_when_a_key_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GROQ_API_KEY=from-file\n")
    found = keys.find("groq", ("GROQ_API_KEY",), tmp_path)
    assert found is not None
    assert found.place == "GROQ_API_KEY in .env"


@pytest.mark.usefixtures("no_keyring")
def test_a_keyring_that_is_not_there_is_said_when_a_key_is_stored() -> None:
    with pytest.raises(InputError) as caught:
        keys.store("groq", Secret(KEY))
    assert KEY not in f"{caught.value} {caught.value.hint}"
    assert ".env" in caught.value.hint


@pytest.mark.parametrize("value", ["", "  ", "two\nlines", "nul\0"])
@pytest.mark.usefixtures("backend")
def test_what_cannot_be_a_key_is_not_stored(value: str) -> None:
    with pytest.raises(InputError, match="not a key"):
        keys.store("groq", Secret(value))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("export A=plain", "plain"),
        ("  A = spaced out  # a comment", "spaced out"),
        ("A='single # quoted'", "single # quoted"),
        ('A="double \\"quoted\\""', 'double "quoted"'),
        ("A=has=equals==", "has=equals=="),
        ("\ufeffA=after a byte order mark", "after a byte order mark"),
        ("A=$HOME", "$HOME"),
    ],
)
def test_a_line_of_an_env_file_is_read_as_people_write_it(tmp_path: Path, line: str, value: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{line}\r\n# A=comment\nB=\nnonsense\n", encoding="utf-8")
    assert {name: secret.reveal() for name, secret in env_file.read(file).items()} == {"A": value}


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="'"), min_size=1)
)
def test_any_value_in_single_quotes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    file = tmp_path_factory.mktemp("env") / ".env"
    file.write_text(f"A='{value}'\n", encoding="utf-8")
    stripped = value.strip()
    assert env_file.read(file) == ({"A": Secret(stripped)} if stripped else {})


def test_no_env_file_is_no_error(tmp_path: Path) -> None:
    assert env_file.read(tmp_path / ".env") == {}
    assert env_file.read(tmp_path) == {}


def test_a_key_shows_nowhere() -> None:
    key = keys.FoundKey(Secret(KEY), "keyring")
    assert KEY not in f"{key} {key!r} {key.secret}"


@pytest.mark.parametrize(
    "line",
    [
        f"--param api_key={KEY}",
        f"--param API-KEY={KEY}",
        f"--param authorization={KEY}",
        f"--param token={KEY}",
        f"--api-key={KEY}",
        f"--api_key {KEY}",
        f"--token {KEY}",
        f"--base-url https://me:{KEY}@host/v1",
        f"--base-url https://{KEY}@host/v1",
        f"--proxy http://me:{KEY}@host:3128",
        f"--proxy socks5://me:{KEY}@host:1080",
    ],
)
def test_a_key_on_the_line_is_refused_and_not_repeated(line: str) -> None:
    with pytest.raises(InputError) as caught:
        grammar.ChatLine(line)
    shown = f"{caught.value} {caught.value.hint}"
    assert KEY not in shown
    assert "must not stand in the notebook" in shown


@pytest.mark.parametrize("line", [f"{KEY}", f"--nonsense={KEY}", f"--key-of-mine={KEY}"])
def test_what_looks_like_a_key_is_not_repeated(line: str) -> None:
    with pytest.raises(InputError) as caught:
        grammar.ChatLine(line)
    assert KEY not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("name", ["max_tokens", "top_p", "keyword", "stop"])
def test_a_parameter_that_only_sounds_alike_is_taken(name: str) -> None:
    assert grammar.ChatLine(f"--param {name}=5").options.parameters == {name: 5}


@pytest.mark.parametrize(
    "text",
    [
        "wrong key sk-proj-0123456789abcdefghij given",
        "wrong key AIzaSyA0123456789012345678901234567890 given",
        f"wrong key {KEY} given",
    ],
)
def test_what_has_the_form_of_a_key_is_taken_out_of_an_echo(text: str) -> None:
    assert redact(text, ()) == "wrong key *** given"


async def test_a_key_among_the_parameters_is_refused_in_code_too() -> None:
    async with Chat("openai", params={"api_key": KEY}, settings=Settings(history="off")) as chat:
        with pytest.raises(InputError) as caught:
            await chat.ask("Hello")
    assert KEY not in f"{caught.value} {caught.value.hint}"


def test_a_proxys_password_does_not_show_among_the_settings() -> None:
    settings = Settings(
        proxy="http://anna:open-sesame@127.0.0.1:9", base_url="https://anna:open-sesame@host/v1"
    )
    shown = "".join(
        settings.class_get_trait_help(trait, settings) for trait in settings.traits(config=True).values()
    )
    assert "sesame" not in shown + repr(settings.proxy) + repr(settings.base_url)
    assert settings.proxy == "http://***@127.0.0.1:9"
    assert Address(settings.proxy).reveal() == "http://anna:open-sesame@127.0.0.1:9"


def test_the_mode_of_the_models_file_lets_only_its_owner_read(tmp_path: Path) -> None:
    from g4f_magic.providers.model_cache import ModelCache

    file = tmp_path / "cache" / "models.json"
    ModelCache(file).keep("https://host/v1", ["one"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
