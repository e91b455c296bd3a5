"""The offline guide: what it answers, and that what it says is true of the package."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from g4f_magic import providers
from g4f_magic.chunks import Finish, Text
from g4f_magic.gateway import ChatRequest, Gateway, GuideEngine
from g4f_magic.guide import answer_to
from g4f_magic.guide.answers import FOOTER
from g4f_magic.guide.topics import all_topics, best_topics
from g4f_magic.messages import Message
from g4f_magic.option_table import OPTIONS
from g4f_magic.settings import Settings
from tests.gateway.raw import ask

TOPICS = list(all_topics().values())


def asking(*said: str, system: str = "") -> ChatRequest:
    """Return a conversation in which user and assistant speak in turn."""
    before = [Message("system", system)] if system else []
    roles = ["user", "assistant"]
    return ChatRequest((*before, *(Message(roles[n % 2], text) for n, text in enumerate(said))))  # type: ignore[arg-type]


def reply_to(question: ChatRequest) -> str:
    return answer_to(question.messages)


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
        ("How are you?", "hello"),
        ("Hello, how's it going today?", "hello"),
        ("Are you there?", "hello"),
        ("What can you do?", "overview"),
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
        ("hi again", "hello"),
        ("Good morning!", "hello"),
        ("What can the panel do?", "panel"),
        ("How do I go through a proxy?", "proxy"),
        ("how do I undo", "conversation"),
        ("how can I delete a conversation?", "conversation"),
        ("it doesn't work", "errors"),
        ("does it work offline?", "connect"),
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
        "In one sentence: what is a function in Python?",
        "How do I import a class?",
        "And a mode?",
    ],
)
def test_what_only_a_model_could_answer_is_said_so_in_three_sentences(prompt: str) -> None:
    reply = reply_to(asking(prompt))
    assert reply.startswith("No model is connected, so nothing has answered this. ")
    assert "%chat connect" in reply
    assert kinds(reply) == {"paragraph_open", "inline", "paragraph_close"}
    assert len(reply) < 450


LONGEST = max(len(topic.body) for topic in TOPICS) + len(f"\n\n{FOOTER}\n")


@given(st.lists(st.text(), max_size=5))
def test_every_prompt_gets_the_same_short_reply_twice_that_says_what_it_is(said: list[str]) -> None:
    reply = reply_to(asking(*said))
    assert reply == reply_to(asking(*said))
    assert "o model is connected" in reply
    assert len(reply) <= LONGEST


def test_a_greeting_is_answered_in_three_sentences() -> None:
    reply = reply_to(asking("Hello"))
    assert reply.startswith("Hello! No model is connected yet; this is the offline guide. ")
    assert len(reply) < 400


@pytest.mark.parametrize(
    "topic", [one for one in TOPICS if one.name != "hello"], ids=lambda topic: topic.name
)
def test_a_page_is_given_once_and_says_at_its_end_what_it_is(topic: object) -> None:
    reply = reply_to(asking(topic.ask))  # type: ignore[attr-defined]
    assert reply == f"{topic.body}\n\n{FOOTER}\n"  # type: ignore[attr-defined]


def test_the_step_that_helps_is_the_one_that_is_found() -> None:
    assert "do this" in answer_to([Message("user", "1+1")], "First do this.")


def test_the_topics_have_tables_lists_and_code() -> None:
    made_of = [kinds(topic.body) for topic in TOPICS]
    assert sum("table_open" in parts for parts in made_of) >= 15
    assert sum("fence" in parts for parts in made_of) >= 15
    assert sum(bool({"bullet_list_open", "ordered_list_open"} & parts) for parts in made_of) >= 10


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_leads_on_to_topics_that_exist(topic: object) -> None:
    assert set(topic.next) <= all_topics().keys()  # type: ignore[attr-defined]


async def test_it_streams_word_by_word() -> None:
    actions = [action async for action in GuideEngine(0).reply(asking("Hello"))]
    texts = [action.text for action in actions if isinstance(action, Text)]
    assert "".join(texts) == reply_to(asking("Hello"))
    assert max(len(text.split()) for text in texts) == 1
    assert actions[-1] == Finish("stop")


@pytest.mark.parametrize("dialect", ["aura", "whiterabbitneo"])
async def test_it_answers_through_the_gateway(dialect: str) -> None:
    async with Gateway(GuideEngine(0)) as gateway:
        reply = await ask(gateway, dialect, "Hello")
    assert reply.body.decode() == reply_to(asking("Hello"))


def test_it_names_every_option_of_the_chat_cell() -> None:
    body = all_topics()["chat-cell"].body
    known = {
        word
        for option in OPTIONS
        for text in (option.name, option.help)
        for word in re.findall(r"--[a-z][a-z-]+", text)
    }
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
    assert "Hello! No model is connected yet" in capsys.readouterr().out
