"""What each provider puts on the wire."""

from __future__ import annotations

import re
from typing import Any

import pytest

from g4f_magic import providers
from g4f_magic.errors import InputError, ModelNotSupportedError
from g4f_magic.gateway import Gateway
from g4f_magic.providers.openai import OpenAI
from tests.contract.asking import Place, text_of
from tests.contract.providers.openai_server import Server, delta, events, text_at

TALK = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "One?"},
    {"role": "assistant", "content": "Yes, one."},
    {"role": "system", "content": "In verse."},
    {"role": "user", "content": "Two?"},
]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (
            "koala",
            {
                "input": "Two? Be brief. In verse.",
                "inputHistory": ["One?"],
                "outputHistory": ["Yes, one."],
                "model": "gpt-4o-mini",
            },
        ),
        (
            "darkai",
            {
                "query": "System: Be brief.\nUser: One?\nAssistant: Yes, one.\nSystem: In verse.\nUser: Two?\nAssistant:",
                "model": "llama-3-70b",
            },
        ),
        (
            "freenetfly",
            {
                "messages": TALK,
                "stream": True,
                "model": "gpt-3.5-turbo",
                "temperature": 0.5,
                "presence_penalty": 0,
                "frequency_penalty": 0,
                "top_p": 1,
            },
        ),
        (
            "aura",
            {
                "model": {
                    "id": "openchat_3.6",
                    "name": "OpenChat 3.6 (latest)",
                    "maxLength": 24576,
                    "tokenLimit": 8192,
                },
                "messages": [message for message in TALK if message["role"] != "system"],
                "key": "",
                "prompt": "Be brief.\nIn verse.",
                "temperature": 0.5,
            },
        ),
        ("whiterabbitneo", {"messages": TALK, "enhancePrompt": False, "useFunctions": False}),
        ("openai", {"model": "gpt-4o-mini", "messages": TALK, "stream": True}),
    ],
)
async def test_the_body_is_as_the_protocol_says(gateway: Gateway, name: str, body: dict[str, Any]) -> None:
    await text_of(Place(providers.get(name), name, gateway.base_url).send(TALK))
    sent = dict(gateway.requests[-1].body)
    if name == "whiterabbitneo":
        assert re.fullmatch(r"[a-z0-9]{6}", sent.pop("id"))
    assert sent == body


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("koala", "/api/gpt/"),
        ("darkai", "/chat"),
        ("freenetfly", "/api/openai/v1/chat/completions"),
        ("aura", "/api/chat"),
        ("whiterabbitneo", "/api/chat"),
        ("openai", "/v1/chat/completions"),
    ],
)
async def test_a_base_url_keeps_the_services_own_path(gateway: Gateway, name: str, path: str) -> None:
    await text_of(
        Place(providers.get(name), name, gateway.base_url + "/").ask()
        if name != "openai"
        else Place(providers.get(name), name, gateway.base_url).ask()
    )
    assert gateway.requests[-1].path.removeprefix(f"/{gateway.token}") == path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "koala",
            {
                "accept": "text/event-stream",
                "flag-real-time-data": "false",
                "origin": "https://koala.sh",
                "alt-used": "koala.sh",
                "sec-fetch-dest": "empty",
                "sec-fetch-mode": "cors",
                "sec-fetch-site": "same-origin",
                "te": "trailers",
                "content-type": "application/json",
            },
        ),
        ("darkai", {"accept": "text/event-stream", "content-type": "application/json"}),
        (
            "freenetfly",
            {
                "accept": "application/json, text/event-stream",
                "content-type": "application/json",
                "dnt": "1",
                "sec-fetch-site": "same-origin",
            },
        ),
        (
            "whiterabbitneo",
            {
                "accept": "*/*",
                "content-type": "text/plain;charset=UTF-8",
                "connection": "keep-alive",
                "te": "trailers",
                "cookie": "__Secure-next-auth.session-token=local",
            },
        ),
    ],
)
async def test_the_headers_are_as_the_protocol_says(
    gateway: Gateway, name: str, expected: dict[str, str]
) -> None:
    await text_of(Place(providers.get(name), name, gateway.base_url).ask())
    headers = gateway.requests[-1].headers
    assert {key: headers.get(key) for key in expected} == expected


