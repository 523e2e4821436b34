"""What differs between the rebuilt tables and an earlier derivation of them in CSV files."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]

_SAME_POINT = 1.5e-5  # degrees: one in the last of five decimals
_SHOWN = 5


def compare(tables: dict[str, Rows], folder: Path) -> Iterator[str]:
    """Lines of a report: per level and column, how many rows differ, with examples.

    ``folder`` holds ``units.csv`` and ``townships.csv``. Spellings are compared without
    apostrophes, because the earlier tables have none. Synthetic points count as none.
    """
    with (folder / "units.csv").open(encoding="utf-8", newline="") as file:
        units = list(csv.DictReader(file))
    with (folder / "townships.csv").open(encoding="utf-8", newline="") as file:
        towns = {int(row["code"]): row for row in csv.DictReader(file)}

    levels = {
        "provinces": ("province",),
        "prefectures": ("prefecture", "pseudo-prefecture"),
        "counties": ("county",),
    }
    for table, names in levels.items():
        old = {int(row["adcode"]): row for row in units if row["level"] in names}
        columns = [("name", "name_py"), ("name_zh", "name_zh"), ("coord_source", "coord_src")]
        if table != "provinces":
            columns.append(("parent", "parent"))
        if table == "counties":
            columns += [
                ("functional_zone", "func_zone"),
                ("area_km2", "area_km2"),
                ("village_committees", "n_village_committee"),
                ("communities", "n_community"),
                ("other_villages", "n_other_village"),
            ]
        yield from _compare_level(table, tables[table], old, columns)
    columns = [
        ("name_zh", "name_zh"),
        ("parent", "county"),
        ("kind", "kind"),
        ("coord_source", "coord_src"),
        ("village_committees", "n_village_committee"),
        ("communities", "n_community"),
        ("other_villages", "n_other"),
    ]
    yield from _compare_level("towns", tables["towns"], towns, columns)


def _compare_level(
    table: str, new: Rows, old: dict[int, dict[str, str]], columns: Iterable[tuple[str, str]]
) -> Iterator[str]:
    codes = {row["code"] for row in new}
    yield f"{table}: {len(new)} rows, {len(old)} before, {len(codes ^ old.keys())} unmatched"
    differing: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    for row in new:
        before = old.get(row["code"])
        if before is None:
            continue
        if row["coord_source"] == "synthetic":
            row = row | {"lat": None, "lon": None, "coord_source": ""}
        pairs = [(a, _plain(row[a]), before[b].replace("'", "")) for a, b in columns]
        pairs.append(("point", *_points(row, before)))
        for column, now, then in pairs:
            if now != then:
                differing[column] += 1
                examples.setdefault(column, []).append(
                    f"{row['code']} {row['name_zh']}: {then or '-'} -> {now or '-'}"
                )
    for column, count in differing.items():
        yield f"  {column}: {count} differ, e.g. " + "; ".join(examples[column][:_SHOWN])


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool | int) else str(value).replace("'", "")


def _points(row: dict[str, Any], before: dict[str, str]) -> tuple[str, str]:
    """Both points as text, or two empty texts where they are the same within rounding."""
    now = (row["lat"], row["lon"])
    then = tuple(float(before[key]) if before[key] else None for key in ("lat", "lon"))
    same = (now[0] is None) == (then[0] is None) and all(
        a is None or b is None or abs(a - b) < _SAME_POINT for a, b in zip(now, then, strict=True)
    )
    return ("", "") if same else (str(now), str(then))
