"""Services that are data: what each becomes, and what a person's own file may hold."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from g4f_magic import providers, settings
from g4f_magic.errors import InputError
from g4f_magic.providers import presets
from g4f_magic.providers.model_cache import DAY_SECONDS, ModelCache
from g4f_magic.providers.openai import OpenAI

ASKED_FOR = {
    "openai",
    "openrouter",
    "groq",
    "mistral",
    "deepseek",
    "together",
    "gemini",
    "anthropic",
    "pollinations",
    "ollama",
    "lmstudio",
    "llamacpp",
    "vllm",
    "litellm",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's data folder, empty."""
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    return tmp_path


def test_each_service_people_use_has_a_name() -> None:
    assert set(providers.names()) >= ASKED_FOR


@pytest.mark.parametrize("name", sorted(presets.built_in()))
def test_a_preset_is_complete(name: str) -> None:
    preset = presets.built_in()[name]
    address = urlsplit(preset.base_url)
    assert preset.title
    assert preset.notes
    assert not preset.base_url.endswith(("/", "/chat/completions"))
    if preset.local:
        assert address.hostname == "127.0.0.1"
        assert preset.is_here
        assert preset.advice
    else:
        assert address.scheme == "https"
        assert not preset.is_here
        assert preset.keys
        assert preset.model


def test_no_two_local_services_are_looked_for_at_one_port() -> None:
    ports = [urlsplit(preset.base_url).port for preset in presets.built_in().values() if preset.local]
    assert len(set(ports)) == len(ports)


@pytest.mark.parametrize("name", sorted(presets.built_in()))
def test_a_preset_is_a_provider_of_the_one_class(name: str) -> None:
    provider = providers.get(name.upper())
    assert issubclass(provider, OpenAI)
    assert provider.url == presets.built_in()[name].base_url
    assert provider.is_at_home()
    assert not provider.at("https://elsewhere.example/v1").is_at_home()


def test_a_key_belongs_to_its_own_host_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "groqs-own")
    groq = providers.get("groq")
    assert issubclass(groq, OpenAI)
    assert groq.key_for(None).reveal() == "groqs-own"
    assert not groq.at("https://elsewhere.example/v1").key_for(None)
    assert not groq.at("http://api.groq.com/openai/v1").key_for(None)


def test_pointing_the_class_elsewhere_by_hand_takes_no_key_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "openais-own")
    monkeypatch.setattr(OpenAI, "url", "https://elsewhere.example/v1")
    assert not OpenAI.key_for(None)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://host.example/v1/chat/completions", "https://host.example/v1"),
        ("https://host.example/v1/", "https://host.example/v1"),
        ("https://host.example/v1", "https://host.example/v1"),
    ],
)
def test_what_is_too_much_of_a_base_url_is_taken_off(given: str, url: str) -> None:
    assert OpenAI.at(given).url == url


def test_a_person_adds_a_service_of_their_own(folder: Path) -> None:
    (folder / "services.toml").write_text(
        '[Corp]\nbase_url = "https://llm.corp.example/v1"\nkeys = ["CORP_KEY"]\nmodel = "house"\n'
    )
    corp = providers.get("corp")
    assert "corp" in providers.names()
    assert (corp.url, corp.key_variables) == ("https://llm.corp.example/v1", ("CORP_KEY",))


def test_only_this_machine_is_looked_at_unasked(folder: Path) -> None:
    (folder / "services.toml").write_text(
        '[near]\nbase_url = "http://localhost:9/v1"\nlocal = true\n'
        '[far]\nbase_url = "http://10.0.0.5:9/v1"\nlocal = true\n'
    )
    near, far = (providers.get(name) for name in ("near", "far"))
    assert issubclass(near, OpenAI)
    assert issubclass(far, OpenAI)
    assert (near.runs_here, far.runs_here) == (True, False)


def test_a_persons_own_takes_the_place_of_ours(folder: Path) -> None:
    (folder / "services.toml").write_text('[ollama]\nbase_url = "http://127.0.0.1:9999/v1"\nlocal = true\n')
    assert providers.get("ollama").url == "http://127.0.0.1:9999/v1"


