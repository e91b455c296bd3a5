"""`%chat` alone, and `%chat help`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from g4f_magic import registry
from g4f_magic.commands.output import as_text, say, table
from g4f_magic.host import here
from g4f_magic.host.base import Host
from g4f_magic.known import Known
from g4f_magic.option_table import OPTIONS
from g4f_magic.options import Option
from g4f_magic.subcommand import Given, Group, Subcommand
from g4f_magic.visible import numbered

if TYPE_CHECKING:
    from g4f_magic.session import Session

COMMANDS = Group("Chat")


def _subcommands(known: Known, words: Sequence[str], begun: str) -> Iterable[str]:
    return registry.first_words()


def signs(host: Host) -> str:
    """Return which signs the front end gives, in words: what is known and can be done there follows from them."""
    told = [
        ("names its cells" if host.names_cells else "does not name its cells"),
        ("names the notebook" if host.notebook else "does not name the notebook"),
        *(["prints text"] if host.prints else []),
        ("updates outputs" if host.can_update else "does not update outputs"),
        ("can ask for input" if host.has_stdin else "cannot ask for input"),
        ("shows widgets" if host.shows_widgets else "may not show widgets"),
    ]
    return ", ".join(told)


@COMMANDS.entry("", "who answers, and what is in use")
async def show(session: Session, given: Given) -> None:
    """Show who answers where a cell names nobody, and which conversation, mode and history are in use."""
    from g4f_magic.commands.connect import stands
    from g4f_magic.errors import ChatError

    settings = session.settings
    conversation = session.conversation()
    gateway = session.gateway.running
    try:
        answers = stands(session)
    except ChatError as exc:
        answers = f"{as_text(str(exc))}. {as_text(exc.hint)}"
    rows = [
        ("conversation", f"{as_text(conversation.name)}, {numbered(len(conversation.turns), 'turn')}"),
        ("replies", MODES.get(settings.mode_in_force, settings.mode_in_force)),
        (
            "notebook",
            as_text(session.notebook.place)
            if session.notebook.is_kept
            else "not known: `%chat notebook NAME` names it",
        ),
        (
            "history",
            (session.conversations.file if session.notebook.is_kept else None)
            or "in memory, until the kernel ends",
        ),
        ("front end", signs(here())),
        *([("local gateway", f"runs, answered by {as_text(gateway.engine.label)}")] if gateway else []),
    ]
    say(answers, table(["", ""], [(f"**{name}**", value) for name, value in rows]))


MODES = {
    "live": "live, and not recorded",
    "record": "live, and recorded beside the notebook (`%chat mode record`)",
    "replay": "from the recording; nothing is sent (`%chat mode replay`)",
    "auto": "from the recording where it holds them, else live and recorded (`%chat mode auto`)",
}


@COMMANDS.entry(
    "help",
    "this help; with a group or a word, more of it",
    takes="[GROUP|WORD...]",
    offers={"WORD": _subcommands, "GROUP": lambda known, words, begun: TOPICS},
)
async def show_help(session: Session, given: Given) -> None:
    """Show the help; of a group its commands, of a command or an option all that there is to say."""
    topic = given.word().lower()
    if not topic:
        say(overview())
    elif topic in TOPICS and len(given.words) == 1:
        say(group_page(topic))
    elif (option := _option(given.word())) is not None:
        say(f"`{option.usage}`\n\n{as_text(option.help)}")
    else:
        name = " ".join(given.words)
        further = registry.below(name)
        said = (
            further if further and name not in registry.subcommands() else [registry.find(name)[0], *further]
        )
        say("\n\n".join(map(_page, said)))


_SIX_LINES = """\
- **Ask:** begin a cell with `%%chat` and write your question below it, or `%ask QUESTION` in one line.
- **Connect a model**, once: `%chat connect http://127.0.0.1:8080/v1`, or `groq`, `ollama`, `local`, `./model.gguf`.
- **Show it your data:** `{{df}}` in a question, or `%%chat -w df`, sends a description of `df` along.
- **Use the reply:** `%%chat --out answer` keeps it in a variable, `%chat code` puts its code into the next cell.
- **Go back:** run a cell again to replace its turn; `%chat undo` takes the last step back, `%chat reset` begins anew.
- **Something wrong?** `%chat doctor` says what, and what to do; `%chat explain` explains an error of your code."""

TOPICS: dict[str, str] = {
    "asking": "options of a question, the panel, errors",
    "models": "who answers: connect, choose, keys, costs, what is wrong",
    "conversation": "what was said, and what is sent along",
    "recording": "the same replies for everyone",
    "notebooks": "take a conversation elsewhere",
}
"""The groups of the help, and what each is about; each table's group says to which it belongs."""


def overview() -> str:
    """Return the help's first page, in Markdown: what people do most, and the groups of the rest."""
    rows = [
        (
            f"`%chat help {topic}`",
            about,
            " ".join(
                f"`{name or '%chat'}`"
                for name in dict.fromkeys(one.name.partition(" ")[0] for one in _commands_of(topic))
            ),
        )
        for topic, about in TOPICS.items()
    ]
    more = "`%chat help WORD` says more of a command or an option; Tab offers all of them. `%config ChatMagics` lists the settings."
    return f"{_SIX_LINES}\n\n{table(['more', '', ''], rows)}\n\n{more}"


def group_page(topic: str) -> str:
    """Return one group of the help, in Markdown."""
    commands = table(
        ["command", ""],
        [(f"`{one.usage}`" if one.name else "`%chat`", one.help) for one in _commands_of(topic)],
    )
    if topic != "asking":
        return commands
    options = table(["option of `%%chat` and `%ask`", ""], [(f"`{one.usage}`", one.help) for one in OPTIONS])
    return f"{options}\n\n{commands}"


def _commands_of(topic: str) -> list[Subcommand]:
    return [one for group in registry.groups() if group.topic == topic for one in group]


def _option(word: str) -> Option | None:
    return next((one for one in OPTIONS if word in one.names or f"--{word}" in one.names), None)


def _page(command: Subcommand) -> str:
    also = f"\n\nAlso: {', '.join(f'`%chat {name}`' for name in command.aliases)}" if command.aliases else ""
    return f"`{command.usage}`\n\n{as_text(command.details)}{also}"
