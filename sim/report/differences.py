"""Differences between results in words: how much, how sure, and in how many runs."""

from __future__ import annotations

from math import inf, isfinite, isinf, isnan

from sim.catalogue import MOMENTS
from sim.comparing.compare import Comparison, Difference
from sim.measures.summary import Key
from sim.report.words import echelon_title, plural
from sim.scenario.faults import ends_at
from sim.scenario.schema import Scenario
from sim.statistics.intervals import decimals

#: Units of differences of shares, and hours of the units of time.
_POINTS = "points"
_HOURS = {"min": 1 / 60, "h": 1.0, "days": 24.0}
_MOST_DIGITS = 6
#: More runs than anybody makes are not advised, but said to be more than so many.
_MOST_RUNS = 10_000
_KEY_MEASURES = ("T50", "T90", "T100", "coverage", "complete")
#: What to call a measure whose name does not read well.
_NAMES = {"complete": "the chance of complete coverage"}
#: Of the other measures, how many are told.
_MOST_TOLD = 5


def subject(scenario: Scenario, key: Key) -> str:
    """Say what a measure is of: ``T90 of the village clinics``, ``wait-mean of city-sign-off``."""
    measure, product, echelon, region, entity = key
    goods = product if product and len(scenario.products) > 1 else ""
    place = f"the {echelon_title(echelon, scenario.echelons[echelon])}" if echelon else ""
    of = entity or place or goods
    name = _NAMES.get(measure, measure)
    text = f"{name} of {of}" if of else name
    if goods and of != goods:
        text += f" for {goods}"
    return text if region == "national" else f"{text} in {region}"


def scaled(row: Difference) -> tuple[str, float]:
    """Return the unit in which a difference reads best, and how many of the measure's own unit it
    is."""
    if row.unit in ("share", "probability"):
        return _POINTS, 0.01
    if row.unit != "h" or row.measure == "vehicle-hours":  # of all vehicles together
        return row.unit, 1.0
    sizes = [abs(value) for value in (row.difference, row.low, row.high) if isfinite(value)]
    largest = max(sizes, default=0.0)
    unit = "min" if largest < 2 else "h" if largest < 48 else "days"
    return unit, _HOURS[unit]


def size(row: Difference, *, signed: bool = True) -> str:
    """Write a difference with its bounds: ``-23.1 h [-23.3, -22.9]``; unsigned, how large it is."""
    unit, scale = scaled(row)
    values = [value / scale for value in (row.difference, row.low, row.high)]
    if not signed and values[0] < 0:
        values = [-values[0], -values[2], -values[1]]
    digits = decimals(*values, most=_MOST_DIGITS)
    nearest = min(abs(values[1]), abs(values[2]))
    if nearest > 0 and not round(nearest, digits):
        digits += 1 if round(nearest, digits + 1) else 2  # what is not zero does not read as zero
    middle, low, high = (_written(value, digits, signed) for value in values)
    unit = "" if unit == "gini" else f" {unit}"
    bounds = f" [{low}, {high}]" if not (isnan(row.low) and isnan(row.high)) else ""
    return f"{middle}{unit}{bounds}"


def _written(value: float, digits: int, signed: bool) -> str:
    if isnan(value):
        return "no bound"
    if isinf(value):
        return "beyond the horizon"
    text = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    zero = not text.strip("+-0.,")
    return text.lstrip("+-") if zero else text


def sentence(scenario: Scenario, row: Difference) -> str:
    """Say how a variant differs in one measure; the subject is the variant."""
    what = subject(scenario, row.key)
    if row.same:
        return f"leaves {what} the same in every run"
    if isnan(row.difference):
        return _unknown(row, what)
    if isinf(row.difference):
        way = "brings" if row.difference < 0 else "puts"
        side = "within" if row.difference < 0 else "beyond"
        came = f"it comes in {row.variant_came} of {row.runs} runs instead of {row.base_came}"
        return f"{way} {what} {side} the horizon: {came}{_odds(row)}"
    if isnan(row.low) and isnan(row.high):
        few = "one run" if row.runs == 1 else plural(row.runs, "run")
        return f"{_verb(row, what)} by {size(row, signed=False)} ({few}: no interval)"
    if row.clear:
        return f"{_verb(row, what)} by {size(row, signed=False)}{_odds(row)}"
    return f"no difference seen in {what}: {size(row)}{_advice(row)}"


def _unknown(row: Difference, what: str) -> str:
    if row.measure not in MOMENTS:
        return f"{what}: {row.method.removeprefix('no difference: ')}"
    if not row.base_came and not row.variant_came:
        return f"{what}: it does not come by the horizon in any run of either"
    neither = row.method.removeprefix("no difference: ").replace("it came", "it comes")
    came = f"by the horizon it comes in {row.variant_came} of {row.runs} runs"
    return f"{what}: {neither}; {came}, in the base in {row.base_came}"


