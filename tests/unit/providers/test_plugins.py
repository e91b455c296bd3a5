"""Providers of others: ten lines in a notebook, and installed packages."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import g4f_magic
from g4f_magic import Chat, providers
from g4f_magic.chunks import Citations, Finish, Named, Reasoning, Served, Text
from g4f_magic.errors import InputError, ServiceError
from g4f_magic.messages import Citation
from g4f_magic.providers import plugins
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult
from g4f_magic.secret import Secret
from g4f_magic.settings import Settings

INSTALLED = plugins.installed.__wrapped__
"""What looks for them, each time anew."""


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing registered or installed but what the test itself brings."""
    monkeypatch.setattr(plugins, "registered", {})
    monkeypatch.setattr(plugins, "_loaded", {})
    monkeypatch.setattr(plugins, "installed", dict)


def chat(provider: str, **options: Any) -> Chat:
    return Chat(provider, settings=Settings(history="off"), **options)


async def test_ten_lines_make_a_provider() -> None:
    @g4f_magic.provider
    async def parrot(messages: list[dict[str, Any]]) -> AsyncIterator[str]:
        yield messages[-1]["content"]
        yield "!"

    assert await chat("parrot").ask("Polly") == "Polly!"
    assert "parrot" in providers.names()


async def test_it_can_have_another_name() -> None:
    @g4f_magic.provider("Grey-Parrot")
    async def _(messages: list[dict[str, Any]]) -> AsyncIterator[str]:
        yield "squawk"

    reply = await chat("grey-parrot").ask("Polly")
    assert (reply, reply.provider) == ("squawk", "Grey-Parrot")


async def test_running_the_cell_again_replaces_it() -> None:
    for word in ("one", "two"):

        @g4f_magic.provider
        async def parrot(messages: Any, word: str = word) -> AsyncIterator[str]:
            yield word

    assert await chat("parrot").ask("Polly") == "two"


async def test_a_function_is_given_what_it_names() -> None:
    seen: dict[str, Any] = {}

    @g4f_magic.provider
    async def parrot(
        messages: Any, model: str, temperature: float = 0.0, api_key: Any = None
    ) -> AsyncIterator[str]:
        seen.update(model=model, temperature=temperature, api_key=api_key)
        yield "x"

    parrot.key_variables = ("PARROT_KEY",)  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARROT_KEY", "opensesame")
        await chat("parrot", model="grey", temperature=0.5).ask("Polly")
    assert (seen["model"], seen["temperature"]) == ("grey", 0.5)
    assert seen["api_key"] == Secret("opensesame")
    assert "opensesame" not in repr(seen)


async def test_a_parameter_that_it_does_not_take_is_refused() -> None:
    @g4f_magic.provider
    async def parrot(messages: Any, temperature: float = 0.0) -> AsyncIterator[str]:
        yield "x"

    with pytest.raises(InputError, match="takes no parameter called 'top_p'"):
        await chat("parrot", params={"top_p": 1}).ask("Polly")
    with pytest.raises(InputError, match="no choice of models"):
        await chat("parrot", model="m").ask("Polly")


async def test_it_may_yield_chunks() -> None:
    @g4f_magic.provider
    async def parrot(messages: Any) -> AsyncIterator[Any]:
        yield Reasoning("A parrot speaks.")
        yield Text("Hello")
        yield Finish("stop")

    turn = (await chat("parrot").ask("Polly")).turn
    assert (turn.reply, turn.reasoning, turn.finish) == ("Hello", "A parrot speaks.", "stop")


async def test_halves_of_surrogate_pairs_leave_it_nowhere() -> None:
    @g4f_magic.provider
    async def parrot(messages: Any) -> AsyncGenerator[Any]:
        yield Named("m\ud800")
        yield "a\ud83e"
        yield "\udd8ab\ud800"
        yield Citations((Citation("https://a.example", "\udfff"),))
        yield Finish("st\ud800")

    async with chat("parrot") as asked:
        reply = await asked.ask("Hello")
    assert reply == "a🦊b\ufffd"
    assert reply.turn.answering_model == "m\ufffd"
    assert reply.turn.citations == (Citation("https://a.example", "\ufffd"),)
    assert reply.turn.finish == "st\ufffd"


async def test_a_class_in_gpt4frees_form_is_one() -> None:
    @g4f_magic.provider
    class Macaw:
        default_model = "red"
        models = ("red", "blue")
        working = True

        @classmethod
        async def create_async_generator(
            cls, model: str, messages: Any, **kwargs: Any
        ) -> AsyncGenerator[str]:
            yield f"{model} {kwargs.get('temperature')}"

    assert await chat("macaw", temperature=1.0).ask("Hi") == "red 1.0"
    with pytest.raises(InputError, match="green"):
        await chat("macaw", model="green").ask("Hi")


