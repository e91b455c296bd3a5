"""Which certificates are trusted. Checking them is never switched off.

The variables that OpenSSL, requests, httpx and curl read name what stands in the place of the system's certificates;
a company's own file (`ChatMagics.ca_file`) is trusted besides.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from g4f_magic import disk
from g4f_magic.errors import InputError
from g4f_magic.settings import environment

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
SETTING = "ChatMagics.ca_file"
_MOST_BYTES = 64 * 1024 * 1024
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")


def context_for(ca_file: str | None) -> ssl.SSLContext | None:
    """Return what a secure connection is checked with; None: the system's certificates, and nothing besides.

    Raises:
        InputError: a file or folder that is named holds no certificates that can be read.
    """
    named = tuple(in_environment())
    if not named and not ca_file:
        return None
    further = ((SETTING, ca_file),) if ca_file else ()
    return _context(named, further, tuple(_changed_at(path) for _, path in (*named, *further)))


def in_environment() -> Iterator[tuple[str, str]]:
    """Yield each variable that names certificates, and what it names."""
    for variable in VARIABLES:
        value = environment(variable)
        paths = value.split(os.pathsep) if variable == "SSL_CERT_DIR" else [value]
        found = [path for path in paths if path]
        there = [path for path in found if Path(path).exists()]
        for path in there or found[:1]:  # of several folders some may be missing, as OpenSSL has it
            yield variable, path


@lru_cache(maxsize=8)
def _context(
    named: tuple[tuple[str, str], ...], further: tuple[tuple[str, str], ...], changed_at: tuple[float, ...]
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if named else ssl.create_default_context()
    if named:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    for source, path in (*named, *further):
        _load(context, source, Path(path).expanduser())
    return context


def _load(context: ssl.SSLContext, source: str, path: Path) -> None:
    try:
        if not path.is_dir():
            disk.read(path, most_bytes=_MOST_BYTES)  # OpenSSL would wait for a pipe
            context.load_verify_locations(cafile=path)
            return
        if not any(_HASHED.fullmatch(one.name) for one in path.iterdir()):
            raise InputError(
                f"the folder {path} holds no certificates under the names that are looked for",
                hint=f"{source} names it: run `openssl rehash {path}`, or name a file in PEM form.",
            )
        context.load_verify_locations(capath=path)
    except (OSError, ssl.SSLError, ValueError):
        raise InputError(
            f"the certificates in {path} cannot be read",
            hint=f"{source} has to name a file in PEM form (-----BEGIN CERTIFICATE-----)"
            + (", or be unset." if source != SETTING else "."),
        ) from None


def _changed_at(path: str) -> float:
    try:
        return Path(path).expanduser().stat().st_mtime
    except OSError:
        return 0.0
