"""Figures on disk: PNG and SVG, signed with what they were drawn from, and the CSV beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from sim.plots.bands import runs_text
from sim.plots.drawn import Row, write_csv
from sim.plots.style import drawable, footer, save
from sim.store.result import Result

#: Results that are named at the foot of a figure; of more, only the first.
_MOST_NAMED = 4


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
    if len(names) > _MOST_NAMED:  # there is room for one line
        names = [names[0], f"{len(names) - 1} variants"]
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
