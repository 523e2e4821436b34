"""Checks of supply by lots, of consumption and of disruptions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import inf

from sim.scenario.chance import DurationLaw
from sim.scenario.consumption import Consumption
from sim.scenario.disruption import (
    ClosedSite,
    Disruption,
    FewerVehicles,
    OutputCut,
    SuddenNeed,
    touched_echelons,
)
from sim.scenario.faults import MOST_TIMES, Fault
from sim.scenario.schema import Scenario
from sim.scenario.supply import Arrivals, Supply

Path = tuple[str | int, ...]


def chance_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of this kind."""
    for name, supply in scenario.supply.items():
        yield from _supply(scenario, ("supply", name), supply)
    for name, use in scenario.consumption.items():
        yield from _consumption(scenario, ("consumption", name), use)
    for name, disruption in scenario.disruptions.items():
        yield from _disruption(scenario, ("disruptions", name), disruption)


def arrival_faults(scenario: Scenario, path: Path, supply: Arrivals, what: str) -> Iterator[Fault]:
    """Return the faults of where and when lots, or requests, appear; ``what`` is their name."""
    if (supply.site is None) == (supply.echelon is None):
        found = "neither" if supply.site is None else "both"
        yield Fault(path, 'either "site" or "echelon"', found)
    once = supply.gap is None and supply.first is not None
    if not once and (supply.gap is None) == (supply.at is None):
        found = "neither" if supply.gap is None else "both"
        yield Fault(path, 'either "gap" or "at"', found, 'or "first" alone, for one and no more')
    elif supply.at is not None:
        for key in ("first", "begins", "most", "calendar"):
            if getattr(supply, key) is not None:
                yield Fault((*path, key), 'this key with "gap" only', 'it with "at"')
    elif once and supply.most is not None:
        yield Fault((*path, "most"), 'this key with "gap" only', "it without")
    if supply.at is not None and not supply.at:
        yield Fault((*path, "at"), "one time or more", "none")
    yield from _within(scenario, (*path, "at"), supply.at or [])
    for key in ("begins", "ends"):
        moment = getattr(supply, key)
        yield from _within(scenario, (*path, key), [] if moment is None else [moment], one=True)
    begins = supply.begins or scenario.start
    if supply.ends is not None and supply.ends < begins:
        yield Fault((*path, "ends"), "a time after the beginning", supply.ends.isoformat())
    if supply.gap is not None:
        most = inf if supply.most is None else supply.most.value
        yield from _gap(scenario, (*path, "gap"), supply.gap, what, most)
    if supply.calendar is not None:
        calendar = scenario.calendars[supply.calendar]
        if not calendar.hours and not any(calendar.exceptions.values()):
            yield Fault((*path, "calendar"), "a calendar with opening hours", "none")


def echelon_of(scenario: Scenario, supply: Arrivals) -> str | None:
    """Return the echelon at whose sites lots or requests appear; None where nothing says so."""
    return supply.echelon if supply.site is None else scenario.sites[supply.site].echelon


def _supply(scenario: Scenario, path: Path, supply: Supply) -> Iterator[Fault]:
    yield from arrival_faults(scenario, path, supply, "lots")
    echelon = echelon_of(scenario, supply)
    if echelon is None:
        return
    key = "echelon" if supply.site is None else "site"
    who = "an echelon" if supply.site is None else "a site"
    leaves = any(lane.from_ == echelon for lane in scenario.lanes.values())
    if any(lane.to == echelon and lane.tours for lane in scenario.lanes.values()):
        yield Fault(
            (*path, key),
            f"{who} that is no stop of tours",
            f'"{supply.site or echelon}"',
            '"stock" of its [consumption] says what it has at the start',
        )
        return
    if not leaves and not _is_due(scenario, echelon, supply.product, supply.site):
        yield Fault(
            (*path, key),
            f'{who} that a lane leaves, or that needs "{supply.product}"',
            f'"{supply.site or echelon}"',
            "its lots would have nowhere to go",
        )


def _consumption(scenario: Scenario, path: Path, use: Consumption) -> Iterator[Fault]:
    if any(lane.from_ == use.echelon for lane in scenario.lanes.values()):
        yield Fault(
            (*path, "echelon"),
            "an echelon that no lane leaves: goods end there",
            f'"{use.echelon}"',
        )
    elif not _is_due(scenario, use.echelon, use.product):
        yield Fault(
            (*path, "product"),
            f'a product that is due to "{use.echelon}"',
            f'"{use.product}"',
            'by its echelon\'s "entitlement" or "total", or the "need" of its sites',
        )
    same = [
        name
        for name, other in scenario.consumption.items()
        if (other.echelon, other.product) == (use.echelon, use.product)
    ]
    if path[1] != same[0]:
        yield Fault(
            (*path, "product"),
            "one consumption of each product at an echelon",
            f'another in "{same[0]}"',
        )
    if use.pattern == "timetable":
        if not use.at:
            yield Fault(path, 'the key "at" for the pattern "timetable"', "none")
        for key in ("rate", "begins"):
            if getattr(use, key) is not None:
                yield Fault((*path, key), f'no {key} for the pattern "timetable"', "one")
    else:
        if use.rate is None:
            yield Fault(path, f'the key "rate" for the pattern "{use.pattern}"', "none")
        elif use.rate.value.units / use.rate.value.hours * scenario.horizon.value > MOST_TIMES:
            yield Fault((*path, "rate"), f"at most {MOST_TIMES:,} units until the horizon", "more")
        if use.at is not None:
            yield Fault((*path, "at"), f'no times for the pattern "{use.pattern}"', "some")
        if use.units.value != 1:
            yield Fault(
                (*path, "units"),
                f'one unit at a time for the pattern "{use.pattern}"',
                str(use.units.value),
                '"rate" says how many are asked for',
            )
    yield from _within(scenario, (*path, "at"), use.at or [])
    begins = [] if use.begins is None else [use.begins]
    yield from _within(scenario, (*path, "begins"), begins, one=True)


