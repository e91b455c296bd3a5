"""Cookies out of the files that a person exported from a browser.

Read are cookies.txt (Netscape), JSON (what browser extensions and Playwright write) and HAR (what the
developer tools save). Values come as they stand. Nothing is sent, and no message holds a value.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from g4f_magic import disk
from g4f_magic.credentials import is_own_address, is_unseen
from g4f_magic.errors import ChatError, InputError, MissingAuthError, bare

_MOST_BYTES = 256 * 1024 * 1024
"""Of an exported file: a HAR holds all that was loaded."""
_SUFFIXES = {".txt", ".json", ".har"}
_HTTP_ONLY = "#HttpOnly_"


@dataclass(frozen=True, slots=True)
class _Cookie:
    domain: str  # in lower case, without a leading dot
    name: str
    value: str
    is_host_only: bool = False
    expires_at: float | None = None  # seconds since 1970; None: with the browser's session

    def serves(self, host: str) -> bool:
        """Say whether a browser would send it there, by the cookie standard's domain match."""
        if host == self.domain:
            return True
        return not self.is_host_only and host.endswith("." + self.domain) and not _is_address(host)


def get_cookies(domain: str, *, source: Path | None = None, is_exact: bool = False) -> dict[str, str]:
    """Return the cookies that a browser would send to `domain`, by name; with `is_exact`, none of a domain above it.

    `source` is an exported file or a folder of them, by default the one of the settings. Expired cookies
    are left out. Where two have one name, the file that was written last counts, then the longer domain.

    Raises:
        InputError: a file cannot be read, or is of none of the known forms.
        MissingAuthError: no cookie for `domain` is there.
    """
    try:
        return _cookies(domain, source, is_exact=is_exact)
    except ChatError as exc:
        failure = bare(exc)
    raise failure


def _cookies(domain: str, source: Path | None, *, is_exact: bool) -> dict[str, str]:
    """Return them; the frames beneath hold what stands in the files."""
    if source is None:
        from g4f_magic.settings import Settings

        source = Settings().cookie_path
    host = _host(domain)
    now = time.time()
    found: dict[str, str] = {}
    for file in _files(source):
        fitting = [
            cookie
            for cookie in _read(file)
            if cookie.serves(host) and not (is_exact and cookie.domain != host)
        ]
        for cookie in sorted(fitting, key=lambda cookie: len(cookie.domain)):
            if cookie.expires_at is None or cookie.expires_at > now:
                found[cookie.name] = cookie.value
    if not found:
        file = source if source.is_file() or source.suffix.lower() in _SUFFIXES else source / f"{host}.txt"
        raise MissingAuthError(
            f"no cookies for {host} in {source}",
            hint=(
                f"Sign in at https://{host} in a browser, export its cookies (an extension's cookies.txt or JSON, "
                f"or a HAR with sensitive data from the developer tools), and put them into {file}."
            ),
        )
    return found


def cookies_of_host(origins: frozenset[str], *, source: Path | None = None) -> dict[str, str]:
    """Return the cookies that were exported for just this host, where a service is asked at another than its own.

    Empty where there are none, where several hosts are asked, or where others could read them on the way.
    """
    origin = next(iter(origins)) if len(origins) == 1 else ""
    host = urlsplit(origin).hostname or ""
    has_port = urlsplit(origin).port is not None
    if not is_unseen(origin) or (has_port and not is_own_address(host)):
        return {}
    try:
        return get_cookies(host, source=source, is_exact=True)
    except MissingAuthError:
        return {}


def _host(domain: str) -> str:
    """Return the host of a domain, a `host:port` or an address."""
    try:
        host = urlsplit(domain if "://" in domain else f"//{domain}").hostname
    except ValueError:
        host = None
    if not host or not host.strip("."):
        raise InputError(f"{domain!r} is not a domain", hint="Give one such as example.com.")
    return host.strip(".")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _files(source: Path) -> list[Path]:
    """Return the exported files, the oldest first; none where nothing is there."""
    try:
        if source.is_dir():
            files = [file for file in source.iterdir() if file.suffix.lower() in _SUFFIXES and file.is_file()]
            return sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name))
        return [source] if source.exists() else []
    except OSError as exc:
        raise _unreadable(source, exc) from None


def _read(file: Path) -> list[_Cookie]:
    """Return all cookies of a file.

    Raises:
        InputError: it cannot be read, or is of none of the known forms.
    """
    try:
        text = disk.read(file, most_bytes=_MOST_BYTES).decode("utf-8-sig")
        if text.lstrip()[:1] in {"{", "["}:
            return list(_from_json(json.loads(text)))
        return list(_from_netscape(text))
    except OSError as exc:
        raise _unreadable(file, exc) from None
    except _FormError as exc:
        reason = str(exc)
    except UnicodeDecodeError:
        reason = "it is not text"
    except json.JSONDecodeError as exc:
        reason = f"its JSON errs or breaks off in line {exc.lineno}"
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        reason = "a field is missing or of the wrong kind"
    # Raised out here, for those errors hold what stands in the file, and would stay attached.
    raise InputError(
        f"{file} holds no cookies in a known form: {reason}",
        hint="Export it again as cookies.txt, JSON or HAR, or remove it.",
    )


class _FormError(ValueError):
    """What is wrong with a file, in words that hold nothing of it."""


