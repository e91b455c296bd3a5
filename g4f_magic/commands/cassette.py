"""`%chat mode` and `%chat cassette`: record, replay, and what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic import names
from g4f_magic.cassette import FORMAT, Entry, LineRef
from g4f_magic.commands.output import as_text, say, table
from g4f_magic.errors import InputError
from g4f_magic.loop import interruptible
from g4f_magic.subcommand import Given, Group
from g4f_magic.visible import numbered, shortened

if TYPE_CHECKING:
    from g4f_magic.session import Session

MODES = {
    "live": "replies are live, and nothing is recorded",
    "record": "replies are live, and recorded in {file}",
    "replay": "replies come from {file}, and nothing is sent",
    "auto": "replies come from {file} where they are recorded; the others are live, and recorded there",
}
COMMANDS = Group("Recording and replaying", topic="recording")
_LONGEST = 60


def set_mode(session: Session, given: Given) -> None:
    """Have replies come from there."""
    if given.words:
        session.settings.mode = given.word().lower()


@COMMANDS.entry("mode", "where replies come from", takes="[live|record|replay|auto]", effect=set_mode)
async def mode(session: Session, given: Given) -> None:
    """Say where replies come from, or choose it; a run begins anew with that."""
    in_force = session.settings.mode_in_force
    wanted = given.word().lower() or in_force
    # Before anything is changed: recording into a file that cannot be would only fail later.
    name = "" if wanted == "live" else _name_of_file(session, wanted)
    if wanted == "record":
        with interruptible():
            session.cassette().check_writable()
    if given.words:
        set_mode(session, given)
        if session.settings.mode_in_force != wanted:
            say(f"The mode stays **{in_force}**: it is set for this whole run.")
            return
        session.recording.begin_run()
    say(f"**{wanted}**: {MODES[wanted].format(file=name)}.")


def _name_of_file(session: Session, wanted: str) -> str:
    """Return the name of the recording in that mode; a notebook that nobody names replays from all of its folder."""
    if wanted == "replay" and session.cassette_file() is None:
        return "the recordings (*.chat.jsonl) of this folder"
    return f"`{session.cassette().path.name}`"


@COMMANDS.entry("cassette", "what is recorded; with FILE, record and replay there", takes="[FILE]")
async def cassette(session: Session, given: Given) -> None:
    """List what is recorded, or choose the file."""
    if given.words:
        if not given.word().endswith(".jsonl"):
            raise InputError(
                f"{given.word()!r} is not a name of a cassette", hint="It ends with .jsonl. Or: check, prune."
            )
        session.settings.cassette = given.word()
    with interruptible():  # others may have made it large
        _list(session)


@COMMANDS.entry("cassette check", "read every line; say what is missing, and what nothing asks for")
async def check(session: Session, given: Given) -> None:
    """Read every line, and say what the saved notebook asks for that is not held, and what is held for nothing."""
    with interruptible():
        _check(session)


@COMMANDS.entry("cassette prune", "take out what nothing asks for")
async def prune(session: Session, given: Given) -> None:
    """Take out what neither this run nor the saved notebook asks for."""
    with interruptible():
        _prune(session)


def _list(session: Session) -> None:
    cassette = session.cassette()
    unused = set(cassette.unused())
    rows = [_row(place, entry, is_used=place not in unused) for place, entry in cassette.index.all()]
    about = f"`{cassette.path.name}` holds {numbered(len(rows), 'turn')}."
    columns = ["line", "prompt", "provider", "model", "recorded", "asked in this run"]
    say(f"{about}\n\n{table(columns, rows)}" if rows else about)


def _row(place: LineRef, entry: Entry, *, is_used: bool) -> tuple[object, ...]:
    line = " ".join(entry.asked.prompt.split())
    prompt = shortened(line, _LONGEST)
    ending = " (an error)" if entry.error is not None else ""
    return (
        place.number,
        as_text(prompt) + ending,
        as_text(names.shown(entry.asked.provider)),
        as_text(names.shown(entry.answering_model)),
        as_text(names.shown(entry.at)),
        "yes" if is_used else "",
    )


def _check(session: Session) -> None:
    from g4f_magic.check import check_notebook

    cassette = session.cassette()
    lines = [
        f"`{cassette.path.name}`: {numbered(len(cassette.index.all()), 'turn')} of format {FORMAT}, each whole."
    ]
    unused = cassette.unused()
    if session.notebook.file is not None and session.notebook.file.exists():
        found = check_notebook(session.notebook.file, cassette.index)
        lines += [f"- Miss: {miss.text}" for miss in found.misses]
        unused = [place for place in unused if place in found.unused]
        lines.append(f"- {numbered(found.held, 'cell')} of the saved notebook: recorded.")
        if found.asks_by_code and not cassette.has_played:
            unused = []
            lines.append("- It asks by code, too: what that asks for is known once it has run.")
    lines += [f"- Line {place.number}: nothing asked for it." for place in unused]
    say("\n".join(lines))


def _prune(session: Session) -> None:
    from g4f_magic.check import check_notebook

    cassette = session.cassette()
    unused = cassette.unused()
    if session.notebook.file is not None and session.notebook.file.exists():
        found = check_notebook(session.notebook.file, cassette.index)
        if found.asks_by_code and not cassette.has_played:
            raise InputError(
                "the notebook asks by code, too, and was not run yet: what that asks for is not known",
                hint="%chat mode replay, run all cells, then prune.",
            )
        unused = [place for place in unused if place in found.unused]
    elif len(unused) == len(cassette.index.all()):
        raise InputError("nothing was asked in this run yet", hint="Run the notebook first, then prune.")
    unused = cassette.index.loose(unused)
    if unused:
        cassette.remove(unused)
    say(f"{numbered(len(unused), 'turn')} taken out of `{cassette.path.name}`.")
