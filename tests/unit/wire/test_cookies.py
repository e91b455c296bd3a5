"""Cookies out of exported files: `cookie_files` holds one of each kind, as the exporters write them."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import InputError, MissingAuthError
from g4f_magic.wire.cookies import get_cookies

FILES = Path(__file__).parent / "cookie_files"
ALL = ["cookies.txt", "extension.json", "storage_state.json", "site.har"]


def write(folder: Path, content: Any, name: str = "export.json") -> Path:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def netscape(*cookies: tuple[str, str, str]) -> str:
    return "".join(f"{domain}\tTRUE\t/\tFALSE\t0\t{name}\t{value}\n" for domain, name, value in cookies)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            "cookies.txt",
            {"consent": "yes", "session_token": "a=b==", "visit": "1", "empty": "", "quoted": '"x; y%20z"'},
        ),
        ("extension.json", {"session_token": "a=b==", "visit": "1"}),
        ("storage_state.json", {"session_token": "a=b==", "visit": "1"}),
        ("site.har", {"session_token": "c=d==", "visit": "1", "listed": "1"}),
    ],
)
def test_each_kind_of_export_gives_its_cookies_verbatim(file: str, expected: dict[str, str]) -> None:
    assert get_cookies("www.example.com", source=FILES / file) == expected


@pytest.mark.parametrize("file", ALL)
def test_a_cookie_of_the_parent_domain_serves_every_host_below(file: str) -> None:
    assert "session_token" in get_cookies("deep.below.example.com", source=FILES / file)


@pytest.mark.parametrize("file", ALL)
@pytest.mark.parametrize("host", ["notexample.com", "example.com.evil.net", "com", "example.net"])
def test_no_other_site_is_served(file: str, host: str) -> None:
    with pytest.raises(MissingAuthError):
        get_cookies(host, source=FILES / file)


@pytest.mark.parametrize("file", ALL)
@pytest.mark.parametrize("host", ["example.com", "sub.www.example.com", "sibling.example.com"])
def test_a_host_only_cookie_serves_its_own_host_alone(file: str, host: str) -> None:
    assert "visit" not in get_cookies(host, source=FILES / file)


@pytest.mark.parametrize(
    "domain", ["www.example.com", "WWW.Example.COM", ".www.example.com", "www.example.com:443"]
)
def test_a_domain_is_understood_however_it_is_written(domain: str) -> None:
    assert get_cookies(domain, source=FILES / "extension.json")["visit"] == "1"


def test_an_address_of_a_page_names_its_host() -> None:
    assert get_cookies("https://www.example.com/chat?x=1", source=FILES / "extension.json")["visit"] == "1"


@pytest.mark.parametrize("domain", ["", ".", "https://", "http://["])
def test_what_is_no_domain_is_said_to_be_none(domain: str) -> None:
    with pytest.raises(InputError, match="is not a domain"):
        get_cookies(domain, source=FILES)


def test_the_end_of_a_network_address_is_no_parent_domain(tmp_path: Path) -> None:
    file = write(tmp_path, netscape((".0.0.1", "a", "1"), ("127.0.0.1", "b", "2")), "cookies.txt")
    assert get_cookies("127.0.0.1:8080", source=file) == {"b": "2"}


@pytest.mark.parametrize(
    "date",
    [
        {},
        {"expires": 0},
        {"expires": -1},
        {"expires": ""},
        {"expires": "Session"},
        {"expirationDate": None},
        {"session": True, "expirationDate": 1},
        {"expiry": 4102444800},
        {"expires": "4102444800"},
        {"expires": "2100-01-01T00:00:00Z"},
        {"expires": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ],
)
def test_a_cookie_of_the_session_or_of_the_future_is_kept(tmp_path: Path, date: dict[str, Any]) -> None:
    file = write(tmp_path, [{"domain": "example.com", "name": "a", "value": "1", **date}])
    assert get_cookies("example.com", source=file) == {"a": "1"}


@pytest.mark.parametrize(
    "date",
    [
        {"expires": 1},
        {"expirationDate": 1000000000.5},
        {"expiry": 1000000000},
        {"expires": "1000000000"},
        {"expires": "2001-01-01T00:00:00.000Z"},
        {"expires": "Mon, 01 Jan 2001 00:00:00 GMT"},
    ],
)
def test_an_expired_cookie_is_left_out(tmp_path: Path, date: dict[str, Any]) -> None:
    file = write(tmp_path, [{"domain": "example.com", "name": "a", "value": "1", **date}])
    with pytest.raises(MissingAuthError):
        get_cookies("example.com", source=file)


def test_a_domain_without_a_dot_serves_hosts_below_where_the_file_does_not_say_otherwise(
    tmp_path: Path,
) -> None:
    file = write(tmp_path, [{"domain": "example.com", "name": "a", "value": "1"}])
    assert get_cookies("www.example.com", source=file) == {"a": "1"}


def test_the_longer_domain_counts_where_two_cookies_have_one_name(tmp_path: Path) -> None:
    file = write(tmp_path, netscape((".www.a.com", "x", "long"), (".a.com", "x", "short")), "cookies.txt")
    assert get_cookies("www.a.com", source=file) == {"x": "long"}


def test_a_folder_gives_the_cookies_of_all_its_exports(tmp_path: Path) -> None:
    write(tmp_path, netscape(("a.com", "x", "1")), "one.txt")
    write(tmp_path, [{"domain": "a.com", "name": "y", "value": "2"}], "two.JSON")
    assert get_cookies("a.com", source=tmp_path) == {"x": "1", "y": "2"}


def test_the_file_that_was_written_last_counts(tmp_path: Path) -> None:
    new = write(tmp_path, netscape(("a.com", "x", "new")), "1.txt")
    old = write(tmp_path, netscape(("a.com", "x", "old")), "2.txt")
    os.utime(new, (2_000_000_000, 2_000_000_000))
    os.utime(old, (1_000_000_000, 1_000_000_000))
    assert get_cookies("a.com", source=tmp_path) == {"x": "new"}


def test_files_that_are_no_exports_are_left_alone(tmp_path: Path) -> None:
    shutil.copy(FILES / "cookies.txt", tmp_path)
    (tmp_path / "notes.md").write_bytes(b"\xff\xfe")
    (tmp_path / "folder.txt").mkdir()
    assert "visit" in get_cookies("www.example.com", source=tmp_path)


def test_the_folder_of_the_settings_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(FILES / "cookies.txt", tmp_path)
    monkeypatch.setenv("G4F_MAGIC_COOKIES", str(tmp_path))
    assert get_cookies("www.example.com")["visit"] == "1"


def test_a_file_from_windows_is_read_like_any_other(tmp_path: Path) -> None:
    text = "\N{BOM}" + (FILES / "cookies.txt").read_text().replace("\n", "\r\n")
    (tmp_path / "cookies.txt").write_bytes(text.encode())
    expected = get_cookies("www.example.com", source=FILES / "cookies.txt")
    assert get_cookies("www.example.com", source=tmp_path) == expected


def test_an_empty_value_may_have_lost_its_tab(tmp_path: Path) -> None:
    file = write(tmp_path, "a.com\tTRUE\t/\tFALSE\t0\tx\n", "cookies.txt")
    assert get_cookies("a.com", source=file) == {"x": ""}


def test_a_cookie_that_a_site_sets_for_another_site_is_refused() -> None:
    with pytest.raises(MissingAuthError):
        get_cookies("example.org", source=FILES / "site.har")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "<!doctype html>\n<title>SECRET</title>\n"),
        ("a.txt", "a.com\tTRUE\t/\tFALSE\t0\tx\tSECRET\tmore\n"),
        ("a.txt", "a.com\tmaybe\t/\tFALSE\t0\tx\tSECRET\n"),
        ("a.json", '[{"domain": "a.com", "name": "x", "value": "SECRET"'),
        ("a.json", '[{"domain": "a.com", "value": "SECRET"}]'),
        ("a.json", '[{"domain": "a.com", "name": "x", "value": ["SECRET"]}]'),
        ("a.json", '[{"domain": 1, "name": "x", "value": "SECRET"}]'),
        ("a.json", '["SECRET"]'),
        ("a.json", '{"token": "SECRET"}'),
        ("a.json", "[" * 100_000),
        ("a.har", '{"log": {"entries": [{"request": {"url": "https://SECRET"}}]}}'),
        ("a.har", '{"log": {"entries": "SECRET"}}'),
        ("a.har", '{"log": "SECRET"}'),
    ],
)
def test_a_malformed_file_is_named_and_its_content_is_not(tmp_path: Path, name: str, content: str) -> None:
    file = write(tmp_path, content, name)
    with pytest.raises(InputError) as caught:
        get_cookies("a.com", source=file)
    assert str(file) in str(caught.value)
    assert caught.value.hint
    assert "SECRET" not in f"{caught.value} {caught.value.hint} {caught.value.__context__}"


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"SQLite format 3\x00\xff\xfe")
    with pytest.raises(InputError, match=r"a\.txt .*not text"):
        get_cookies("a.com", source=tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / ("a" * 300)  # longer than any file system's names
    with pytest.raises(InputError, match=r"cannot read .*aaa: .*long"):
        get_cookies("a.com", source=file)


@given(st.binary(max_size=200))
def test_no_content_raises_anything_but_our_errors(content: bytes) -> None:
    read_or_refused(content)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["log", "entries", "cookies", "domain", "name", "value", "expires", "request", "url"]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_no_json_raises_anything_but_our_errors(content: Any) -> None:
    read_or_refused(json.dumps(content).encode())


def read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "export.json"
        file.write_bytes(content)
        with pytest.raises((InputError, MissingAuthError)):
            get_cookies("a.example", source=file)


@pytest.mark.parametrize("source", ["nowhere", "nowhere.txt", "folder"])
def test_nothing_found_says_where_to_put_which_file(tmp_path: Path, source: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(MissingAuthError, match=r"no cookies for example\.com") as caught:
        get_cookies("example.com", source=tmp_path / source)
    assert str(tmp_path / source) in caught.value.hint
    assert "https://example.com" in caught.value.hint
