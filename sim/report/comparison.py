"""Results side by side: what each variant changes in words, the ranking, measures and verdicts."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.catalogue import MOMENTS, find_measure
from sim.comparing.compare import Comparison, Difference
from sim.comparing.ranking import Ranking
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key
from sim.report.differences import account, pairing_gain, size, subject, verdict_changes
from sim.report.layout import WideOrNarrow, plain_table
from sim.report.rows import measure_rows
from sim.report.words import VERDICT_STYLE, clock, number, plural
from sim.store.result import Result

_KEY = ("name", "product", "echelon", "region", "entity", "statistic")


def name_results(results: list[Result]) -> list[Result]:
    """Name results apart: by their scenarios, or by their folders where those are the same; without
    the name of the first where that is how they begin, as those of its variants do."""
    count = Counter(result.name for result in results)
    named = [
        replace(result, name=result.path.resolve().name) if count[result.name] > 1 else result
        for result in results
    ]
    begin = f"{named[0].name}-" if named else ""
    rests = [result.name.removeprefix(begin) for result in named]
    if len(set(rests)) == len(rests) and all(rest[:1].isalpha() for rest in rests):
        named = [replace(result, name=rest) for result, rest in zip(named, rests, strict=True)]
    seen: Counter[str] = Counter()
    for index, result in enumerate(named):
        seen[result.name] += 1
        if seen[result.name] > 1:
            named[index] = replace(result, name=f"{result.name} ({seen[result.name]})")
    return named


def comparison_rows(results: list[Result], *, everything: bool = False) -> list[dict[str, Any]]:
    """Return one row for each measure: its keys, unit, and value, low and high by result name.

    National means and probabilities only, unless everything is asked for. A measure that a result
    does not have is left out of its row.
    """
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for result in results:
        for row in measure_rows(result):
            if not everything and (row["region"] != NATIONAL or row["statistic"] == "quantile-90"):
                continue
            key = tuple(row[name] for name in _KEY)
            entry = rows.setdefault(
                key, {**dict(zip(_KEY, key, strict=True)), "unit": row["unit"], "values": {}}
            )
            entry["values"][result.name] = {name: row[name] for name in ("mean", "low", "high")}
    return list(rows.values())


def comparison_json(
    comparison: Comparison, ranked: list[Ranking], folder: Path, *, everything: bool = False
) -> dict[str, Any]:
    """Return the JSON object of a comparison: what was compared, the differences, the rankings, the
    account in words, and measures and verdicts of each result; ``folder`` is where figures are."""
    results = comparison.results
    return {
        "results": [{"name": r.name, "out": str(r.path)} for r in results],
        "out": str(folder),
        "level": comparison.level,
        "level_each": comparison.each,
        "replications": list(comparison.replications),
        "notes": list(comparison.notes),
        "summary": [_summary(comparison, variant) for variant in comparison.variants],
        "ranking": [_ranking(ranking) for ranking in ranked],
        "differences": [
            {**asdict(row), "gain": row.gain, "clear": row.clear} for row in comparison.differences
        ],
        "measures": comparison_rows(results, everything=everything),
        "verdicts": [{"name": r.name, "verdicts": r.verdicts} for r in results],
        "expected": [{"name": r.name, "expected": r.expected} for r in results],
    }


def _summary(comparison: Comparison, variant: Result) -> dict[str, Any]:
    return {
        "name": variant.name,
        "title": variant.scenario.title,
        "text": account(comparison, variant.name),
        "pairing": pairing_gain(comparison, variant.name),
        "verdicts_changed": verdict_changes(comparison, variant.name),
    }


def _ranking(ranking: Ranking) -> dict[str, Any]:
    names = ("measure", "product", "echelon", "region", "entity")
    return {
        **dict(zip(names, ranking.key, strict=True)),
        "unit": ranking.unit,
        "places": [{"name": place.name, "value": place.value} for place in ranking.places],
    }


def comparison_text(
    comparison: Comparison, ranked: list[Ranking], *, everything: bool = False
) -> list[RenderableType]:
    """Return the account of a comparison, block by block; the table is of measures that are better
    one way or the other, unless ``everything`` is asked for."""
    base = comparison.base
    runs = plural(len(comparison.replications), "run")
    blocks: list[RenderableType] = [
        Text.assemble(
            "against ",
            (base.name, "bold"),
            f", {runs} paired, {_percent(comparison.level)} intervals",
        )
    ]
    if len(comparison.variants) > 1:
        blocks.append(
            Text(
                f"of one measure, those of all {len(comparison.variants)} variants hold together",
                style="dim",
            )
        )
    for variant in comparison.variants:
        title = variant.scenario.title
        said = f": {title}" if title != base.scenario.title else ""
        blocks += ["", Text.assemble((variant.name, "bold"), said)]
        lines = account(comparison, variant.name)
        gain = pairing_gain(comparison, variant.name)
        blocks += [_indented(line) for line in lines]
        blocks += [_indented(line) for line in verdict_changes(comparison, variant.name)]
        if gain:
            blocks.append(_indented(gain, "dim"))
    if len(comparison.variants) > 1:
        for ranking in ranked:
            blocks += ["", _ranking_table(comparison, ranking)]
    blocks += ["", *_difference_tables(comparison, everything=everything)]
    if any(result.verdicts for result in comparison.results):
        blocks += ["", _verdicts(comparison.results)]
    return blocks


def _indented(line: str, style: str = "") -> Padding:
    return Padding(Text(line, style=style), (0, 0, 0, 2), expand=False)


def _percent(level: float) -> str:
    return f"{100 * level:.4g} %"


def _ranking_table(comparison: Comparison, ranking: Ranking) -> Table:
    base = comparison.base
    table = plain_table(
        "",
        f"by {subject(base.scenario, ranking.key)}",
        "mean",
        f"against {base.name}",
        "better in",
        "p, adjusted",
    )
    for place, ranked in enumerate(ranking.places, 1):
        row = ranked.row
        gap, odds, p = ("", "", "") if row is None else (_gap(row), _better(row), _p(row))
        value = _value(comparison, ranking.key[0], ranking.unit, ranked.value)
        table.add_row(str(place), ranked.name, value, gap, odds, p)
    return table


def _value(comparison: Comparison, measure: str, unit: str, value: float) -> str:
    if measure in MOMENTS:
        late = value != value  # NaN: in some run it did not come
        return "not in all runs" if late else clock(comparison.base.start, value)
    return number(value, unit)


def _better(row: Difference) -> str:
    if row.better != row.better:
        return "-"
    ties = f", alike in {row.ties}" if row.ties else ""
    return f"{row.wins} of {row.runs}{ties}"


def _p(row: Difference) -> str:
    if row.p_adjusted != row.p_adjusted:
        return "-"
    return "<0.0001" if row.p_adjusted < 1e-4 else f"{row.p_adjusted:.4f}"


def _gap(row: Difference) -> str:
    if row.same:
        return "the same"
    return "-" if row.difference != row.difference else size(row)


def _difference_tables(comparison: Comparison, *, everything: bool) -> list[RenderableType]:
    """Return the measures in which any variant differs, and how many are alike in all: one table,
    or one for each variant where that is too wide."""
    names = [variant.name for variant in comparison.variants]
    families: dict[Key, dict[str, Difference]] = {}
    for row in comparison.differences:
        if everything or find_measure(row.measure).better:
            families.setdefault(row.key, {})[row.variant] = row
    differing = {
        key: family for key, family in families.items() if not all(r.same for r in family.values())
    }
    blocks: list[RenderableType] = []
    if differing:
        whole = _table(comparison, differing, names)
        parts: list[RenderableType] = []
        for name in names:
            mine = {key: f for key, f in differing.items() if name in f and not f[name].same}
            parts += [*([""] if parts else []), _table(comparison, mine, [name])]
        blocks.append(WideOrNarrow(whole, tuple(parts)))
    alike = len(families) - len(differing)
    same = "measure is" if alike == 1 else "measures are"
    more = "" if everything else "; --all tells of provinces, and of what neither way is better"
    return [*blocks, Text(f"{alike} {same} the same in all runs{more}", style="dim")]


def _table(
    comparison: Comparison, families: dict[Key, dict[str, Difference]], names: list[str]
) -> Table:
    base = comparison.base
    table = plain_table("measure", "of", base.name, *names)
    for column in table.columns[2:]:
        column.justify = "right"
    for key, family in families.items():
        measure, product, echelon, region, entity = key
        what = " ".join(filter(None, (echelon, entity, product)))
        what += f" {region}" if region != NATIONAL else ""
        first = next(iter(family.values()))
        value = _value(comparison, measure, first.unit, first.base_value)
        table.add_row(measure, what, value, *(_cell(family.get(name)) for name in names))
    return table


def _cell(row: Difference | None) -> Text:
    if row is None:
        return Text("-")
    return Text(_gap(row), style="" if row.clear else "dim")


def _verdicts(results: list[Result]) -> Table:
    table = plain_table("reported figure", *(result.name for result in results))
    names = list(dict.fromkeys(row["id"] for result in results for row in result.verdicts))
    by_result = [{row["id"]: row["verdict"] for row in result.verdicts} for result in results]
    for name in names:
        words = [verdicts.get(name, "-") for verdicts in by_result]
        table.add_row(name, *(Text(word, style=VERDICT_STYLE.get(word, "")) for word in words))
    return table
