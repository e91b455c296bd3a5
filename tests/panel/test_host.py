"""What a panel takes out of a conversation goes to where it stands, and it says so where nothing can."""

from __future__ import annotations

import pytest

from tests.hosts import Notebook
from tests.panel.heard import Heard


@pytest.fixture
def notebook(panel: Heard) -> Notebook:
    panel.host = Notebook()
    return panel.host


def test_code_goes_into_a_variable_of_the_person(panel: Heard, notebook: Notebook) -> None:
    panel.request("variable", name="code", text="x = 1")
    panel.request("variable", name="code", text="x = 2")
    assert notebook.names == {"code": "x = 2"}
    first, second = (notice["text"] for notice in panel.page.notices)
    assert (first, second) == ("code holds the code.", "code holds the code, in place of what it held.")
