"""Fuzzing with coverage: the event decoder beside the standard's steps, the readers, and the cassette's lines.

    python -m benchmarks.fuzz [--minutes 10] [--seed 1] [TARGET ...]

Needs `pip install atheris`, and takes the minutes for each target. What it finds it prints as a test case; a
finding becomes an example in tests/fuzz. The corpus is kept in a folder of the system's temporary files.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

TARGETS = ("events", "readers", "cassette")
_WORDS = [
    b"data: ",
    b"event: ",
    b"id: ",
    b"\r\n\r\n",
    b"\n\n",
    b"\r",
    b": ",
    b"\xef\xbb\xbf",
    b"[DONE]",
    b'{"',
]
_SEEDS = {
    "events": [
        b"data: a\n\ndata: b\r\n\r\nevent: x\rdata: c\r\r: ping\n\nid: 1\ndata\n\n",
        b'\xef\xbb\xbfdata: "\xf0\x9f\xa6\x8a"\n\n',
    ],
    "readers": [
        b'data: {"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n',
        b'data: {"event": "text-chunk", "data": {"text": "a"}}\n\ndata: {"event": "stream-end"}\n\n',
        b'data: "a"\n\n0:"a"\n3:"b"\n{"choices": [{"message": {"content": "a"}}], "usage": {"prompt_tokens": 1}}',
    ],
    "cassette": [],
}


def events_target() -> Callable[[bytes], None]:
    """Our decoder, in two pieces, gives what the standard's steps for each line give."""
    from tests.unit.wire.test_sse import decode, read_slowly

    def one(data: bytes) -> None:
        cut = data[0] if data else 0
        assert decode(data[1 : 1 + cut], data[1 + cut :]) == read_slowly(data[1:])

    return one


def readers_target() -> Callable[[bytes], None]:
    """Each reader gives chunks or an error of ours, however its bytes are cut."""
    from tests.fuzz.test_readers import READERS, assert_holds

    names = list(READERS)

    def one(data: bytes) -> None:
        if len(data) > 2:
            assert_holds(names[data[0] % len(names)], data[2:], [data[1]])

    return one


def cassette_target() -> Callable[[bytes], None]:
    """Lines are recorded turns or refused with an error of ours; what is read is written back the same."""
    from tests.fuzz.test_cassette import assert_lines_hold

    return assert_lines_hold


def fuzz(target: str, seconds: int, seed: int, corpus: str) -> None:
    """Run one target in this process; it ends with the process."""
    import atheris

    with atheris.instrument_imports(include=["g4f_magic"]):
        one = {"events": events_target, "readers": readers_target, "cassette": cassette_target}[target]()
    options = [
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        "-max_len=4096",
        "-timeout=20",
        "-rss_limit_mb=2048",
    ]
    atheris.Setup([sys.argv[0], *options, corpus], one)
    atheris.Fuzz()


def seeds(target: str) -> list[bytes]:
    """Return what the corpus begins with."""
    if target == "cassette":
        from tests.fuzz.test_cassette import SEEDS

        return SEEDS
    return [b"\x07" + seed for seed in _SEEDS[target]] + [
        bytes([number, 9]) + seed for number in range(6) for seed in _SEEDS[target]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "targets", nargs="*", default=list(TARGETS), metavar="TARGET", help=", ".join(TARGETS)
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        fuzz(given.targets[0], round(given.minutes * 60), given.seed, given.inside)
        return
    is_clean = True
    for target in given.targets:
        corpus = Path(tempfile.gettempdir(), "g4f_magic-fuzz", target)
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds(target)):
            (corpus / f"seed-{number}").write_bytes(seed)
        options = ["--minutes", str(given.minutes), "--seed", str(given.seed), "--inside", str(corpus)]
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.fuzz", target, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        counts = re.findall(r"Done (\d+) runs|#(\d+)\s", said)
        runs = max((int(first or second) for first, second in counts), default=0)
        is_clean &= done.returncode == 0
        result = "nothing found" if done.returncode == 0 else f"FOUND:\n{said[-4000:]}"
        print(f"{target}: {runs:,} executions in {time.monotonic() - began:.0f} s: {result}", flush=True)
    raise SystemExit(0 if is_clean else 1)


if __name__ == "__main__":
    main()
