"""Which variant is best by one measure: the base and its variants in order."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.catalogue import find_measure
from sim.comparing.compare import Comparison, Difference
from sim.errors import UsageError
from sim.measures.asked import parse_asked
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key
from sim.scenario.faults import ends_at

_DEFAULTS = ("T90", "T50", "coverage", "time-in-system-mean")


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place: a variant, or the base itself, whose ``row`` is None. ``value`` is its mean."""

    name: str
    value: float
    row: Difference | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The base and all variants by one measure, the best first."""

    key: Key
    unit: str
    places: tuple[Ranked, ...]


def rankings(comparison: Comparison, by: str | None = None) -> list[Ranking]:
    """Rank the base and its variants by a measure of the whole nation.

    ``by`` is asked for as elsewhere, MEASURE or MEASURE@NAME, of an echelon, a product or an entity
    (fleet, station, lane). Where several rows match there is a ranking for each, but only for the
    echelons at which goods end if any of them does. Without ``by`` it is T90; where there is none,
    T50, coverage or the mean time in system. Empty if a scenario has none of these.

    Raises:
        UsageError: there is no such measure, or no national one of the comparison matches ``by``.
    """
    asked = None if by is None else parse_asked(by)
    measures = _DEFAULTS if asked is None else (asked.measure,)
    of = set() if asked is None else set(asked.names)
    scenario = comparison.base.scenario
    ends = {name for name in scenario.echelons if ends_at(scenario, name)}
    national = [row for row in comparison.differences if row.region == NATIONAL]
    for measure in measures:
        keys = {
            row.key: row.unit
            for row in national
            if row.measure == measure and of <= {row.product, row.echelon, row.entity}
        }
        keys = {key: unit for key, unit in keys.items() if key[2] in ends} or keys
        if keys:
            return [Ranking(key, unit, _places(comparison, key)) for key, unit in keys.items()]
    if asked is None:
        return []
    these = [row for row in national if row.measure == asked.measure]
    if not these:
        raise UsageError(f"--by {by}: the results have no measure {asked.measure} in common")
    found = {part for row in these for part in (row.product, row.echelon, row.entity) if part}
    raise UsageError(
        f"--by {by}: {asked.measure} is measured of {', '.join(sorted(found)) or 'the whole'}, not "
        f"of {' and '.join(sorted(of))}"
    )


def _places(comparison: Comparison, key: Key) -> tuple[Ranked, ...]:
    rows = [row for row in comparison.differences if row.key == key]
    places = [Ranked(row.variant, row.variant_value, row) for row in rows]
    places.insert(0, Ranked(comparison.base.name, rows[0].base_value, None))
    sign = -1.0 if find_measure(key[0]).better == "more" else 1.0

    def order(place: Ranked) -> tuple[bool, float]:
        gap = 0.0 if place.row is None else sign * place.row.difference
        return math.isnan(gap), gap

    return tuple(sorted(places, key=order))
