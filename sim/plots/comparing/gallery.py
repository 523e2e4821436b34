"""Every figure of a comparison: PNG and SVG, each with the CSV that it draws."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from sim.comparing.compare import Comparison, Difference
from sim.plots.comparing.curves import comparison_figure
from sim.plots.comparing.forest import FOREST_COLUMNS, differences_figure, forest_rows, read_forests
from sim.plots.comparing.gaincurves import all_gain_curves, gain_curve_rows, gain_curves_figure
from sim.plots.comparing.gainmap import plot_gain_map
from sim.plots.comparing.gains import GAIN_COLUMNS, gain_rows, read_gains
from sim.plots.comparing.overlays import Overlaid, aligned, comparison_rows, read_comparison
from sim.plots.comparing.verdicttable import (
    VERDICT_TABLE_COLUMNS,
    verdict_table_figure,
    verdict_table_rows,
)
from sim.plots.curves import default_product
from sim.plots.drawn import DRAWN_COLUMNS, as_rows, write_csv
from sim.plots.style import new_figure, panels, styled
from sim.plots.written import leave_out, write_figure
from sim.scenario.chains import sources_of
from sim.scenario.faults import ends_at
from sim.store.result import Result

#: Echelons at which goods end that get a map for each variant.
MOST_MAPS = 3


def draw_comparison(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw every figure that the comparison has something for into ``folder``.

    The figures are flow and coverage (the curves of all results over each other), gains (difference
    curves), a map for each variant and each of the first echelons at which goods end, differences
    (measures with their intervals) and verdicts (side by side). Each is a PNG, an SVG and a CSV;
    all differences are in ``measures.csv``. Returns the files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with styled():
        return [
            *_overlaid(comparison.results, folder),
            *_gains(comparison, folder / "gains"),
            *_maps(comparison, folder),
            *_differences(comparison, folder / "differences"),
            *_verdicts(comparison, folder / "verdicts"),
            _measures(comparison, folder / "measures.csv"),
        ]


def _overlaid(results: Sequence[Result], folder: Path) -> list[Path]:
    """Draw what each echelon dispatched where goods start and what the others received, of the
    first result's first product, and the coverage of each echelon at which goods end."""
    first = results[0]
    echelons = first.scenario.echelons
    product = default_product(first, None)
    wanted = [("dispatched", name) for name in sources_of(first.scenario)]
    wanted += [("received", name) for name in echelons]
    flows = [read_comparison(results, measure, name, product) for measure, name in wanted]
    coverage = [
        read_comparison(results, "coverage", name)
        for name in echelons
        if ends_at(first.scenario, name)
    ]
    return [
        *_overlay(results, flows, folder / "flow"),
        *_overlay(results, coverage, folder / "coverage"),
    ]


def _overlay(results: Sequence[Result], found: Sequence[Overlaid | None], stem: Path) -> list[Path]:
    data = [item for item in found if item is not None]
    if not data:
        return leave_out(stem)
    data = aligned(data)
    figure = comparison_figure(data, results)
    return write_figure(figure, results, stem, DRAWN_COLUMNS, as_rows(comparison_rows(data)))


def _gains(comparison: Comparison, stem: Path) -> list[Path]:
    data = all_gain_curves(comparison)
    if not data:
        return leave_out(stem)
    figure = gain_curves_figure(data, comparison)
    rows = as_rows(gain_curve_rows(data))
    runs = len(comparison.replications)
    note = "one paired run: no interval"
    if runs > 1:
        each = f"{100 * comparison.each:.4g} %"
        note = f"line: mean of {runs} paired differences; shade: its {each} interval at each hour"
    return write_figure(figure, comparison.results, stem, DRAWN_COLUMNS, rows, note)


def _maps(comparison: Comparison, folder: Path) -> list[Path]:
    written: list[Path] = []
    for variant in comparison.variants:
        name = re.sub(r"[^\w.-]+", "-", variant.name).strip("-")
        for index, data in enumerate(read_gains(comparison, variant.name)[:MOST_MAPS]):
            figure = new_figure(9.5, 8.3)
            ax = panels(figure, top=0.6, bottom=0.35, left=0.15, right=0.15)[0]
            plot_gain_map(comparison, variant.name, end=data.end, ax=ax)
            stem = folder / (f"map-{name}-{data.end}" if index else f"map-{name}")
            both, note = [comparison.base, variant], "dots at the places' seats"
            written += write_figure(figure, both, stem, GAIN_COLUMNS, gain_rows(data), note)
    return written


def _differences(comparison: Comparison, stem: Path) -> list[Path]:
    figure = differences_figure(comparison)
    if figure is None:
        return leave_out(stem)
    rows = forest_rows(read_forests(comparison))
    note = (
        f"{len(comparison.replications)} paired runs; line: {100 * comparison.level:.4g} % interval"
    )
    if len(comparison.variants) > 1:
        note += ", all variants together"
    return write_figure(figure, comparison.results, stem, FOREST_COLUMNS, rows, note)


def _verdicts(comparison: Comparison, stem: Path) -> list[Path]:
    results = comparison.results
    figure = verdict_table_figure(results)
    if figure is None:
        return leave_out(stem)
    note = "hollow: used to fit; shaded: not the same in all results"
    rows = verdict_table_rows(results)
    return write_figure(figure, results, stem, VERDICT_TABLE_COLUMNS, rows, note)


def _measures(comparison: Comparison, path: Path) -> Path:
    columns = [field.name for field in fields(Difference)]
    return write_csv(path, columns, (asdict(row) for row in comparison.differences))
