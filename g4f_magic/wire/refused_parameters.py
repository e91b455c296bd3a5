"""Which parameter of a request a service does not take, and which name it wants instead. No I/O."""

from __future__ import annotations

import re
from typing import NamedTuple

from g4f_magic.wire.error_words import ErrorWords

_NAME = r"[\s:=\[{]{0,4}['\"`“]{0,2}([A-Za-z_][\w.\[\]]{1,60}?)['\"`”]{0,2}(?![\w])"
_QUOTED = r"['\"`“]([A-Za-z_][\w.\[\]]{0,60})['\"`”]"
_SNAKE = r"[a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){1,6}"
_WORDS = r"(?:request )?(?:parameters?|params?|fields?|arguments?|keyword arguments?|properties|property|keys?|options?|names?)"
_REFUSED = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"unsupported (?:parameter|value|option|argument)s?(?:\(s\))?{_NAME}",
        rf"(?:unrecognized|unknown|unexpected|unsupported|unpermitted|extra|invalid|additional|forbidden) {_WORDS}(?:\(s\))?(?: supplied| found| provided)?[:\s]{{0,3}}{_QUOTED}",
        rf"(?:unrecognized|unexpected|unsupported) {_WORDS}(?: supplied| found| provided)?:\s?([\w.]{{2,60}})",
        rf"{_QUOTED}\s?(?:is|was|are)? ?(?:not (?:supported|permitted|allowed|recognized|accepted|a valid (?:parameter|argument|field))|unsupported|deprecated|unexpected|unknown|unrecognized)",
        rf"{_QUOTED}(?: parameter| field| option)? (?:is|was) (?:not (?:supported|permitted|allowed|recognized|accepted)|unsupported|deprecated)",
        rf"(?:not|n't) (?:support|accept|allow|recognize) (?:the )?{_WORDS}{_NAME}",
        rf"(?:not|n't) (?:support|accept|allow) ({_SNAKE}|temperature|seed|stop|n) ?= ?",
        r"\b([A-Za-z_][\w.]{1,60}): (?:extra inputs are not permitted|extra fields not permitted|unexpected keyword|unknown field|field not permitted)",
        rf"(?:parameter|argument|field|property){_NAME} (?:is )?(?:not (?:supported|permitted|allowed|recognized)|unsupported|unknown|deprecated)",
        rf"{_QUOTED}? ?does not support (?:[\d.]+|{_QUOTED}) with this model",
        rf"\b({_SNAKE}|temperature|seed|stop|n) (?:parameter|argument|field) (?:must|is|should|cannot|can only|may only|has to)",
        r"\bparameter\.(\w{2,60}) (?:must|is|should|cannot)",
        rf"value of (?:the )?['\"`]?({_SNAKE}|temperature|seed|stop|n)['\"`]? (?:parameter )?(?:must|is|should|cannot|has to)",
        r"(?:arguments?|parameters?) not supported[^:]{0,40}:\s?(\w{2,60})",
        r"([a-z]\w{1,40})\s?参数",
        r"invalid (\w{2,40}): only [\d.]+ is allowed",
        rf"{_QUOTED} (?:parameter )?(?:does not match|must be|should be|cannot be|has to be)",
        rf"\bfield {_QUOTED}: ",
        rf"{_QUOTED} and {_QUOTED} (?:cannot|can not|may not|must not)",
        rf"invalid value (?:for|of|at) {_QUOTED}",
        r"\b(temperature|top_p|top_k|presence_penalty|frequency_penalty|seed|stop|n|logprobs|logit_bias|response_format|max_tokens|max_completion_tokens|stream_options|reasoning_effort)\b:? (?:is not supported|is unsupported|not supported|is not an?\b|must be|should be|cannot be|range is|may only|can only|cannot both)",
    )
)
_SIGNS = re.compile(
    r"unsupported|not support|not permitted|not allowed|unrecognized|unknown|unexpected|not recognized|deprecated|must be|should be|cannot be|invalid|only the default|only \S+ is allowed|range|restricted|cannot|must|may only|is not an?\b|非法|无效|错误",
    re.I,
)
_MODELS = re.compile(
    r"\bmodels?\b|only the default|is deprecated|not support(?:ed)?\b|unsupported (?:parameter|value)", re.I
)
_INSTEAD = re.compile(
    rf"\buse {_QUOTED} instead|use ([a-z][a-z_]{{2,60}}) instead|in favou?r of {_QUOTED}|replaced (?:by|with) {_QUOTED}",
    re.I,
)
_NAME_ITSELF = re.compile(
    r"unsupported (?:parameter|argument|field)|unrecognized|unknown|unexpected|extra (?:inputs|fields)|not permitted|not supported|n[o']t support|not recognized|not allowed|additional propert|unpermitted",
    re.I,
)
"""Signs that the name is not taken, whatever its value."""
_LACKING = re.compile(r"\b(?:does|do) not support (thinking|tools)\b", re.I)
"""What a model has not learned."""
_NO_STREAM = re.compile(
    r"verified to stream\b|n[o']t support(?:ed)? stream(?:ing)?\b(?![ _]options)|'stream' does not support true"
    r"|\bstream(?:ing|ed)?(?: mode| responses?| output| requests?)? (?:is|are) (?:not|un) ?(?:currently )?(?:supported|available|allowed|enabled)"
    r"|\bstream (?:must|should) be (?:set to )?false|only (?:supports?|available in) non[ -]?stream",
    re.I,
)
"""Signs that a reply may only be asked for whole."""
_ONLY_STREAM = re.compile(
    r"only supports? (?:the )?stream(?:ing)?\b|enable the stream parameter|false for non[ -]?stream"
    r"|\bnon[ -]?stream(?:ing|ed)?(?: calls?| mode| responses?| requests?)? (?:is|are) (?:not|un) ?(?:currently )?(?:supported|available|allowed)"
    r"|\bstream['\"`]? (?:must|should|has to) be (?:set to )?true",
    re.I,
)
"""Signs that it may only be asked for bit by bit."""
_TWINS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
"""Two names of one thing: a server takes one or the other."""
_NO_PARAMETERS = frozenset(
    {
        "model",
        "messages",
        "prompt",
        "input",
        "role",
        "content",
        "api_key",
        "key",
        "authorization",
        "type",
        "id",
        "the",
        "body",
        "request",
        "tools",
    }
)


