"""What looking for names in a prompt costs: one without any, and one that names a list.

Run: python -m benchmarks.attaching
"""

from __future__ import annotations

import timeit

from g4f_magic.ask import ask_of
from g4f_magic.attaching.given import GivenNames
from g4f_magic.options import Options
from g4f_magic.session import Session
from g4f_magic.settings import Settings

TIMES = 5_000


def main() -> None:
    session, options = Session(Settings(history="off")), Options()
    plain = "Explain this to me, please. " * 20
    named = f"{plain} {{{{rows}}}}"
    source = GivenNames({"rows": list(range(10_000))})
    cases = {
        "a question without names, not looked into": (
            lambda: ask_of(plain, options, session.settings),
            TIMES,
        ),
        "the same, looked into": (lambda: session.filled(plain, options, lambda: source), TIMES),
        "one that names a list of 10,000": (lambda: session.filled(named, options, lambda: source), 200),
    }
    for name, (call, times) in cases.items():
        seconds = min(timeit.repeat(call, number=times, repeat=5)) / times
        print(f"{name:45} {seconds * 1e6:10.1f} µs")


if __name__ == "__main__":
    main()
