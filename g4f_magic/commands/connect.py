"""`%chat connect` and `%chat disconnect`: which model answers, here and in every notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from g4f_magic import providers
from g4f_magic.commands.output import as_code, as_text, say
from g4f_magic.known import Known
from g4f_magic.providers import connections
from g4f_magic.settings import AUTO
from g4f_magic.subcommand import Given, Group

if TYPE_CHECKING:
    from g4f_magic.answering.auto import Choice
    from g4f_magic.session import Session

COMMANDS = Group("Connect a model", topic="models")


def _connectable(known: Known, words: Sequence[str], begun: str) -> Iterable[str]:
    """Return what can be connected by its name."""
    return [*providers.known_presets(), "openai", "local"]


def take_whoever_is_connected(session: Session, given: Given) -> None:
    """Have whoever is connected answer from now on."""
    if given.words:
        settings = session.settings
        settings.provider, settings.model, settings.base_url = AUTO, "", ""
        settings.engine = AUTO  # one that is set would answer in its place


@COMMANDS.entry(
    "connect",
    "connect a model, once: it answers here and in every notebook",
    takes="[URL|NAME|FILE] [MODEL] [--name NAME] [--key-env VARIABLE]",
    offers={"URL": _connectable, "NAME": _connectable},
    is_waiting=True,
    effect=take_whoever_is_connected,
)
async def connect(session: Session, given: Given) -> None:
    """Connect a model, once: it answers here and in every notebook, unless a cell names another.

    URL is the address of an OpenAI-compatible server (`http://127.0.0.1:8080/v1`), NAME one of `%chat providers`
    (`groq`, `ollama`, `local`), FILE a model's file (`./model.gguf`). The server is asked for its models, and one that
    chats is taken unless MODEL names another. `--name` is what you want to call the server; `--key-env` names the
    variable that holds its key (the key itself is never written down; `%chat login` keeps one safely). It is all kept in
    services.toml, which you may edit. `%chat disconnect` undoes it.
    """
    from g4f_magic.answering.connecting import connect as connect_it

    if not given.words:
        say(stands(session, await session.services.auto.choice()))
        return
    found = await connect_it(
        session.services,
        given.word(),
        given.word(1),
        name=given.options.get("--name", ""),
        variable=given.options.get("--key-env", ""),
        folder=session.notebook.folder,
    )
    take_whoever_is_connected(session, given)
    await session.gateway.stop()  # what answers in it may be another one now
    what = f"{as_code(found.model)} ({as_text(found.name)})" if found.model else as_code(found.name)
    place = f" at {as_text(found.place)}" if found.place and found.place != "this machine" else ""
    note = f" {as_text(found.note)}" if found.note else ""
    say(
        f"{what}{place} answers from now on, here and in every notebook. `%chat disconnect` undoes that.{note}"
    )


def take_whoever_is_found(session: Session, given: Given) -> None:
    """Have whoever is found on this machine answer from now on."""
    session.settings.provider, session.settings.model = AUTO, ""


@COMMANDS.entry(
    "disconnect",
    "undo %chat connect",
    is_waiting=True,
    effect=take_whoever_is_found,
)
async def disconnect(session: Session, given: Given) -> None:
    """Undo `%chat connect`. The server stays in services.toml under its name: `%chat connect NAME` takes it again."""
    before = connections.disconnect()
    take_whoever_is_found(session, given)
    await session.gateway.stop()
    now = stands(session, await session.services.auto.choice())
    say(f"{as_code(before.provider)} is disconnected. {now}" if before else f"Nothing was connected. {now}")


def stands(session: Session, choice: Choice | None = None) -> str:
    """Return in one sentence who answers where a cell does not say: `choice`, or as far as that is known unasked.

    Raises:
        InputError: what is connected cannot be read.
    """
    settings = session.settings
    provider, _ = settings.default
    if provider.lower() != AUTO:
        model = f" with {as_code(settings.model)}" if settings.model else ""
        return f"{as_code(settings.provider)}{model} answers in this notebook, unless a cell names another."
    auto = session.services.auto
    choice = choice or auto.named() or auto.last
    if choice is None:
        return "A model that is found on this machine answers, if there is one: `%chat providers` looks."
    if choice.provider == "guide":
        return "No model is connected: the offline guide answers. `%chat providers` shows what you have."
    if choice.is_local:
        return (
            f"The local gateway answers, with its engine {as_code(settings.engine)} ({as_text(choice.why)})."
        )
    model = f" with {as_code(choice.model)}" if choice.model else ""
    return f"{as_code(choice.provider)}{model} answers ({as_text(choice.why)})."
