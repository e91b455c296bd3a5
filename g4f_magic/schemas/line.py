"""A schema in one line: `label: positive|negative|neutral, why: str`. No I/O."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from g4f_magic.errors import InputError

LONGEST_LINE = 20_000
_DEEPEST = 20

JSON_OF: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "string": {"type": "string"},
    "text": {"type": "string"},
    "int": {"type": "integer"},
    "integer": {"type": "integer"},
    "float": {"type": "number"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "url": {"type": "string", "format": "uri"},
    "list": {"type": "array", "items": {"type": "string"}},
    "any": {},
    "none": {"type": "null"},
    "null": {"type": "null"},
}
"""The words that are kinds."""

_KIND_OF = {str: "string", int: "integer", float: "number", bool: "boolean"}
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')|(?P<note>\([^()]*+\))|(?P<sign>\[\]|[{}\[\],:|?()])"""
    r"""|(?P<word>[^\s{}\[\],:|?()"']+))"""
)
_INT = re.compile(r"[-+]?\d{1,15}")
_FLOAT = re.compile(r"[-+]?\d{1,15}\.\d{1,15}")
_RANGE = re.compile(rf"({_FLOAT.pattern}|{_INT.pattern})\.\.({_FLOAT.pattern}|{_INT.pattern})")
_HINT = 'Write --schema "label: positive|negative, why: str", or the name of a class.'

Found = Callable[[str], dict[str, Any] | None]
"""Returns the JSON Schema of a class of the notebook by its name; None where there is none of it."""


def json_of_line(line: str, found: Found = lambda name: None) -> dict[str, Any]:
    """Return the JSON Schema that a line means.

    `name: type` makes a field, a comma parts them, `name?` may be missing, `(...)` behind a type describes it. A type
    is `str`, `int`, `float`, `bool`, `date`, `datetime`, `url`, `any`, a range `1..5`, values `a|b|c`, a list `[type]`
    or `type[]`, or fields in braces.

    Raises:
        InputError: it cannot be read.
    """
    if len(line) > LONGEST_LINE:
        raise InputError(
            f"the schema's line has {len(line):,} characters, more than {LONGEST_LINE:,}",
            hint="Make it a class.",
        )
    return _Line(line, found).read()


