"""The look of the figures: palette, sizes, and figures that need no pyplot and no global style."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib import style as mpl_style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font

from sim.evidence import AGREES, CONTRADICTED, NOT_RECORDED, WITHIN_SPREAD
from sim.store.files import replacing

#: Ink of text and axes, of secondary text, of rules, and the paper of maps.
INK, SOFT, RULE, LAND = "#22262B", "#5F676F", "#C9CED3", "#F1F0EC"

#: Okabe & Ito (2008), which people with any colour vision tell apart, and two of Tol's (2021).
BLUE, SKY, PURPLE, GREEN = "#0072B2", "#56B4E9", "#CC79A7", "#009E73"
ORANGE, VERMILLION, WINE, TEAL = "#E69F00", "#D55E00", "#882255", "#44AA99"

#: Verdicts by colour and by marker, so that neither is needed to tell them apart.
VERDICT_COLOUR = {
    AGREES: GREEN,
    WITHIN_SPREAD: ORANGE,
    CONTRADICTED: VERMILLION,
    NOT_RECORDED: SOFT,
}
VERDICT_MARKER = {AGREES: "o", WITHIN_SPREAD: "D", CONTRADICTED: "X", NOT_RECORDED: "s"}

#: Results of a comparison, in order.
RESULT_COLOURS = (BLUE, ORANGE, WINE, TEAL, PURPLE, "#4D4D4D", SKY, "#7A5C1E")

_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8.0,
    "axes.labelsize": 9.0,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#E4E7EA",
    "grid.linewidth": 0.7,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 3.0,
    "ytick.major.size": 0.0,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.dpi": 100.0,
    "svg.hashsalt": "postroad",
    "svg.fonttype": "path",
}
_DPI = 160


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the house style inside this context, whatever the user's own settings are."""
    with mpl_style.context([_STYLE], after_reset=True):
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many inches that no pyplot knows of."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def panels(
    figure: Figure,
    heights: tuple[float, ...] = (1.0,),
    columns: int = 1,
    *,
    top: float = 0.45,
    bottom: float = 0.75,
    left: float = 0.8,
    right: float = 0.3,
    gap: float = 0.5,
    column_gap: float = 0.8,
) -> list[Axes]:
    """Return axes in rows of the given relative heights; margins and gaps are in inches."""
    width, height = figure.get_size_inches()
    rows = len(heights)
    inner = (height - top - bottom - gap * (rows - 1)) / rows
    across = (width - left - right - column_gap * (columns - 1)) / columns
    grid = figure.add_gridspec(
        rows,
        columns,
        left=left / width,
        right=1 - right / width,
        top=1 - top / height,
        bottom=bottom / height,
        hspace=gap / inner,
        wspace=column_gap / across,
        height_ratios=heights,
    )
    cells = [grid[row, column] for row in range(rows) for column in range(columns)]
    return [figure.add_subplot(cell) for cell in cells]


def axes_or_new(ax: Axes | None, width: float = 9.0, height: float = 4.6) -> Axes:
    """Return the axes given, or those of a new figure."""
    return panels(new_figure(width, height))[0] if ax is None else ax


def echelon_colours(echelons: list[str]) -> dict[str, str]:
    """Return a colour for each echelon: grey where goods start, blue where they end."""
    between = (PURPLE, SKY, WINE, TEAL, "#7A5C1E")
    colours = {name: between[index % 5] for index, name in enumerate(echelons[1:-1])}
    return {echelons[0]: "#4D4D4D", **colours, echelons[-1]: BLUE}


def footer(figure: Figure, text: str) -> None:
    """Write one small line at the bottom left of a figure: what it was drawn from."""
    width, height = figure.get_size_inches()
    figure.text(0.12 / width, 0.1 / height, text, fontsize=7.5, color=SOFT, ha="left", va="bottom")


def drawable(text: str | None, instead: str) -> str:
    """Return the text, or what to write instead if it is empty or the font cannot draw it."""
    if text and all(ord(character) in _glyphs() for character in text):
        return text
    return instead


@functools.cache
def _glyphs() -> frozenset[int]:
    return frozenset(FT2Font(findfont("DejaVu Sans")).get_charmap())


def save(figure: Figure, stem: Path) -> list[Path]:
    """Write a figure as PNG and SVG; the same figure gives the same bytes of SVG.

    Each is written under a temporary name in the folder of ``stem``, then renamed.
    """
    written = []
    for kind, metadata in (("png", {"Software": "postroad"}), ("svg", {"Date": None})):
        path = stem.with_name(f"{stem.name}.{kind}")
        with (
            mpl.rc_context({"svg.hashsalt": "postroad", "svg.fonttype": "path"}),
            replacing(path, durable=False) as temporary,
        ):
            figure.savefig(temporary, format=kind, dpi=_DPI, metadata=metadata)
        written.append(path)
    return written
