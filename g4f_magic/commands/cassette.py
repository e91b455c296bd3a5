"""`%chat mode` and `%chat cassette`: record, replay, and what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g4f_magic.cassette import FORMAT, Entry, Place
from g4f_magic.commands.choosing import numbered
from g4f_magic.commands.output import say, table
from g4f_magic.errors import InputError
from g4f_magic.grammar import Words

if TYPE_CHECKING:
    from g4f_magic.session import Session

MODES = {
    "live": "replies are live, and nothing is recorded",
    "record": "replies are live, and recorded in `{file}`",
    "replay": "replies come from `{file}`, and nothing is sent",
    "auto": "replies come from `{file}` where they are recorded; the others are live, and recorded there",
}
_LONGEST = 60


async def mode(session: Session, words: list[str]) -> None:
    """Say where replies come from, or choose it; a run begins anew with that."""
    given = Words("mode", words, most=1)
    in_force = session.settings.mode_in_force
    wanted = given.rest[0].lower() if given.rest else in_force
    if wanted not in MODES:
        raise InputError(f"there is no mode {given.rest[0]!r}", hint=f"There are {', '.join(MODES)}.")
    # Before anything is changed: recording into a file that cannot be would only fail later.
    name = "" if wanted == "live" else session.tape().path.name
    if wanted == "record":
        session.tape().check_writable()
    if given.rest:
        session.settings.mode = wanted
        if session.settings.mode_in_force != wanted:
            say(f"The mode stays **{in_force}**: it is set for this whole run.")
            return
        session.recording.begin_run()
    say(f"**{wanted}**: {MODES[wanted].format(file=name)}.")


async def cassette(session: Session, words: list[str]) -> None:
    """List what is recorded, check it, take out what nothing uses, or choose the file."""
    first = words[0] if words else ""
    if first in ("check", "prune"):
        Words(f"cassette {first}", words[1:], most=0)
        (_check if first == "check" else _prune)(session)
        return
    given = Words("cassette", words, most=1)
    if given.rest:
        if not given.rest[0].endswith(".jsonl"):
            raise InputError(
                f"{given.rest[0]!r} is no name of a cassette", hint="It ends with .jsonl. Or: check, prune."
            )
        session.settings.cassette = given.rest[0]
    tape = session.tape()
    unused = set(tape.unused())
    rows = [_row(place, entry, is_used=place not in unused) for place, entry in tape.index.all()]
    about = f"`{tape.path.name}` holds {numbered(len(rows), 'turn')}."
    columns = ["line", "prompt", "provider", "model", "recorded", "asked in this run"]
    say(f"{about}\n\n{table(columns, rows)}" if rows else about)


def _row(place: Place, entry: Entry, *, is_used: bool) -> tuple[object, ...]:
    line = " ".join(entry.asked.prompt.split())
    prompt = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    ending = " (an error)" if entry.error is not None else ""
    return (
        place.number,
        prompt + ending,
        entry.asked.provider,
        entry.answering_model,
        entry.at,
        "yes" if is_used else "",
    )


def _check(session: Session) -> None:
    """Read every line, and say what the cells ask for that is not held, and what is held for nothing."""
    from g4f_magic.check import check_notebook

    tape = session.tape()
    lines = [f"`{tape.path.name}`: {numbered(len(tape.index.all()), 'turn')} of format {FORMAT}, each whole."]
    unused = tape.unused()
    if session.file is not None and session.file.exists():
        found = check_notebook(session.file, tape.index)
        lines += [f"- Miss: {miss.text}" for miss in found.misses]
        unused = [place for place in unused if place in found.unused]
        lines.append(f"- {numbered(found.held, 'cell')} of the saved notebook: recorded.")
        if found.asks_by_code and not tape.has_played:
            unused = []
            lines.append("- It asks by code, too: what that asks for is known once it has run.")
    lines += [f"- Line {place.number}: nothing asked for it." for place in unused]
    say("\n".join(lines))


def _prune(session: Session) -> None:
    """Take out what neither this run nor the saved notebook asks for."""
    from g4f_magic.check import check_notebook

    tape = session.tape()
    unused = tape.unused()
    if session.file is not None and session.file.exists():
        found = check_notebook(session.file, tape.index)
        if found.asks_by_code and not tape.has_played:
            raise InputError(
                "the notebook asks by code, too, and was not run yet: what that asks for is not known",
                hint="%chat mode replay, run all cells, then prune.",
            )
        unused = [place for place in unused if place in found.unused]
    elif len(unused) == len(tape.index.all()):
        raise InputError("nothing was asked in this run yet", hint="Run the notebook first, then prune.")
    unused = tape.index.loose(unused)
    if unused:
        tape.remove(unused)
    say(f"{numbered(len(unused), 'turn')} taken out of `{tape.path.name}`.")


HELP = [
    ("%chat mode [live, record, replay or auto]", "where replies come from"),
    ("%chat cassette [FILE]", "what is recorded; with FILE, record and replay there"),
    ("%chat cassette check", "read every line; say what is missing, and what nothing asks for"),
    ("%chat cassette prune", "take out what nothing asks for"),
]
COMMANDS = {"mode": mode, "cassette": cassette}
