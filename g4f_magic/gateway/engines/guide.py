"""The offline guide: answers from the package's own help, word by word, without any model."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator

from g4f_magic.chunks import Finish, Text
from g4f_magic.gateway.ask import Ask
from g4f_magic.gateway.engines.topics import Topic, all_topics, best_topics, content_words, word_set
from g4f_magic.gateway.moves import Move

FOOTER = (
    "*This is the offline guide, not a model. To connect one: start Ollama, set `OPENAI_BASE_URL`, or "
    '`%config ChatMagics.upstream = "http://host:port/v1"`.*'
)
_THANKS = word_set("thanks thank thx bye goodbye ok okay great cool nice good perfect спасибо danke merci")
_MORE = word_set("more next else continue further go tour ещё еще дальше")
_MEMORY = re.compile(r"\b(what did i|did i (say|ask)|my name|remember|(asked|said) (before|earlier))")

_CONNECTING = """\
| you have | then |
| --- | --- |
| [Ollama](https://ollama.com) | `ollama pull llama3.2`, and it is found by itself |
| any OpenAI-compatible server | `%config ChatMagics.upstream = "http://host:port/v1"` |
| an account and a key | set `OPENAI_BASE_URL` and `OPENAI_API_KEY` |

After that, stop the gateway once, and run this cell again:

```
%chat gateway stop
```"""


class GuideEngine:
    """Answers what it is asked from the texts in `guide/`; the same conversation always gets the same reply.

    `delay_seconds` passes after each word, so that one sees the reply stream.
    """

    name = "guide"
    label = "guide"

    def __init__(self, delay_seconds: float = 0.012) -> None:
        self.delay_seconds = delay_seconds

    async def models(self) -> list[str]:
        """Return its only name."""
        return ["guide"]

    async def reply(self, ask: Ask) -> AsyncGenerator[Move]:
        """Yield the reply word by word."""
        is_watched = ask.parameters.get("stream", True)
        for word in re.findall(r"\S+\s*|\s+", reply_to(ask)):
            yield Text(word)
            if self.delay_seconds and is_watched:
                await asyncio.sleep(self.delay_seconds)
        yield Finish("stop")


def reply_to(ask: Ask) -> str:
    """Return the guide's answer as Markdown."""
    return "\n\n".join([*_answer(ask), *_note_on_system(ask), FOOTER]) + "\n"


def _answer(ask: Ask) -> list[str]:
    words = set(content_words(ask.prompt))
    if words and words <= _THANKS:
        return ["You are welcome.", _suggest(_untold(ask)[:2])]
    if words and words <= _MORE:
        return _tell(_untold(ask)[0], ask)
    if _MEMORY.search(ask.prompt.lower()):
        return _tell(all_topics()["conversation"], ask)
    found = best_topics(ask.prompt)
    if not found:
        return _for_a_model(ask)
    return _tell(found[0], ask, beside=found[1:2])


def _tell(topic: Topic, ask: Ask, beside: list[Topic] | None = None) -> list[str]:
    """Return a topic's text, and what to ask after it."""
    heading = [] if topic.name == "hello" else [_heading(topic)]
    recalled = _recall(ask) if topic.name == "conversation" else []
    following = [*(beside or []), *(all_topics()[name] for name in topic.next)]
    suggested = [other for other in dict.fromkeys(following) if other.name not in (topic.name, "hello")]
    return [*heading, *recalled, topic.body, *([_suggest(suggested[:2])] if suggested else [])]


def _for_a_model(ask: Ask) -> list[str]:
    arrived = "the first message" if len(ask.messages) == 1 else f"the last of {len(ask.messages)} messages"
    told = "\n".join(f"- {topic.ask}" for topic in _untold(ask)[1:6])
    return [
        "### A question for a model",
        (
            f"Your prompt went out as an HTTP request and arrived here as {arrived}, so everything works. But "
            "what answers is a guide that knows this package and nothing else; for that, connect a model:"
        ),
        _CONNECTING,
        f"What I can tell you about:\n\n{told}",
    ]


def _recall(ask: Ask) -> list[str]:
    """Return what was asked before in this conversation, as it arrived with the request."""
    asked = [message.content for message in ask.messages[:-1] if message.role == "user"]
    if not asked:
        return ["This is the first question of this conversation: nothing came before it."]
    lines = [f"{number}. {_quoted(text)}" for number, text in enumerate(asked[-5:], max(1, len(asked) - 4))]
    return ["What you asked before came along with your question:\n\n" + "\n".join(lines)]


def _note_on_system(ask: Ask) -> list[str]:
    if not any(message.role == "system" for message in ask.messages):
        return []
    return ["Your system prompt arrived, too. A model would follow it; the guide cannot."]


def _untold(ask: Ask) -> list[Topic]:
    """Return the topics that have not come up in the conversation, or all of them when all have."""
    told = "\n".join(message.content for message in ask.messages if message.role == "assistant")
    topics = [topic for topic in all_topics().values() if topic.name != "hello"]
    return [topic for topic in topics if f"{_heading(topic)}\n" not in told] or topics


def _suggest(topics: list[Topic]) -> str:
    return "Ask next: " + " · ".join(f"*{topic.ask}*" for topic in topics)


def _heading(topic: Topic) -> str:
    return f"### {topic.title}"


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    short = line if len(line) <= 80 else line[:79].rstrip() + "…"
    escaped = re.sub(r"([\\`*_\[\]<>|#~$])", r"\\\1", short)
    return f"“{escaped}”"
