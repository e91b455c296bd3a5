"""The part that JupyterLab and Notebook 7 load: its files, its names, and that a browser fetches it anew after an upgrade."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from benchmarks.sample import markdown
from g4f_magic import page
from g4f_magic.label import KEY
from g4f_magic.magics import PAGES
from g4f_magic.markdown_source import source_of
from g4f_magic.renderers.code_blocks import CODE, theme_rules
from g4f_magic.renderers.colours import _styles
from g4f_magic.renderers.portable import portable
from g4f_magic.version import __version__
from tests.injections import PAYLOADS

ROOT = Path(page.__file__).parent / "labextension"
STATIC = ROOT / "static"
MOST_LINES = 900
"""Of code, in all; what is said about it in comments and types makes no script larger."""
MOST_LINES_OF_A_FILE = 300
PACKAGE = json.loads((ROOT / "package.json").read_text())


def scripts() -> list[Path]:
    return sorted(STATIC.glob("*.js"))


def constant(script: str, name: str) -> str:
    found = re.search(rf"const {name} = (.+);", (STATIC / script).read_text())
    assert found
    return found[1].strip('"')


def test_it_says_the_version_of_the_package():
    assert PACKAGE["version"] == __version__


def test_a_browser_that_keeps_files_for_a_year_fetches_changed_ones():
    digest = sha256(b"".join(path.read_bytes() for path in sorted(STATIC.iterdir()))).hexdigest()[:12]
    assert PACKAGE["jupyterlab"]["_build"]["load"] == f"static/remoteEntry.js?v={digest}", (
        "write this into package.json"
    )


def test_all_files_are_among_those_that_are_fetched_anew():
    named = re.findall(r'"([a-z]+\.(?:js|css))"', (STATIC / "remoteEntry.js").read_text())
    assert sorted({*named}) == sorted(path.name for path in STATIC.iterdir() if path.name != "remoteEntry.js")


def test_it_gives_code_the_theme_s_colours_once_for_all_replies():
    style = (STATIC / "style.css").read_text().replace('"', "'")
    assert re.sub(r"\s", "", theme_rules(".g4f-code")) in re.sub(r"\s", "", style)


def test_code_of_ours_is_known_by_its_styles_where_the_page_trusts_nothing():
    ours = re.compile(constant("blocks.js", "OURS").strip("/"))
    kept = [CODE, *_styles().values(), "color: #777; font-style: italic;"]
    assert [style for style in kept if not ours.fullmatch(style)] == []
    assert [
        style for style in ("color:white", "color:#777;font-size:0", "display:none") if ours.search(style)
    ] == []


def test_both_ends_call_things_the_same():
    assert constant("link.js", "TARGET") == PAGES
    assert int(constant("link.js", "PROTOCOL")) == page.PROTOCOL
    assert constant("cells.js", "KEY") == KEY


def code_of(text: str) -> list[str]:
    """Return the lines of a script that are code: none that is empty, or a comment or a type that stands in one."""
    return [line for line in text.splitlines() if line.strip() and not re.match(r"\s*(//|/\*\*|\*)", line)]


def test_it_stays_small_and_makes_no_markup_of_text():
    texts = {path.name: path.read_text() for path in scripts()}
    assert sum(len(code_of(text)) for text in texts.values()) < MOST_LINES
    assert max(text.count("\n") for text in texts.values()) < MOST_LINES_OF_A_FILE
    for name, text in texts.items():
        assert not re.search(
            r"innerHTML|insertAdjacentHTML|outerHTML|document\.write|\beval\(|new Function", text
        ), name
        assert not re.search(r"setInterval|https?://(?!www\.w3\.org/2000/svg)", text), name


def test_its_commands_are_those_of_its_settings():
    schema = json.loads((ROOT / "schemas" / "g4f-magic" / "plugin.json").read_text())
    used = set(re.findall(r'"command": "(g4f-magic:[a-z-]+)"', json.dumps(schema)))
    source = (STATIC / "extension.js").read_text()
    made = {f"g4f-magic:{name}" for name in re.findall(r"addCommand\(`\$\{NAME\}:([a-z-]+)`", source)}
    assert used
    assert used <= made


@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
def test_a_reply_is_had_back_from_its_markdown_as_in_python():
    texts = ["", *PAYLOADS.values(), markdown(10_240), (ROOT.parents[1] / "README.md").read_text()]
    written = [made for text in texts for made in (portable(text), text)]
    reads = (
        f"import {{ sourceOfMarkdown }} from {(STATIC / 'source.js').as_uri()!r};"
        "import { readFileSync } from 'node:fs';"
        "console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(sourceOfMarkdown)))"
    )
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", reads],
        input=json.dumps(written),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert json.loads(ran.stdout) == list(map(source_of, written))


@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
def test_what_needs_no_page_is_right():
    ran = subprocess.run(
        ["node", "--test", str(Path(__file__).with_name("labextension.test.mjs"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
