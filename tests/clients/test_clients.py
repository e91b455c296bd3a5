"""Clients that people use ask a model through the gateway; each is a process of its own, with its own packages."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from g4f_magic.gateway import Gateway, UpstreamEngine
from tests.clients.model import CALL, THOUGHT, Model, running
from tests.environments import CLIENTS
from tests.model.conftest import llama as llama
from tests.model.llama import Llama

pytestmark = [pytest.mark.clients, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

CHATS = ["openai", "langchain", "litellm", "pydantic_ai", "llm", "openai_js", "ai_js"]
RESPONSES = [
    *("openai_responses", "agents", "openai_responses_js"),
    *(
        "langchain responses",
        "litellm responses",
        "pydantic_ai responses",
        "llm responses",
        "ai_js responses",
    ),
]
"""Those that ask by the Responses API: some have it alone, others are told to use it."""
ALL = [*CHATS, *RESPONSES]
ERRORS = {
    "pydantic_ai": dict.fromkeys(("wrong_key", "wrong_model", "bad_request"), "ModelHTTPError"),
    "ai_js": dict.fromkeys(("wrong_key", "wrong_model", "bad_request"), "APICallError"),
}
STATUS = {"wrong_key": 401, "wrong_model": 404, "bad_request": 400}
OPENAIS = {
    "wrong_key": "AuthenticationError",
    "wrong_model": "NotFoundError",
    "bad_request": "BadRequestError",
}


class Bench:
    """The gateway before the model, and what each client's cases came to."""

    def __init__(self, gateway: Gateway, model: Model) -> None:
        self.model = model
        self._gateway = gateway
        self._outcomes: dict[str, dict[str, Any]] = {}
        self._asked: dict[str, list[dict[str, Any]]] = {}

    async def outcomes(self, client: str) -> dict[str, Any]:
        """Return what came of a client's cases: they run once."""
        if client not in self._outcomes:
            before = len(self.model.asked)
            self._outcomes[client] = await self._run(client)
            self._asked[client] = self.model.asked[before:]
        return self._outcomes[client]

    async def said(self, client: str, case: str) -> Any:
        outcome = (await self.outcomes(client))[case]
        assert "said" in outcome, outcome
        return outcome["said"]

    async def asked(self, client: str) -> list[dict[str, Any]]:
        """Return what the model was asked by a client."""
        await self.outcomes(client)
        return self._asked[client]

    async def _run(self, client: str) -> dict[str, Any]:
        client, *protocol = client.split()
        if not client.endswith("_js"):
            why, command = (
                CLIENTS.missing(),
                [str(CLIENTS.python), str(CLIENTS.folder / "python" / f"{client}_client.py")],
            )
        else:
            script = CLIENTS.node_modules.parent / f"{client.removesuffix('_js')}_client.js"
            why, command = CLIENTS.missing_node(), ["node", str(script)]
        if why:
            pytest.skip(why)
        address = [f"http://127.0.0.1:{self._gateway.port}/v1", self._gateway.token]
        process = await asyncio.create_subprocess_exec(
            *command,
            *address,
            *protocol,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(),
        )
        output, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()[-3000:]
        outcomes: dict[str, Any] = json.loads(output.decode().strip().splitlines()[-1])
        return outcomes