async def test_koala_names_itself_a_new_visitor_each_time(gateway: Gateway) -> None:
    place = Place(providers.get("koala"), "koala", gateway.base_url)
    await text_of(place.ask())
    await text_of(place.ask())
    first, second = (request.headers["visitor-id"] for request in gateway.requests)
    assert re.fullmatch(r"[a-z0-9]{20}", first)
    assert first != second


async def test_cookies_go_out_as_they_are(gateway: Gateway) -> None:
    cookies = {"__Secure-next-auth.session-token": "a=b==", "other": 'with "quotes", and more'}
    await text_of(
        Place(providers.get("whiterabbitneo"), "whiterabbitneo", gateway.base_url).ask(cookies=cookies)
    )
    assert gateway.requests[-1].headers["cookie"] == (
        '__Secure-next-auth.session-token=a=b==; other=with "quotes", and more'
    )


async def test_an_access_code_travels_as_a_bearer(gateway: Gateway) -> None:
    place = Place(providers.get("freenetfly"), "freenetfly", gateway.base_url)
    await text_of(place.ask(api_key="opensesame"))
    assert gateway.requests[-1].headers["authorization"] == "Bearer nk-opensesame"


@pytest.mark.parametrize("number", ["temperature", "presence_penalty", "frequency_penalty", "top_p"])
async def test_freenetflys_numbers_can_be_given(gateway: Gateway, number: str) -> None:
    await text_of(Place(providers.get("freenetfly"), "freenetfly", gateway.base_url).ask(**{number: 0.25}))
    assert gateway.requests[-1].body[number] == 0.25


async def test_an_unknown_model_is_refused_before_anything_is_sent(gateway: Gateway) -> None:
    place = Place(providers.get("darkai"), "darkai", gateway.base_url)
    with pytest.raises(ModelNotSupportedError, match="gpt-5") as caught:
        await text_of(place.send([{"role": "user", "content": "Hello"}], model="gpt-5"))
    assert "llama-3-70b" in caught.value.hint
    assert gateway.requests == []


async def test_an_alias_is_sent_as_the_services_own_name(gateway: Gateway) -> None:
    place = Place(providers.get("darkai"), "darkai", gateway.base_url)
    await text_of(place.send([{"role": "user", "content": "Hello"}], model="llama-3.1-70b"))
    assert gateway.requests[-1].body["model"] == "llama-3-70b"


async def test_one_message_is_darkais_whole_query(gateway: Gateway) -> None:
    await text_of(Place(providers.get("darkai"), "darkai", gateway.base_url).ask("Just this"))
    assert gateway.requests[-1].body["query"] == "Just this"


async def test_a_user_in_the_address_and_a_key_are_refused_before_anything_is_sent(gateway: Gateway) -> None:
    service = OpenAI.at(gateway.openai_base_url.replace("://", "://someone:pa55word@"))
    with pytest.raises(InputError, match="cannot both be sent"):
        await anext(
            aiter(
                service.create_async_generator(
                    "m", [{"role": "user", "content": "Hi"}], api_key="sk-a-key"
                ).chunks()
            )
        )
    assert gateway.requests == []


async def test_halves_of_surrogate_pairs_are_sent_as_what_every_service_reads() -> None:
    server = Server(events(delta("Yes", "stop")))
    said = "a \ud83d b \udcff c \ud83d\ude00 d 😀 e \\ud83d"
    async with server.running() as address:
        options = {"stop": ["\ud83d"], "user": "u"}
        await text_at(OpenAI.at(f"{address}/v1"), said, **options)
    (body,) = server.bodies
    assert body["messages"][0]["content"] == "a � b � c 😀 d 😀 e \\ud83d"
    assert (body["stop"], body["user"]) == (["�"], "u")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
async def test_what_is_no_number_is_refused_before_anything_is_sent(number: float) -> None:
    server = Server(events(delta("Yes", "stop")))
    async with server.running() as address:
        with pytest.raises(InputError, match="nan or infinite, which cannot be sent"):
            await text_at(OpenAI.at(f"{address}/v1"), temperature=number)
    assert server.bodies == []
