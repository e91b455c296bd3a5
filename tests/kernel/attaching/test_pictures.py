"""Pictures go along to who sees, as data, and to nobody else: looked at where they arrive."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from aiohttp import web

from tests.completions import Completions, completions
from tests.kernel.kernels import Kernel, kernel

pytestmark = pytest.mark.asyncio(loop_scope="module")
Image = pytest.importorskip("PIL.Image")  # the oldest versions are tried without it

PICTURE = "from PIL import Image\npicture = Image.new('RGB', (3000, 40), 'red')"
SHOWN = (
    "import io\nfrom IPython import display as shown\nbuffer = io.BytesIO()\n"
    "Image.new('RGB', (60, 40), 'blue').save(buffer, 'PNG')\nshown.display(shown.Image(data=buffer.getvalue()))"
)


def to(server: Completions) -> str:
    return f"-p openai -m seeing --base-url {server.url}"


def pictures(content: object) -> list[Any]:
    """Return the pictures of a message; they have to be data, and no address."""
    assert isinstance(content, list), content
    urls = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
    assert all(url.startswith("data:image/png;base64,") for url in urls)
    return [Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) for url in urls]


async def test_a_picture_arrives_as_data_scaled_down(chat: Kernel):
    await chat.ok(PICTURE)
    async with completions("Red.") as server:
        ran = await chat.ok(f"%%chat {to(server)}\nWhat colour is {{{{picture}}}}?")
    (picture,) = pictures(server.contents[-1])
    assert max(picture.size) == 1024
    assert picture.convert("RGB").getpixel((5, 5)) == (255, 0, 0)
    assert server.contents[-1][0]["text"].startswith("What colour is `picture`?")
    assert "with picture (" in ran.provenance
    assert "base64" not in ran.html


async def test_the_last_output_goes_along_with_its_picture(chat: Kernel):
    await chat.ok(PICTURE)
    await chat.ok(SHOWN)
    async with completions() as server:
        await chat.ok(f"%%chat -w @out {to(server)}\nDescribe it.")
    (picture,) = pictures(server.contents[-1])
    assert picture.convert("RGB").getpixel((5, 5)) == (0, 0, 255)


async def test_later_turns_carry_it_while_the_model_sees(chat: Kernel):
    await chat.ok(PICTURE)
    async with completions() as server:
        await chat.ok(f"%%chat {to(server)}\nLook at {{{{picture}}}}")
        await chat.ok(f"%%chat {to(server)}\nAnd now?")
    assert len(pictures(server.contents[0])) == 1
    blind = await chat.run("%%chat -p koala\n!echo")
    assert "image_url" not in json.dumps(blind.received)
    assert "picture" in json.dumps(blind.received)


async def test_earlier_pictures_are_left_out_for_a_model_that_says_it_does_not_see(chat: Kernel):
    await chat.ok(PICTURE)
    async with completions("Red.") as server:
        await chat.ok(f"%%chat {to(server)}\nLook at {{{{picture}}}}")

        def answer() -> web.Response | str:
            is_seeing = "image_url" in server.raw[-1]
            return (
                web.json_response({"error": "this model does not support images"}, status=400)
                if is_seeing
                else "Ok."
            )

        server.answer = answer
        ran = await chat.ok(f"%%chat {to(server)}\nAnd now?")
        again = await chat.ok(f"%%chat {to(server)}\nAnd then?")
    assert (ran.reply, again.reply) == ("Ok.", "Ok.")
    assert ["image_url" in raw for raw in server.raw] == [True, True, False, False]


@pytest.mark.parametrize("name", ["koala", "darkai", "freenetfly", "aura", "whiterabbitneo --gateway"])
async def test_those_that_take_text_alone_refuse_it_by_name(chat: Kernel, name):
    await chat.ok(PICTURE)
    ran = await chat.run(f"%%chat -p {name}\nWhat is {{{{picture}}}}?")
    assert ran.status == "error"
    assert len(ran.error) == 2
    assert "takes text alone" in ran.error[0]
    assert "picture" in ran.error[0]
    assert (
        await chat.value(
            "len(get_ipython().magics_manager.registry['ChatMagics'].session.conversation().turns)"
        )
        == "0"
    )


async def test_a_chain_goes_on_to_who_sees(chat: Kernel):
    await chat.ok(PICTURE)
    async with completions("Red.") as server:
        ran = await chat.ok(f"%%chat -p koala,openai:seeing --base-url {server.url}\nSee {{{{picture}}}}?")
    assert ran.reply == "Red."
    assert len(server.bodies) == 1


async def test_who_answers_that_it_cannot_see_is_told_so_in_two_lines(chat: Kernel):
    await chat.ok(PICTURE)
    error = {"error": {"message": "image input is not supported - hint: provide the mmproj", "code": 500}}
    async with completions(lambda: web.json_response(error, status=500)) as server:
        ran = await chat.run(f"%%chat {to(server)}\nSee {{{{picture}}}}")
    assert len(ran.error) == 2
    assert "does not see" in ran.error[1]
    assert len(server.bodies) == 1


def listing(**entry: object) -> dict[str, Any]:
    return {"/v1/models": {"object": "list", "data": [{"id": "seeing", **entry}, {"id": "other"}]}}


LLAMA = {"models": [{"model": "seeing", "capabilities": ["completion"]}], "data": [{"id": "seeing"}]}
TELLS: dict[str, dict[str, Any]] = {
    "openrouter": listing(architecture={"input_modalities": ["text"], "output_modalities": ["text"]}),
    "an older openrouter": listing(architecture={"modality": "text->text"}),
    "github": listing(supported_input_modalities=["text"]),
    "mistral": listing(capabilities={"completion_chat": True, "vision": False}),
    "fireworks": listing(supports_chat=True, supports_image_input=False),
    "llama.cpp": {"/v1/models": LLAMA},
    "an older llama.cpp": listing(owned_by="llamacpp") | {"/props": {"modalities": {"vision": False}}},
    "ollama": listing(owned_by="library") | {"/api/show": {"capabilities": ["completion", "tools"]}},
    "lm studio": listing(owned_by="organization_owner") | {"/api/v0/models/seeing": {"type": "llm"}},
}


@pytest.mark.parametrize("service", TELLS)
async def test_who_is_known_not_to_see_is_sent_nothing(chat: Kernel, service: str):
    await chat.ok(PICTURE)
    async with completions() as server:
        server.tells = TELLS[service]
        ran = await chat.run(f"%%chat {to(server)}\nSee {{{{picture}}}}")
        assert "openai · seeing takes text alone: it cannot be sent picture" in ran.error[0]
        assert len(ran.error) == 2
        asked = len(server.asked)
        again = await chat.run(f"%%chat {to(server)} --once\nSee {{{{picture}}}}")
        assert again.error == ran.error
        assert len(server.asked) == asked
        assert (await chat.ok(f"%%chat {to(server)}\nAnd in words?")).reply == "Fine."
    assert len(server.bodies) == 1


async def test_who_is_known_not_to_see_is_sent_nothing_through_the_gateway_either():
    async with completions() as server:
        server.tells = listing(capabilities={"vision": False})
        set_up = {"G4F_MAGIC_ENGINE": "upstream", "G4F_MAGIC_UPSTREAM": server.url}
        async with kernel(**set_up, G4F_MAGIC_UPSTREAM_MODEL="seeing", G4F_MAGIC_HISTORY="off") as chat:
            await chat.ok(f"%load_ext g4f_magic\n{PICTURE}")
            ran = await chat.run("%%chat -p openai --gateway\nSee {{picture}}")
            assert "takes text alone: it cannot be sent picture" in ran.error[0]
            assert len(ran.error) == 2
            await chat.ok("%%chat -p openai --gateway -m other\nSee {{picture}}")
    assert ["image_url" in raw for raw in server.raw] == [True]


async def test_the_guide_in_the_gateway_is_sent_no_picture():
    async with kernel(G4F_MAGIC_ENGINE="guide", G4F_MAGIC_HISTORY="off") as chat:
        await chat.ok(f"%load_ext g4f_magic\n{PICTURE}")
        ran = await chat.run("%%chat -p openai --gateway\nSee {{picture}}")
    assert "guide takes text alone: it cannot be sent picture" in ran.error[0]


@pytest.mark.parametrize(
    "tells",
    [
        {},
        listing(),
        listing(capabilities={"completion_chat": True, "vision": True}),
        listing(capabilities=["chat"]),
        listing(owned_by="library"),
        {"/v1/models": {"data": [{"id": "elsewhere", "supported_input_modalities": ["text"]}]}},
    ],
)
async def test_who_may_see_is_asked(chat: Kernel, tells: dict[str, Any]):
    await chat.ok(PICTURE)
    async with completions("Red.") as server:
        server.tells = tells
        assert (await chat.ok(f"%%chat {to(server)}\nSee {{{{picture}}}}")).reply == "Red."
    assert len(pictures(server.contents[-1])) == 1


async def test_the_list_is_not_asked_for_text(chat: Kernel):
    async with completions() as server:
        await chat.ok(f"%%chat {to(server)}\nIn words.")
    assert server.asked == []


async def test_one_of_the_same_service_that_sees_is_named(chat: Kernel):
    await chat.ok(PICTURE)
    async with completions() as server:
        server.tells = listing(capabilities={"vision": False})
        server.tells["/v1/models"]["data"].append({"id": "eyes", "capabilities": {"vision": True}})
        ran = await chat.run(f"%%chat {to(server)}\nSee {{{{picture}}}}")
    assert "-m eyes" in ran.error[1]


async def test_pictures_of_before_are_not_sent_to_who_is_known_not_to_see(chat: Kernel):
    await chat.ok(PICTURE)
    async with completions("Red.") as server, completions("Ok.") as other:
        other.tells = listing(capabilities={"vision": False})
        await chat.ok(f"%%chat {to(server)}\nLook at {{{{picture}}}}")
        assert (await chat.ok(f"%%chat {to(other)}\nAnd now?")).reply == "Ok."
    assert "image_url" not in other.raw[-1]
    assert len(other.raw) == 1


async def test_a_chain_goes_past_who_is_known_not_to_see(chat: Kernel):
    await chat.ok(PICTURE)
    async with completions("Red.") as server:
        server.tells = listing(capabilities={"vision": False})
        ran = await chat.ok(
            f"%%chat -p openai:seeing,openai:other --base-url {server.url}\nSee {{{{picture}}}}?"
        )
    assert ran.reply == "Red."
    assert [body["model"] for body in server.bodies] == ["other"]


async def test_a_dry_run_says_of_who_is_known_not_to_see_that_it_would_refuse(chat: Kernel):
    await chat.ok(PICTURE)
    async with completions() as server:
        server.tells = listing(capabilities={"vision": False})
        await chat.run(f"%%chat {to(server)}\nSee {{{{picture}}}}")
        ran = await chat.ok(f"%%chat {to(server)} --dry-run\nSee {{{{picture}}}}")
    assert "takes text alone: pictures would be refused" in ran.plain


async def test_a_recording_holds_no_pixels_and_misses_with_another_picture(chat: Kernel, tmp_path):
    await chat.ok(f"{PICTURE}\n%chat cassette {tmp_path}/a.chat.jsonl\n%chat mode record")
    async with completions("Red.") as server:
        cell = f"%%chat {to(server)}\nSee {{{{picture}}}}"
        await chat.ok(cell)
    (line,) = (tmp_path / "a.chat.jsonl").read_text().splitlines()
    assert len(line) < 3_000
    await chat.ok("%chat mode replay\n%chat reset")
    assert (await chat.ok(cell)).reply == "Red."
    await chat.ok("picture = Image.new('RGB', (3000, 40), 'green')\n%chat reset")
    missed = await chat.run(cell)
    await chat.ok("%chat mode live")
    assert "the picture is another one" in "\n".join(missed.error)


async def test_the_history_keeps_it_once_and_forgets_it(tmp_path):
    file = tmp_path / "history.sqlite"
    async with kernel(G4F_MAGIC_HISTORY=str(file)) as chat, completions() as server:
        await chat.ok("%load_ext g4f_magic\n%chat notebook seen")
        await chat.ok(PICTURE)
        for _ in range(2):
            await chat.ok(f"%%chat {to(server)}\nLook at {{{{picture}}}}")
        content = pictures_in(file)
        assert len(content) == 1
        await chat.restart()
        await chat.ok("%load_ext g4f_magic\n%chat notebook seen")
        await chat.ok(f"%%chat {to(server)}\nAnd now?")
        assert len(pictures(server.contents[0])) == 1
        await chat.ok("%chat forget --notebook --yes")
        assert not pictures_in(file)
    assert content[0][-40:] not in file.read_bytes()


def pictures_in(file) -> list[bytes]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(file)) as db:
        return [bytes(content) for (content,) in db.execute("SELECT content FROM pictures")]
