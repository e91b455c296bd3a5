"""What a job would send, said before it does: how many requests, about how many tokens, what they cost, and one in full."""

from __future__ import annotations

from g4f_magic.host.base import Host
from g4f_magic.many.charges import expected_dollars, reply_tokens
from g4f_magic.many.job import Job
from g4f_magic.prices import money
from g4f_magic.renderers.escaping import escaped
from g4f_magic.secret import mask_known
from g4f_magic.visible import make_visible, shortened

MOST_EXAMPLE, MOST_FOLDED, MOST_PRINTED = 20_000, 2_000, 300
"""Characters of an example: where nothing but that is shown, folded above a job, and in a line of a terminal or log."""
_PRE = "white-space:pre-wrap;overflow-wrap:anywhere;max-height:20em;overflow:auto;margin:.3em 0"


def show_before(job: Job, host: Host, lead: str = "", *, is_whole: bool = True) -> None:
    """Show what would be sent: in numbers, and one request, in full or (not `is_whole`) folded and cut."""
    line = make_visible(mask_known(f"{lead}{told(job)}"))
    example = make_visible(mask_known(example_of(job)))
    short = " ".join(example.split())
    short = shortened(short, MOST_PRINTED)
    if not is_whole and not job.open_keys:  # nothing is sent
        example = ""
    after = "" if not example else f"\nThe first of them:{chr(10) + example if is_whole else ' ' + short}"
    if not host.can_display:
        print(f"{line}{after}")
        return
    shown = example if is_whole or len(example) <= MOST_FOLDED else f"{example[: MOST_FOLDED - 1]}…"
    html = f'<div style="max-width:60em">{escaped(line)}</div>'
    if shown:
        fold = "<details open>" if is_whole else "<details>"
        html += (
            f'{fold}<summary>The first of them</summary><pre style="{_PRE}">{escaped(shown)}</pre></details>'
        )
    host.show({"text/html": html, "text/plain": f"{line}{after}"})


def told(job: Job) -> str:
    """Return in one line what would be asked, and what that costs."""
    rows, wanted = job.rows.count, job.open_keys
    empty = sum(not one.is_failure for one in job.unasked.values())
    lines = [f"{_counted(rows, 'row')}, {_requests(len(job.first_rows))}"]
    if (again := rows - len(job.first_rows) - len(job.unasked)) > 0:
        lines.append(f"{again:,} ask{'s' * (again == 1)} what another row asks")
    if empty:
        lines.append(f"{empty:,} empty, not asked")
    if job.held:
        lines.append(f"{job.held:,} {'recorded' if job.who is None else 'answered before'}")
    said = " · ".join(lines)
    if job.who is None:
        return f"{said}. The answers come from the recording; live, roughly {_counted(sum(job.tokens.values()), 'token')} of prompts would go out."
    who = " · ".join(filter(None, (job.who.served.provider, job.who.served.model)))
    left = f"To ask of {who}: {_requests(len(wanted))}, roughly {_counted(job.sent_tokens(), 'token')} of prompts"
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


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
