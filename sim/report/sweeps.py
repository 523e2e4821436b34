"""What came of a sweep: which factor decides a measure, as a terminal shows it and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from sim.report.layout import WideOrNarrow, plain_table
from sim.report.words import plural
from sim.statistics.intervals import Interval, mean_interval
from sim.statistics.paired import paired_difference
from sim.store.sweeps import Sweep, Varied
from sim.sweeping.effects import Effect, Effects, effects_table
from sim.sweeping.scales import Scale, difference_text, scale_of, setting_text

#: Factors, and points of a grid, that a table lists; the rest is in the tables of the folder.
_MOST, _MOST_POINTS = 12, 30
#: Of the largest swing, what a factor must reach to be listed one at a time.
_LEAST = 0.01
#: Below this share of the variance luck is not worth a word.
_LUCK = 0.05
DESIGNS = {
    "grid": "in all combinations",
    "one-at-a-time": "one at a time",
    "latin": "over a Latin hypercube",
    "sobol": "over a Sobol design",
}


def sweep_json(sweep: Sweep, effects: Sequence[Effects]) -> dict[str, Any]:
    """Return the JSON object of a sweep: what was run, its points, and the effects on measures."""
    return {
        "scenario": sweep.name,
        "digest": sweep.manifest["digest"],
        "out": str(sweep.path),
        "design": sweep.kind,
        "replications": sweep.replications,
        "axes": sweep.manifest["experiment"]["axes"],
        "points": sweep.points.to_pylist(),
        "measures": [
            {
                **dict(
                    zip(("measure", "product", "echelon", "region", "entity"), e.key, strict=True)
                ),
                "unit": e.unit,
                "ranking": e.ranked,
                "noise": e.noise,
                "explained": e.explained,
                "late": e.late,
                "why": e.why,
                "effects": effects_table(sweep, [e]).to_pylist(),
            }
            for e in effects
        ],
    }


def plan_text(factors: int, kind: str, points: int, runs: int) -> str:
    """Say what is about to run: ``3 factors one at a time: 7 points × 20 replications, ...``."""
    how = "" if kind == "grid" and factors == 1 else f" {DESIGNS[kind]}"
    what = f"{plural(factors, 'factor')}{how}"
    times = f"{plural(points, 'point')} × {plural(runs, 'replication')}"
    return f"{what}: {times}, {points * runs:,} runs"


def sweep_text(sweep: Sweep, effects: Sequence[Effects]) -> list[RenderableType]:
    """Return the account of a sweep, block by block."""
    blocks: list[RenderableType] = []
    for each in effects:
        blocks += [*_measure(sweep, each), ""]
    figures = len(list((sweep.path / "figures").glob("*.png")))
    drawn = f"{plural(figures, 'figure')}, " if figures else ""
    blocks.append(f"{sweep.path}: {drawn}summary.csv, effects.csv, runs.parquet")
    return blocks


def _measure(sweep: Sweep, effects: Effects) -> list[RenderableType]:
    base = mean_interval(sweep.values(effects.key)[:, 0])
    scale = scale_of(effects.unit, [base.estimate])
    head = sweep.subject(effects.key)
    standing = (
        _amount(base, scale) if not isnan(base.estimate) else "beyond the horizon in some run"
    )
    blocks: list[RenderableType] = [Text(f"{head}: {standing} as it is", style="bold")]
    if effects.kind == "grid":
        blocks.append(_points_table(sweep, effects))
    if effects.why:
        return [*blocks, f"nothing can be said of what decides it: {effects.why}"]
    if effects.kind == "one-at-a-time":
        blocks.append(_moves_table(sweep, effects))
    elif len(sweep.axes) > 1:
        blocks.append(_shares_table(sweep, effects))
    else:
        return blocks
    return [*blocks, *_answer(sweep, effects)]


def _points_table(sweep: Sweep, effects: Effects) -> RenderableType:
    """Return the measure at the points of a grid, with the paired differences to the first."""
    values = sweep.values(effects.key)
    points = sorted({0, *sweep.rows})[:_MOST_POINTS]
    found = [mean_interval(values[:, point]) for point in points]
    scale = scale_of(effects.unit, [each.estimate for each in found])
    table = plain_table(
        "point", *(axis.name for axis in sweep.axes), scale.unit, "difference to point 0"
    )
    lines: list[RenderableType] = []
    for point, mean in zip(points, found, strict=True):
        settings = [setting_text(sweep.settings(axis)[point], axis.unit) for axis in sweep.axes]
        difference = paired_difference(values[:, 0], values[:, point], better="").difference
        moved = _difference(difference, scale) if point else ""
        amount = "beyond the horizon" if isnan(mean.estimate) else _amount(mean, scale, unit=False)
        table.add_row(str(point), *settings, amount, moved)
        named = (f"{a.name} {text}" for a, text in zip(sweep.axes, settings, strict=True))
        lines.append(
            f"{point}: {', '.join(named)}: {amount} {scale.unit}" + (moved and f", {moved}")
        )
    more = len({0, *sweep.rows}) - len(points)
    if more:
        table.add_row("", *("" for _ in sweep.axes), f"and {more:,} more: summary.csv", "")
    return WideOrNarrow(table, tuple(lines))


def _moves_table(sweep: Sweep, effects: Effects) -> RenderableType:
    scale = scale_of(effects.unit, [row.found.estimate for row in effects.rows])
    weights = dict(effects.weights)
    longest = max((weight for weight in weights.values() if isfinite(weight)), default=0.0)
    moving = [name for name in effects.ranked if weights[name] > 0]
    shown = [name for name in moving if weights[name] >= _LEAST * longest][:_MOST]
    table = plain_table("factor", "as it is", "set to", f"difference in {scale.differences}")
    lines: list[RenderableType] = []
    for axis in _axes(sweep, shown):
        rows = effects.of(axis.name, "difference")
        for place, row in enumerate(rows):
            setting, moved = setting_text(row.setting, axis.unit), _difference(row.found, scale)
            first = place == 0
            table.add_row(
                axis.name if first else "", _standing(axis) if first else "", setting, moved
            )
            lines.append(f"{axis.name} at {setting}: {moved} {scale.differences}")
    less = len(moving) - len(shown)
    if less:
        table.add_row(f"and {less} that move{'s' * (less == 1)} it less", "", "", "")
        lines.append(f"and {less} that move{'s' * (less == 1)} it less")
    return WideOrNarrow(table, tuple(lines))


def _shares_table(sweep: Sweep, effects: Effects) -> RenderableType:
    latin = effects.kind == "latin"
    kinds = ("slope", "rank") if latin else ("total", "first")
    headings = ("slope", "slope of ranks") if latin else ("with all others", "alone")
    table = plain_table("factor", "varied", *headings)
    lines: list[RenderableType] = []
    for axis in _axes(sweep, effects.ranked[:_MOST]):
        found = [_share(effects.of(axis.name, kind), latin=latin) for kind in kinds]
        table.add_row(axis.name, _span(axis), *found)
        lines.append(f"{axis.name}: {headings[0]} {found[0]}, {headings[1]} {found[1]}")
    return WideOrNarrow(table, tuple(lines))


def _answer(sweep: Sweep, effects: Effects) -> list[str]:
    """Say in words what decides the measure, and what to bear in mind."""
    said = _one_at_a_time(sweep, effects) if effects.kind == "one-at-a-time" else ""
    if effects.kind == "latin":
        said = _latin(effects)
    elif not said:
        said = _variance(effects)
    return [said, *_cautions(effects)]


def _one_at_a_time(sweep: Sweep, effects: Effects) -> str:
    weights = dict(effects.weights)
    moving = [name for name in effects.ranked if weights[name] > 0]
    if not moving:
        return "none of the factors moves it"
    scale = scale_of(effects.unit, [row.found.estimate for row in effects.rows])
    axis = _axes(sweep, moving[:1])[0]
    ends = " and ".join(
        f"{_difference(row.found, scale)} {scale.differences} at "
        + setting_text(row.setting, axis.unit)
        for row in effects.of(axis.name, "difference")
    )
    then = f"; then {_list(moving[1:4])}" if len(moving) > 1 else ""
    still = [name for name in effects.ranked if name not in moving]
    rest = (
        f"; {_list(still[:_MOST])} {'does' if len(still) == 1 else 'do'} not move it"
        if still
        else ""
    )
    return f"{axis.name} decides it most: {ends}{then}{rest}"


def _variance(effects: Effects) -> str:
    first = effects.ranked[0]
    total, alone = (effects.of(first, kind)[0].found for kind in ("total", "first"))
    said = (
        f"{first} decides it most: {_per_cent(total)} of the variance with all others, "
        f"{_per_cent(alone)} alone"
    )
    second = [
        name for name in effects.ranked[1:] if effects.of(name, "total")[0].found.estimate >= 0.05
    ]
    if second:
        said += f"; then {_list(second[:3])}"
    if not isnan(total.high) and len(effects.ranked) > 1:
        runner_up = effects.of(effects.ranked[1], "total")[0].found
        if runner_up.high >= total.low:
            said += "; the intervals of the first two overlap: more --points would tell them apart"
    return said


def _latin(effects: Effects) -> str:
    first = effects.ranked[0]
    found = effects.of(first, effects.by)[0].found
    way = "raises" if found.estimate > 0 else "lowers"
    clear = [
        name
        for name in effects.ranked
        if (row := effects.of(name, effects.by)[0].found).low > 0 or row.high < 0
    ]
    if not clear:
        return "no factor can be told to move it: more --points, or a sweep one at a time, may"
    then = f"; then {_list(clear[1:4])}" if len(clear) > 1 else ""
    rest = [name for name in effects.ranked if name not in clear]
    unclear = f"; of {_list(rest)} no effect can be told" if rest else ""
    return f"{first} decides it most, and {way} it{then}{unclear}"


def _cautions(effects: Effects) -> list[str]:
    found = []
    if effects.late:
        counted = "" if effects.kind == "one-at-a-time" else ": they count as come then"
        found.append(
            f"note: in {effects.late:,} of {effects.runs:,} runs it had not come by the "
            f"horizon{counted}"
        )
    if effects.kind == "latin" and effects.explained < 0.7:
        found.append(
            f"note: straight lines explain {effects.explained:.0%} of its ranks: what factors do "
            "together shows in a Sobol design"
        )
    if effects.noise > _LUCK:
        found.append(
            f"note: {effects.noise:.0%} of the variance is luck: more --replications lower it"
        )
    return found


def _axes(sweep: Sweep, names: Sequence[str]) -> list[Varied]:
    axes = {axis.name: axis for axis in sweep.axes}
    return [axes[name] for name in names]


def _standing(axis: Varied) -> str:
    return axis.base_text if axis.base is None else setting_text(axis.base, axis.unit)


def _span(axis: Varied) -> str:
    if axis.low is None or axis.high is None:
        return "its values"
    return f"{setting_text(axis.low)} to {setting_text(axis.high, axis.unit)}"


def _amount(found: Interval, scale: Scale, *, unit: bool = True) -> str:
    texts = [
        difference_text(value, scale).lstrip("+")
        for value in (found.estimate, found.low, found.high)
    ]
    bounds = "" if isnan(found.low) else f" [{texts[1]}, {texts[2]}]"
    return f"{texts[0]}{bounds}" + (f" {scale.unit}" if unit else "")


def _difference(found: Interval, scale: Scale) -> str:
    middle = difference_text(found.estimate, scale)
    if isnan(found.low) or not (isfinite(found.low) and isfinite(found.high)):
        return middle
    return f"{middle} [{difference_text(found.low, scale)}, {difference_text(found.high, scale)}]"


def _share(rows: Sequence[Effect], *, latin: bool) -> str:
    if not rows or isnan(rows[0].found.estimate):
        return "-"
    found = rows[0].found
    if not latin:
        return _per_cent(found)
    bounds = "" if isnan(found.low) else f" [{found.low:+.2f}, {found.high:+.2f}]"
    return f"{found.estimate:+.2f}{bounds}"


def _per_cent(found: Interval) -> str:
    bounds = "" if isnan(found.low) else f" [{100 * found.low:.0f}, {100 * found.high:.0f}]"
    return f"{100 * found.estimate:.0f} %{bounds}"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
