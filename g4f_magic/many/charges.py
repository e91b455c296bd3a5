"""What a job costs, as far as prices are known: before it is asked, and so far. No I/O."""

from __future__ import annotations

from g4f_magic.answering.budget import USUAL_REPLY_TOKENS
from g4f_magic.many.answer import Answer, Outcome
from g4f_magic.many.job import Job
from g4f_magic.messages import Usage
from g4f_magic.prices import money


def reply_tokens(job: Job) -> int:
    """Return how long replies are taken for: as those that came, else as long as they may be."""
    said = [one.completion_tokens for one in job.outcomes.values() if isinstance(one, Answer)]
    known = [one for one in said if one is not None]
    if known:
        return -(-sum(known) // len(known))
    most = job.template.ask.parameters.get("max_tokens")
    return most if isinstance(most, int) else USUAL_REPLY_TOKENS


def expected_dollars(job: Job) -> float | None:
    """Return about what the requests that are left cost; None where that is not known."""
    number = len(job.open_keys)
    if job.who is None or job.who.tariff is None or not number:
        return None
    if job.who.tariff.is_free:
        return 0.0
    one = job.who.tariff.dollars(Usage(-(-job.sent_tokens() // number), reply_tokens(job)))
    return None if one is None else one * number


class Charges:
    """What came cost so far."""

    def __init__(self, job: Job) -> None:
        self._tariff = None if job.who is None else job.who.tariff
        self._dollars = 0.0
        self._is_known = False

    def note(self, outcome: Outcome) -> None:
        """Add what an answer cost."""
        if self._tariff is None or not self._tariff.seller or not isinstance(outcome, Answer):
            return
        if outcome.prompt_tokens is None or outcome.completion_tokens is None:
            return
        usage = Usage(outcome.prompt_tokens, outcome.completion_tokens)
        dollars = self._tariff.dollars(usage, outcome.model)
        if dollars is not None:
            self._dollars += dollars
            self._is_known = True

    def in_words(self) -> str:
        """Return it in words; empty where nothing of it is known."""
        return money(self._dollars) if self._is_known else ""
