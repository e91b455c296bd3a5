"""What was said: `%chat history`, `show`, `conversations`, `search` and `context`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from g4f_magic import names
from g4f_magic.ask import Ask, bound_of
from g4f_magic.commands import sending
from g4f_magic.commands.addressee import addressee
from g4f_magic.commands.choosing import revision_of, turn_of
from g4f_magic.commands.output import as_code, as_text, say, table
from g4f_magic.context import Context, messages_of, tokens_in
from g4f_magic.endings import words_of
from g4f_magic.in_short import in_short
from g4f_magic.messages import citation_lines, date_of
from g4f_magic.options import Options
from g4f_magic.renderers.calls import calls_in, plain
from g4f_magic.secret import mask_known
from g4f_magic.subcommand import Given, Group
from g4f_magic.turn import STATUS_WORDS, Turn
from g4f_magic.visible import numbered

if TYPE_CHECKING:
    from g4f_magic.session import Session


COMMANDS = Group("What was said", topic="conversation")


@COMMANDS.entry("history", "what was said; with --all, earlier answers too", takes="[-n N] [--all]")
async def show_history(session: Session, given: Given) -> None:
    """Show the turns of the conversation in use, or of all of the notebook's; with `--all` revisions too."""
    conversation = session.conversation()
    turns = list(enumerate(conversation.turns, 1))
    last = given.number("-n")
    parts = [] if turns else [f"Nothing was said in the conversation `{conversation.name}` yet."]
    for number, turn in turns if last is None else turns[max(0, len(turns) - last) :]:
        parts.append(_as_markdown(f"**{number}**", turn))
        if "--all" in given:
            revisions = conversation.revisions(turn.slot)
            parts += [
                _as_markdown(f"**{number}**, revision {revision}", earlier)
                for revision, earlier in enumerate(revisions, 1)
                if earlier.id != turn.id
            ]
    if deleted := conversation.left_out():
        parts.append(
            f"{numbered(len(deleted), 'turn')} of cells that the saved notebook no longer has: not sent along, back"
            " with the cell, found by `%chat search`."
        )
    say(*parts)


@COMMANDS.entry("show", "one turn, or an earlier answer", takes="TURN [REVISION]")
async def show_turn(session: Session, given: Given) -> None:
    """Show one turn, or an earlier revision of it."""
    turn = turn_of(session, given.word())
    if revision := given.word(1):
        turn = revision_of(session, turn, revision)
    say(_as_markdown(f"**{given.word()}**", turn))
    if turn.ask.attachments:
        messages = messages_of(Context(), turn.ask, sees=True)
        sending.show("What was sent:", messages)


@COMMANDS.entry("conversations", "the conversations of this notebook")
async def show_conversations(session: Session, given: Given) -> None:
    """List the notebook's conversations."""
    outlines = session.conversations.outlines()
    rows = [
        (
            as_code(names.shown(outline.name))
            + (" (in use)" if outline.name == session.conversation_name else ""),
            outline.turns,
            date_of(outline.used_at),
        )
        for outline in outlines
    ]
    if session.conversation_name not in [outline.name for outline in outlines]:
        rows.append((f"`{session.conversation_name}` (in use)", 0, ""))
    say(table(["conversation", "turns", "last used"], rows))


@COMMANDS.entry("search", "find words in what was said, in all notebooks", takes="WORDS...")
async def search(session: Session, given: Given) -> None:
    """Show the turns of all notebooks that hold the words, best first."""
    hits = session.conversations.search(" ".join(given.words))
    if not hits:
        say("Nothing was found.")
        return
    rows = [
        (
            as_text(Path(hit.path).name) if hit.path else "this kernel",
            as_text(names.shown(hit.conversation)),
            as_text(hit.turn.prompt[:60]),
            _marked(hit.snippet),
        )
        for hit in hits
    ]
    say(table(["notebook", "conversation", "asked", "found"], rows))


@COMMANDS.entry("context", "what the next question sends along")
async def show_context(session: Session, given: Given) -> None:
    """Show which messages the next new cell would send, whole, and roughly how many tokens they are.

    Nothing is sent, and nobody is looked for. It is for whoever answers where a cell does not say: the offline guide,
    or a model.
    """
    conversation = session.conversation()
    who = await addressee(session, Options(), conversation.turns, looks=False)
    context = conversation.context(bound_of(Options(), session.settings), for_guide=who.is_guide)
    ask = Ask(prompt="", system=session.settings.system)
    messages = messages_of(context, ask, sees=who.sees)[:-1]
    total = tokens_in(messages)
    to = f", to {who.words}" if who.words else ""
    sending.show(
        f"The next cell sends {numbered(len(messages), 'message')}, roughly {total} tokens, and its own prompt{to}."
        f"{sending.left_out(context)} `%%chat --dry-run` shows that, too, and sends nothing.",
        messages,
    )


def _as_markdown(title: str, turn: Turn) -> str:
    quoted = "\n".join(f"> {line}" for line in turn.prompt.strip().splitlines())
    model = " → ".join(turn.shown_models)
    ending = words_of(turn.finish) if turn.status == "done" else STATUS_WORDS[turn.status]
    source = "the offline guide, sent to no model" if turn.is_of_guide else ""
    source = "imported" if turn.source == "imported" else source
    words = (source, turn.provider, model, ending)
    origin = " · ".join(part for part in (title, *map(as_text, words)) if part)
    cited = "  \n".join(map(as_text, citation_lines(turn.citations).splitlines()))
    along = as_text(" · ".join(in_short(turn.ask)))
    called = "  \n".join(
        as_text(line) for one in calls_in(turn.steps) for line in plain(one).strip().splitlines()
    )
    return "\n\n".join(
        filter(None, (origin, quoted, along, called, turn.reply or _unlinked(as_text(turn.error)), cited))
    )


def _marked(snippet: str) -> str:
    """Return Markdown that shows a snippet as text, and what was found in bold."""
    from g4f_magic.conversation import SNIPPET_MARKS

    text = "".join(sign for sign in snippet if sign not in SNIPPET_MARKS)
    if mask_known(text) != text:  # a mark inside a secret would keep it from being seen as one
        return as_text(text)
    shown = as_text(snippet)
    for mark in SNIPPET_MARKS:
        shown = shown.replace(mark, "**")
    return shown


def _unlinked(text: str) -> str:
    """Return escaped Markdown whose addresses are no links: what a service said of its failure leads nowhere."""
    return re.sub(r":(?=//)|@|(?<=www)\.", r"\\\g<0>", text)
