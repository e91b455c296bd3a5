"""Nothing exceeds what the person shares: values are planted, asked for through every way, and looked for on the wire."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.completions import completions
from tests.kernel.kernels import Kernel

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(find_spec("pandas") is None, reason="the oldest versions are tried without it"),
]

PLANT = """
import json, pandas, numpy
planted = "PLANTED".lower()
frame = pandas.DataFrame({"city": [planted] * 40, "n": range(40)})
series, rows, table = frame.city, [planted] * 40, {"key": planted}
array, text = numpy.array([planted] * 5), (planted + " ") * 5
class Own:
    def __init__(self): self.inner = planted
    def __repr__(self): return planted
    def _ai_repr_(self, **_): return planted
    def _repr_markdown_(self): return planted
own, number, nested = Own(), 987654321, [[planted]]
def look(): return planted
with open("planted.md", "w") as file: file.write(planted)
with open("planted.csv", "w") as file: frame.to_csv(file)
"""
NAMES = "planted frame series rows table array text own number nested own.inner rows[0] frame['city'] nested[0][0]"
FAIL = "_wanted = {'key': 1}\n_wanted[rows[0] + str(number)]"
WAYS = (
    *(f"{{{{{name}}}}}" for name in NAMES.split()),
    *(f"{{{{{name}|all}}}}" for name in ("frame", "rows", "own", "text", "number")),
)
WITHS = (
    *("frame|all", "own", "rows", "number", "'frame.head()|all'", "'rows + rows'", "'str(own)'"),
    *("planted.md", "'planted.*|all'", "@error", "@out", "'@cells|all'", "'@out|all'", "'@error|all'"),
)
SIGNS = ("planted", "987654321")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize("ceiling", ["names", "schema"])
async def test_below_sample_no_value_leaves_by_any_way(chat: Kernel, here: str, ceiling: str):
    await chat.ok(f"%cd -q {here}")
    await chat.ok(PLANT)
    await chat.run(FAIL)
    await chat.ok("print(planted, number); frame")
    await chat.ok(f"%config ChatMagics.share = '{ceiling}'")
    async with completions() as server:
        to = f"-p openai -m seeing --base-url {server.url} --once"
        for way in WAYS:
            await chat.ok(f"%%chat {to}\nLook: {way}")
            await chat.ok(f"%%chat {to} --system 'Know: {way.replace(chr(39), chr(34))}'\nLook")
        for what in WITHS:
            await chat.ok(f"%%chat {to} -w {what}\nLook")
        await chat.ok(f"%chat explain {to}")
    await chat.ok("%config ChatMagics.share = 'sample'")
    assert len(server.raw) == 2 * len(WAYS) + len(WITHS) + 1
    leaked = [_said(body) for body in server.bodies if any(sign in _values(_said(body)) for sign in SIGNS)]
    assert leaked == []


def _said(body: dict) -> str:
    return "\n".join(str(message["content"]) for message in body["messages"])


def _values(text: str) -> str:
    """Return a text without the names that stand in it: `planted` is one of them, and files are called so."""
    for name in ("planted.md", "planted.csv", "planted.*", "`planted", "{{planted", "planted ="):
        text = text.replace(name, "")
    return text


async def test_less_is_shared_where_less_is_asked_for(chat: Kernel):
    await chat.ok("rows = ['some' + 'where']")
    async with completions() as server:
        to = f"-p openai -m m --base-url {server.url} --once"
        ran = await chat.ok(f"%%chat {to}\nWhat are {{{{rows|schema}}}}?")
        await chat.ok(f"%%chat {to}\nWhat are {{{{rows}}}}?")
        capped = await chat.ok(f"%%chat {to}\nWhat are {{{{rows|all}}}}?")
    assert ["somewhere" in raw for raw in server.raw] == [False, True, True]
    assert "rows|schema" in ran.provenance
    assert "goes along as sample" in capped.provenance


async def test_secrets_of_this_kernel_are_masked_in_what_goes_along(chat: Kernel):
    await chat.ok(
        "import os\nos.environ['SOME_API_KEY'] = 'swordfish-9876543210'\nrows = [os.environ['SOME_API_KEY']]"
    )
    async with completions() as server:
        await chat.ok(f"%%chat -w os.environ -p openai -m m --base-url {server.url} --once\nSee {{{{rows}}}}")
    await chat.ok("del os.environ['SOME_API_KEY']")
    assert "swordfish" not in server.raw[0]
    assert "***" in server.raw[0]
