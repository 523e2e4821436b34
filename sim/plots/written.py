"""Figures on disk: PNG and SVG, signed with what they were drawn from, and the CSV beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from sim.plots.bands import runs_text
from sim.plots.drawn import Row, write_csv
from sim.plots.style import drawable, footer, save
from sim.store.result import Result


def write_figure(
    figure: Figure,
    results: Sequence[Result],
    stem: Path,
    columns: Sequence[str],
    rows: Iterable[Row],
    note: str | None = None,
) -> list[Path]:
    """Sign a figure with what it was drawn from and write it; ``note`` replaces what line and
    shade are. Returns the files written."""
    names = [f"{drawable(r.name, r.path.name)} {r.manifest['digest'][:8]}" for r in results]
    runs = {r.replications for r in results}
    if note is None:
        many = len(runs) > 1
        note = "line: median; shade: central 95 % of runs" if many else runs_text(runs.pop())
    signed = " · ".join(part for part in (", ".join(names), note) if part)
    footer(figure, signed)
    return [*save(figure, stem), write_csv(stem.with_name(f"{stem.name}.csv"), columns, rows)]


def leave_out(stem: Path) -> list[Path]:
    """Remove what an earlier drawing left of a figure that is left out now; returns no files."""
    for kind in ("png", "svg", "csv"):
        stem.with_name(f"{stem.name}.{kind}").unlink(missing_ok=True)
    return []