class _Line:
    """Reads one line, token by token."""

    def __init__(self, line: str, found: Found) -> None:
        self._line = line
        self._found = found
        self._tokens = self._parted(line)
        self._at = 0
        self._depth = 0

    def _parted(self, line: str) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        end = len(line.rstrip())
        at = 0
        while at < end:
            match = _TOKEN.match(line, at)
            if match is None:
                self._fail(f"{line[at : at + 20].strip()!r} cannot be read")
            kind = match.lastgroup or ""
            tokens.append((kind, match[kind]))
            at = match.end()
        return tokens

    def read(self) -> dict[str, Any]:
        if not self._tokens:
            self._fail("it is empty")
        found = self._fields(end="") if self._begins_fields() else self._type()
        if self._at < len(self._tokens):
            self._fail(f"{self._tokens[self._at][1]!r} is not expected there")
        return found

    def _begins_fields(self) -> bool:
        """Say whether fields follow, and no type: a name with a colon or a question mark, or names parted by commas."""
        first, second = self._peek(), self._peek(1)
        if first[0] not in ("word", "quoted"):
            return False
        if second in (("sign", ":"), ("sign", "?")):
            return True
        return ("sign", ",") in self._tokens[self._at :] and second in (("sign", ","), ("", ""))

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else ("", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _took(self, sign: str) -> bool:
        if self._peek() == ("sign", sign):
            self._at += 1
            return True
        return False

    def _fields(self, end: str) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        required: list[str] = []
        while True:
            name = self._name()
            if name in properties:
                self._fail(f"the field {name} stands there twice")
            is_optional = self._took("?")
            one = self._type() if self._took(":") else {"type": "string"}
            one = self._described(one)
            properties[name] = _or_null(one) if is_optional else one
            if not is_optional:
                required.append(name)
            if not self._took(",") or self._peek() in (("", ""), ("sign", end)):
                break
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def _name(self) -> str:
        kind, text = self._take()
        if kind == "quoted":
            return _unquoted(text)
        if kind != "word":
            self._fail(
                f"a field's name is expected where {text or 'the line'} {'stands' if text else 'ends'}"
            )
        return text

    def _described(self, one: dict[str, Any]) -> dict[str, Any]:
        kind, text = self._peek()
        if kind != "note":
            return one
        self._at += 1
        return {**one, "description": text[1:-1].strip()}

    def _type(self) -> dict[str, Any]:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._fail("it is nested too deeply")
        alternatives = [self._alternative()]
        while self._took("|"):
            alternatives.append(self._alternative())
        self._depth -= 1
        return _one_of(alternatives) if len(alternatives) > 1 else self._alone(alternatives[0])

    def _alternative(self) -> Any:
        kind, text = self._take()
        found: Any
        if kind == "quoted":
            found = _Value(_unquoted(text))
        elif kind == "word":
            words = [text]
            while self._peek()[0] == "word":
                words.append(self._take()[1])
            found = self._of_words(" ".join(words))
        elif text == "[":
            found = {"type": "array", "items": self._inside("]")}
        elif text == "{":
            found = self._inside("}")
        else:
            self._fail(f"a type is expected where {text or 'the line'} {'stands' if text else 'ends'}")
        while self._took("[]"):
            found = {"type": "array", "items": self._alone(found)}
        return found

    def _inside(self, end: str) -> dict[str, Any]:
        found = self._fields(end) if end == "}" or self._begins_fields() else self._type()
        if not self._took(end):
            self._fail(f"a {end} is missing")
        return found

    def _of_words(self, text: str) -> Any:
        if (known := JSON_OF.get(text)) is not None:
            return dict(known)
        if bounds := _RANGE.fullmatch(text):
            least, most = (float(one) if "." in one else int(one) for one in bounds.groups())
            if least > most:
                self._fail(f"{text} begins above its end")
            kind = "number" if isinstance(least, float) or isinstance(most, float) else "integer"
            return {"type": kind, "minimum": least, "maximum": most}
        if _INT.fullmatch(text):
            return _Value(int(text))
        if _FLOAT.fullmatch(text):
            return _Value(float(text))
        if text.isidentifier() and (own := self._found(text)) is not None:
            return own
        return _Value(text, is_bare=True)

    def _alone(self, found: Any) -> dict[str, Any]:
        """Return the type that stands alone: a bare word there is more likely a slip than the one allowed value."""
        if not isinstance(found, _Value):
            return dict(found)
        if found.is_bare:
            near = difflib.get_close_matches(str(found.value), JSON_OF, n=1)
            self._fail(
                f"{found.value!r} is not a type",
                (f"Did you mean {near[0]}? " if near else "") + "Quotes make it the one allowed value.",
            )
        return of_values([found.value])

    def _fail(self, what: str, hint: str = "") -> NoReturn:
        raise InputError(f"the schema cannot be read: {what}", hint=hint or _HINT)


class _Value:
    """One of the values that are allowed; `is_bare`: written without quotes."""

    def __init__(self, value: Any, *, is_bare: bool = False) -> None:
        self.value = value
        self.is_bare = is_bare


def of_values(values: Sequence[Any]) -> dict[str, Any]:
    """Return the schema of one of several values; with their kind, where they have one, as some services want it."""
    kinds = {_KIND_OF.get(type(one)) for one in values}
    return {**({"type": kind} if len(kinds) == 1 and (kind := kinds.pop()) else {}), "enum": list(values)}


def _one_of(alternatives: Iterable[Any]) -> dict[str, Any]:
    """Return the type of any of several: the values among them make one."""
    values: list[Any] = []
    types: list[dict[str, Any]] = []
    for one in alternatives:
        if isinstance(one, _Value):
            if one.value not in values:
                values.append(one.value)
        else:
            types.append(one)
    if values:
        types.insert(0, of_values(values))
    return types[0] if len(types) == 1 else {"anyOf": types}


def _or_null(one: dict[str, Any]) -> dict[str, Any]:
    inner = {name: value for name, value in one.items() if name != "description"}
    note = {"description": one["description"]} if "description" in one else {}
    return {"anyOf": [inner, {"type": "null"}], **note}


def _unquoted(text: str) -> str:
    inner = text[1:-1].replace("\\'", "'") if text[0] == "'" else text[1:-1]
    try:
        return str(json.loads(f'"{inner}"' if text[0] == '"' else json.dumps(inner)))
    except ValueError:
        return inner
