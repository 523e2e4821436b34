"""Which measures a sweep is asked about: ``T90@clinic``, ``wait-mean@city-sign-off``."""

from __future__ import annotations

from collections.abc import Sequence

from sim.errors import UsageError, did_you_mean
from sim.measures.asked import find_asked, parse_asked
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key
from sim.scenario.faults import ends_at
from sim.scenario.schema import Scenario
from sim.store.sweeps import REPORTED

#: What is asked where nothing else is: the first of these that there is, where goods end.
_DEFAULTS = ("T90", "time-in-system-mean", "station-time-mean", "makespan")
_MOST = 3


def check_measures(texts: Sequence[str], scenario: Scenario, *, regions: bool = False) -> None:
    """Check measures as asked before anything runs: ``MEASURE@NAME``, see ``sim.measures.asked``.

    ``reported@NAME`` is what the runs say to a reported figure, ``reported`` what to all of them.
    Names of regions are seen when there are runs.

    Raises:
        UsageError: with all names that are unknown.
    """
    tables = ("echelons", "products", "fleets", "stations", "lanes", "consumption", "requests")
    known = [name for table in tables for name in getattr(scenario, table)]
    complaints = []
    for text in texts:
        try:
            figures = _figures(text)
            names = parse_asked(text).names if figures is None else figures
        except UsageError as error:
            complaints.append(f"--measure {error}")
            continue
        for name in names:
            choices = known if figures is None else list(scenario.reported)
            if name not in choices and not (regions and figures is None):
                near = did_you_mean(name, choices)
                complaints.append(f"--measure {text}: there is no {name}" + (near and f" ({near})"))
    if complaints:
        raise UsageError("\n".join(complaints))


def _figures(text: str) -> tuple[str, ...] | None:
    """Return the names of reported figures that a text asks for; None if it asks for a measure."""
    measure, *names = (part.strip() for part in text.split("@"))
    return tuple(names) if measure == REPORTED else None


def choose_measures(
    texts: Sequence[str], keys: Sequence[tuple[Key, str]], scenario: Scenario
) -> list[tuple[Key, str]]:
    """Return the measures that are asked, with their units, among those that there are.

    Without any asked: T90 of the echelons at which goods end, or what comes next to it.

    Raises:
        UsageError: there is none of those that a text asks, or there are several.
    """
    if not texts:
        return _default(keys, scenario)
    units = dict(keys)
    ends = [name for name in scenario.echelons if ends_at(scenario, name)]
    found: dict[Key, str] = {}
    for text in texts:
        figures = _figures(text)
        if figures is None:
            key = find_asked(parse_asked(text), units, ends)
            found[key] = units[key]
        else:
            found |= {
                key: unit
                for key, unit in keys
                if key[0] == REPORTED and (not figures or key[4] in figures)
            }
    return list(found.items())


def _default(keys: Sequence[tuple[Key, str]], scenario: Scenario) -> list[tuple[Key, str]]:
    national = [(key, unit) for key, unit in keys if key[3] == NATIONAL]
    for measure in _DEFAULTS:
        found = [(key, unit) for key, unit in national if key[0] == measure]
        ends = [(key, unit) for key, unit in found if key[2] and ends_at(scenario, key[2])]
        if found:
            return (ends or found)[:_MOST]
    return national[:1]
