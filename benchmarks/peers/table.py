"""The figures of all rounds as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from benchmarks.peers.measures import Figures

CLAIMS = """\
All chat with the same gateway on this machine over OpenAI's protocol, each in a real kernel in an environment of
its own, with a new conversation for each question. The floor is an aiohttp loop that prints each piece; CPU is
divided by the floor's of the same round. "A stream without its end": it closes after a piece, with neither end mark
nor finish reason, as a server that dies leaves it. "A lost connection": it closes half-way against HTTP's rules.
A peer that does not stream gets an empty body there, and no answer at all. "As a whole reply": nothing in the cell
tells it from one.

Not shown: a real network and a real service (this server sends 4-character pieces as fast as they are taken, which
no service does); what the Jupyter server and the page do with the messages (rendering can cost more than all of
this); what else a peer can do (tools, other services, agents). The machine did other things as well: compare
within the table, not with figures from elsewhere.
"""


def costs(rows: Sequence[tuple[str, str, Sequence[Figures]]], floor: Sequence[Figures]) -> str:
    """Return the table of what they cost; a row is name, version and the figures of its rounds."""
    head = (
        "with",
        "version, distributions",
        "load → first cell, s",
        "RSS + MB, load → first cell",
        "bytes ÷ reply, 10 → 100 KB",
        "kernel CPU ÷ floor, 100 KB",
        "100 KB take, s",
    )
    lines = [head, ("---",) * len(head)]
    for name, version, rounds in rows:
        mega = _pair(rounds, "load_bytes", "first_bytes", lambda value: f"{value / 1e6:.0f}")
        cells = (
            _pair(rounds, "load_seconds", "first_seconds", lambda value: f"{value:.2f}"),
            mega,
            _pair(rounds, "times_10", "times_100", _times) + _losses(rounds),
            _ratio(rounds, floor),
            _one(rounds, "long_seconds", lambda value: f"{value:.1f}"),
        )
        lines.append((name, version, *cells))
    return _markdown(lines)


def behaviour(rows: Sequence[tuple[str, str, Sequence[Figures]]]) -> str:
    """Return the table of what they do."""
    head = (
        "with",
        "streams",
        "Stop to idle, s",
        "lines Stop leaves",
        "a 401",
        "a stream without its end",
        "a lost connection",
    )
    lines = [head, ("---",) * len(head)]
    for name, _, rounds in rows:
        stop = _one(rounds, "stop_seconds", lambda value: f"{value:.2f}")
        left = _one(rounds, "stop_lines", lambda value: f"{value:.0f}")
        said = (_one(rounds, key, str) for key in ("refused", "no_end", "cut_off"))
        lines.append((name, _one(rounds, "streams", str), stop, left, *said))
    return _markdown(lines)


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _times(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _one(rounds: Sequence[Figures], key: str, show: Callable[[float], str]) -> str:
    """Return the median, or the texts where a round has one."""
    seen = [figures[key] for figures in rounds if key in figures]
    numbers = [value for value in seen if not isinstance(value, str)]
    texts = [value for value in seen if isinstance(value, str)]
    shown = [show(statistics.median(numbers))] if numbers else []
    return " / ".join([*shown, *dict.fromkeys(texts)]) or "–"


def _pair(rounds: Sequence[Figures], first: str, second: str, show: Callable[[float], str]) -> str:
    return f"{_one(rounds, first, show)} → {_one(rounds, second, show)}"


def _losses(rounds: Sequence[Figures]) -> str:
    lost = [key for key in ("whole_10", "whole_100") if any(figures.get(key) == "no" for figures in rounds)]
    return " (the end was not shown)" if lost else ""


def _ratio(rounds: Sequence[Figures], floor: Sequence[Figures]) -> str:
    """Return the median of the quotients, each with the floor of its own round."""
    quotients = []
    for ours, base in zip(rounds, floor, strict=True):
        cost, least = ours.get("cpu_seconds"), base.get("cpu_seconds")
        if isinstance(cost, float) and isinstance(least, float) and least:
            quotients.append(cost / least)
    return f"{statistics.median(quotients):.2f}" if quotients else _one(rounds, "cpu_seconds", str)
