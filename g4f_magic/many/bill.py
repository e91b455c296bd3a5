"""What the requests of one run cost, whatever came of them: noted as they end, and written with their answers. No I/O."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from g4f_magic.costing import Charge, Cost
from g4f_magic.session import Session


class Bill:
    """The bill of one run; `notebook` and `path` are those of the notebook that pays."""

    def __init__(self, notebook: str = "", path: str = "", *, clock: Callable[[], float] = time.time) -> None:
        self._notebook = notebook
        self._path = path
        self._clock = clock
        self._charges: list[Charge] = []

    @classmethod
    def of(cls, session: Session) -> Bill:
        """Return the bill of the notebook that is open."""
        place = session.notebook.file
        return cls(session.notebook.key, "" if place is None else str(place))

    def note(self, charge: Charge) -> None:
        """Note what a request took."""
        self._charges.append(charge)

    def taken_over(self, cost: Cost) -> Cost:
        """Return what others paid for the notebook of this bill as its own."""
        return replace(cost, notebook=self._notebook, path=self._path)

    def take(self) -> list[Cost]:
        """Return what was noted since the last call, added up by service, model, and how sure it is."""
        charges, self._charges = self._charges, []
        groups: dict[tuple[str, str, bool, bool], list[Charge]] = {}
        for one in charges:
            key = (one.provider, one.model, one.is_guessed, one.dollars is None)
            groups.setdefault(key, []).append(one)
        now = self._clock()
        return [
            Cost(
                notebook=self._notebook,
                path=self._path,
                started_at=now,
                provider=provider,
                model=model,
                prompt_tokens=sum(one.prompt_tokens for one in each),
                completion_tokens=sum(one.completion_tokens for one in each),
                is_guessed=is_guessed,
                dollars=None if is_unknown else sum(one.dollars or 0.0 for one in each),
                source="live",
                replies=len(each),
                is_of_rows=True,
            )
            for (provider, model, is_guessed, is_unknown), each in groups.items()
        ]