def _verb(row: Difference, what: str) -> str:
    less = row.difference < 0
    if row.measure in MOMENTS:
        return f"brings {what} forward" if less else f"puts {what} back"
    return f"{'lowers' if less else 'raises'} {what}"


def _odds(row: Difference) -> str:
    """Say in how many runs it is better, or worse."""
    if row.good is None:
        return ""
    count = row.wins if row.good else row.runs - row.wins - row.ties
    ties = f", alike in {row.ties}" if row.ties else ""
    return f"; {'better' if row.good else 'worse'} in {count} of {plural(row.runs, 'run')}{ties}"


def _advice(row: Difference) -> str:
    advised = row.advised
    if advised is None:
        return ""
    if advised > _MOST_RUNS:
        return f"; more than {_MOST_RUNS:,} runs would be needed to tell a difference of that size"
    return f"; some {max(advised, row.runs + 1):,} runs would tell a difference of that size"


def key_rows(comparison: Comparison, variant: str) -> list[Difference]:
    """Return the differences that matter first: T50, T90, T100 and coverage of the whole nation
    where goods end."""
    scenario = comparison.base.scenario
    ends = [name for name in scenario.echelons if ends_at(scenario, name)]
    rows = [row for row in comparison.of(variant) if row.region == "national" and not row.product]
    return [
        row
        for end in ends
        for measure in _KEY_MEASURES
        for row in rows
        if row.echelon == end and row.measure == measure
    ]


def other_rows(comparison: Comparison, variant: str) -> list[Difference]:
    """Return the other national measures that differ clearly to the better or worse, the largest
    change (as a share of the larger value) first."""
    known = {row.key for row in key_rows(comparison, variant)}
    found = [
        row
        for row in comparison.of(variant)
        if row.clear and row.good is not None and row.region == "national" and row.key not in known
    ]
    return sorted(found, key=lambda row: -_change(row))


def _change(row: Difference) -> float:
    whole = max(abs(row.base_value), abs(row.variant_value))
    return inf if isnan(whole) else abs(row.difference) / whole


def account(comparison: Comparison, variant: str) -> list[str]:
    """Return what a variant changes, a sentence a line."""
    scenario = comparison.base.scenario
    rows = key_rows(comparison, variant)
    told = [row for row in rows if not row.same]
    others = other_rows(comparison, variant)
    told += others[:_MOST_TOLD]
    lines = [sentence(scenario, row) for row in told]
    same = [subject(scenario, row.key) for row in rows if row.same]
    if same:
        lines.append(f"the same in every run: {', '.join(same)}")
    return [*lines, _rest(comparison, variant, {row.key for row in (*told, *rows)})]


def _rest(comparison: Comparison, variant: str, told: set[Key]) -> str:
    """Count the measures of which nothing has been said."""
    rest = [row for row in comparison.of(variant) if row.key not in told]
    same = sum(row.same for row in rest)
    clear = sum(row.clear for row in rest)
    open_ = len(rest) - same - clear
    measures = plural(len(rest), "other measure")
    better = sum(row.clear and row.good is True for row in rest)
    worse = sum(row.clear and row.good is False for row in rest)
    ways = f" ({better} better, {worse} worse)" if better or worse else ""
    return f"{measures}: {clear} clearly different{ways}, {open_} not told apart, {same} the same"


def pairing_gain(comparison: Comparison, variant: str) -> str:
    """Say how many times narrower pairing makes the intervals; "" where no interval says it."""
    rows = [row for row in comparison.of(variant) if isfinite(row.gain)]
    if not rows:
        return ""
    gains = sorted(row.gain for row in rows)
    middle = gains[len(gains) // 2]
    keys = [row for row in key_rows(comparison, variant) if isfinite(row.gain)]
    first = next((row for row in keys if row.measure == "T90"), keys[0] if keys else None)
    text = f"pairing narrows the intervals {_times(middle)} (median of {len(gains)} measures)"
    if first is not None:
        what = subject(comparison.base.scenario, first.key)
        text += f", that of {what} {_times(first.gain)}"
    return text


def _times(gain: float) -> str:
    return f"{gain:.1f} times" if gain < 10 else f"{gain:.0f} times"


def verdict_changes(comparison: Comparison, variant: str) -> list[str]:
    """Return the reported figures whose verdict is another in the variant."""
    theirs = next(result for result in comparison.variants if result.name == variant)
    after = {row["id"]: row["verdict"] for row in theirs.verdicts}
    lines = []
    for row in comparison.base.verdicts:
        now = after.get(row["id"], row["verdict"])
        if now != row["verdict"]:
            name = " ".join(filter(None, (row["row"], row["id"])))
            lines.append(f"{name}: {row['verdict']} → {now}")
    return lines
