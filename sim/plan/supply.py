"""Supply: opening stock and output, as units that appear at a site at given times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.network import Network
from sim.plan.limits import limit_to_assigned as limit_to_assigned
from sim.plan.shifts import calendar_spec
from sim.plan.specs import Shift, Supply
from sim.scenario.places import Site
from sim.scenario.schema import Scenario
from sim.scenario.values import Rate


def plan_supplies(
    scenario: Scenario, network: Network, shifts: dict[str | None, Shift]
) -> tuple[Supply, ...]:
    """Return what appears where and when, until the horizon; closed sites have nothing.

    Opening stock appears when the site begins. Output appears at the end of each lot of working
    time since then, as the whole units finished by then: the k-th lot completes
    floor(rate × k × lot).
    """
    supplies = []
    rows = {key: index for index, key in enumerate(network.sites.key)}
    for name, site in scenario.sites.items():
        if site.closed or not (site.stock or site.output):
            continue
        index, begin = rows[f"site/{name}"], _begin(scenario, site)
        if begin > scenario.horizon.value:
            continue
        for column, product in enumerate(network.products):
            times, units = [np.full(1, begin)], [np.zeros(1, np.int64)]
            if product in site.stock:
                units[0][0] = site.stock[product].value
            if product in site.output:
                rate = hourly_rate(scenario, site, site.output[product].value)
                finished = _finish_times(scenario, site, shifts[site.shifts])
                lot = site.lot.value
                total = np.floor(rate * lot * np.arange(1, len(finished) + 1) + 1e-9)
                times.append(finished)
                units.append(np.diff(total, prepend=0.0).astype(np.int64))
            when, much = np.concatenate(times), np.concatenate(units)
            if much.any():
                supplies.append(Supply(index, column, when[much > 0], much[much > 0], begin))
    return tuple(supplies)


def capacities(
    network: Network, supplies: tuple[Supply, ...], product: int, by: float
) -> NDArray[np.float64]:
    """Return the units of a product that each site has or makes until ``by`` (hours)."""
    result = np.zeros(len(network.sites))
    for supply in supplies:
        if supply.product == product:
            result[supply.site] += supply.units[supply.times <= by].sum()
    return result


def hourly_rate(scenario: Scenario, site: Site, rate: Rate) -> float:
    """Return units per working hour.

    A rate per hour or less holds while the shifts work. A rate per day or week is what a working
    day or week brings: it is spread over the hours in which the shifts are open on such a day.
    """
    if rate.hours < 24 or site.shifts is None:
        return rate.units / rate.hours
    spec = calendar_spec(scenario.calendars[site.shifts], scenario)
    open_days = [sum(end - begin for begin, end in day) for day in spec.week if day]
    if rate.hours < 168:
        return rate.units * (24 / rate.hours) / (sum(open_days) / len(open_days))
    return rate.units * (168 / rate.hours) / sum(open_days)


def _begin(scenario: Scenario, site: Site) -> float:
    """Return when a site takes up its part of the campaign, in hours; before the start is then."""
    if site.begins is None:
        return 0.0
    return max(0.0, (site.begins - scenario.start).total_seconds() / 3600)


def _finish_times(scenario: Scenario, site: Site, shift: Shift) -> NDArray[np.float64]:
    begin = _begin(scenario, site)
    before = shift.calendar.elapsed_at(begin)
    worked = shift.calendar.elapsed_at(scenario.horizon.value) - before
    lots = int(max(worked, 0.0) / site.lot.value + 1e-9)
    ends: NDArray[np.float64] = shift.calendar.clock(
        before + np.arange(1, lots + 1) * site.lot.value
    )
    return ends
