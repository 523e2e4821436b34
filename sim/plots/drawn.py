"""What a figure draws, as rows of a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import Any

from sim.plots.bands import Band
from sim.store.files import replacing
from sim.store.result import Result

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One point of a figure over time.

    ``kind`` is band (``value`` is the median, ``low`` and ``high`` bound the central 95 % of
    runs), difference (``value`` is the mean of the paired differences, ``low`` and ``high`` bound
    it), reported (a reported figure with its tolerance), time (when a share was reached: the
    three times), level (a horizontal line) or closed (shaded from ``time`` to ``until``).
    """

    panel: str
    kind: str
    series: str
    time: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    earliest: str = ""
    until: str = ""
    row: str = ""
    use: str = ""
    verdict: str = ""


DRAWN_COLUMNS = tuple(field.name for field in fields(Drawn))


def iso(start: datetime, hours: float | None) -> str:
    """Write a time so many hours after the start to the second, "" if it never came."""
    if hours is None or not isfinite(hours):
        return ""
    return (start + timedelta(seconds=round(hours * 3600))).isoformat()


def band_rows(result: Result, panel: str, series: str, unit: str, band: Band) -> list[Drawn]:
    """Return a row for each hour of a band."""
    return [
        Drawn(panel, "band", series, iso(result.start, hour), value, low, high, unit)
        for hour, value, low, high in zip(
            band.hours.tolist(),
            band.median.tolist(),
            band.low.tolist(),
            band.high.tolist(),
            strict=True,
        )
    ]


def as_rows(drawn: Iterable[Drawn]) -> list[Row]:
    """Return drawn points as dictionaries by column."""
    return [{name: getattr(point, name) for name in DRAWN_COLUMNS} for point in drawn]


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> Path:
    """Write rows as CSV (UTF-8) under a temporary name, then put it in place."""
    with (
        replacing(path, durable=False) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(row[name]) for name in columns} for row in rows)
    return path


def _cell(value: object) -> object:
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.12g}"  # beyond that lies rounding only
    return value