def _unreadable(file: Path, exc: OSError) -> InputError:
    return InputError(
        f"cannot read {file}: {exc.strerror}", hint="See to the file's permissions, or remove it."
    )


def _cookie(fields: Mapping[str, Any], *, is_host_only: bool) -> _Cookie:
    """Return the cookie of an object with the field names that extensions, Playwright, Selenium and HAR use."""
    name, value, domain = fields["name"], fields["value"], fields["domain"].lower()
    if not (isinstance(name, str) and isinstance(value, str)):
        raise TypeError
    if fields.get("session") is True:
        expires_at = None
    else:
        given = (fields.get(key) for key in ("expirationDate", "expires", "expiry"))
        expires_at = _seconds(next((date for date in given if date is not None), None))
    return _Cookie(domain.strip("."), name, value, is_host_only and not domain.startswith("."), expires_at)


def _seconds(date: Any) -> float | None:
    """Return a date as seconds since 1970; None where a cookie ends with the session (0, -1, "", "Session")."""
    if isinstance(date, str):
        try:
            date = float(date)
        except ValueError:
            return _parse_date(date)
    return float(date) if date is not None and date > 0 else None


def _parse_date(text: str) -> float | None:
    """Return an ISO or HTTP date as seconds since 1970; None where it is neither, as the standard has it."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            date = parse(text.strip())
            return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            continue
    return None


def _from_netscape(text: str) -> Iterator[_Cookie]:
    """Yield the cookies of seven columns: domain, whether subdomains too, path, secure, expiry, name, value."""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r").removeprefix(_HTTP_ONLY)
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) == 6:  # an editor that trims line ends took the tab before an empty value
            columns.append("")
        if len(columns) != 7 or columns[1].upper() not in {"TRUE", "FALSE"}:
            raise _FormError(f"line {number} has not the columns of cookies.txt")
        domain, subdomains, _, _, expiry, name, value = columns
        fields = {"domain": domain, "name": name, "value": value, "expires": expiry}
        yield _cookie(fields, is_host_only=subdomains.upper() == "FALSE")


def _from_json(content: Any) -> Iterable[_Cookie]:
    """Return the cookies of a list of objects, of a Playwright storage state, or of a HAR."""
    if isinstance(content, list):  # only where it says so is a cookie without a dot for its host alone
        return [_cookie(fields, is_host_only=fields.get("hostOnly") is True) for fields in content]
    if "log" in content:
        return _from_har(content["log"]["entries"])
    if "cookies" in content:
        return [_cookie(fields, is_host_only=True) for fields in content["cookies"]]
    raise _FormError("it is JSON, but neither a list of cookies nor a HAR")


def _from_har(entries: list[dict[str, Any]]) -> Iterable[_Cookie]:
    """Return the cookies as the last request or response has them."""
    jar: dict[tuple[str, str], _Cookie] = {}
    dated = [(_parse_date(entry["startedDateTime"]) or 0.0, entry) for entry in entries]
    for started_at, entry in sorted(dated, key=lambda pair: pair[0]):
        host = urlsplit(entry["request"]["url"]).hostname
        if not host:  # a data: or blob: URL
            continue
        for name, value in _sent(entry["request"]):
            known = (cookie for cookie in jar.values() if cookie.name == name and cookie.serves(host))
            if all(cookie.value != value for cookie in known):
                jar[name, host] = _Cookie(host, name, value, is_host_only=True)
        for cookie in _set(entry["response"], host, started_at):
            if not cookie.serves(host):  # no browser takes it
                continue
            for key in [key for key in jar if key[0] == cookie.name and cookie.serves(key[1])]:
                del jar[key]
            jar[cookie.name, cookie.domain] = cookie
    return jar.values()


def _headers(message: Mapping[str, Any], name: str) -> list[str]:
    return [header["value"] for header in message.get("headers", ()) if header["name"].lower() == name]


def _sent(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and value of a request's cookies: from its header, which is verbatim, else from their list."""
    for pair in ";".join(_headers(request, "cookie")).split(";"):
        name, equals, value = pair.strip().partition("=")
        if equals:
            yield name, value
    if not _headers(request, "cookie"):
        yield from ((cookie["name"], cookie["value"]) for cookie in request.get("cookies", ()))


def _set(response: Mapping[str, Any], host: str, now: float) -> Iterator[_Cookie]:
    """Yield the cookies that a response sets: from its headers, which are verbatim, else from their list."""
    lines = "\n".join(_headers(response, "set-cookie")).split("\n")  # Chromium joins several by newlines
    for line in filter(None, lines):
        pair, *attributes = line.split(";")
        name, _, value = pair.strip().partition("=")
        given = {
            key.strip().lower(): text.strip() for key, _, text in (item.partition("=") for item in attributes)
        }
        expires: float | str | None = given.get("expires")
        if given.get("max-age", "").removeprefix("-").isdecimal():
            age = int(given["max-age"])
            expires = now + age if age > 0 else 1.0
        fields = {"name": name, "value": value, "domain": given.get("domain") or host, "expires": expires}
        yield _cookie(fields, is_host_only=not given.get("domain"))
    if not any(lines):
        for fields in response.get("cookies", ()):
            yield _cookie(
                {**fields, "domain": fields.get("domain") or host}, is_host_only=not fields.get("domain")
            )
