"""Every figure of a sweep: PNG and SVG, each with the CSV it draws."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from sim.measures.summary import Key
from sim.plots.drawn import Row, write_csv
from sim.plots.style import footer, save, styled
from sim.plots.sweeping.response import (
    RESPONSE_COLUMNS,
    read_response,
    response_figure,
    response_note,
    response_rows,
)
from sim.plots.sweeping.sensitivity import SENSITIVITY_COLUMNS, sensitivity_figure, sensitivity_rows
from sim.plots.sweeping.tornado import TORNADO_COLUMNS, tornado_figure, tornado_rows
from sim.store.sweeps import Sweep
from sim.sweeping.effects import Effects

_DESIGNS = {
    "grid": "all combinations",
    "one-at-a-time": "one at a time",
    "latin": "Latin hypercube",
    "sobol": "Sobol design",
}


def draw_sweep(sweep: Sweep, effects: Sequence[Effects]) -> list[Path]:
    """Draw what a sweep says of each measure into its folder ``figures``.

    For each: ``response-NAME``, and ``tornado-NAME`` of a sweep one at a time or
    ``sensitivity-NAME`` of another. Figures of an earlier drawing are removed. Returns the files
    written.
    """
    folder = sweep.path / "figures"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    written: list[Path] = []
    with styled():
        for each in effects:
            written += _draw(sweep, each, folder)
    return written


def _draw(sweep: Sweep, effects: Effects, folder: Path) -> list[Path]:
    name = figure_name(effects.key)
    several = sweep.replications > 1
    lines = "lines: 95 % intervals" if several or effects.kind in ("latin", "sobol") else ""
    if effects.kind == "grid":
        lines = ""
    written: list[Path] = []
    if effects.kind == "one-at-a-time":
        figure = tornado_figure(sweep, effects)
        if figure is not None:
            rows = tornado_rows(sweep, effects)
            written += _write(
                sweep, figure, folder / f"tornado-{name}", TORNADO_COLUMNS, rows, lines
            )
    else:
        figure = sensitivity_figure(sweep, effects)
        if figure is not None:
            rows = sensitivity_rows(effects)
            stem = folder / f"sensitivity-{name}"
            written += _write(sweep, figure, stem, SENSITIVITY_COLUMNS, rows, lines)
    response = read_response(sweep, effects.key, effects.unit)
    order = effects.ranked or [axis.name for axis in sweep.axes]
    figure = response_figure(sweep, response, order)
    rows = response_rows(sweep, response)
    stem, note = folder / f"response-{name}", response_note(sweep)
    return [*written, *_write(sweep, figure, stem, RESPONSE_COLUMNS, rows, note)]


def figure_name(key: Key) -> str:
    """Return the name of a measure in the names of its figures."""
    measure, *about = key
    parts = [measure, *(part for part in about if part and part != "national")]
    return re.sub(r"[^\w.-]+", "-", "-".join(parts))


def _write(
    sweep: Sweep,
    figure: Figure,
    stem: Path,
    columns: Sequence[str],
    rows: Iterable[Row],
    note: str = "",
) -> list[Path]:
    """Sign a figure with what it was drawn from and how to read it, and write it."""
    runs = f"{sweep.replications} replication{'s' * (sweep.replications != 1)} each"
    points = f"{sweep.points.num_rows:,} points"
    signed = [f"{sweep.name} {sweep.manifest['digest'][:8]}", _DESIGNS[sweep.kind], points, runs]
    if note:
        signed.append(note)
    footer(figure, " · ".join(signed))
    return [*save(figure, stem), write_csv(stem.with_name(f"{stem.name}.csv"), columns, rows)]
