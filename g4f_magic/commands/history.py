"""What was said: `%chat history`, `show`, `conversations`, `search` and `context`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from g4f_magic.commands.choosing import numbered, revision_of, turn_of
from g4f_magic.commands.output import as_text, say, table
from g4f_magic.errors import InputError
from g4f_magic.grammar import Words
from g4f_magic.history.search import MARKS
from g4f_magic.messages import Message, Turn, estimated_tokens
from g4f_magic.options import Options
from g4f_magic.secret import hide

if TYPE_CHECKING:
    from g4f_magic.session import Session


async def show_history(session: Session, words: list[str]) -> None:
    """Show the turns of the conversation in use, or of all of the notebook's; with `--all` revisions too."""
    given = Words("history", words, flags=("--all",), values=("-n",), most=0)
    conversation = session.conversation()
    turns = list(enumerate(conversation.turns, 1))
    last = given.number("-n")
    parts = [] if turns else [f"Nothing was said in the conversation `{conversation.name}` yet."]
    for number, turn in turns if last is None else turns[max(0, len(turns) - last) :]:
        parts.append(_as_markdown(f"**{number}**", turn))
        if "--all" in given.flags:
            revisions = session.history.revisions(session.notebook, conversation.name, turn.slot)
            parts += [
                _as_markdown(f"**{number}**, revision {revision}", earlier)
                for revision, earlier in enumerate(revisions, 1)
                if earlier.id != turn.id
            ]
    if deleted := session.history.left_out(session.notebook, conversation.name):
        parts.append(
            f"{numbered(len(deleted), 'turn')} of cells that the saved notebook no longer has: not sent along, back"
            " with the cell, found by `%chat search`."
        )
    say(*parts)


async def show_turn(session: Session, words: list[str]) -> None:
    """Show one turn, or an earlier revision of it."""
    given = Words("show", words, least=1, most=2)
    turn = turn_of(session, given.rest[0])
    if len(given.rest) == 2:
        turn = revision_of(session, turn, given.rest[1])
    say(_as_markdown(f"**{given.rest[0]}**", turn))


async def show_conversations(session: Session, words: list[str]) -> None:
    """List the notebook's conversations."""
    Words("conversations", words, most=0)
    outlines = session.history.conversations(session.notebook)
    rows = [
        (
            f"`{outline.name}`" + (" (in use)" if outline.name == session.conversation_name else ""),
            outline.turns,
            datetime.fromtimestamp(outline.used_at).strftime("%Y-%m-%d %H:%M"),
        )
        for outline in outlines
    ]
    if session.conversation_name not in [outline.name for outline in outlines]:
        rows.append((f"`{session.conversation_name}` (in use)", 0, ""))
    say(table(["conversation", "turns", "last used"], rows))


async def search(session: Session, words: list[str]) -> None:
    """Show the turns of all notebooks that hold the words, best first."""
    if not words:
        raise InputError("%chat search has no words to look for", hint="Write %chat search WORDS.")
    hits = session.history.search(" ".join(words))
    if not hits:
        say("Nothing was found.")
        return
    rows = [
        (
            Path(hit.path).name if hit.path else "this kernel",
            hit.conversation,
            as_text(hit.turn.prompt[:60]),
            _marked(hit.snippet),
        )
        for hit in hits
    ]
    say(table(["notebook", "conversation", "asked", "found"], rows))


async def show_context(session: Session, words: list[str]) -> None:
    """Show which messages the next new cell would send, and roughly how many tokens they are."""
    Words("context", words, most=0)
    context = session.conversation().context("", session.bound(Options()))
    system = (Message("system", session.settings.system),) if session.settings.system else ()
    messages = (*system, *context.messages)
    rows = [
        (message.role, as_text(_short(message.content)), estimated_tokens(message.content))
        for message in messages
    ]
    total = sum(estimated_tokens(message.content) for message in messages)
    left_out = (
        f" {numbered(context.omitted_turns, 'earlier turn')} left out." if context.omitted_turns else ""
    )
    say(
        f"The next cell sends {numbered(len(messages), 'message')}, roughly {total} tokens, and its own prompt.{left_out}"
        + (f"\n\n{table(['role', 'content', 'tokens, roughly'], rows)}" if rows else "")
    )


def _as_markdown(title: str, turn: Turn) -> str:
    quoted = "\n".join(f"> {line}" for line in turn.prompt.strip().splitlines())
    origin = " · ".join(part for part in (title, turn.provider, turn.model) if part)
    status = "" if turn.status == "done" else f" · {_STATUS.get(turn.status, turn.status)}"
    return f"{origin}{status}\n\n{quoted}\n\n{turn.reply or turn.error}"


_STATUS = {"open": "under way", "broken": "broken off"}


def _marked(snippet: str) -> str:
    """Return Markdown that shows a snippet as text, and what was found in bold."""
    text = "".join(sign for sign in snippet if sign not in MARKS)
    if hide(text) != text:  # a mark inside a secret would keep it from being seen as one
        return as_text(text)
    shown = as_text(snippet)
    for mark in MARKS:
        shown = shown.replace(mark, "**")
    return shown


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:99]}…"


HELP = [
    ("%chat history [-n N] [--all]", "what was said; with --all, earlier answers too"),
    ("%chat show TURN [REVISION]", "one turn, or an earlier answer"),
    ("%chat context", "what the next cell sends along"),
    ("%chat conversations", "the conversations of this notebook"),
    ("%chat search WORDS", "in all notebooks"),
]
COMMANDS = {
    "history": show_history,
    "show": show_turn,
    "context": show_context,
    "conversations": show_conversations,
    "search": search,
}
