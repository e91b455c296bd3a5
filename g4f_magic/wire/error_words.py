"""The words of an error, wherever a service puts them, and what it says besides: codes, a parameter, a wait. No I/O.

JSON within a text, lists, objects within objects, web pages: services wrap one another's errors. The search is
bounded in depth and in the number of values that it looks at.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from g4f_magic.secret import Secret, redact
from g4f_magic.visible import shortened
from g4f_magic.wire.waiting import seconds_in_headers, seconds_in_value, seconds_in_words

SHOWN_CHARACTERS = 300
_MOST_CHARACTERS = 4000
"""Of words that are searched for a cause; more than that says no more."""
_MOST_DEPTH = 12
_MOST_VALUES = 400
_MOST_ITEMS = 8
_CONTAINERS = ("error", "errors", "err", "fault", "baseresp", "header", "exception", "response", "body")
_EXCEPTIONS = ("exception", "errormsg")
_SENTENCES = (
    *(
        "message",
        "msg",
        "errormessage",
        "errormsg",
        "errmsg",
        "statusmsg",
        "faultstring",
        "detail",
        "details",
    ),
    *(
        "errordescription",
        "description",
        "reason",
        "title",
        "cause",
        "failedgeneration",
        "statustext",
        "info",
    ),
)
_WRAPPERS = (
    *("innererror", "violations", "failure", "fail", "reasons", "raw", "data", "result", "meta", "status"),
    *("responsemetadata", "errordetails", "errorinfo", "output", "statusinfo"),
)
"""What may hold an error where nothing plainer does."""
_PLAIN = frozenset({"failure", "fail", "raw"})
"""Of those, what may be words itself."""
_CODES = ("code", "type", "status", "errorcode", "errortype", "errcode", "reason", "quotaid", "error", "name")
_NO_CAUSE = frozenset({"error", "fail", "failed", "failure"})
_FIELDS = ("loc", "field", "path", "property", "param", "pointer", "attribute")
_NO_FIELD = frozenset({"body", "query", "path", "header", ""})
_GENERIC = re.compile(
    r"(?:provider returned error|bad request|unauthorized|forbidden|not found|internal server error|error|failed"
    r"|validation (?:error|failed)|(?:the )?request failed|invalid request|unprocessable entity|too many requests"
    r"|service unavailable|upstream error|an error occurred|request failed with status code \d+)[.!]*",
    re.I,
)
_MARKUP = re.compile(r"\s*<(?:!|\?xml|[a-z][\w:-]*[\s>/])", re.I)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,400})</title", re.I)
_XML_MESSAGE = re.compile(r"<(?:message|faultstring|detail|description)>([^<]{1,1000})</", re.I)
_XML_CODE = re.compile(r"<code>([^<]{1,80})</", re.I)
_LABEL = re.compile(r"""\s*(?:\[[^][{}"']{1,80}\]|\{[\w .-]{1,40}\})[\s:,.-]{0,4}(?=[^\s\]}:,.-])""")
"""What stands in brackets before words, which are no JSON then: `[Errno 111] Connect call failed`."""
_HALF = re.compile(
    r"""['"](?:message|msg|detail|error_description|error)['"]\s{0,4}:\s{0,4}"""
    r"""(?:"((?:[^"\\]|\\.){2,2000})"|'((?:[^'\\]|\\.){2,2000})')"""
)
"""The words in JSON that was cut, or in the repr of a Python dictionary."""
_CODE_FORM = re.compile(r"[\w.:/-]{2,80}")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """What a service says of an error."""

    text: str = ""
    """One line of at most 4,000 characters, not made safe to show."""
    codes: tuple[str, ...] = ()
    parameter: str = ""
    retry_after_seconds: float | None = None

    def shown(self, secrets: Iterable[Secret] = ()) -> str:
        """Return the words as they may be shown: one short line, without keys and control characters."""
        return shown(self.text, secrets)


def words_in(value: Any) -> ErrorWords:
    """Return the words in a decoded JSON value, or in a text that may hold JSON or markup."""
    search = _Search()
    text = search.text_of(value)
    code = next((code for code in search.codes if code.lower() not in _NO_CAUSE), "")
    return ErrorWords(
        (text or code)[:_MOST_CHARACTERS],
        tuple(search.codes),
        search.parameter,
        search.seconds if search.seconds is not None else seconds_in_words(text[:_MOST_CHARACTERS]),
    )


def said_in(value: Any, secrets: Iterable[Secret] = ()) -> str:
    """Return the words of an error as they may be shown."""
    return words_in(value).shown(secrets)


def shown(text: str, secrets: Iterable[Secret] = ()) -> str:
    """Return a text of a service as one short line, without keys and control characters."""
    # A key that the cut went through could no longer be told for one.
    line = redact(text[: 8 * _MOST_CHARACTERS], secrets)
    if not line.isprintable():
        line = "".join(sign if sign.isprintable() else "\ufffd" for sign in line)
    return shortened(line, SHOWN_CHARACTERS)


class _Search:
    """One search: what was found besides the words, and how much more may be looked at."""

    def __init__(self) -> None:
        self.codes: dict[str, None] = {}
        self.parameter = ""
        self.seconds: float | None = None
        self._values_left = _MOST_VALUES

    def text_of(self, value: Any, depth: int = _MOST_DEPTH) -> str:
        self._values_left -= 1
        if depth < 0 or self._values_left < 0:
            return ""
        if isinstance(value, str):
            return self._of_text(value, depth)
        if isinstance(value, list):
            found = (self._of_item(one, depth - 1) for one in value[:_MOST_ITEMS])
            return "; ".join(dict.fromkeys(filter(None, found)))
        return self._of_object(value, depth) if isinstance(value, dict) else ""

    def _of_text(self, text: str, depth: int) -> str:
        text = text[: 16 * _MOST_CHARACTERS]
        if _MARKUP.match(text):
            return self._of_markup(text)
        if (start := _json_start(text)) is not None:
            try:
                inner = self.text_of(_DECODER.raw_decode(text, start)[0], depth - 1)
            except (ValueError, RecursionError):
                inner = next(_halves(text), "")
            if " " in inner or (inner and not text[:start].strip()):
                return inner
        if text.lstrip()[:1] in ("{", "[") and not _LABEL.match(text):
            return ""  # half of a JSON, or one without words, says nothing
        return _one_line(text)

    def _of_markup(self, text: str) -> str:
        if code := _XML_CODE.search(text):
            self._note_code(html.unescape(code[1]))
        found = _XML_MESSAGE.search(text) or _TITLE.search(text)
        return _one_line(html.unescape(found[1])) if found else ""

    def _of_object(self, given: dict[Any, Any], depth: int) -> str:
        values = {_plain(name): value for name, value in list(given.items())[: 4 * _MOST_ITEMS]}
        self._note(values)
        found = [self._raw(values.get("metadata"), depth)]
        found += [self._contained(name, values[name], depth) for name in _CONTAINERS if name in values]
        found += [
            self._of_exception(name, one, depth) for name, one in list(given.items())[: 4 * _MOST_ITEMS]
        ]
        found += [self._sentence(values[name], depth) for name in _SENTENCES if name in values]
        held = ((name, values[name]) for name in _WRAPPERS if name in values)
        found += [
            self.text_of(one, depth - 1) for name, one in held if name in _PLAIN or not isinstance(one, str)
        ]
        said = [text for text in found if text]
        telling = [text for text in said if " " in text and not _GENERIC.fullmatch(text)]
        return next(iter(telling or [text for text in said if " " in text] or said), "")

    def _sentence(self, value: Any, depth: int) -> str:
        """Return the words of a field for words; some services give them with their language."""
        if found := self.text_of(value, depth - 1):
            return found
        inner = (value.get("value") or value.get("text")) if isinstance(value, dict) else None
        return self._of_text(inner, depth - 1) if isinstance(inner, str) else ""

    def _raw(self, metadata: Any, depth: int) -> str:
        """Return what the service behind a router said, with that service's name."""
        if not isinstance(metadata, dict):
            return ""
        if isinstance(headers := metadata.get("headers"), dict):
            self._wait(seconds_in_headers({str(name).lower(): str(one) for name, one in headers.items()}))
        self._note({_plain(name): value for name, value in metadata.items()})
        raw = self.text_of(metadata.get("raw"), depth - 1)
        name = metadata.get("provider_name")
        return f"{name}: {raw}" if raw and isinstance(name, str) and name else raw

    def _contained(self, name: str, value: Any, depth: int) -> str:
        """Return the words in what holds an error; an object of `errors` may be one of fields."""
        if name != "errors" or not isinstance(value, dict):
            return self.text_of(value, depth - 1)
        if text := self._of_object(value, depth - 1):
            return text
        fields = [
            (str(field), self.text_of(said, depth - 1)) for field, said in list(value.items())[:_MOST_ITEMS]
        ]
        return "; ".join(self._of_field(field, said) for field, said in fields if said)

    def _of_exception(self, name: Any, value: Any, depth: int) -> str:
        """Return the words of an object whose name says what went wrong: Bedrock's `throttlingException`, `ErrorMsg`."""
        plain = _plain(name)
        if not isinstance(value, dict) or plain in _CONTAINERS or not plain.endswith(_EXCEPTIONS):
            return ""
        self._note_code(str(name))
        return self.text_of(value, depth - 1)

    def _of_item(self, value: Any, depth: int) -> str:
        """Return the words of one of a list, with the field that it is about."""
        text = self.text_of(value, depth)
        if not text or not isinstance(value, dict):
            return text
        values = {_plain(name): one for name, one in value.items()}
        place = next((values[name] for name in _FIELDS if values.get(name)), "")
        parts = place if isinstance(place, list) else str(place).replace("/", ".").split(".")
        names = [str(part) for part in parts[:_MOST_ITEMS] if str(part) not in _NO_FIELD]
        return self._of_field(".".join(names), text) if names else text

    def _of_field(self, field: str, text: str) -> str:
        self.parameter = self.parameter or (field if _CODE_FORM.fullmatch(field) else "")
        return text if field in text else f"{field}: {text}"

    def _note(self, values: dict[str, Any]) -> None:
        """Keep the codes of an object, the parameter that it names, and how long it asks us to wait."""
        for name in _CODES:
            if isinstance(code := values.get(name), str):
                self._note_code(code)
        if isinstance(parameter := values.get("param"), str) and _CODE_FORM.fullmatch(parameter):
            self.parameter = self.parameter or parameter
        for name, value in values.items():
            self._wait(seconds_in_value(name, value))
        for name in ("details", "violations", "innererror"):
            if isinstance(values.get(name), list | dict):
                self._note_inside(values[name])

    def _note_inside(self, value: Any) -> None:
        for one in value[:_MOST_ITEMS] if isinstance(value, list) else [value]:
            self._values_left -= 1
            if isinstance(one, dict) and self._values_left > 0:
                self._note({_plain(name): inner for name, inner in one.items()})

    def _note_code(self, code: str) -> None:
        if _CODE_FORM.fullmatch(code) and len(self.codes) < 4 * _MOST_ITEMS:
            self.codes[code] = None

    def _wait(self, seconds: float | None) -> None:
        if seconds is not None:
            self.seconds = max(self.seconds or 0.0, seconds)


def _plain(name: Any) -> str:
    return str(name)[:80].lower().replace("_", "").replace("-", "")


def _one_line(text: str) -> str:
    if "Traceback (most recent call last)" in text:
        text = text.strip().rpartition("\n")[2]  # a traceback says it last
    return " ".join(text.split())


def _json_start(text: str) -> int | None:
    """Return where JSON may begin: an object anywhere, a list at the beginning."""
    label = _LABEL.match(text)
    if label is None and text.lstrip()[:1] == "[":
        return text.index("[")
    place = text.find("{", label.end() if label else 0)
    return place if place >= 0 else None


def _halves(text: str) -> Iterator[str]:
    for double, single in _HALF.findall(text):
        said = double or single
        if " " in said:
            yield " ".join(re.sub(r"\\[nrt]", " ", said).replace('\\"', '"').replace("\\'", "'").split())
