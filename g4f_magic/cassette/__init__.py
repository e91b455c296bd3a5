"""Record and replay: the turns of a notebook in a file beside it, one line each.

The line of a turn names what was asked and the turn before it by a hash; it holds neither hosts nor secrets.
`docs/cassettes.md` describes the format.
"""

from __future__ import annotations

from g4f_magic.cassette.entry import FORMAT, Entry, failure_json
from g4f_magic.cassette.file import beside
from g4f_magic.cassette.index import Index, Place
from g4f_magic.cassette.key import Asked, recordable
from g4f_magic.cassette.playing import has_text, play, recorded
from g4f_magic.cassette.suspicion import suspicions
from g4f_magic.cassette.tape import Tape

__all__ = [
    "FORMAT",
    "Asked",
    "Entry",
    "Index",
    "Place",
    "Tape",
    "beside",
    "failure_json",
    "has_text",
    "play",
    "recordable",
    "recorded",
    "suspicions",
]
