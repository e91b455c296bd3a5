"""What Tab says beside each word in JupyterLab, which breaks it into lines that cover each other wherever it can."""

from __future__ import annotations

import pytest

from tests.browser.lab import Desk

HEIGHTS = """rows => rows.map(row => {
    const said = row.querySelector('.jp-Completer-typeExtended');
    return [said.textContent, said.scrollHeight, row.clientHeight];
})"""


@pytest.mark.parametrize("line", ["%%chat --", "%chat ", "%%chat -p "])
async def test_what_is_said_of_a_word_stands_whole_on_its_line(desk: Desk, line: str) -> None:
    async with desk.open("lab", "tab.ipynb", "%load_ext g4f_magic", "") as book:
        await book.run(0)
        await book.cell(1).locator(".cm-content").click()
        await book.page.keyboard.type(line)
        await book.page.keyboard.press("Tab")
        rows = book.page.locator(".jp-Completer-item:has(.jp-Completer-typeExtended:not(:empty))")
        await rows.first.wait_for()
        said = await rows.evaluate_all(HEIGHTS)
        assert len(said) > 5
        assert [one for one in said if "\N{NO-BREAK SPACE}·\N{NO-BREAK SPACE}" not in one[0]] == []
        assert [one for one in said if one[1] > one[2]] == []
