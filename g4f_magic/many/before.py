"""What a job would send, said before it does: how many requests, about how many tokens, what they cost, and one in full. No I/O."""

from __future__ import annotations

from g4f_magic.many.charges import expected_dollars, reply_tokens
from g4f_magic.many.job import Job
from g4f_magic.prices import money

MOST_EXAMPLE = 20_000
"""Characters of an example that are shown."""


def told(job: Job) -> str:
    """Return in one line what would be asked, and what that costs."""
    rows, wanted = job.rows.count, job.open_keys
    empty = sum(not one.is_failure for one in job.unasked.values())
    lines = [f"{rows:,} row{'s' * (rows != 1)}, {_requests(len(job.first_rows))}"]
    if (again := rows - len(job.first_rows) - len(job.unasked)) > 0:
        lines.append(f"{again:,} ask what another row asks")
    if empty:
        lines.append(f"{empty:,} empty, not asked")
    if job.held:
        lines.append(f"{job.held:,} {'recorded' if job.who is None else 'answered before'}")
    said = " · ".join(lines)
    if job.who is None:
        return f"{said}. The answers come from the recording; live, roughly {sum(job.tokens.values()):,} tokens of prompts would go out."
    who = " · ".join(filter(None, (job.who.served.provider, job.who.served.model)))
    left = f"To ask of {who}: {_requests(len(wanted))}, roughly {job.sent_tokens():,} tokens of prompts"
    return f"{said}. {left}{_cost_in_words(job)}."


def _cost_in_words(job: Job) -> str:
    dollars = expected_dollars(job)
    if dollars is None:
        return "" if job.who is None or not job.open_keys else "; what they cost is not known"
    if job.who is not None and job.who.tariff is not None and job.who.tariff.is_free:
        return ", at no charge"
    return f", {money(dollars, is_estimated=True)} with replies of {reply_tokens(job):,} tokens"


def example_of(job: Job) -> str:
    """Return the first request that would be sent, as text; empty where there is none."""
    key = next(iter(job.open_keys or job.first_rows), None)
    if key is None:
        return ""
    ask = job.request(key).ask
    system = f"[system]\n{ask.system}\n\n" if ask.system else ""
    attached = "".join(f"\n\n[{one.name}]\n{one.text}" for one in ask.attachments if one.text)
    return f"{system}{ask.text}{attached}"[:MOST_EXAMPLE]


def _requests(number: int) -> str:
    return "1 request" if number == 1 else f"{number:,} distinct requests"
