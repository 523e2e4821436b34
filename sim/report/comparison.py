"""Results side by side: the same measures of two or more results, in words and rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sim.measures.scope import NATIONAL
from sim.report.layout import plain_table
from sim.report.rows import measure_rows
from sim.report.words import VERDICT_STYLE, clock, number
from sim.store.result import Result

_KEY = ("name", "product", "echelon", "region", "entity", "statistic")


def name_results(results: list[Result]) -> list[Result]:
    """Name results apart: by their scenarios, or by their folders where those are the same."""
    count = Counter(result.name for result in results)
    named = [
        replace(result, name=result.path.resolve().name) if count[result.name] > 1 else result
        for result in results
    ]
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


def comparison_table(results: list[Result], rows: list[dict[str, Any]]) -> list[RenderableType]:
    """Return the measures side by side, those that differ, and the verdicts."""
    table = plain_table("measure", "of", *(result.name for result in results))
    for column in table.columns[2:]:
        column.justify = "right"
    alike = 0
    for row in rows:
        shown = [_cell(results[0], row, result.name) for result in results]
        if len(set(shown)) == 1:
            alike += 1
            continue
        what = " ".join(filter(None, (row["echelon"], row["entity"], row["product"])))
        if row["region"] != NATIONAL:
            what += f" {row['region']}"
        table.add_row(row["name"], what, *shown)
    blocks: list[RenderableType] = [table] if alike < len(rows) else []
    same = "measure is" if alike == 1 else "measures are"
    blocks.append(Text(f"{alike} {same} the same in all results", style="dim"))
    if any(result.verdicts for result in results):
        blocks += ["", _verdicts(results)]
    return blocks


def _cell(base: Result, row: dict[str, Any], name: str) -> str:
    value = row["values"].get(name)
    if value is None:
        return "-"
    if row["name"] in ("T50", "T90", "T100"):
        if value["mean"] is None:
            return "not in all runs"
        return clock(base.start, value["mean"])
    return number(value["mean"], row["unit"])


def _verdicts(results: list[Result]) -> Table:
    table = plain_table("reported figure", *(result.name for result in results))
    names = list(dict.fromkeys(row["id"] for result in results for row in result.verdicts))
    by_result = [{row["id"]: row["verdict"] for row in result.verdicts} for result in results]
    for name in names:
        words = [verdicts.get(name, "-") for verdicts in by_result]
        table.add_row(name, *(Text(word, style=VERDICT_STYLE.get(word, "")) for word in words))
    return table