async def test_a_class_of_ours_stays_as_it_is() -> None:
    class Mine(AsyncGeneratorProvider):
        @classmethod
        def create_async_generator(cls, model: str, messages: Any, **kwargs: Any) -> AsyncResult:
            raise NotImplementedError

    g4f_magic.provider(Mine)
    assert providers.get("mine") is Mine


async def test_an_error_in_it_is_named_with_its_place() -> None:
    @g4f_magic.provider
    async def parrot(messages: Any) -> AsyncIterator[str]:
        yield "Half a "
        raise KeyError("beak")

    one = chat("parrot")
    with pytest.raises(ServiceError, match="parrot: KeyError: 'beak'") as caught:
        await one.ask("Polly")
    assert "in parrot, line" in caught.value.hint
    assert (one.turns[0].status, one.turns[0].reply) == ("broken", "Half a ")


async def test_what_is_no_text_is_named() -> None:
    @g4f_magic.provider
    async def parrot(messages: Any) -> AsyncIterator[Any]:
        yield 5

    with pytest.raises(ServiceError, match="yielded a int"):
        await chat("parrot").ask("Polly")


async def test_leaving_early_closes_it() -> None:
    closed = []

    @g4f_magic.provider
    async def parrot(messages: Any) -> AsyncIterator[str]:
        try:
            while True:
                yield "more "
        finally:
            closed.append(True)

    stream = chat("parrot").stream("Polly")
    async for _ in stream:
        break
    await stream.aclose()
    assert closed == [True]


@pytest.mark.parametrize("name", ["koala", "OpenAI", "groq", "g4f", "a,b", "a:b", "a b", "", "--x"])
def test_a_name_that_is_taken_or_none_is_refused(name: str) -> None:
    async def target(messages: Any) -> AsyncIterator[str]:
        yield ""

    with pytest.raises(InputError):
        plugins.register(name, target)


@pytest.mark.parametrize("target", [5, lambda: None, dict])
def test_what_can_be_no_provider_is_refused(target: Any) -> None:
    with pytest.raises(InputError, match="can be no provider"):
        plugins.register("thing", target)


async def duck(messages: Any) -> AsyncIterator[str]:
    yield "quack"


broken = 5


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, plugins.GROUP)


@pytest.fixture
def some_are_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        point("duck", f"{__name__}:duck"),
        point("gone", "no_such_module_anywhere:Provider"),
        point("wrong", f"{__name__}:broken"),
        point("koala", f"{__name__}:duck"),
    ]
    monkeypatch.setattr(plugins, "installed", lambda: {one.name: one for one in found})


@pytest.mark.usefixtures("some_are_broken")
async def test_a_plugin_works_beside_broken_ones() -> None:
    assert await chat("duck").ask("Hi") == "quack"
    assert "darkai" in providers.names()


@pytest.mark.usefixtures("some_are_broken")
def test_a_broken_plugin_is_named() -> None:
    problems = providers.problems()
    assert set(problems) == {"gone", "wrong", "koala"}
    assert "ModuleNotFoundError" in str(problems["gone"])
    with pytest.raises(InputError, match="no_such_module_anywhere"):
        providers.get("gone")


@pytest.mark.usefixtures("some_are_broken")
def test_a_plugin_does_not_take_a_built_in_name() -> None:
    assert providers.get("koala").__name__ == "Koala"


def package(folder: Path, name: str, version: str, entries: str) -> None:
    """Lay down what an installer leaves of a package."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(entries)


def test_the_plugins_of_installed_packages_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group = f"[{plugins.GROUP}]"
    package(
        tmp_path / "user", "pond", "2", f"[console_scripts]\nswim = pond:swim\n\n{group}\nduck = pond:Duck\n"
    )
    package(tmp_path / "system", "pond", "1", f"{group}\nduck = old_pond:Duck\ngoose = old_pond:Goose\n")
    package(tmp_path / "system", "farm", "1", f"{group}\nhen = farm:Hen\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "user"), str(tmp_path / "system"), *sys.path])
    found = {name: one.value for name, one in INSTALLED().items()}
    assert found == {"duck": "pond:Duck", "hen": "farm:Hen"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe holds up who reads it")
def test_the_folder_of_the_notebook_offers_no_plug_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, make in (
        ("one", lambda file: file.write_text(f"[{plugins.GROUP}]\nopenai = planted:X\n")),
        ("two", os.mkfifo),
    ):
        folder = tmp_path / f"{name}-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        make(folder / "entry_points.txt")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", ".", *sys.path])
    assert "openai" not in INSTALLED()


async def test_who_found_a_small_model_has_that_said_under_its_first_reply_alone() -> None:
    @g4f_magic.provider
    async def finder(messages: list[dict[str, Any]]) -> AsyncIterator[Any]:
        yield Served("finder", "found-3b", caution="a tiny model: expect mistakes")
        yield Text("Hello")

    asker = chat("finder")
    ways = [(await asker.ask(prompt)).turn.via for prompt in ("One", "Two")]
    assert [way.count("expect mistakes") for way in ways] == [1, 0]
