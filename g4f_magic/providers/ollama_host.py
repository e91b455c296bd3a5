"""Where Ollama is, from the variable `OLLAMA_HOST`, read as Ollama itself reads it. No I/O."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from g4f_magic.errors import InputError
from g4f_magic.settings import environment

VARIABLE = "OLLAMA_HOST"
_PORTS = {"": "11434", "http": "80", "https": "443"}
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what it listens on is asked here
_INTERFACE = re.compile(r"/(?:v1|api)/*$")
"""Of Ollama's own or OpenAI's: some name it in the variable, too."""
_NAME = re.compile(r"[\w.-]+")


def ollama_base_url() -> str:
    """Return the base URL that the variable stands for, empty where it is not set.

    It holds a host, a host and a port, or a URL; without a port that is 11434, of a URL its scheme's own. A port that
    is none is passed over, as there.

    Raises:
        InputError: it names no host.
    """
    text = environment(VARIABLE).strip().strip("\"'")
    if not text:
        return ""
    scheme, has_scheme, rest = text.partition("://")
    scheme, rest = (scheme.lower(), rest) if has_scheme else ("", text)
    if text == "ollama.com":
        scheme = "https"
    place, _, path = rest.partition("/")
    host, port = _parts(place)
    host = _EVERYWHERE.get(host, host)
    if scheme not in _PORTS or "@" in place or not (_NAME.fullmatch(host) or _is_address(host)):
        raise InputError(
            f"{VARIABLE} names no host", hint="Set it to a host, host:port or a URL, as for Ollama itself."
        )
    shown = f"[{host}]" if ":" in host else host
    is_port = port.isdecimal() and int(port) <= 65535
    path = _INTERFACE.sub("", f"/{path}").strip("/")
    prefix = f"/{path}" if path else ""
    return f"{scheme or 'http'}://{shown}:{port if is_port else _PORTS[scheme]}{prefix}/v1"


def advice_for(base_url: str) -> str:
    """Return what to do where nothing answers at the host that the variable names."""
    return (
        f"{VARIABLE} names {urlsplit(base_url).netloc}: is Ollama running there (`ollama serve`), and has it a model "
        "(`ollama pull llama3.2`)?"
    )


def _parts(place: str) -> tuple[str, str]:
    """Return host and port; an IPv6 address may stand without brackets where there is no port."""
    if _is_address(place.strip("[]")):
        return place.strip("[]"), ""
    host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
    return (host[1:-1] if host.startswith("[") and host.endswith("]") else host), port


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
