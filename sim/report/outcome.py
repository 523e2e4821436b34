"""What came of a run, as a terminal shows it and as JSON."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.counted import counted
from sim.experiment.run import Prepared
from sim.measures.scope import NATIONAL
from sim.report.asked import request_lines
from sim.report.layout import WideOrNarrow, plain_table
from sim.report.precise import precision_lines
from sim.report.rows import Row, find, measure_rows
from sim.report.steady import steady_lines
from sim.report.theory import theory_table
from sim.report.words import (
    VERDICT_STYLE,
    as_reported,
    echelon_title,
    interval,
    number,
    plural,
    quantity,
    span,
    tolerance,
)
from sim.scenario.chains import reached_from
from sim.scenario.faults import are_places
from sim.store.result import Result


def outcome_json(result: Result) -> dict[str, Any]:
    """Return the JSON object of one result: what was run, measures, verdicts and timings."""
    return {
        "scenario": result.name,
        "digest": result.manifest["digest"],
        "out": str(result.path),
        "replications": result.replications,
        "measures": measure_rows(result),
        "verdicts": result.verdicts,
        "expected": result.expected,
        "timings": result.manifest["timings"],
        "precision": result.manifest.get("precision"),
    }


def outcome_text(result: Result, prepared: Prepared) -> list[RenderableType]:
    """Return the account of a result, block by block."""
    rows = measure_rows(result)
    blocks: list[RenderableType] = [*chain_lines(prepared), plan_line(prepared, result)]
    blocks += [*precision_lines(result.manifest), ""]
    covered = _coverage_table(result, rows, prepared)
    if covered.row_count:
        blocks += [covered, ""]
    steady = steady_lines(rows, prepared)
    if steady:
        blocks += [*steady, ""]
    asked = request_lines(rows, prepared)
    if asked:
        blocks += [*asked, ""]
    held_up = _held_up(rows, prepared)
    if held_up:
        blocks += [f"held up by  {held_up}", ""]
    if result.verdicts:
        blocks += [verdict_table(result), ""]
    if result.expected:
        blocks += [theory_table(result.expected), ""]
    figures = len(list((result.path / "figures").glob("*.png")))
    drawn = f"{plural(figures, 'figure')}, " if figures else ""
    blocks.append(f"{result.path}: {drawn}verdicts.json, measures.parquet")
    return blocks


def next_lines(result: Result) -> list[RenderableType]:
    """Return what may be asked next of one result."""
    return [
        Text(f"next: postroad explain {result.path}/scenario.toml", style="dim"),
        Text(f"      postroad compare {result.path} OTHER-RESULT", style="dim"),
        Text("      postroad run SCENARIO --set PATH=VALUE", style="dim"),
    ]


def chain_lines(prepared: Prepared) -> list[str]:
    """Return ``11 makers → 340 cities → 2,832 counties → 586,000 village clinics, …``, a line for
    each echelon at which goods end."""
    network, scenario = prepared.network, prepared.loaded.scenario
    leaves = {lane.from_ for lane in scenario.lanes.values()}
    ends = [name for name in scenario.echelons if name not in leaves]
    counts = {
        name: len(network.facilities[index])
        if index in network.facilities
        else len(network.of_echelon(index))
        for index, name in enumerate(scenario.echelons)
    }
    lines = []
    for end in ends:
        chain = [n for n in counts if len(ends) == 1 or end in reached_from(scenario, n)]
        parts = [counted(counts[n], echelon_title(n, scenario.echelons[n])) for n in chain]
        goods = []
        for column, name in enumerate(network.products):
            need = _due_in_all(prepared, end, column)
            title = scenario.products[name].title or name
            if need or len(ends) == 1:
                goods.append(f"{need:,} {title}" if need else title)
        lines.append(", ".join([" → ".join(parts), *goods]))
    return lines


def _due_in_all(prepared: Prepared, end: str, product: int) -> int:
    """Return the units due to all facilities, or drawn places, of an echelon; 0 for listed sites,
    whose needs are their own."""
    network, echelon = prepared.network, prepared.loaded.scenario.echelons[end]
    index = network.echelons.index(end)
    if index in network.facilities:
        return int(network.facilities[index].entitlement[:, product].sum())
    if not are_places(echelon):
        return 0
    return int(network.sites.need[network.of_echelon(index), product].sum())


def plan_line(prepared: Prepared, result: Result) -> str:
    """Return how many tours were planned and how long that and the runs took."""
    tours = sum(len(plan) for plan in prepared.plan.tours)
    what = f"planned {plural(tours, 'tour')}" if tours else "planned"
    cpu = result.manifest["timings"]["run_cpu_s"]
    each = f", {sum(cpu) / len(cpu):.2f} s of CPU each" if cpu else ""
    return (
        f"{what} in {prepared.cpu_s:.1f} s of CPU      "
        f"{plural(result.replications, 'replication')}{each}"
    )


def _coverage_table(result: Result, rows: list[Row], prepared: Prepared) -> Table:
    table = plain_table("covered", "half by: mean [95 %]", "90 % by", "all by")
    for name, echelon in prepared.loaded.scenario.echelons.items():
        if find(rows, "T50", echelon=name, region=NATIONAL) is None:
            continue
        cells = []
        for share in ("T50", "T90", "T100"):
            row = find(rows, share, echelon=name, region=NATIONAL, statistic="mean")
            assert row is not None
            if row["mean"] is None:
                coverage = find(rows, "coverage", echelon=name, region=NATIONAL)
                assert coverage is not None
                said = f"not by the horizon in {_late(result, share, name)}"
                if share == "T100":
                    said += f" ({number(coverage['mean'], 'share')} covered)"
                cells.append(said)
            else:
                cells.append(span(result.start, row["mean"], row["low"], row["high"]))
        table.add_row(echelon_title(name, echelon), *cells)
    return table


def _late(result: Result, measure: str, echelon: str) -> str:
    """Return in how many runs a time of the nation did not come by the horizon: 2 of 20 runs."""
    table = result.runs_where(measure=measure, echelon=echelon, region=NATIONAL)
    return f"{table['value'].null_count} of {plural(result.replications, 'run')}"


def _held_up(rows: list[Row], prepared: Prepared) -> str:
    """Return the stations and fleets that goods wait for longest, with the mean wait."""
    waits: list[tuple[float, str]] = []
    for station in prepared.plan.stations:
        wait = find(rows, "wait-mean", entity=station.name)
        if wait is not None and wait["mean"] is not None and wait["mean"] >= 1:
            waits.append((wait["mean"], f"{station.title} ({wait['mean']:.0f} h wait)"))
    for fleet in prepared.plan.fleets:
        wait = find(rows, "vehicle-wait-mean", entity=fleet.name)
        use = find(rows, "vehicle-use", entity=fleet.name)
        if wait is not None and wait["mean"] is not None and wait["mean"] >= 1:
            busy = f", {use['mean'] * 100:.0f} % in use" if use and use["mean"] is not None else ""
            waits.append((wait["mean"], f"{fleet.title} ({wait['mean']:.0f} h wait{busy})"))
    waits.sort(reverse=True)
    return ", then ".join(text for _, text in waits[:3])


def verdict_table(result: Result, verdicts: list[dict[str, Any]] | None = None) -> WideOrNarrow:
    """Return the verdicts: figure, tolerance, model with the central 95 % of runs."""
    table = plain_table(
        "reported figure", "row", "use", "reported", "tolerance", "model, 95 % of runs", "verdict"
    )
    table.columns[3].justify = "right"
    lines: list[RenderableType] = []
    start = result.start
    for row in result.verdicts if verdicts is None else verdicts:
        unit = row["unit"]
        never = row["model_median"] is None
        if row["verdict"] == "not recorded":
            model = "run again to record it"
        elif row["runs"] == 1 or (never and row["model_low"] is None):
            model = quantity(start, row["model_median"], unit)
        else:
            model = interval(start, row["model_median"], row["model_low"], row["model_high"], unit)
        reported = as_reported(start, row["reported"], unit)
        limits = tolerance(start, row["low"], row["high"], unit)
        verdict = Text(row["verdict"], style=VERDICT_STYLE[row["verdict"]])
        table.add_row(row["id"], row["row"], row["use"], reported, limits, model, verdict)
        about = ", ".join(filter(None, (row["row"], row["use"])))
        lines.append(Text.assemble(f"{row['id']} ({about}): ", verdict))
        lines.append(
            Padding(f"reported {reported}, tolerance {limits}", (0, 0, 0, 4), expand=False)
        )
        lines.append(Padding(f"model {model}", (0, 0, 0, 4), expand=False))
    return WideOrNarrow(table, tuple(lines))
