"""Colab by its signs: keys from its secrets, its own models, which cell and which notebook."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import SCRIPT_TEXT, ScriptEngine
from tests.contract.providers.openai_server import Server, delta, events
from tests.kernel.host.colab import Colab, of

pytestmark = pytest.mark.heavy

KEY = "gsk_0123456789abcdefghij"


@pytest.fixture
def colab(tmp_path: Path) -> Colab:
    return Colab(tmp_path)


def _service(colab: Colab, url: str) -> None:
    """Have a service of that address that wants a key."""
    folder = colab.folder / "content" / "data" / "g4f_magic"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "services.toml").write_text(
        f'[locked]\nbase_url = "{url}"\nkeys = ["LOCKED_KEY"]\nmodel = "m"\n'
    )


async def test_a_key_comes_from_its_secrets_for_the_service_that_is_asked(colab: Colab) -> None:
    colab.secrets(LOCKED_KEY=KEY, GROQ_API_KEY="gsk_other_0123456789abcdef")
    async with Gateway(ScriptEngine()) as gateway, colab.kernel() as one:
        _service(colab, gateway.openai_base_url)
        await one.ok("%load_ext g4f_magic")
        ran = await one.ok("%%chat -p locked\nHello")
        assert ran.reply == SCRIPT_TEXT.rstrip("\n")
        assert KEY not in repr(ran.messages)
        assert gateway.requests[-1].headers["authorization"] == f"Bearer {KEY}"
        assert await one.value("__import__('google.colab.userdata').colab.userdata.asked") == "['LOCKED_KEY']"
        await one.ok("%chat providers")  # looks at all of them, and asks the page for none
        assert await one.value("__import__('google.colab.userdata').colab.userdata.asked") == "['LOCKED_KEY']"


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("NotebookAccessError", "this notebook may not read it"),
        ("TimeoutException", "did not answer when LOCKED_KEY was asked for"),
        ("", "locked needs a key and none was found"),
    ],
)
async def test_what_its_secrets_refuse_is_two_lines(colab: Colab, raised: str, said: str) -> None:
    colab.secrets(**({"LOCKED_KEY": raised} if raised else {}))
    async with colab.kernel() as one:
        _service(colab, "http://127.0.0.1:9/v1")
        await one.ok("%load_ext g4f_magic")
        ran = await one.run("%%chat -p locked\nHello")
        assert len(ran.error) == 2
        assert said in ran.error[0]
        assert "key sign at the left" in ran.error[1] or "allow it there" in ran.error[1]


async def test_its_own_models_answer_without_a_key_of_the_person(colab: Colab) -> None:
    server = Server(events(delta("Fine."), delta(finish="stop")))
    async with server.running() as host, colab.kernel(MODEL_PROXY_HOST=host, MODEL_PROXY_API_KEY=KEY) as one:
        await one.ok("%load_ext g4f_magic")
        ran = await one.ok("%%chat -p colab -m google/gemini\nHello")
    assert ran.reply == "Fine."
    assert KEY not in repr(ran.messages)
    assert server.paths == ["/models/openapi/chat/completions"]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


async def test_elsewhere_its_models_are_named_as_what_they_are(colab: Colab) -> None:
    assert "MODEL_PROXY_HOST" not in os.environ
    async with colab.kernel() as one:
        await one.ok("%load_ext g4f_magic")
        ran = await one.run("%%chat -p colab\nHello")
    assert ran.error[0].startswith("InputError: colab is the model proxy of Google Colab's machines")


async def test_its_cells_take_their_turns_again(colab: Colab) -> None:
    async with colab.kernel() as one:
        await one.ok("%load_ext g4f_magic")
        for text in ("One", "Two"):
            await one.ok(f"%%chat -p koala\n{text}", metadata=of("abc123"))
        await one.ok("%%chat -p koala\nThree", metadata=of("def456"))
        history = await one.ok("%chat history")
    assert ["One" in history.plain, "Two" in history.plain, "Three" in history.plain] == [False, True, True]


async def test_its_page_tells_which_notebook_it_is(colab: Colab) -> None:
    colab.page("talk.ipynb", ("aaa", "%%chat -p koala\nOne"), ("bbb", "%%chat -p koala\nTwo"))
    history = {"G4F_MAGIC_HISTORY": ""}
    async with colab.kernel(**history) as one:
        await one.ok("%load_ext g4f_magic")
        await one.ok("%%chat -p koala\nTwo", metadata=of("bbb"))
        ran = await one.ok("%%chat -p koala\nOne", metadata=of("aaa"))
        assert "turn" not in ran.provenance  # a cell sees those above it alone
        assert "Colab/talk.ipynb" in (await one.ok("%chat", metadata=of("aaa"))).plain
        assert await one.value("__import__('google.colab._message').colab._message.asked") == "[5]"
        colab.page("talk.ipynb", ("aaa", ""), ("ccc", ""), ("bbb", ""))
        await one.ok(
            "%%chat -p koala\nBetween", metadata=of("ccc")
        )  # it was inserted: the page is asked again
        said = (await one.ok("%chat history", metadata=of("aaa"))).plain
        assert said.index("One") < said.index("Between") < said.index("Two")
    async with colab.kernel(**history) as one:  # the kernel was restarted, the machine is the same
        await one.ok("%load_ext g4f_magic")
        assert "3 turns" in (await one.ok("%chat", metadata=of("aaa"))).plain


async def test_another_notebook_of_its_name_begins_empty(colab: Colab) -> None:
    history = {"G4F_MAGIC_HISTORY": ""}
    colab.page("Untitled0.ipynb", ("aaa", ""))
    async with colab.kernel(**history) as one:
        await one.ok("%load_ext g4f_magic")
        await one.ok("%%chat -p koala\nOne", metadata=of("aaa"))
    colab.page("Untitled0.ipynb", ("zzz", ""))
    async with colab.kernel(**history) as one:
        await one.ok("%load_ext g4f_magic")
        ran = await one.ok("%%chat -p koala\nHello", metadata=of("zzz"))
        assert "begins with an empty conversation" in ran.plain
        assert "1 turn" in (await one.ok("%chat", metadata=of("zzz"))).plain
    colab.page("Copy of Untitled0.ipynb", ("aaa", ""))
    async with colab.kernel(**history) as one:
        await one.ok("%load_ext g4f_magic")
        ran = await one.ok("%%chat -p koala\nHello", metadata=of("aaa"))
        assert "looks like a copy" in ran.plain


async def test_without_its_page_it_is_said_that_the_notebook_is_not_known(colab: Colab) -> None:
    async with colab.kernel(G4F_MAGIC_HISTORY="") as one:
        await one.ok("%load_ext g4f_magic")
        ran = await one.ok("%%chat -p koala\nHello", metadata=of("aaa"))
        assert ran.plain.count("given away after use") == 1
        assert "not known" in (await one.ok("%chat", metadata=of("aaa"))).plain
        assert "given away" not in (await one.ok("%%chat -p koala\nHello", metadata=of("bbb"))).plain
