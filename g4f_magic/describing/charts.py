"""Charts of Plotly and Altair: how they are drawn, without their data; and drawn, where what they draw with is there."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from g4f_magic.describing.described import Body, Picture, Scope
from g4f_magic.describing.drawing import drawn_summary, drawn_within
from g4f_magic.describing.pictures import has_pillow
from g4f_magic.describing.share import reaches
from g4f_magic.describing.structure import counted

_DRAWN_WITH = {"plotly": ("kaleido", "kaleido"), "altair": ("vl_convert", "vl-convert-python")}
"""The module, and what is installed for it."""
_DATA = frozenset({"data", "datasets"})
_SPEC = ("mark", "encoding", "title", "layer", "hconcat", "vconcat", "transform")
"""Of a chart of Altair, what says how it is drawn, and is none of its data."""


def chart_body(value: Any, root: str, kind: str, scope: Scope) -> Body | None:
    """Return a chart of Plotly or Altair: drawn where what they draw with is installed, and without its data else."""
    spec = _plotly_spec(value) if root == "plotly" else _altair_spec(value)
    if spec is None:
        return None
    facts = counted(len(value.data), "trace") if root == "plotly" else ""
    if not reaches(scope.share, "sample"):
        return Body(kind=kind, facts=facts)
    module, package = _DRAWN_WITH[root]
    picture: Picture | None = None
    told: tuple[str, ...] = (f"without its picture; drawing it takes {package}",)
    if has_pillow() and find_spec(module) is not None:
        png = _plotly_png if root == "plotly" else _altair_png
        picture, told = drawn_within(lambda: png(value), scope)
    text = json.dumps(spec, indent=1, default=str, ensure_ascii=False)
    return Body(
        kind=kind,
        text=text,
        facts=facts,
        picture=picture,
        summary=drawn_summary(facts or kind, picture),
        omitted=("without its data", *told),
        language="json",
    )


def _plotly_png(figure: Any) -> bytes:
    content: bytes = figure.to_image(format="png")
    return content


def _altair_png(chart: Any) -> bytes:
    file = io.BytesIO()
    chart.save(file, format="png")
    return file.getvalue()


def _plotly_spec(figure: Any) -> Mapping[str, Any] | None:
    if not (hasattr(figure, "layout") and hasattr(figure, "data") and hasattr(figure, "to_image")):
        return None
    layout = figure.layout.to_plotly_json()
    layout.pop("template", None)
    return {"layout": layout, "traces": [{"type": one.type, "name": one.name} for one in figure.data[:20]]}


def _altair_spec(chart: Any) -> Mapping[str, Any] | None:
    if not (hasattr(chart, "to_dict") and hasattr(chart, "save")):
        return None
    found = chart.to_dict(validate=False)
    return {name: _without_data(found[name]) for name in _SPEC if name in found}


def _without_data(spec: Any) -> Any:
    """Return a part of a chart without the data of the charts in it."""
    if isinstance(spec, Mapping):
        return {name: _without_data(one) for name, one in spec.items() if name not in _DATA}
    return [_without_data(one) for one in spec] if isinstance(spec, list) else spec
