"""The texts of the guide, and the one that fits what was asked. Reads the package's own files, nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

ORDER = (
    "hello",
    "overview",
    "chat-cell",
    "connect",
    "providers",
    "models",
    "conversation",
    "panel",
    "gateway",
    "stop",
    "errors",
    "output",
    "record",
    "settings",
    "python",
    "cookies",
    "proxy",
    "serve",
    "privacy",
    "showcase",
)
"""The topics in the order in which a newcomer might want them."""


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


_FILLERS = word_set(
    "a about an and any are as at be but by can could did do does for from g4f g4f_magic get give go have here how i if "
    "in is it its just let like magic make me my need of on one or please should so some tell than that the their "
    "there these they thing things this through to us use want was we what when where which who why will with work "
    "works would you your im whats"
)
_TASKS = word_set(
    "write translate summarize summarise explain compose solve calculate compute generate story poem haiku joke "
    "recipe essay sing imagine invent describe compare rewrite draw напиши переведи объясни расскажи"
)
_OF_ANY_PROGRAM = word_set(
    "api async await class code exception export format formula function generator import loop math mode parameter python "
    "script str string table test variable"
)
"""What people ask about Python and their data with: by itself it says nothing of this package."""
_OF_THE_PACKAGE = re.compile(
    r"%|g4f|chat|provider|gateway|cell|ollama|koala|darkai|freenetfly|aura|whiterabbit"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One text of the guide.

    `ask` is a question that leads to it, `words` are what such questions contain (`stop*`: what begins so),
    `next` the names of the topics that a reader may want after it.
    """

    name: str
    title: str
    ask: str
    words: tuple[str, ...]
    next: tuple[str, ...]
    body: str

    def holds(self, word: str) -> bool:
        """Say whether questions on this topic contain `word`."""
        return any(word.startswith(own[:-1]) if own.endswith("*") else word == own for own in self.words)


_SMALL_TALK = re.compile(
    r"(?:hi|hello|hey|good (?:morning|day|afternoon|evening))(?: (?:again|all|everyone|everybody|world|guide|friend))?"
    r"|(?:(?:hi|hello|hey) )?(?:how (?:are|is|s) (?:you|it|things|everything|life)\b.*|how do you do|what ?s up"
    r"|are you (?:there|here|ok|well|awake|alive)|is (?:any|some)(?:body|one) (?:there|here))"
)
"""Greetings that ask something, in bare words."""


@cache
def all_topics() -> dict[str, Topic]:
    """Return the topics by name, in their order."""
    folder = resources.files("g4f_magic.guide") / "pages"
    return {name: _parse(name, (folder / f"{name}.md").read_text("utf-8")) for name in ORDER}


def best_topics(prompt: str) -> list[Topic]:
    """Return the topics that `prompt` is about, the best first; none where the guide has nothing to say on it."""
    for topic in all_topics().values():
        if _bare(topic.ask) == _bare(prompt):
            return [topic]
    if _SMALL_TALK.fullmatch(_bare(prompt)):
        return [all_topics()["hello"]]
    words = content_words(prompt)
    is_greeted = len(_held(all_topics()["hello"], words)) == len(words)
    if is_greeted and (not words or len(_bare(prompt).split()) > 2 * len(words) + 1):
        return [all_topics()["overview"]]  # nothing is named, and yet something is asked
    if _TASKS & set(words) and not _OF_THE_PACKAGE.search(prompt.lower()):
        return []
    scores = {name: sum(map(_weight, _held(topic, words))) for name, topic in all_topics().items()}
    scores["hello"] *= 0.1  # a greeting is the topic only where nothing else is
    ranked = sorted((name for name in scores if scores[name]), key=lambda name: -scores[name])
    known = {word for name in ranked for word in _held(all_topics()[name], words)}
    if not _OF_THE_PACKAGE.search(prompt.lower()):
        own = [word for word in known if not {word, word.removesuffix("s")} & _OF_ANY_PROGRAM]
        if len(own) * 2 <= len(words):
            return []  # most of it is about something else
    return [all_topics()[name] for name in ranked]


def content_words(prompt: str) -> list[str]:
    """Return the words of `prompt` that say what it is about, each once, in lower case."""
    found = re.findall(r"\w+(?:[.+-]+\w+)*+", prompt.lower().replace("'", "").replace("’", ""))
    return list(dict.fromkeys(word for raw in found if (word := raw.strip("-_.+")) and word not in _FILLERS))


def _held(topic: Topic, words: Iterable[str]) -> list[str]:
    return [word for word in words if topic.holds(word) or (word.endswith("s") and topic.holds(word[:-1]))]


@cache
def _weight(word: str) -> float:
    """Return how much a word tells: the fewer topics hold it, the more."""
    holders = sum(bool(_held(topic, [word])) for topic in all_topics().values())
    return math.log(1 + len(ORDER) / max(1, holders))


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _parse(name: str, text: str) -> Topic:
    head, _, body = text.partition("\n\n")
    fields = {key: value.strip() for key, _, value in (line.partition(":") for line in head.splitlines())}
    words, following = tuple(fields["words"].split()), tuple(fields["next"].split())
    return Topic(name, fields["title"], fields["ask"], words, following, body.strip())
