"""A real model is asked about a person's data: what it was sent, what is kept of it, and what a person sees."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.kernel.kernels import kernel
from tests.model.llama import Llama, missing
from tests.serving import served

pytestmark = [pytest.mark.skipif(bool(missing()), reason=missing()), pytest.mark.timeout(200)]
QUESTION = "Name the larger city of {{df}}."
ROWS = "| Turku | 204618 |"


@asynccontextmanager
async def wire_to(llama: Llama) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """Stand before the model's server: give an address that passes all on to it, and what was asked there."""
    bodies: list[dict[str, Any]] = []

    async def pass_on(request: web.Request) -> web.StreamResponse:
        headers = {"Authorization": request.headers.get("Authorization", "")}
        body = await request.json() if request.can_read_body else None
        if body is not None:
            bodies.append(body)
        url = llama.address + request.path
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.request(request.method, url, json=body) as answer,
        ):
            response = web.StreamResponse(
                status=answer.status, headers={"Content-Type": answer.headers["Content-Type"]}
            )
            await response.prepare(request)
            async for piece in answer.content.iter_any():
                await response.write(piece)
            return response

    async with served(pass_on) as address:
        yield f"{address}/v1", bodies


async def test_a_frame_and_a_value_reach_the_model_the_history_and_the_line(
    llama: Llama, tmp_path: Path
) -> None:
    pytest.importorskip("pandas")
    async with (
        wire_to(llama) as (url, bodies),
        kernel(
            OPENAI_BASE_URL=url,
            OPENAI_API_KEY=llama.key,
            HOME=str(tmp_path),
            G4F_MAGIC_HISTORY=str(tmp_path / "history.sqlite"),
        ) as one,
    ):
        await one.ok("%load_ext g4f_magic\nimport pandas")
        await one.ok("%chat notebook cities")
        await one.ok("df = pandas.DataFrame({'city': ['Turku', 'Pori'], 'people': [204618, 83106]})")
        await one.ok("limit = {'least': 100_000}")
        asked = f"%%chat -p openai -w limit --max-tokens 8 -t 0\n{QUESTION}"
        ran = await one.ok(asked, cell="ask")

        sent = bodies[-1]["messages"][-1]["content"]
        assert sent.startswith("Name the larger city of `df`.")
        assert ROWS in sent
        assert "100000" in sent
        assert ran.reply.strip()
        assert "SmolLM2" in ran.provenance
        assert "with df (2 columns, 2 rows), limit" in ran.provenance
        assert ROWS in ran.html  # the fold under the reply

        kept = (await one.ok("%chat show 1")).plain
        assert QUESTION in kept
        assert ROWS in kept
        assert "100000" in kept

        # A later turn carries what was sent then; the model reads more than the question alone.
        await one.ok("%%chat -p openai --max-tokens 4 -t 0\nAnd the smaller one?", cell="again")
        assert bodies[-1]["messages"][0]["content"] == sent

        # The same cell again describes what the name stands for now.
        await one.ok("df.loc[0, 'city'] = 'Raisio'")
        again = await one.ok(asked, cell="ask")
        assert "| Raisio | 204618 |" in bodies[-1]["messages"][-1]["content"]
        assert ROWS not in json.dumps(bodies[-1])
        assert again.reply.strip()
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as file:
        rows = file.execute("SELECT prompt, details FROM turns ORDER BY number").fetchall()
    assert [prompt for prompt, _ in rows] == [QUESTION, "And the smaller one?", QUESTION]
    assert [("Turku" in details, "Raisio" in details) for _, details in rows] == [
        (True, False),
        (False, False),
        (False, True),
    ]
