"""Record and replay: the turns of a notebook in a file beside it, one line each.

In come an `Asked` (what an answer depends on) and the chunks of a reply with their times; out come lines of JSON, and at
replay the same chunks, or a miss that names the nearest recording. A line names what was asked and the turn before it
by a hash; it holds neither hosts nor secrets. `docs/cassettes.md` describes the format.
"""

from __future__ import annotations

from g4f_magic.cassette.entry import Entry, Timed, failure_json
from g4f_magic.cassette.entry_line import FORMAT
from g4f_magic.cassette.file import CassetteFile, beside
from g4f_magic.cassette.index import Index, LineRef
from g4f_magic.cassette.key import Asked, kept_parameters, recordable
from g4f_magic.cassette.miss import miss_error
from g4f_magic.cassette.open_cassette import OpenCassette, Reservation
from g4f_magic.cassette.secret_scan import secret_warning
from g4f_magic.cassette.streams import Pace, has_text, play

__all__ = [
    "FORMAT",
    "Asked",
    "CassetteFile",
    "Entry",
    "Index",
    "LineRef",
    "OpenCassette",
    "Pace",
    "Reservation",
    "Timed",
    "beside",
    "failure_json",
    "has_text",
    "kept_parameters",
    "miss_error",
    "play",
    "recordable",
    "secret_warning",
]
