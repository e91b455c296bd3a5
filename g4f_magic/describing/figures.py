"""Figures and pictures in the session, as a picture: Matplotlib, Plotly, Altair, Pillow, and arrays that are one."""

from __future__ import annotations

import io
import sys
from typing import Any

from g4f_magic.describing.charts import chart_body
from g4f_magic.describing.described import Body, Picture, Scope
from g4f_magic.describing.drawing import drawn_summary, drawn_within
from g4f_magic.describing.pictures import has_pillow, image_picture, scaled
from g4f_magic.describing.scalars import libraries_of
from g4f_magic.describing.share import reaches
from g4f_magic.describing.structure import counted

LIBRARIES = frozenset({"matplotlib", "seaborn", "plotly", "altair", "PIL"})
_DPI, _LEAST_DPI, _MOST_DRAWN = 100.0, 20.0, 60_000
"""Dots in an inch, and pixels on a side, which Matplotlib's own limit is close to."""
_MOST_LOOKED_AT = 8
"""Items of a list, for one that is drawn."""
_SMALLEST, _LARGEST = 16, 20_000
"""Sides of an array that is meant as a picture, in pixels."""


def may_draw(value: Any) -> bool:
    """Say whether describing a thing may have to draw it."""
    return not LIBRARIES.isdisjoint(libraries_of(value))


def figure_body(value: Any, root: str, kind: str, scope: Scope) -> Body | None:
    """Return what is said of a figure of the library `root`; None for what is none."""
    if root == "PIL":
        return _image(value, kind, scope) if hasattr(value, "getbands") else None
    if root in ("plotly", "altair"):
        return chart_body(value, root, kind, scope)
    figure = _figure_of(value)
    return None if figure is None else _matplotlib(figure, kind, scope)


def _image(value: Any, kind: str, scope: Scope) -> Body:
    facts = f"{value.width:,} × {value.height:,} pixels, {value.mode}"
    if not reaches(scope.share, "sample"):
        return Body(kind="picture", facts=facts)
    picture = image_picture(value, side=scope.side, is_photo=getattr(value, "format", "") == "JPEG")
    return Body(
        kind="picture", facts=facts, picture=picture, omitted=scaled(picture, value.width, value.height)
    )


def _figure_of(value: Any) -> Any:
    """Return the Matplotlib figure that a thing is, or belongs to (axes, a line, a grid of seaborn); None: none."""
    for one in (value, getattr(value, "figure", None), getattr(value, "fig", None)):
        while one is not None and type(one).__name__ == "SubFigure":
            one = one.figure
        if one is not None and callable(getattr(one, "savefig", None)) and hasattr(one, "get_size_inches"):
            return one
    return None


def drawn_in(value: Any, scope: Scope) -> Body | None:
    """Return the Matplotlib figure of a tuple, a list or an array of plots, as its functions return them; None: none."""
    if "matplotlib" not in sys.modules:
        return None
    items = list(value.flat[:_MOST_LOOKED_AT]) if str(getattr(value, "dtype", "")) == "object" else value
    if not isinstance(items, (list, tuple)):
        return None
    for one in items[:_MOST_LOOKED_AT]:
        if "matplotlib" in libraries_of(one):
            figure = _figure_of(one[0] if isinstance(one, tuple) and one else one)
            if figure is not None:
                return _matplotlib(figure, "", scope)
    return None


def _matplotlib(figure: Any, kind: str, scope: Scope) -> Body:
    axes = list(figure.axes)
    facts = counted(len(axes), "plot")
    if not reaches(scope.share, "sample"):
        return Body(kind=kind, facts=facts)
    if not axes and not figure.texts and not figure.images:
        return Body(
            kind=kind, facts=facts, summary="an empty figure", omitted=("there is nothing drawn in it",)
        )
    words = "\n".join(filter(None, (_axes_words(one) for one in axes[:20])))
    picture, told = drawn_within(lambda: _png(figure, scope.side), scope)
    summary = drawn_summary(facts, picture)
    return Body(kind=kind, text=words, facts=facts, picture=picture, summary=summary, omitted=told)


def _png(figure: Any, side: int) -> bytes:
    """Return a figure as it is drawn at about the size that is sent: letters have a smallest size, in pixels."""
    longest = max(*(float(one) for one in figure.get_size_inches()), 0.01)
    dpi = min(float(figure.get_dpi()), side / longest, 4 * _DPI)
    dpi = min(max(dpi, _LEAST_DPI), _MOST_DRAWN / longest)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi, metadata={"Software": None})
    return file.getvalue()


def _axes_words(axes: Any) -> str:
    """Return what is written at a plot: its title, and what its axes and lines are called."""
    _, labels = axes.get_legend_handles_labels()
    words = {
        "title": axes.get_title(),
        "x": axes.get_xlabel(),
        "y": axes.get_ylabel(),
        "legend": ", ".join(map(str, labels[:20])),
    }
    return "; ".join(f"{name}: {text}" for name, text in words.items() if text)


def array_picture(value: Any, shape: tuple[int, ...], scope: Scope) -> Picture | None:
    """Return the picture that an array is: bytes of red, green and blue (and opacity) for each pixel; None: it is none."""
    is_one = (
        len(shape) == 3
        and shape[2] in (3, 4)
        and all(_SMALLEST <= side <= _LARGEST for side in shape[:2])
        and str(value.dtype) == "uint8"
        and type(value).__module__ == "numpy"
    )
    if not is_one or not has_pillow():
        return None
    from PIL import Image

    step = max(max(shape[:2]) // (2 * scope.side), 1)
    return image_picture(Image.fromarray(value[::step, ::step].copy()), side=scope.side)
