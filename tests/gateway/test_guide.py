"""The offline guide: what it answers, and that what it says is true of the package."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from g4f_magic import providers
from g4f_magic.chunks import Finish, Text
from g4f_magic.gateway import Ask, Gateway, GuideEngine
from g4f_magic.gateway.engines.guide import FOOTER, reply_to
from g4f_magic.gateway.engines.topics import all_topics, best_topics
from g4f_magic.grammar import option_help
from g4f_magic.messages import Message
from g4f_magic.settings import Settings
from tests.gateway.raw import ask

TOPICS = list(all_topics().values())


def asking(*said: str, system: str = "") -> Ask:
    """Return a conversation in which user and assistant speak in turn."""
    before = [Message("system", system)] if system else []
    roles = ["user", "assistant"]
    return Ask((*before, *(Message(roles[n % 2], text) for n, text in enumerate(said))))  # type: ignore[arg-type]


def kinds(markdown: str) -> set[str]:
    """Return what a text is made of: table_open, fence, bullet_list_open, ..."""
    return {token.type for token in MarkdownIt("js-default").parse(markdown)}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_each_topics_own_question_leads_to_it(topic: object) -> None:
    assert best_topics(topic.ask) == [topic]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Hi there!", "hello"),
        ("Привет", "hello"),
        ("What is this?", "overview"),
        ("who are you", "overview"),
        ("help", "overview"),
        ("connect a model", "connect"),
        ("How can I use Ollama with this?", "connect"),
        ("list the models", "models"),
        ("explain the gateway", "gateway"),
        ("What does --temperature do?", "chat-cell"),
        ("I get error 401", "errors"),
        ("interrupt", "stop"),
        ("socks5 proxy", "proxy"),
        ("is my data safe?", "privacy"),
        ("cookies for whiterabbitneo", "cookies"),
        ("%config", "settings"),
        ("show me some markdown", "showcase"),
    ],
)
def test_what_people_ask_finds_its_topic(prompt: str, name: str) -> None:
    assert best_topics(prompt)[0].name == name


@pytest.mark.parametrize(
    "prompt",
    [
        "Why is the sky blue?",
        "Write a haiku about the sea",
        "Write a Python function that sorts a list",
        "What is the capital of France?",
        "1+1",
        "Name three rivers, as a list",
    ],
)
def test_what_only_a_model_could_answer_is_said_so(prompt: str) -> None:
    reply = reply_to(asking(prompt))
    assert reply.startswith("### A question for a model")
    assert {"table_open", "fence", "bullet_list_open"} <= kinds(reply)


@given(st.lists(st.text(), max_size=5))
def test_every_prompt_gets_the_same_readable_reply_twice(said: list[str]) -> None:
    reply = reply_to(asking(*said))
    assert reply == reply_to(asking(*said))
    assert reply.count(FOOTER) == 1
    assert len(reply) > 200


@pytest.mark.parametrize("prompt", [topic.ask for topic in TOPICS])
def test_every_reply_says_what_it_is_in_one_line_and_how_to_connect_a_model(prompt: str) -> None:
    line = reply_to(asking(prompt)).rstrip().rpartition("\n")[2]
    assert "offline guide" in line
    assert all(way in line for way in ("Ollama", "OPENAI_BASE_URL", "%config ChatMagics.upstream"))


def test_the_topics_have_tables_lists_and_code() -> None:
    made_of = [kinds(topic.body) for topic in TOPICS]
    assert sum("table_open" in parts for parts in made_of) >= 15
    assert sum("fence" in parts for parts in made_of) >= 15
    assert sum(bool({"bullet_list_open", "ordered_list_open"} & parts) for parts in made_of) >= 10


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_leads_on_to_topics_that_exist(topic: object) -> None:
    assert set(topic.next) <= all_topics().keys()  # type: ignore[attr-defined]


def test_more_tells_what_was_not_told_yet() -> None:
    first = reply_to(asking("What is this?"))
    second = reply_to(asking("What is this?", first, "more"))
    third = reply_to(asking("What is this?", first, "more", second, "more"))
    headings = [reply.partition("\n")[0] for reply in (first, second, third)]
    assert len(set(headings)) == 3


def test_it_recalls_what_was_asked_before() -> None:
    reply = reply_to(asking("My name is *Anna*", "Hello", "What did I ask before?"))
    assert "1. “My name is \\*Anna\\*”" in reply


def test_it_says_that_nothing_came_before() -> None:
    assert "nothing came before it" in reply_to(asking("What did I ask before?"))


def test_it_says_that_it_cannot_follow_a_system_prompt() -> None:
    assert "Your system prompt arrived, too." in reply_to(asking("Hello", system="Be a pirate"))


async def test_it_streams_word_by_word() -> None:
    moves = [move async for move in GuideEngine(0).reply(asking("Hello"))]
    texts = [move.text for move in moves if isinstance(move, Text)]
    assert "".join(texts) == reply_to(asking("Hello"))
    assert max(len(text.split()) for text in texts) == 1
    assert moves[-1] == Finish("stop")


@pytest.mark.parametrize("dialect", ["aura", "whiterabbitneo"])
async def test_it_answers_through_the_gateway(dialect: str) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await ask(gateway, dialect, "Hello")
    assert reply.body.decode() == reply_to(asking("Hello"))


def test_it_names_every_option_of_the_chat_cell() -> None:
    body = all_topics()["chat-cell"].body
    known = {word for names, _ in option_help() for word in re.findall(r"--[a-z][a-z-]+", names)}
    told = set(re.findall(r"--[a-z][a-z-]+", body))
    assert told == known


def test_it_names_settings_that_exist_with_their_defaults() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", all_topics()["settings"].body, re.MULTILINE)
    traits = Settings.class_traits(config=True)
    assert {name for name, _ in rows} <= traits.keys()
    told = {name: default.strip("`") for name, default in rows if default.startswith("`")}
    assert told == {name: traits[name].default_value for name in told}


def test_every_setting_that_is_mentioned_exists() -> None:
    mentioned = {name for topic in TOPICS for name in re.findall(r"ChatMagics\.([a-z_]+)", topic.body)}
    assert mentioned <= Settings.class_traits(config=True).keys()


def test_it_names_the_providers_and_their_default_models() -> None:
    for topic in ("providers", "models"):
        named = re.findall(r"^\| `(\w+)` \| (\S+)", all_topics()[topic].body, re.MULTILINE)
        assert {name for name, _ in named} <= set(providers.names())
    assert set(re.findall(r"`(\w+)`", all_topics()["providers"].body)) >= set(providers.names())
    defaults = dict(re.findall(r"^\| `(\w+)` \| `(\S+)` \|", all_topics()["models"].body, re.MULTILINE))
    known = {name: getattr(providers.get(name), "default_model", "") for name in defaults}
    assert {name: model for name, model in defaults.items() if name != "aura"} == {
        name: model for name, model in known.items() if name != "aura"
    }


async def test_its_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code = re.findall(r"```python\n(.*?)```", all_topics()["python"].body, re.DOTALL)[0]
    indented = "".join(f"    {line}\n" for line in code.splitlines())
    names: dict[str, object] = {}
    exec(f"async def example():\n{indented}", names)
    await names["example"]()  # type: ignore[operator]
    assert "Hello! Your prompt went out over HTTP" in capsys.readouterr().out
