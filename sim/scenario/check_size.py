"""Checks of size: what comes at an interval must not come without end within the horizon.

Lots, requests, disruptions and consumption are checked where they are told (``check_chance``).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from sim.scenario.faults import MOST_TIMES, Fault
from sim.scenario.leaving import Departures
from sim.scenario.schema import Scenario

#: Most servers that break down: each of them is there from the start.
MOST_SERVERS = 10_000

Path = tuple[str | int, ...]


def size_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of what would happen more than ``MOST_TIMES`` times by the horizon."""
    horizon = scenario.horizon.value
    for name, site in scenario.sites.items():
        if site.output:
            yield from _too_often(("sites", name, "lot"), "lots", horizon, site.lot.value)
    for name, lane in scenario.lanes.items():
        rule = lane.dispatch
        if isinstance(rule, Departures) and rule.every is not None:
            path = ("lanes", name, "dispatch", "every")
            yield from _too_often(path, "departures", horizon, rule.every.value)
    for name, station in scenario.stations.items():
        if station.breakdowns is not None:
            path = ("stations", name, "breakdowns", "after")
            after = station.breakdowns.after.make().mean
            yield from _too_often(path, "breakdowns of a server", horizon, after)
            servers = station.servers.value
            if MOST_SERVERS < servers < inf:
                expected = f"at most {MOST_SERVERS:,} servers that break down"
                yield Fault(("stations", name, "servers"), expected, f"{servers:,.0f}")


def _too_often(path: Path, what: str, horizon: float, gap: float) -> Iterator[Fault]:
    """Yield a fault if more than ``MOST_TIMES`` gaps (hours) fit; one of 0 is for others to
    judge."""
    if gap > 0.0 and horizon > MOST_TIMES * gap:
        yield Fault(path, f"at most {MOST_TIMES:,} {what} until the horizon", "more")
