"""HTML of a reply in its frame, in a namespace with a DNS server of our own: it looks nothing up and reaches nobody."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from g4f_magic.renderers.formats import FrameView
from tests.browser.isolated import CONTROL, ZONE

REACHING = [
    *(
        f'<link rel="{rel}" href="http://{rel}.{ZONE}/x" as="style">'
        for rel in (
            "preconnect",
            "dns-prefetch",
            "prefetch",
            "preload",
            "modulepreload",
            "stylesheet",
            "icon",
        )
    ),
    f'<link rel="manifest" href="http://manifest.{ZONE}/"><link rel="prerender" href="http://prerender.{ZONE}/">',
    f'<meta http-equiv="refresh" content="0;url=http://refresh.{ZONE}/">',
    f'<base href="http://base.{ZONE}/"><img src="x.png"><a href="y" ping="http://ping.{ZONE}/">y</a>',
    f'<img src="http://img.{ZONE}/" srcset="http://srcset.{ZONE}/ 2x"><video src="http://video.{ZONE}/" poster="http://p.{ZONE}/">',
    f'<style>@import "http://import.{ZONE}/"; body {{ background: url(http://url.{ZONE}/) }}</style><p>text',
    f"<style>@font-face {{ font-family: f; src: url(http://font.{ZONE}/) }} p {{ font-family: f }}</style><p>text",
    f'<p style="background:u\\72l(http://escaped.{ZONE}/)">text',
    f'<svg><image href="http://svg.{ZONE}/"/><use href="http://use.{ZONE}/#a"/><path fill="url(http://fill.{ZONE}/#a)" d="M0"/></svg>',
    f'<iframe src="http://iframe.{ZONE}/"></iframe><object data="http://object.{ZONE}/"></object><embed src="http://embed.{ZONE}/">',
    f'<script type="speculationrules">{{"prerender": [{{"urls": ["http://speculation.{ZONE}/"]}}]}}</script>',
    f'<script>fetch("http://script.{ZONE}/")</script><portal src="http://portal.{ZONE}/"></portal>',
    f'<form action="http://form.{ZONE}/"><button autofocus>x</button></form><a href="http://link.{ZONE}/">link</a>',
    f'<table background="http://table.{ZONE}/"><tr><td background="http://td.{ZONE}/">x</table>',
    f'<template shadowrootmode="open"><link rel="dns-prefetch" href="http://shadow.{ZONE}/"></template>',
]


def can_isolate() -> bool:
    """Say whether a namespace can be made here."""
    try:
        command = [
            "unshare",
            "--net",
            "--mount",
            *["ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"],
        ]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not can_isolate(), reason="a network namespace takes Linux, root and iproute2")
async def test_a_frame_looks_nothing_up_and_reaches_nobody(tmp_path: Path) -> None:
    pages = []
    for number, source in enumerate((*REACHING, "".join(REACHING))):
        page = tmp_path / f"{number}.html"
        (part,) = FrameView().parts(source)
        page.write_text(f"<!doctype html><meta charset=utf-8>{part.html}")
        pages.append(str(page))
    assert await observed(*pages) == {"asked": [CONTROL], "reached": []}
    open_page = tmp_path / "open.html"
    open_page.write_text(REACHING[0])
    assert f"preconnect.{ZONE}" in (await observed(str(open_page)))["asked"], (
        "an open page is seen to look up"
    )


async def observed(*pages: str) -> dict[str, Any]:
    """Return what is looked up and reached while the pages are open."""
    command = ["unshare", "--net", "--mount", sys.executable, "-m", "tests.browser.isolated", *pages]
    return dict(json.loads(await asyncio.to_thread(subprocess.check_output, command, text=True)))
