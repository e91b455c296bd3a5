"""What would be sent, in full, with nothing sent: for `%chat context` and `%%chat --dry-run`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from g4f_magic.commands.addressee import addressee
from g4f_magic.commands.output import as_code, as_text, bundle, table, write
from g4f_magic.context import Context, context_of, messages_of, tokens_in
from g4f_magic.host import here
from g4f_magic.renderers.escaping import escaped
from g4f_magic.secret import mask_known
from g4f_magic.visible import make_visible, numbered, shortened

if TYPE_CHECKING:
    from g4f_magic.ask import Ask
    from g4f_magic.options import Options
    from g4f_magic.session import Session

_PRE = (
    "white-space:pre-wrap;overflow-wrap:anywhere;max-height:30em;overflow:auto;text-align:left;margin:.3em 0"
)
_SHORT = 100
MOST_SHOWN = 400_000
"""Characters of all messages together that stand in a notebook's output."""


async def show_question(session: Session, ask: Ask, options: Options, slot: str) -> None:
    """Show what a question would send: every message of it, whole."""
    turns = () if options.is_once else session.conversation(options.conversation).before(slot)
    who = await addressee(session, options, turns)
    context = context_of(turns, ask.bound, for_guide=who.is_guide)
    messages = messages_of(context, ask, sees=who.sees)
    to = f"To {who.words} would go" if who.words else "A reply would be looked for in the recording by"
    lines = [f"Nothing was sent. {to} {_counted(messages)}.{left_out(context)}"]
    if ask.parameters:
        lines.append(
            f"With {as_text(', '.join(f'{name}={value!r}' for name, value in ask.parameters.items()))}."
        )
    if ask.toolbox is not None:
        told = json.dumps([ask.toolbox[name] for name in ask.toolbox], ensure_ascii=False)
        lines.append(f"The model is told of these functions: {as_code(mask_known(told)[:MOST_SHOWN])}")
    if ask.schema is not None:
        schema = json.dumps(dict(ask.schema), ensure_ascii=False)
        lines.append(
            "The reply has to fit a JSON Schema, which goes along as the service takes it, else in words below the"
            f" prompt: {as_code(mask_known(schema)[:MOST_SHOWN])}"
        )
    if not who.sees and any(one.is_picture for one in ask.attachments):
        lines.append(f"{as_text(who.name or ask.provider)} takes text alone: pictures would be refused.")
    show(" ".join([*lines, *map(as_text, ask.notes)]), messages)


def show(text: str, messages: Sequence[Mapping[str, Any]]) -> None:
    """Show a sentence, the messages in a table, and each of them whole."""
    rows = [(one["role"], as_text(_line(text_of(one))), tokens_in([one])) for one in messages]
    summary = f"{text}\n\n{table(['role', 'content', 'tokens, roughly'], rows)}" if rows else text
    whole = [(f"{number}. {one['role']}", text_of(one)) for number, one in enumerate(messages, 1)]
    host = here()
    if not host.can_display:
        write(summary)
        for title, content in whole:
            print(f"\n[{title}]\n{make_visible(mask_known(content))}")
        return
    shown = bundle([summary])
    left = MOST_SHOWN
    folds = []
    for title, content in whole:
        folds.append(_fold(title, mask_known(content)[: max(left, 0)]))
        left -= len(content)
    plain = "\n\n".join(f"[{title}]\n{make_visible(mask_known(content))}" for title, content in whole)
    host.show(
        {
            "text/html": f"<div>{shown['text/html']}{''.join(folds)}</div>",
            "text/plain": f"{shown['text/plain']}\n\n{plain}"[:MOST_SHOWN],
        }
    )


def left_out(context: Context) -> str:
    """Return in words what of the conversation is not sent along; empty where all is."""
    words = f" {numbered(context.omitted_turns, 'earlier turn')} left out." if context.omitted_turns else ""
    if of_guide := sum(turn.is_of_guide for turn in context.turns):
        words += f" They hold {numbered(of_guide, 'turn')} of the offline guide: a model is not sent these."
    if context.guide_turns:
        words += f" {numbered(context.guide_turns, 'turn')} of the offline guide: not sent to a model."
    return words


def text_of(message: Mapping[str, Any]) -> str:
    """Return the content of a message as text; a picture in it by a word."""
    content = message["content"]
    asked = [
        f"[asks for {one['function']['name']}({one['function']['arguments']})]"
        for one in message.get("tool_calls", ())
    ]
    if content is None or isinstance(content, str):
        return "\n\n".join(filter(None, (content, *asked)))
    return "\n\n".join(part["text"] if part.get("type") == "text" else "[a picture]" for part in content)


def _counted(messages: Sequence[Mapping[str, Any]]) -> str:
    return f"{numbered(len(messages), 'message')}, roughly {tokens_in(messages):,} tokens"


def _fold(title: str, text: str) -> str:
    return f'<details><summary>{escaped(title)}</summary><pre style="{_PRE}">{escaped(text)}</pre></details>'


def _line(text: str) -> str:
    line = " ".join(text[: 4 * _SHORT].split())
    return shortened(line, _SHORT)
