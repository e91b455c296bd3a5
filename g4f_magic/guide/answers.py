"""What the guide answers: three sentences with the step that helps, or the one page that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from g4f_magic.guide.topics import Topic, all_topics, best_topics, content_words, word_set
from g4f_magic.messages import Message

NOTHING_FOUND = (
    "Connect what you have, an address or a service's name, with `%chat connect http://127.0.0.1:8080/v1` or "
    "`%chat connect groq`, or install a small model that needs no account: `%chat help connect`."
)
"""The step that helps where nothing is known of what is there."""
FOOTER = "*A page of the offline guide: no model is connected.*"
_THANKS = word_set("thanks thank thx bye goodbye ok okay great cool nice good perfect спасибо danke merci")


def answer_to(messages: Sequence[Message], step: str = NOTHING_FOUND) -> str:
    """Return the answer to the last question as Markdown; `step` is the sentence that says how to connect a model."""
    asked = [message.content for message in messages if message.role == "user"]
    prompt = asked[-1] if asked else ""
    words = set(content_words(prompt))
    found = [] if words and words <= _THANKS else best_topics(prompt)
    if not found:
        return f"No model is connected, so nothing has answered this. {step} {_about(all_topics()['stop'])}\n"
    if found[0].name == "hello":
        return f"Hello! No model is connected yet; this is the offline guide. {step}\n"
    return f"{found[0].body}\n\n{FOOTER}\n"


def _about(example: Topic) -> str:
    return f"About g4f_magic itself you can ask this guide, for example: *{example.ask}*"
