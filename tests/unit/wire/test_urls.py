"""Which host is this machine, which a list of exceptions means, and which proxy the environment names."""

from __future__ import annotations

from collections.abc import Mapping
from traceback import walk_tb

import pytest

from g4f_magic.errors import InputError
from g4f_magic.wire.proxies import proxy_for
from g4f_magic.wire.urls import is_excepted, is_loopback


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


OWN = ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST.", "a.b.localhost", "::1", "[::1]", "0.0.0.0", "::"]
OWN += ["::ffff:127.0.0.1", "127.1", "0x7f.0.0.1", "2130706433", "::1%lo", "localhost.localdomain"]


@pytest.mark.parametrize("host", OWN)
def test_a_host_is_this_machine(host: str) -> None:
    assert is_loopback(host)


OTHERS = [
    "128.0.0.1",
    "localhost.example.com",
    "notlocalhost",
    "10.0.0.1",
    "::2",
    "",
    "127.0.0.1.example.com",
]


@pytest.mark.parametrize("host", [*OTHERS, "1270.0.0.1", "127.0.0.256", "0x7g.1"])
def test_a_host_is_another(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("exceptions", "url"),
    [
        ("*", "http://anything.example"),
        ("a.example, llm.corp", "https://llm.corp/v1"),
        ("corp", "https://llm.corp/v1"),
        (".corp", "https://llm.corp/v1"),
        (".corp", "https://corp/v1"),
        ("*.corp", "https://llm.corp/v1"),
        ("LLM.Corp.", "https://llm.corp/v1"),
        ("a.example llm.corp", "https://llm.corp/v1"),
        ("llm.corp:443", "https://llm.corp/v1"),
        ("llm.corp:8000", "http://llm.corp:8000/v1"),
        ("https://llm.corp/", "https://llm.corp/v1"),
        ("10.1.2.3", "http://10.1.2.3:8000/v1"),
        ("10.0.0.0/8", "http://10.1.2.3:8000/v1"),
        ("fd00::/8", "http://[fd00::5]:8000/v1"),
        ("[fd00::5]", "http://[fd00::5]:8000/v1"),
        ("fd00::5", "http://[fd00::5]:8000/v1"),
        ("[fd00::5]:8000", "http://[fd00::5]:8000/v1"),
    ],
)
def test_an_exception_means_a_host(exceptions: str, url: str) -> None:
    assert is_excepted(url, exceptions)


@pytest.mark.parametrize(
    ("exceptions", "url"),
    [
        ("", "http://a.example"),
        (" , ,", "http://a.example"),
        ("orp", "https://llm.corp/v1"),
        ("llm.corp:80", "https://llm.corp/v1"),
        ("a.llm.corp", "https://llm.corp/v1"),
        ("10.0.0.0/8", "http://11.1.2.3/v1"),
        ("10.0.0.0/99", "http://10.1.2.3/v1"),
        ("10.0.0.0/8", "http://10.example/v1"),
        ("[fd00::5]:80", "http://[fd00::5]:8000/v1"),
        (".", "http://a.example"),
        ("http://[", "http://a.example"),
    ],
)
def test_an_exception_means_another(exceptions: str, url: str) -> None:
    assert not is_excepted(url, exceptions)


@pytest.mark.parametrize(
    ("variables", "url", "way"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "https://a.example", ("http://p:1", "HTTPS_PROXY")),
        ({"https_proxy": "http://p:1"}, "https://a.example", ("http://p:1", "https_proxy")),
        ({"https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:2"}, "https://a.example", ("http://p:1", "https_proxy")),
        ({"HTTP_PROXY": "http://p:1"}, "http://a.example", ("http://p:1", "HTTP_PROXY")),
        ({"ALL_PROXY": "socks5h://p:1"}, "https://a.example", ("socks5h://p:1", "ALL_PROXY")),
        ({"ALL_PROXY": "http://p:1", "HTTPS_PROXY": "http://q:2"}, "https://a.example", ("http://q:2", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "p:3128"}, "https://a.example", ("http://p:3128", "HTTPS_PROXY")),
        ({"ALL_PROXY": "socks://p:1"}, "https://a.example", ("socks5://p:1", "ALL_PROXY")),
        ({"http_proxy": "http://p:1", "REQUEST_METHOD": "GET"}, "http://a.example", ("http://p:1", "http_proxy")),
    ],
)  # fmt: skip
def test_the_environment_names_a_proxy(
    monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str], url: str, way: tuple[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    proxy = proxy_for(url)
    assert proxy is not None
    assert (proxy.url, proxy.source) == way


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, "https://a.example"),
        ({"HTTP_PROXY": "http://p:1"}, "https://a.example"),
        ({"HTTPS_PROXY": ""}, "https://a.example"),
        ({"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, "http://a.example"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".example"}, "https://a.example"),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": "*"}, "https://a.example"),
        ({"https_proxy": "", "HTTPS_PROXY": "http://p:1"}, "https://a.example"),
        ({"ALL_PROXY": "http://p:1"}, "http://127.0.0.1:11434/v1"),
        ({"ALL_PROXY": "http://p:1"}, "https://llm.localhost/v1"),
        ({"ALL_PROXY": "http://p:1"}, "http://0.0.0.0:8000/v1"),
    ],
)
def test_the_environment_names_none(
    monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str], url: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) is None


def test_what_is_named_counts_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://p:1")
    monkeypatch.setenv("NO_PROXY", "*")
    named = proxy_for("https://a.example", "http://q:2")
    assert named is not None
    assert (named.url, named.source) == ("http://q:2", "")
    assert proxy_for("http://127.0.0.1:1", "http://q:2") == named
    monkeypatch.delenv("NO_PROXY")
    assert proxy_for("https://a.example", "none") is None
    assert proxy_for("https://a.example", "NONE") is None


@pytest.mark.parametrize(
    "value", ["ftp://p:1", "http://", "http://p:x", "http:/p:1", "http://[::1", "http://p:99999", "://"]
)
def test_a_variable_that_is_no_proxy_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value.replace("//", "//anna:open-sesame-1@", 1))
    with pytest.raises(InputError, match="HTTPS_PROXY") as raised:
        proxy_for("https://a.example")
    frames = [frame for frame, _ in walk_tb(raised.tb) if "g4f_magic" in frame.f_code.co_filename]
    assert "sesame" not in f"{raised.value} {raised.value.hint} {[frame.f_locals for frame in frames]}"


def test_a_proxys_password_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://anna:open-sesame-1@p:3128")
    proxy = proxy_for("https://a.example")
    assert proxy is not None
    assert "sesame" not in f"{proxy!r} {proxy.url!r} {proxy.place}"
    assert proxy.place == "p:3128"