@pytest.mark.parametrize(
    "text",
    [
        "[corp",
        "[corp]\n",
        '[corp]\nbase_url = "nonsense"',
        '[corp]\nbase_url = "https://me:open-sesame@corp.example/v1"',
        '[corp]\nbase_url = "https://corp.example/v1"\nmodell = "typo"',
        "corp = 5",
    ],
)
def test_a_broken_file_is_named_and_the_others_work(folder: Path, text: str) -> None:
    (folder / "services.toml").write_text(text)
    assert "groq" in providers.names()
    problem = providers.problems()["services.toml"]
    assert "open-sesame" not in f"{problem} {problem.hint}"
    with pytest.raises(InputError):
        providers.get("corp")


@pytest.mark.parametrize("name", ["local", "Local", "koala", "openai", "guide", "auto"])
def test_a_service_of_a_name_that_is_built_in_is_said_to_be_passed_over(folder: Path, name: str) -> None:
    (folder / "services.toml").write_text(
        f'[{name}]\nbase_url = "https://corp.example/v1"\n[other]\nbase_url = "https://other.example/v1"\n'
    )
    (what, problem), *others = providers.problems().items()
    assert not others
    assert what == f"[{name.lower()}] in services.toml"
    assert problem.hint == f"Give it another name there: [my-{name.lower()}]."
    assert name.lower() not in providers.known_presets()
    assert providers.get("other").url == "https://other.example/v1"


def test_a_service_may_be_called_default(folder: Path) -> None:
    (folder / "services.toml").write_text('[default]\nbase_url = "https://corp.example/v1"')
    assert not providers.problems()


def test_a_file_that_was_mended_is_read_again(folder: Path) -> None:
    file = folder / "services.toml"
    file.write_text("[corp")
    assert providers.problems()
    file.write_text('[corp]\nbase_url = "https://corp.example/v1"')
    os.utime(file, (1, 1))
    assert not providers.problems()
    assert providers.get("corp").url == "https://corp.example/v1"


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("openai:gpt-4o-mini", ("openai", "gpt-4o-mini")),
        ("ollama:llama3.2:1b", ("ollama", "llama3.2:1b")),
        ("groq", ("groq", "")),
        ("g4f:Custom", ("g4f:Custom", "")),
        ("g4f:Custom:one", ("g4f:Custom", "one")),
        ("G4F:Custom", ("g4f:Custom", "")),
    ],
)
def test_a_model_may_follow_the_providers_name(spec: str, parts: tuple[str, str]) -> None:
    assert providers.split(spec) == parts


class Asked(OpenAI):
    """Counts how often it is asked for its models."""

    name = "asked"
    url = "https://asked.example/v1"
    times = 0

    @classmethod
    async def list_models(cls, *args: object, **kwargs: object) -> list[str]:
        cls.times += 1
        return [f"model-{cls.times}"]


async def test_models_are_asked_for_once_a_day(tmp_path: Path) -> None:
    Asked.times, now = 0, [1000.0]
    model_cache = ModelCache(tmp_path / "models.json", clock=lambda: now[0])
    assert await model_cache.models(Asked) == ["model-1"]
    now[0] += DAY_SECONDS - 1
    assert await ModelCache(tmp_path / "models.json", clock=lambda: now[0]).models(Asked) == ["model-1"]
    now[0] += 2
    assert await model_cache.models(Asked) == ["model-2"]
    assert await model_cache.models(Asked, is_fresh=True) == ["model-3"]
    assert model_cache.known(Asked.url) == ["model-3"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"u": 5}', '{"u": {"at": "x", "models": []}}'])
async def test_a_file_of_models_that_is_broken_is_no_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "models.json"
    file.write_text(text)
    assert ModelCache(file).known("u") == []


async def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    model_cache = ModelCache(tmp_path / "file" / "models.json")
    model_cache.keep("u", ["one"])
    assert model_cache.known("u") == ["one"]
