"""What to do about each cause, in one line, with the numbers that the service gave. No I/O."""

from __future__ import annotations

import re

from g4f_magic.causes import Cause
from g4f_magic.wire.lengths import longest_context
from g4f_magic.wire.waiting import in_words

KEY_HINT = "The service wants a key, an access code or a signed-in person's cookies."
FAILED_HINT = "The service failed. Try again, or use another provider."
PORTAL_HINT = "The network wants a sign-in first: open any page in a browser, sign in, and try again."
PROXY_HINT = (
    "A proxy on the way wants a user name and a password: set ChatMagics.proxy to its address with both."
)
PAGE_HINT = "A web page came with it: a proxy, a filter or a firewall on the way may have refused it, and not the service."
FIREWALL_HINT = "Cloudflare, which stands before the service, turned this machine or program away, whatever the key: try from another network, or use another provider."
SIGN_IN_HINT = "It leads to a page to sign in ({}): ask whoever runs it for an address, or for a header, that programs may use."
_HINTS = {
    Cause.WRONG_KEY: KEY_HINT,
    Cause.REGION: "The service does not answer requests from where this machine is: use another provider.",
    Cause.PERMISSION: "Your key or account may not do that there: look at what it is allowed, or use another provider or model.",
    Cause.NO_MEMORY: "That machine has too little memory for the model: name a smaller one (--model NAME).",
    Cause.UNKNOWN_MODEL: "Is the model's name right? %chat models PROVIDER lists those that the service offers.",
    Cause.NOT_FOR_CHAT: "This model does not chat, or only through another interface of the service: name another one (%chat models PROVIDER lists them).",
    Cause.NO_PICTURES: "This model does not see: leave the picture out, or name one that does (%chat models PROVIDER lists them).",
    Cause.ROLE: 'This model takes no system message: leave it out with --system "", or name another model.',
    Cause.POLICY: "The service's own filter refuses this content: word the question in another way.",
    Cause.OVERLOADED: "The service is overloaded. Try again, or use another provider.",
    Cause.LOADING: "The model is still being loaded. Try again in a moment.",
    Cause.FAILED: FAILED_HINT,
    Cause.TIMED_OUT: "The service itself waited too long. Try again.",
    Cause.NO_SERVICE: "Another program answers there: look at the address.",
    Cause.NO_MODEL: "Load a model there, or name one: --model NAME.",
}
_AFFORD = re.compile(r"can only afford (\d{1,9})")


def hint_for(cause: Cause, said: str, *, seconds: float | None, room: int | None, parameter: str) -> str:
    """Return one line: what to do about `cause`. `said` are the words in the form in which they are compared."""
    match cause:
        case Cause.NO_CREDIT:
            return _no_credit(said)
        case Cause.RATE_LIMITED:
            return wait_hint(seconds)
        case Cause.OVERLOADED | Cause.LOADING if seconds:
            return wait_hint(seconds)
        case Cause.LONG_REPLY:
            most = f"at most --max-tokens {room}" if room and room > 0 else "a smaller --max-tokens"
            return f"That is too long a reply for this model: ask for {most}."
        case Cause.LONG_CONVERSATION:
            return _too_long(said)
        case Cause.MODELS_PARAMETER:
            return _models_parameter(said, parameter)
        case Cause.PARAMETER:
            return f"Look at the parameter {parameter}: correct it, or leave it out."
        case _:
            return _HINTS[cause]


def _models_parameter(said: str, parameter: str) -> str:
    if not parameter:
        return "This model does not take all of what was asked for: leave out --schema, --tools or a --param, or name another model."
    name = parameter.replace("_", " ")
    wanted = re.search(rf"\bset {re.escape(name)} to (\w{{1,20}})", said)
    if wanted or said.startswith("function tools with reasoning"):
        return f"Write --param {parameter}={wanted[1] if wanted else 'none'}, or name another model."
    return f"This model does not take {parameter} as it was given: leave it out, or name another model."


def wait_hint(seconds: float | None) -> str:
    """Return when to try again."""
    if seconds is None or seconds < 0.5:
        return "Wait a little, or use another provider."
    return f"Try again in {in_words(seconds)}, or use another provider."


def _no_credit(said: str) -> str:
    if afford := _AFFORD.search(said):
        return f"The credit there is enough for --max-tokens {afford[1]}; else add some, or use another provider."
    if re.search(r"per ?day|daily", said):
        return "The day's quota is used up there: try tomorrow, or use another model or provider."
    return "No credit is left there; use another provider."


def _too_long(said: str) -> str:
    if "per min" in said or "tpm" in said:
        return "That is more at once than the account may send in a minute: send less (--context 4, or --once), or use another provider."
    limit = longest_context(said)
    most = f" ({limit:,} tokens at most)" if limit else ""
    return (
        f"The conversation is too long for this model{most}: send less of it (--context 4, or --once), or name "
        "one with a longer context."
    )
