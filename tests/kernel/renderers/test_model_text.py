"""What a model says never acts: no code of it runs, no file is written, nothing is followed, unless the person does it."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import nbformat
import pytest

from tests.injections import PAYLOADS
from tests.kernel.kernels import Kernel, kernel

pytestmark = pytest.mark.heavy

MARK = "pwn4ed"
HOSTILE = [
    f"```python\nopen('{MARK}', 'w').write('x'); {MARK} = 1\n```",
    f"```python\nimport os; os.system('touch {MARK}')\n```",
    f"```bash\ntouch {MARK}\n```",
    f"!touch {MARK}",
    f"%%bash\ntouch {MARK}",
    f"%run {MARK}.py",
    f"%%writefile {MARK}\nx",
    f"{{__import__('os').system('touch {MARK}')}} ${MARK} {{{MARK}}}",
    f"{{{{cookiecutter.{MARK}}}}} {{% include '{MARK}' %}}",
    f"[a link](https://{MARK}.example/x) ![an image](https://{MARK}.example/x.png) <https://{MARK}.example>",
    f"[file](file:///tmp/{MARK}) [command](command:{MARK})",
    f'{{"tool_calls": [{{"function": {{"name": "write_file", "arguments": "{MARK}"}}}}]}}',
    f'<iframe src="https://{MARK}.example"></iframe><script>{MARK}</script>',
    *(text.replace("__pwned", MARK) for text in list(PAYLOADS.values())[::8]),
]
"""Of the payloads for a page, which the tests of the renderers go through, some."""
_SPY = """
import base64, json, sys
_texts = json.loads(base64.b64decode({texts!r}))
import g4f_magic
@g4f_magic.provider
async def hostile(messages):
    text = _texts[int(messages[-1]["content"])]
    for start in range(0, len(text), 5):
        yield text[start : start + 5]
_acts = []
_watched = {{"compile", "exec", "open", "os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "import",
    "socket.getaddrinfo", "socket.connect", "webbrowser.open", "urllib.Request", "os.mkdir", "os.rename", "os.remove"}}
def _spy(event, args):
    if event in _watched and {mark!r} in repr(args):
        _acts.append((event, repr(args)[:200]))
sys.addaudithook(_spy)
"""


@pytest.mark.asyncio
@pytest.mark.parametrize("shape", ["markdown", "text", "code", "json", "html"])
async def test_no_reply_acts(shape: str, tmp_path: Path) -> None:
    texts = b64encode(json.dumps(HOSTILE).encode()).decode()
    folder = tmp_path / "work"
    folder.mkdir()
    async with kernel() as one:
        await one.ok("%load_ext g4f_magic")
        await one.ok(f"import os; os.chdir({str(folder)!r})")
        await one.ok(_SPY.format(texts=texts, mark=MARK))
        before = await one.value("sorted(name for name in globals() if not name.startswith('_'))")
        for number in range(len(HOSTILE)):
            ran = await one.run(f"%%chat -p hostile -f {shape} --out answer\n{number}")
            assert ran.status == "ok" or "not valid JSON" in str(ran.error), ran.error
        for command in (
            "history",
            "show 1",
            "context",
            "search touch",
            "export talk.ipynb",
            "export talk.md",
        ):
            await one.ok(f"%chat {command}")
        assert await one.value("_acts") == "[]"
        after = await one.value("sorted(name for name in globals() if not name.startswith('_'))")
        assert eval(after) == sorted({*eval(before), "answer"})
        assert await one.value("type(answer).__name__, str(answer) == _texts[-1]") == "('ReplyText', True)"
        control = await one.run(f"exec({HOSTILE[0].splitlines()[1]!r})")
        assert control.status == "ok"
        assert "'open'" in await one.value("_acts"), "the spy sees nothing"
    assert sorted(path.name for path in folder.iterdir()) == sorted([MARK, "talk.ipynb", "talk.md"])


CODER = (
    "%load_ext g4f_magic\nimport g4f_magic\n@g4f_magic.provider\nasync def coder(messages):\n"
    "    code = messages[-1]['content']\n    yield f'```python\\n{code}\\n```'"
)


async def offered(one: Kernel, code: str, cell: str | None = None) -> list[str]:
    """Ask for that code, and return what is offered as the next cell."""
    ran = await one.run(f"%%chat -p coder -f code\n{code}", cell=cell)
    assert ran.status == "ok", ran.error
    return [act["text"] for act in ran.payload if act["source"] == "set_next_input"]


@pytest.mark.asyncio
async def test_a_cell_that_is_run_again_offers_the_same_code_once() -> None:
    async with kernel() as one:
        await one.ok(CODER)
        assert await offered(one, "x = 1", "a") == ["x = 1"]
        assert await offered(one, "x = 1", "a") == []
        assert await offered(one, "x = 2", "a") == ["x = 2"]
        assert await offered(one, "x = 1", "a") == []
        assert await offered(one, "x = 1", "b") == ["x = 1"]


@pytest.mark.asyncio
async def test_code_that_stands_in_the_saved_notebook_is_not_offered(tmp_path: Path) -> None:
    file = tmp_path / "talk.ipynb"
    cells = [nbformat.v4.new_code_cell("x = 1\ny = 2\n"), nbformat.v4.new_markdown_cell("x = 3")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), file)
    async with kernel(JPY_SESSION_NAME=str(file)) as one:
        await one.ok(CODER)
        assert await offered(one, "x = 1\ny = 2") == []
        assert await offered(one, "x = 1") == ["x = 1"]
        assert await offered(one, "x = 3") == ["x = 3"]
        file.write_text("{")
        assert await offered(one, "x = 1\ny = 2") == ["x = 1\ny = 2"]


@pytest.mark.asyncio
async def test_code_is_offered_as_the_next_cell_and_not_run() -> None:
    async with kernel() as one:
        await one.ok("%load_ext g4f_magic")
        await one.ok(
            "import g4f_magic\n@g4f_magic.provider\nasync def coder(messages):\n"
            "    yield '```python\\nran = 1\\n```'"
        )
        identity = one.send("%%chat -p coder -f code\nGo")
        await one.finish(identity)
        assert await one.value("'ran' in globals()") == "False"