def _environment() -> dict[str, str]:
    """Return an environment in which no client reads another key, or sends anything but to loopback."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("OPENAI", "PYTHON", "LANG"))
    }
    quiet = {
        "LANGSMITH_TRACING": "false",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "AI_SDK_LOG_WARNINGS": "false",
    }
    return {**kept, **quiet, "NO_PROXY": "127.0.0.1", "PYTHONUTF8": "1"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Bench]:
    async with (
        running() as model,
        Gateway(UpstreamEngine(model.base_url), token="the-gateways-key") as gateway,
    ):
        yield Bench(gateway, model)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def real(llama: Llama) -> dict[str, Any]:
    """What came of the cases that a real model is asked."""
    async with Gateway(
        UpstreamEngine(llama.base_url, api_key=llama.key), token="the-gateways-key"
    ) as gateway:
        return await Bench(gateway, Model()).outcomes("real_model")


@pytest.mark.parametrize("client", ALL)
async def test_a_whole_reply_has_its_model_and_its_count(bench: Bench, client: str) -> None:
    assert await bench.said(client, "whole") == ["Hello there", "theirs", 7]


@pytest.mark.parametrize("client", ALL)
async def test_a_stream_is_read(bench: Bench, client: str) -> None:
    assert await bench.said(client, "streamed") == "Hello there"


@pytest.mark.parametrize("client", ["openai", "ai_js", "openai_responses", "ai_js responses"])
async def test_a_stream_counts_where_it_is_asked_to(bench: Bench, client: str) -> None:
    assert await bench.said(client, "counted") == [7]


@pytest.mark.parametrize("client", ALL)
@pytest.mark.parametrize("case", STATUS)
async def test_an_error_is_the_clients_own(bench: Bench, client: str, case: str) -> None:
    outcome = (await bench.outcomes(client))[case]
    assert ERRORS.get(client.split()[0], OPENAIS)[case] in outcome["errors"]
    assert outcome["status"] in (STATUS[case], None)


@pytest.mark.parametrize("client", ["openai", "openai_js"])
async def test_a_path_that_is_not_there_says_what_is(bench: Bench, client: str) -> None:
    outcome = (await bench.outcomes(client))["wrong_path"]
    assert "NotFoundError" in outcome["errors"]
    assert "/v1/chat/completions" in outcome["message"]


@pytest.mark.parametrize(
    "client",
    ["openai", "openai_js", "ai_js", "openai_responses", "openai_responses_js", "agents", "ai_js responses"],
)
async def test_a_reply_that_breaks_off_is_no_success(bench: Bench, client: str) -> None:
    outcome = (await bench.outcomes(client))["broken"]
    assert "fell over" in outcome["message"]


@pytest.mark.parametrize("client", ALL)
async def test_a_tool_is_called_and_its_result_told(bench: Bench, client: str) -> None:
    said = await bench.said(client, "tools")
    assert (said[-1] if isinstance(said, list) else said) == "It is Paris: 21 degrees."
    *_, asked, told = next(
        body["messages"] for body in await bench.asked(client) if body["messages"][-1]["role"] == "tool"
    )
    assert told["tool_call_id"] == asked["tool_calls"][0]["id"]
    # LiteLLM's bridge takes the id of the item for that of the call, both ways.
    assert told["tool_call_id"] == CALL["id"] or client == "litellm responses"


@pytest.mark.parametrize("client", ALL)
async def test_a_tools_call_comes_in_pieces(bench: Bench, client: str) -> None:
    said = await bench.said(client, "tools_streamed")
    if client.split()[0] in (
        "pydantic_ai",
        "llm",
        "ai_js",
        "agents",
    ):  # these go on with the result by themselves
        assert said == "It is Paris: 21 degrees."
    else:
        assert (json.loads(said) if isinstance(said, str) else said) == {"city": "Paris"}


@pytest.mark.parametrize("client", ALL)
async def test_a_reply_keeps_to_a_schema(bench: Bench, client: str) -> None:
    said = await bench.said(client, "structured")
    assert (json.loads(said) if isinstance(said, str) else said) == {"city": "Paris", "degrees": 21}
    formats = [body["response_format"] for body in await bench.asked(client) if body.get("response_format")]
    assert "degrees" in formats[0]["json_schema"]["schema"]["properties"]


@pytest.mark.parametrize("client", ALL)
async def test_a_picture_arrives(bench: Bench, client: str) -> None:
    assert await bench.said(client, "picture") == "I see a picture."


@pytest.mark.parametrize(
    "client",
    [
        *("langchain", "litellm", "pydantic_ai", "ai_js", "openai_responses", "agents"),
        *("langchain responses", "litellm responses", "pydantic_ai responses", "ai_js responses"),
    ],
)
async def test_a_limit_arrives_by_the_name_that_the_client_has_for_it(bench: Bench, client: str) -> None:
    limits = [body.get("max_completion_tokens", body.get("max_tokens")) for body in await bench.asked(client)]
    assert 64 in limits


@pytest.mark.parametrize("client", ["openai_responses", "agents"])
async def test_a_client_goes_on_from_a_response_that_is_kept(bench: Bench, client: str) -> None:
    assert await bench.said(client, "tools_kept") == "It is Paris: 21 degrees."


async def test_a_response_is_shown_and_forgotten(bench: Bench) -> None:
    assert await bench.said("openai_responses", "stored") == ["Hello there", "previous_response_not_found"]


async def test_thoughts_arrive(bench: Bench) -> None:
    assert await bench.said("openai_responses", "thought") == [True, THOUGHT]
    assert await bench.said("ai_js responses", "thought") == THOUGHT


async def test_a_reply_that_is_cut_says_so(bench: Bench) -> None:
    assert await bench.said("openai_responses", "limited") == ["incomplete", "max_output_tokens"]


async def test_a_tool_that_openai_runs_is_refused_by_its_name(bench: Bench) -> None:
    outcome = (await bench.outcomes("openai_responses"))["refused"]
    assert (outcome["status"], "'web_search'" in outcome["message"]) == (400, True)


async def test_embeddings_come_from_the_server(bench: Bench) -> None:
    assert await bench.said("openai_responses", "embedded") == [[0, [0.5, 1.0]], [1, [0.5, 1.0]]]


async def test_several_choices_and_logprobs_come_back(bench: Bench) -> None:
    assert await bench.said("openai", "choices") == [[0, "Hello there", 1], [1, "Hello there", 1]]


@pytest.mark.parametrize("client", ["openai", "openai_js"])
async def test_models_are_listed_and_found(bench: Bench, client: str) -> None:
    assert await bench.said(client, "models") == [["theirs"], "theirs"]


async def test_the_asynchronous_client_reads_a_stream(bench: Bench) -> None:
    assert await bench.said("openai", "asynchronously") == "Hello there"


@pytest.mark.parametrize("case", ["whole_own", "streamed_own"])
async def test_the_ai_sdks_provider_of_openai_is_answered(bench: Bench, case: str) -> None:
    assert await bench.said("ai_js", case) == "Hello there"


async def test_the_ai_sdks_provider_of_openai_calls_tools(bench: Bench) -> None:
    assert await bench.said("ai_js", "tools_own") == "It is Paris: 21 degrees."


@pytest.mark.parametrize("case", ["whole", "streamed", "structured"])
async def test_openais_client_asks_a_real_model(real: dict[str, Any], case: str) -> None:
    assert "said" in real[case], real[case]
    match case, real[case]["said"]:
        case "whole", [text, reason, tokens]:
            assert (bool(text), reason, tokens) == (True, "length", 4)
        case "streamed", [pieces, model]:
            assert pieces > 1
            assert "SmolLM2" in model
        case "structured", said:
            assert said.keys() == {"is_wet"}
