"""Which measures a sweep is asked about: ``T90@clinic``, ``wait-mean@city-sign-off``."""

from __future__ import annotations

from collections.abc import Sequence

from sim.catalogue import CATALOGUE, find_measure
from sim.errors import UsageError, did_you_mean
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key
from sim.scenario.faults import ends_at
from sim.scenario.schema import Scenario
from sim.store.sweeps import REPORTED

#: What is asked where nothing else is: the first of these that there is, where goods end.
_DEFAULTS = ("T90", "time-in-system-mean", "station-time-mean", "makespan")
_MOST = 3


def check_measures(texts: Sequence[str], scenario: Scenario, *, regions: bool = False) -> None:
    """Check measures as asked before anything runs: ``MEASURE``, or ``MEASURE@WHERE``.

    WHERE is an echelon, a product, a fleet, a station, a lane, or whatever else a measure may be
    about; several are set apart by further ``@``. ``reported@NAME`` is what the runs say to a
    reported figure.

    Raises:
        UsageError: with all names that are unknown.
    """
    tables = ("echelons", "products", "fleets", "stations", "lanes", "consumption", "requests")
    known = [name for table in tables for name in getattr(scenario, table)]
    complaints = []
    for text in texts:
        measure, *places = (part.strip() for part in text.split("@"))
        try:
            if measure != REPORTED:
                find_measure(measure)
        except KeyError:
            near = did_you_mean(measure, [*CATALOGUE, REPORTED])
            complaints.append(f"--measure {text}: there is no measure {measure}" + _hint(near))
            continue
        names = list(scenario.reported) if measure == REPORTED else known
        for place in places:
            if place not in names and not (regions and measure != REPORTED):
                near = did_you_mean(place, names)
                complaints.append(f"--measure {text}: the scenario has no {place}" + _hint(near))
    if complaints:
        raise UsageError("\n".join(complaints))


def _hint(near: str) -> str:
    return f" ({near})" if near else ""


def choose_measures(
    texts: Sequence[str], keys: Sequence[tuple[Key, str]], scenario: Scenario
) -> list[tuple[Key, str]]:
    """Return the measures that are asked, with their units, among those that there are.

    Without any asked: T90 of the echelons at which goods end, or what comes next to it. A measure
    is national unless a region is named.

    Raises:
        UsageError: there is none of those that a text asks.
    """
    if not texts:
        return _default(keys, scenario)
    found: dict[Key, str] = {}
    for text in texts:
        measure, *places = (part.strip() for part in text.split("@"))
        fits = {key: unit for key, unit in keys if key[0] == measure and _is_at(key, places)}
        if not fits:
            raise UsageError(f"--measure {text}: the runs of this scenario have no such measure")
        found |= fits
    return list(found.items())


def _is_at(key: Key, places: Sequence[str]) -> bool:
    about = key[1:]
    return all(place in about for place in places) and (key[3] == NATIONAL or key[3] in places)


def _default(keys: Sequence[tuple[Key, str]], scenario: Scenario) -> list[tuple[Key, str]]:
    national = [(key, unit) for key, unit in keys if key[3] == NATIONAL]
    for measure in _DEFAULTS:
        found = [(key, unit) for key, unit in national if key[0] == measure]
        ends = [(key, unit) for key, unit in found if key[2] and ends_at(scenario, key[2])]
        if found:
            return (ends or found)[:_MOST]
    return national[:1]
