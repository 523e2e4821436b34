"""Checks of those who work: calendars and stations."""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf

from sim.errors import did_you_mean
from sim.scenario.faults import Fault
from sim.scenario.schema import Scenario
from sim.scenario.work import Station


def calendar_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of this kind."""
    for name, calendar in scenario.calendars.items():
        if calendar.country is None:
            continue
        import holidays  # takes 0.1 s, and calendars without a country do without it

        known = holidays.list_supported_countries()
        country, _, part = calendar.country.partition("-")
        if country not in known or (part and part not in known[country]):
            yield Fault(
                ("calendars", name, "country"),
                'a country with known holidays, such as "CN" (ISO 3166)',
                f'"{calendar.country}"',
                did_you_mean(calendar.country, list(known)),
            )


def station_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of this kind."""
    hauls = [lane for lane in scenario.lanes.values() if lane.tours is None]
    leaving, arriving = {lane.from_ for lane in hauls}, {lane.to for lane in hauls}
    for name, station in scenario.stations.items():
        path = ("stations", name)
        outbound = station.stage in ("loading", "sorting")
        if station.echelon not in (leaving if outbound else arriving):
            way = "leaves" if outbound else "leads to"
            yield Fault(
                (*path, "echelon"),
                f"an echelon that a lane without tours {way}",
                f'"{station.echelon}"',
            )
        for index, site in enumerate(station.sites):
            if scenario.sites[site].echelon != station.echelon:
                yield Fault(
                    (*path, "sites", index),
                    f'a site of the echelon "{station.echelon}"',
                    f'"{site}", a site of "{scenario.sites[site].echelon}"',
                )
        yield from _times(path, station)
        yield from _queue(path, station)


def _times(path: tuple[str | int, ...], station: Station) -> Iterator[Fault]:
    shared = (station.time_per_vehicle, station.time_per_lot, station.time_per_unit)
    if not station.times and all(law is None for law in shared):
        yield Fault(
            path, '"time-per-vehicle", "time-per-lot", "time-per-unit" or "times"', "none of them"
        )
    for product in station.times:
        if station.products and product not in station.products:
            yield Fault(
                (*path, "times", product),
                'one of the "products" that stop here',
                f'"{product}"',
                did_you_mean(product, station.products),
            )


def _queue(path: tuple[str | int, ...], station: Station) -> Iterator[Fault]:
    if station.preempts and station.order != "priority":
        yield Fault(
            (*path, "preempts"),
            'the order "priority": only a better priority interrupts',
            f'"{station.order}"',
        )
    if station.yard is None and station.when_full != "turn-away":
        yield Fault((*path, "when-full"), 'the key "yard": any number may wait', "none")
    if station.breakdowns is not None and not station.breakdowns.after.make().mean > 0.0:
        yield Fault((*path, "breakdowns", "after"), "a time above 0", "0 h")
    if not isinf(station.servers.value):
        return
    if station.yard is not None:
        yield Fault((*path, "yard"), "no such key: with unlimited servers nobody waits", "one")
    if station.breakdowns is not None:
        yield Fault(
            (*path, "breakdowns"), "no such table: unlimited servers do not run short", "one"
        )