def _disruption(scenario: Scenario, path: Path, disruption: Disruption) -> Iterator[Fault]:
    if (disruption.begins is None) == (disruption.every is None):
        found = "neither" if disruption.every is None else "both"
        yield Fault(path, 'either "begins" or "every"', found)
    if disruption.begins is not None:
        earliest, latest = disruption.begins
        if latest < earliest:
            yield Fault((*path, "begins"), "[earliest, latest]", "the later time first")
        yield from _within(scenario, (*path, "begins"), [earliest, latest], one=True)
    if disruption.every is not None:
        yield from _gap(scenario, (*path, "every"), disruption.every, "times", inf)
    echelons = touched_echelons(disruption, scenario.lanes, scenario.fleets)
    for index, name in enumerate(disruption.sites):
        if echelons and scenario.sites[name].echelon not in echelons:
            yield Fault(
                (*path, "sites", index),
                "a site of " + " or ".join(f'"{echelon}"' for echelon in echelons),
                f'"{name}", a site of "{scenario.sites[name].echelon}"',
            )
    if isinstance(disruption, ClosedSite):
        if any(lane.to == disruption.echelon and lane.tours for lane in scenario.lanes.values()):
            yield Fault(
                (*path, "echelon"),
                "an echelon of sites",
                f'"{disruption.echelon}", whose facilities are visited on tours',
                'a "closed-road" of that lane keeps tours from leaving',
            )
    elif isinstance(disruption, OutputCut):
        yield from _output_cut(scenario, path, disruption)
    elif isinstance(disruption, FewerVehicles):
        if scenario.fleets[disruption.fleet].vehicles.value == inf:
            yield Fault(
                (*path, "fleet"),
                "a fleet with a number of vehicles",
                f'"{disruption.fleet}", which has as many as are needed',
            )
    elif isinstance(disruption, SuddenNeed) and not any(
        (use.echelon, use.product) == (disruption.echelon, disruption.product)
        for use in scenario.consumption.values()
    ):
        yield Fault(
            path,
            f'a [consumption] of "{disruption.product}" at "{disruption.echelon}"',
            "none",
            "there is no need to multiply",
        )


def _output_cut(scenario: Scenario, path: Path, cut: OutputCut) -> Iterator[Fault]:
    products = cut.products or list(scenario.products)
    for index, name in enumerate(cut.sites):
        echelon = scenario.sites[name].echelon
        lots = {
            s.product for s in scenario.supply.values() if name == s.site or echelon == s.echelon
        }
        if not any(p in lots or p in scenario.sites[name].output for p in products):
            yield Fault(
                (*path, "sites", index),
                "a site with output, or [supply], to cut",
                f'"{name}", with none',
            )


def _is_due(scenario: Scenario, echelon: str, product: str, site: str | None = None) -> bool:
    """Return whether a site of the echelon is to get the product; with ``site``, that one."""
    if product in scenario.echelons[echelon].due:
        return True
    return any(
        product in other.need and other.need[product].value > 0
        for name, other in scenario.sites.items()
        if other.echelon == echelon and (site is None or name == site)
    )


def _within(
    scenario: Scenario, path: Path, moments: list[datetime], *, one: bool = False
) -> Iterator[Fault]:
    """Return a fault for the times outside the run: the first, where ``one`` value is meant."""
    end = scenario.start + timedelta(hours=scenario.horizon.value)
    for index, moment in enumerate(moments):
        if not scenario.start <= moment <= end:
            yield Fault(
                path if one else (*path, index),
                f"a time between the start and the horizon, {end.isoformat()}",
                moment.isoformat(),
            )
            if one:
                return


def _gap(
    scenario: Scenario, path: Path, law: DurationLaw, what: str, most: float
) -> Iterator[Fault]:
    mean = law.make().mean
    if mean == 0.0:
        yield Fault(path, "gaps that are not all 0", "0")
    elif min(scenario.horizon.value / mean, most) > MOST_TIMES:
        yield Fault(path, f"at most {MOST_TIMES:,} {what} until the horizon", "more")
