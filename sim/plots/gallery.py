"""Every figure of a result: PNG and SVG, each with the CSV that it draws."""

from __future__ import annotations

from pathlib import Path

from sim.plots.countymap import plot_map
from sim.plots.coverage import coverage_rows, plot_coverage, read_coverage
from sim.plots.curves import flow_rows, plot_flow, plot_in_transit, read_flow
from sim.plots.drawn import DRAWN_COLUMNS, as_rows
from sim.plots.places import MAP_COLUMNS, map_rows, read_maps
from sim.plots.requests import plot_requests, read_requests, request_rows
from sim.plots.style import new_figure, panels, styled
from sim.plots.use import read_use, use_figure, use_rows
from sim.plots.verdicts import VERDICT_COLUMNS, read_verdicts, verdict_rows, verdicts_figure
from sim.plots.written import leave_out, write_figure
from sim.scenario.chains import chains_apart
from sim.store.result import Result

#: Products that get a figure of their flow; a flow shop may have a hundred.
MOST_FLOWS = 6
#: Echelons that get a map of their own, of those at which goods end.
MOST_MAPS = 6


def draw_figures(result: Result) -> list[Path]:
    """Draw every figure that the result has something for into its folder ``figures``.

    The figures are flow (one for each of the first products, with the product's name after the
    first), coverage, map (likewise one for each echelon at which goods end), use, requests (one for
    each of the first tables of them) and verdicts. Each is a PNG, an SVG and a CSV. Left out are
    the coverage where nobody is owed anything, the map where no place is one of the nation's,
    requests where there are none, and the verdicts where nothing was reported. Returns the files
    written; what an earlier drawing left of a figure that is left out now is removed.
    """
    folder = result.path / "figures"
    folder.mkdir(exist_ok=True)
    written: list[Path] = []
    with styled():
        for index, product in enumerate(list(result.scenario.products)[:MOST_FLOWS]):
            written += _flow(result, product, folder / (f"flow-{product}" if index else "flow"))
        written += _coverage(result, folder / "coverage")
        written += _maps(result, folder)
        written += _use(result, folder / "use")
        for index, name in enumerate(list(result.scenario.requests)[:MOST_FLOWS]):
            stem = folder / (f"requests-{name}" if index else "requests")
            written += _requests(result, name, stem)
        written += _verdicts(result, folder / "verdicts")
    return written


def _flow(result: Result, product: str, stem: Path) -> list[Path]:
    data = read_flow(result, product)
    if not data.cumulative:
        return leave_out(stem)
    figure = new_figure(9.5, 7.2)
    above, below = panels(figure, (2.3, 1.0), top=0.4, bottom=0.8, gap=0.62)
    plot_flow(result, product=product, ax=above).set_xlabel("")
    plot_in_transit(result, product=product, ax=below)
    return write_figure(figure, [result], stem, DRAWN_COLUMNS, as_rows(flow_rows(result, data)))


def _coverage(result: Result, stem: Path) -> list[Path]:
    """Draw the coverage; where the scenario has chains of lanes apart, a panel for each."""
    data = read_coverage(result)
    if not data.series:
        return leave_out(stem)
    seen = {item.echelon for item in data.series}
    groups = [group for group in chains_apart(result.scenario) if seen & set(group)]
    figure = new_figure(9.5, 5.2 if len(groups) == 1 else 0.6 + 4.4 * len(groups))
    axes = panels(figure, (1.0,) * len(groups), top=0.4, bottom=0.8, gap=0.95)
    if len(groups) == 1:
        plot_coverage(result, ax=axes[0])
    else:
        for ax, group in zip(axes, groups, strict=True):
            plot_coverage(result, echelons=group, until=data.end, ax=ax)
    rows = coverage_rows(result, data)
    return write_figure(figure, [result], stem, DRAWN_COLUMNS, as_rows(rows))


def _maps(result: Result, folder: Path) -> list[Path]:
    """Draw a map for each echelon at which goods end; the first is called "map" alone."""
    maps = read_maps(result)[:MOST_MAPS]
    for echelon in result.scenario.echelons:
        if echelon not in [data.end for data in maps[1:]]:
            leave_out(folder / f"map-{echelon}")
    if not maps:
        return leave_out(folder / "map")
    written: list[Path] = []
    for index, data in enumerate(maps):
        figure = new_figure(9.5, 8.1)
        ax = panels(figure, top=0.4, bottom=0.35, left=0.15, right=0.15)[0]
        plot_map(result, end=data.end, ax=ax)
        note, stem = "dots at the places' seats", folder / (f"map-{data.end}" if index else "map")
        written += write_figure(figure, [result], stem, MAP_COLUMNS, map_rows(result, data), note)
    return written


def _use(result: Result, stem: Path) -> list[Path]:
    data = read_use(result)
    if not data.fleets and not data.stations:
        return leave_out(stem)
    rows = as_rows(use_rows(result, data))
    return write_figure(use_figure(result, data), [result], stem, DRAWN_COLUMNS, rows)


def _requests(result: Result, name: str, stem: Path) -> list[Path]:
    data = read_requests(result, name)
    if not data.series:
        return leave_out(stem)
    figure = new_figure(9.5, 5.2)
    plot_requests(result, name, ax=panels(figure, top=0.4, bottom=0.8)[0])
    return write_figure(figure, [result], stem, DRAWN_COLUMNS, as_rows(request_rows(result, data)))


def _verdicts(result: Result, stem: Path) -> list[Path]:
    verdicts = read_verdicts(result)
    if not verdicts:
        return leave_out(stem)
    rows = verdict_rows(result, verdicts)
    return write_figure(verdicts_figure(result), [result], stem, VERDICT_COLUMNS, rows, "")