def is_about_stream(words: ErrorWords) -> bool:
    """Say whether the words mean that the reply may not come bit by bit, or may not come whole."""
    return bool(_NO_STREAM.search(words.text) or _ONLY_STREAM.search(words.text))


class Refused(NamedTuple):
    """A parameter that was refused; without a name nothing of that kind was said."""

    name: str = ""
    instead: str = ""
    is_models: bool = False
    """This model does not take it, and others may."""


def refused_parameter(words: ErrorWords) -> Refused:
    """Return the parameter that the words refuse, if they do."""
    text = words.text
    is_named = words.parameter.lower() in text.lower() and _SIGNS.search(text)
    named = [words.parameter] if is_named else []
    for pattern in _REFUSED:
        if found := pattern.search(text):
            named += [name for name in found.groups() if name]
    if lacking := _LACKING.search(text):
        return Refused(lacking[1].lower(), is_models=True)
    name = next((name for one in named if (name := _own(one))), "")
    if not name:
        return Refused()
    instead = _INSTEAD.search(text)
    other = next((one for one in instead.groups() if one), "") if instead else ""
    if not other and _NAME_ITSELF.search(text):
        other = _TWINS.get(name, "")
    return Refused(name, other if other != name else "", bool(_MODELS.search(text)))


def _own(name: str) -> str:
    """Return a name that a request's parameter can have; empty for a part of its messages."""
    name = name.strip(".[]").removeprefix("body.").removeprefix("params.")
    first = name.partition(".")[0].partition("[")[0]
    is_one = bool(re.fullmatch(r"[A-Za-z_]\w{0,60}", first)) and first.lower() not in _NO_PARAMETERS
    return first if is_one else ""
