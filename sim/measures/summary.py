"""Summary over replications: each measure with an interval of the right kind.

A mean takes Student's t interval over the runs; a probability Wilson's; the times T50, T90 and T100
also get the date by which nine runs in ten have come so far, between order statistics. A run in
which the time did not come by the horizon makes its mean undefined and its quantile late; it is
never left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, nan

from sim.catalogue import find_measure
from sim.statistics.intervals import mean_interval, probability_interval, quantile_interval

#: Key columns of a measure: measure, product, echelon, region, entity.
Key = tuple[str, str, str, str, str]

#: Times for which planners ask about bad luck, and the share of runs meant by it.
LATE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One measure over all replications. ``statistic`` is mean, probability or quantile-90; ``low``
    and ``high`` bound it with 95 % confidence; NaN is a bound or a value that there is not."""

    measure: str
    product: str
    echelon: str
    region: str
    entity: str
    statistic: str
    unit: str
    mean: float
    low: float
    high: float
    runs: int
    method: str


def summarise(values: Iterable[tuple[Key, list[float]]]) -> list[SummaryRow]:
    """Return the rows of all measures from their values by replication (NaN: it did not come)."""
    rows = []
    for key, runs in values:
        measure = find_measure(key[0])
        if measure.kind == "probability":
            happened = sum(1 for value in runs if value == 1.0)
            interval = probability_interval(happened, len(runs))
            statistic = "probability"
        else:
            interval = mean_interval(runs)
            statistic = "mean"
        rows.append(
            SummaryRow(
                *key,
                statistic,
                measure.unit,
                interval.estimate,
                interval.low,
                interval.high,
                len(runs),
                interval.method,
            )
        )
        if key[0] in ("T50", "T90", "T100"):
            late = quantile_interval(runs, LATE_SHARE, missing="late")
            estimate, low, high = (
                nan if value == inf else value for value in (late.estimate, late.low, late.high)
            )
            rows.append(
                SummaryRow(
                    *key, "quantile-90", measure.unit, estimate, low, high, len(runs), late.method
                )
            )
    return rows
