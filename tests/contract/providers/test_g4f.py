"""gpt4free's own `Custom` provider, against the gateway on loopback. Runs where gpt4free is installed."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("g4f", reason="gpt4free is not installed: pip install 'g4f-magic[g4f]'")

from g4f.providers.response import (
    FinishReason,
    ImageResponse,
    JsonConversation,
    Reasoning,
    Sources,
    TitleGeneration,
    Usage,
    YouTubeResponse,
)

from g4f_magic import Chat, providers
from g4f_magic.chunks import Finish, Text
from g4f_magic.chunks import Reasoning as OurReasoning
from g4f_magic.errors import InputError, MissingAuthError, RateLimitError, ResponseStatusError
from g4f_magic.gateway import Gateway
from g4f_magic.messages import Usage as OurUsage
from g4f_magic.providers import g4f
from g4f_magic.settings import Settings
from g4f_magic.testing.script import SCRIPT_TEXT, ScriptEngine

pytestmark = pytest.mark.filterwarnings("default")  # what gpt4free itself warns of is not ours


def chat(gateway: Gateway, **options: Any) -> Chat:
    settings = Settings(history="off")
    return Chat("g4f:Custom", base_url=gateway.openai_base_url, model="m", settings=settings, **options)


async def test_a_reply_comes_through_gpt4free() -> None:
    async with Gateway(ScriptEngine()) as gateway, chat(gateway) as one:
        reply = await one.ask("Hello")
        assert reply == SCRIPT_TEXT
        assert gateway.requests[-1].chat.model == "m"
    assert (reply.provider, reply.turn.finish) == ("g4f:Custom", "stop")
    assert reply.turn.usage is not None


async def test_what_a_model_thinks_comes_through() -> None:
    async with Gateway(ScriptEngine()) as gateway, chat(gateway) as one:
        turn = (await one.ask("!reasoning")).turn
    assert turn.reply == SCRIPT_TEXT
    assert "think" in turn.reasoning


async def test_the_conversation_is_sent_along() -> None:
    async with Gateway(ScriptEngine()) as gateway, chat(gateway) as one:
        await one.ask("First")
        await one.ask("Second")
        said = [message.content for message in gateway.requests[-1].chat.messages]
    assert said == ["First", SCRIPT_TEXT, "Second"]


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [("401", MissingAuthError), ("429", RateLimitError), ("500", ResponseStatusError)],
)
async def test_its_errors_become_ours(behaviour: str, error: type[Exception]) -> None:
    async with Gateway(ScriptEngine()) as gateway, chat(gateway) as one:
        with pytest.raises(error):
            await one.ask(f"!{behaviour}")


async def test_a_chain_moves_on_from_it() -> None:
    settings = Settings(history="off", base_url="")
    async with Gateway(ScriptEngine(behaviour="500")) as gateway:
        g4f_custom = providers.get("g4f:Custom").at(gateway.openai_base_url)
        result = g4f_custom.create_async_generator("m", [{"role": "user", "content": "x"}])
        with pytest.raises(ResponseStatusError):
            async for _ in result:
                pass
    async with Chat("g4f:NoSuch,koala", settings=settings) as one:
        with pytest.raises(InputError):
            await one.ask("Hello")


def test_its_names_are_known_without_the_network() -> None:
    assert {"Custom", "Pollinations"} <= set(g4f.names())
    assert providers.canonical("G4F:custom") == "g4f:custom"
    assert providers.get("g4f:custom").__name__ == "Custom"


def test_a_name_that_it_has_not_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        providers.get("g4f:Polinations")
    assert "g4f:Pollinations" in caught.value.hint


@pytest.mark.parametrize(
    ("item", "chunks"),
    [
        ("text", [Text("text")]),
        ("", []),
        (Reasoning("Hm"), [OurReasoning("Hm")]),
        (Reasoning(status="Searching"), []),
        (Usage(promptTokens=3, completionTokens=2), [OurUsage(3, 2)]),
        (FinishReason("length"), [Finish("length")]),
        (JsonConversation(number=5), []),
        (TitleGeneration("A title"), []),
        (YouTubeResponse(["x"]), []),
        (Sources([{"url": "https://a.example/x", "title": "A [title]"}]), []),
        (
            ImageResponse(["https://a.example/i.png"], "a fox"),
            [Text("\n\n- [a fox](https://a.example/i.png)\n")],
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_of_item_is_what_it_means(item: Any, chunks: list[Any]) -> None:
    assert list(g4f.chunks_of(item)) == chunks


class Citing:
    """A service in gpt4free's form that thinks aloud and cites."""

    label = "Citing"

    @classmethod
    async def create_async_generator(cls, model: str, messages: Any, **kwargs: Any) -> Any:
        for text in ("<thi", "nk>Hm</thi", "nk>\n", "Yes [1]"):
            yield text
        yield Sources([{"url": "https://a.example/x", "title": "A [title]"}, {"url": "javascript:alert(1)"}])
        yield FinishReason("length")


async def test_what_it_thinks_and_cites_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(g4f.provider("Custom"), "_theirs", classmethod(lambda cls: Citing))
    async with Chat("g4f:Custom", model="m", settings=Settings(history="off")) as one:
        turn = (await one.ask("Hello")).turn
    assert (turn.reply, turn.reasoning, turn.finish) == ("Yes [1]", "Hm", "length")
    assert [tuple(one) for one in turn.citations] == [("https://a.example/x", "A [title]")]


class Remembering:
    """A service in gpt4free's form that goes on with what it gave before."""

    label = "Remembering"

    @classmethod
    async def create_async_generator(
        cls, model: str, messages: Any, conversation: Any = None, **kwargs: Any
    ) -> Any:
        yield JsonConversation(number=1 if conversation is None else conversation.number + 1)
        yield f"number {1 if conversation is None else conversation.number + 1}"


async def test_a_services_own_conversation_goes_on_and_forks_with_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(g4f.G4F, "_theirs", classmethod(lambda cls: Remembering))
    async with Chat("g4f:Custom", settings=Settings(history="off")) as one:
        assert await one.ask("Hello") == "number 1"
        assert await one.ask("And?") == "number 2"
        assert await one.ask("And?") == "number 3"
        one.undo()
        assert await one.ask("Then?") == "number 3"
    async with Chat("g4f:Custom", settings=Settings(history="off")) as other:
        assert await other.ask("Hello") == "number 1"
