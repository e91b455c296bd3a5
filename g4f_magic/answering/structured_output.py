"""Structured output: asking for a typed reply in the best way that a service supports, and once more where what came does not fit.

Services take `response_format` with a JSON Schema, or with `json_object` alone, or not at all; some take it and pass
over it. What one refused or passed over is remembered for its address and the model: see `known_ways`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from g4f_magic.answering.ends import Ends
from g4f_magic.answering.form import PLAIN, Form, Send, Way
from g4f_magic.answering.known_ways import KnownWays
from g4f_magic.answering.sights import Place
from g4f_magic.causes import Cause
from g4f_magic.chunks import Chunk, Finish, Reasoning, Rethought, Text, Unfit, Usage
from g4f_magic.endings import Ending, ending_of, words_of
from g4f_magic.errors import ChatError, InputError, ResponseStatusError, ServiceError, UnfitReplyError
from g4f_magic.schemas import Schema, digest_of
from g4f_magic.schemas.asked import in_words, repair_words, response_format
from g4f_magic.schemas.fitting import loaded

_MOST_BEFORE = 20_000
"""Of an answer that did not fit, in characters, that goes along when it is asked for once more."""
_DOUBTFUL = frozenset({400, 404, 415, 422, 500, 501})
"""Statuses of a service that does not say in words what it does not take."""
_SIGNS = re.compile(
    r"response[_ .]?format|output[_ .]?(?:format|config)|json[_ -]?(?:object|mode)|structured|schema|additionalproperties|grammar|guided",
    re.I,
)
_OF_SCHEMA = re.compile(
    r"(?:invalid|unsupported|bad|malformed) (?:json )?schema|schema (?:is|was) (?:invalid|not|too)|additionalproperties"
    r"|keyword|(?:is|are) not permitted|too (?:many|deep|complex)|nesting",
    re.I,
)
_NEVER = frozenset(
    {
        Cause.NO_CREDIT,
        Cause.WRONG_KEY,
        Cause.RATE_LIMITED,
        Cause.OVERLOADED,
        Cause.LOADING,
        Cause.TIMED_OUT,
        Cause.REGION,
        Cause.NO_MODEL,
        Cause.NO_SERVICE,
        Cause.NO_MEMORY,
        Cause.UNKNOWN_MODEL,
        Cause.NO_PICTURES,
        Cause.LONG_CONVERSATION,
        Cause.POLICY,
    }
)
"""What says plainly that something else is wrong."""


async def fitted(
    send: Send, schema: Schema, place: Place, best: Way, ways: KnownWays
) -> AsyncGenerator[Chunk]:
    """Yield a reply that fits; where the first does not, `Unfit`, and another one.

    `best` is what services of that protocol can do at most, `ways` what is known of them. What was counted of both is
    counted together.

    Raises:
        UnfitReplyError: the second does not fit either, or the first was cut.
        ChatError: as the service.
    """
    question = _Question(send, schema, place, best, ways)
    loading = asyncio.create_task(loaded())
    async with aclosing(question.asked()) as chunks:
        async for chunk in chunks:
            yield chunk
    await loading
    error = question.misfit()
    if error is not None and not question.is_cut:
        yield Unfit(error.problems[0])
        again = Form(
            further=(
                {"role": "assistant", "content": error.text[:_MOST_BEFORE]},
                {"role": "user", "content": repair_words(schema, error)},
            )
        )
        async with aclosing(question.asked(again)) as chunks:
            async for chunk in chunks:
                yield chunk
        error = question.misfit()
    error = error or question.refusal()
    for chunk in question.ends.chunks():
        yield chunk
    if error is not None:
        if question.is_cut:
            error.hint = (
                "It was cut at the length limit: allow more with --max-tokens. What had come is kept."
            )
        raise error


class _Question:
    """One question, asked in one way after the other, and what came of it."""

    def __init__(self, send: Send, schema: Schema, place: Place, best: Way, ways: KnownWays) -> None:
        self._send = send
        self._schema = schema
        self._place = place
        self._ways = ways
        self._digest = digest_of(schema)
        self._way = ways.best(place, self._digest, best)
        self._texts: list[str] = []
        self.ends = Ends()

    @property
    def is_cut(self) -> bool:
        """Say whether the reply ended at a limit."""
        return ending_of(self.ends.reason) is Ending.LIMIT

    async def asked(self, form: Form = PLAIN) -> AsyncGenerator[Chunk]:
        """Yield the reply, asked for in the best way that is not refused; its end and its counts are held back."""
        first: ChatError | None = None
        refused = ""
        while True:
            self._texts = []
            self.ends.begin()
            is_begun = False
            try:
                async with aclosing(self._send(self._formed(form))) as chunks:
                    async for chunk in chunks:
                        is_begun = is_begun or isinstance(chunk, Text | Reasoning)
                        if self._is_passed_on(chunk):
                            yield chunk
            except ChatError as exc:
                if is_begun or self._way is Way.WORDS or not self._may_be_of_the_way(exc):
                    if first is not None and not is_begun:
                        raise first from None  # the way was not it: what was said of the question counts
                    raise
                first = first or exc
                refused = self._digest if _OF_SCHEMA.search(str(exc)) else ""
                self._way = self._lower(exc)
                continue
            if first is not None:
                self._ways.keep(self._place, self._way, refused)
            elif self._way is Way.SCHEMA:
                self._ways.keep(self._place, self._way, self._digest)
            return

    def misfit(self) -> UnfitReplyError | None:
        """Return what is wrong with the reply; None where it fits, or is none and that is said elsewhere."""
        text = "".join(self._texts)
        ending = ending_of(self.ends.reason)
        if not text.strip() or ending not in (Ending.PLAIN, Ending.LIMIT, Ending.UNKNOWN):
            return None
        try:
            self._schema.validate(text)
        except UnfitReplyError as exc:
            if self._way is not Way.WORDS and not self.is_cut:
                self._ways.keep_unsure(self._place)
            return exc
        return None

    def refusal(self) -> UnfitReplyError | None:
        """Return the error for words in place of a reply: the model refused, or a filter held it back."""
        text, reason = "".join(self._texts), self.ends.reason
        if not text.strip() or ending_of(reason) not in (Ending.REFUSAL, Ending.FILTER):
            return None
        try:
            self._schema.validate(text)
        except UnfitReplyError as exc:
            why = words_of(reason)
            hint = "Its words are kept. Ask in other words, or name another model."
            return UnfitReplyError(f"no typed reply: {why}", text=exc.text, problems=(why,), hint=hint)
        return None

    def _is_passed_on(self, chunk: Chunk) -> bool:
        match chunk:
            case Text(text):
                self._texts.append(text)
            case Rethought():
                self._texts.clear()
            case Finish() | Usage():
                self.ends.hold(chunk)
                return False
            case _:
                pass
        return True

    def _formed(self, form: Form) -> Form:
        """Return the form in the way that is in use."""
        schema = self._schema
        match self._way:
            case Way.SCHEMA:
                words = in_words(schema) if self._ways.is_unsure(self._place) and not form.further else ""
                return Form(words, {"response_format": response_format(schema, schema.name)}, form.further)
            case Way.OBJECT:
                parameters = {"response_format": {"type": "json_object"}}
                return Form("" if form.further else in_words(schema), parameters, form.further)
            case Way.WORDS:
                return Form("" if form.further else in_words(schema), {}, form.further)

    def _may_be_of_the_way(self, error: ChatError) -> bool:
        """Say whether the service may have refused how it was asked for JSON, and not the question."""
        if error.cause in _NEVER or not isinstance(error, ResponseStatusError | InputError | ServiceError):
            return False
        if _SIGNS.search(str(error)):
            return True
        if (
            name := error.diagnosis.parameter
        ):  # something else of the request, if it is none of the schema's words
            return f'"{name}"' in json.dumps(dict(self._schema))
        return isinstance(error, ResponseStatusError) and error.status in _DOUBTFUL

    def _lower(self, error: ChatError) -> Way:
        return Way(self._way - 1) if _SIGNS.search(str(error)) else Way.WORDS
