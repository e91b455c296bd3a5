"""A web page in the person's browser tries to talk to the gateway: it gets no answer, and nothing is asked for it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, async_playwright

from g4f_magic.gateway import ChatRequest, Gateway
from g4f_magic.gateway.actions import Action
from g4f_magic.testing.script import ScriptEngine
from tests.browser.lab import FLAGS, chromium_path
from tests.serving import served

EVIL = "evil.example"
# Each way returns what it could read; what it could not is an error's name, or nothing.
WAYS = """async ({base, key}) => {
    const body = JSON.stringify({model: 'm', stream: false, messages: [{role: 'user', content: 'Hi'}]});
    const post = {method: 'POST', body};
    const chat = base + '/v1/chat/completions';
    const read = async (url, options) => (await fetch(url, options)).text();
    const settled = (object, good, bad) => new Promise((done) => {
        object[good] = () => done('opened');
        object[bad] = () => done('');
        setTimeout(() => done(''), 3000);
    });
    const element = (name, source) => {
        const made = document.createElement(name);
        const loaded = settled(made, 'onload', 'onerror');
        made.src = source;
        document.body.append(made);
        return loaded;
    };
    const submit = async () => {
        const frame = document.createElement('iframe');
        frame.name = 'answer';
        const form = document.createElement('form');
        Object.assign(form, {method: 'post', action: chat, target: 'answer', enctype: 'text/plain'});
        const field = document.createElement('input');
        Object.assign(field, {name: body.slice(0, -1) + ',"rest":"', value: '"}'});
        form.append(field);
        document.body.append(frame, form);
        const loaded = settled(frame, 'onload', 'onerror');
        form.submit();
        await loaded;
        return frame.contentDocument ? frame.contentDocument.body.innerText : '';
    };
    const frame = async () => {
        const made = document.createElement('iframe');
        const loaded = settled(made, 'onload', 'onerror');
        made.src = base + '/';
        document.body.append(made);
        await loaded;
        return made.contentDocument ? made.contentDocument.body.innerText : '';
    };
    const ways = {
        cors: () => read(chat, {...post, headers: {'Content-Type': 'application/json'}}),
        'cors with the key': () => read(chat, {...post, headers: {Authorization: 'Bearer ' + key}}),
        simple: () => read(chat, post),
        'no-cors': () => read(chat, {...post, mode: 'no-cors'}),
        'no-cors with credentials': () => read(chat, {...post, mode: 'no-cors', credentials: 'include'}),
        models: () => read(base + '/v1/models'),
        'models, no-cors': () => read(base + '/v1/models', {mode: 'no-cors'}),
        page: () => read(base + '/', {mode: 'no-cors'}),
        koala: () => read(base + '/api/gpt/', {...post, body: '{"input": "Hi", "model": "m"}', mode: 'no-cors'}),
        beacon: async () => (navigator.sendBeacon(chat, body), ''),
        form: submit,
        frame,
        socket: () => settled(new WebSocket(base.replace('http', 'ws') + '/v1/models'), 'onopen', 'onerror'),
        events: () => settled(new EventSource(base + '/v1/models'), 'onopen', 'onerror'),
        image: () => element('img', base + '/v1/models'),
        script: () => element('script', base + '/v1/models'),
    };
    const answers = {};
    for (const [name, way] of Object.entries(ways)) {
        try { answers[name] = await way(); } catch (error) { answers[name] = error.name === 'TypeError' ? '' : String(error); }
    }
    return answers;
}"""


class Watched(ScriptEngine):
    """Counts whatever it is asked."""

    def __init__(self) -> None:
        super().__init__("the answer")
        self.asked: list[str] = []

    async def models(self) -> list[str]:
        self.asked.append("models")
        return await super().models()

    async def reply(self, ask: ChatRequest) -> AsyncGenerator[Action]:
        self.asked.append(ask.prompt)
        async for action in super().reply(ask):
            yield action


@asynccontextmanager
async def page_server() -> AsyncIterator[int]:
    """Serve an empty page on a port of its own, under whatever name."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>A page</title><body>", content_type="text/html")

    async with served(page, shutdown_timeout=0.5) as address:
        yield int(address.rpartition(":")[2])


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    flags = [*FLAGS, f"--host-resolver-rules=MAP {EVIL} 127.0.0.1", "--no-proxy-server"]
    async with async_playwright() as playwright:
        one = await playwright.chromium.launch(executable_path=chromium_path(), args=flags)
        try:
            yield one
        finally:
            await one.close()


async def tried(one: Browser, origin: str, base: str, key: str) -> dict[str, Any]:
    """Return what a page of that origin could read of the gateway at that address."""
    page = await one.new_page()
    try:
        await page.goto(origin)
        answers: dict[str, Any] = await page.evaluate(WAYS, {"base": base, "key": key})
        return answers
    finally:
        await page.close()


@pytest.mark.parametrize(
    ("token", "targets"), [("the-true-one", ("127.0.0.1", "localhost", EVIL)), ("a-guess", ("127.0.0.1",))]
)
async def test_no_page_gets_an_answer_or_makes_the_engine_be_asked(
    token: str, targets: tuple[str, ...]
) -> None:
    engine = Watched()
    async with Gateway(engine, token="the-true-one") as gateway, page_server() as port, browser() as one:
        read: dict[str, str] = {}
        for name in ("127.0.0.1", "localhost", EVIL):
            for target in targets:
                base = f"http://{target}:{gateway.port}/{token}"
                answers = await tried(one, f"http://{name}:{port}/", base, token)
                assert len(answers) == 16
                read |= {f"{name} to {target}: {way}": answer for way, answer in answers.items() if answer}
        # A frame of a refusal can be opened, and an opaque answer is empty: neither can be read.
        assert read == {}
        assert engine.asked == []
        assert gateway.requests == []


async def test_a_name_made_to_point_here_has_no_page_of_the_gateways_own() -> None:
    engine = Watched()
    async with Gateway(engine, token="the-true-one") as gateway, browser() as one:
        base = f"http://{EVIL}:{gateway.port}/the-true-one"
        answers = await tried(one, f"{base}/", base, "the-true-one")
    refused = "Misdirected Request"
    assert {way for way, answer in answers.items() if answer and refused not in answer} == set()
    assert refused in answers["cors"]
    assert engine.asked == []


async def test_the_gateways_own_page_could_ask() -> None:
    engine = Watched()
    async with Gateway(engine, token="the-true-one") as gateway, browser() as one:
        base = f"{gateway.base_url}"
        answers = await tried(one, f"{base}/", base, "the-true-one")
    assert "the answer" in answers["cors"]
    assert "the answer" in answers["form"]
    assert answers["frame"].startswith("g4f_magic gateway")
    assert "models" in engine.asked
