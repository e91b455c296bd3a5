"""A notebook as its page tells it: what is no notebook is none, whatever stands before the page."""

from __future__ import annotations

from typing import Any

import pytest

from g4f_magic.host import told
from g4f_magic.host.told import is_shared, note_shared, of_colab

CELL = {"cell_type": "code", "source": ["a", "b"], "metadata": {"id": "x"}}
NAMED = {"colab": {"name": " a.ipynb "}}


def test_a_notebook_has_its_name_and_its_cells() -> None:
    found = of_colab({"metadata": NAMED, "cells": [CELL, "junk", {"id": "y", "source": "c"}]})
    assert found is not None
    assert found.name == "a.ipynb"
    assert [tuple(cell) for cell in found.cells] == [("x", "code", "ab"), ("y", "", "c")]
    assert found.holds("y")
    assert not found.holds("z")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"metadata": "<html>", "cells": [CELL]},
        {"metadata": {"colab": "x"}, "cells": [CELL]},
        {"metadata": {"colab": {"name": 5}}, "cells": [CELL]},
        {"metadata": {"colab": {"name": "  "}}, "cells": [CELL]},
        {"metadata": NAMED, "cells": "x"},
        {"metadata": NAMED, "cells": []},
        {"metadata": NAMED, "cells": [{"metadata": {"id": 7}, "source": 5}]},
    ],
)
def test_what_a_proxy_answers_in_its_place_is_no_notebook(answer: dict[str, Any]) -> None:
    assert of_colab(answer) is None


def test_a_notebook_is_shared_where_its_name_or_its_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "_is_collaboration_there", lambda: False)
    assert is_shared("/home/me/RTC:a.ipynb")
    assert not is_shared("/home/me/a.ipynb")
    note_shared(True)
    assert is_shared("/home/me/a.ipynb")
    note_shared(False)
    assert not is_shared("/home/me/a.ipynb")
