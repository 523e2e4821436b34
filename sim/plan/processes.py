"""Lots and requests that appear by a timetable, at an interval or by chance: from scenario files to
specs."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, inf

import numpy as np
from numpy.typing import NDArray

from sim.calendars import SLACK
from sim.laws import Constant, Law
from sim.network import Network
from sim.plan.shifts import compile_shifts
from sim.plan.specs import RequestSpec, Shift, SupplyProcess
from sim.scenario.schema import Scenario
from sim.scenario.supply import Arrivals

Floats = NDArray[np.float64]


def compile_processes(
    scenario: Scenario, network: Network, shifts: Mapping[str | None, Shift]
) -> tuple[SupplyProcess, ...]:
    """Return the processes of all sites that are not closed, in the order of the file, then of the
    sites."""
    processes = []
    for name, supply in scenario.supply.items():
        for site in _sites(scenario, network, supply):
            path = f"supply/{name}"
            if supply.site is None:
                path = f"{network.sites.key[site]}/{path}"
            product = network.products.index(supply.product)
            size = supply.lot.make()
            processes.append(_process(scenario, name, supply, size, site, product, shifts, path))
    return tuple(processes)


def compile_requests(
    scenario: Scenario, network: Network, shifts: Mapping[str | None, Shift]
) -> tuple[RequestSpec, ...]:
    """Return the requests of all sites that are not closed, in the order of the file."""
    specs = []
    for name, request in scenario.requests.items():
        product = network.products.index(request.product)
        size = request.units.make()
        processes = tuple(
            _process(
                scenario, name, request, size, site, product, shifts,
                f"{network.sites.key[site]}/requests/{name}",
            )
            for site in _sites(scenario, network, request)
        )  # fmt: skip
        at = request.echelon or scenario.sites[str(request.site)].echelon
        gives_up = request.gives_up.make() if request.gives_up is not None else None
        echelon = network.echelons.index(at)
        specs.append(RequestSpec(name, echelon, product, gives_up, processes))
    return tuple(specs)


def expected_units(scenario: Scenario, site_name: str, product: str, by_hours: float) -> float:
    """Return the mean number of units that [supply] brings to a listed site by so many hours.

    An approximation for capacities: so many mean gaps fit into the working time (the elementary
    renewal theorem), which is exact for constant gaps only; sizes count with their means before
    rounding, at least 1. A closed site gets nothing.
    """
    site = scenario.sites[site_name]
    if site.closed:
        return 0.0
    return sum(
        _expected_of(scenario, name, by_hours)
        for name, supply in scenario.supply.items()
        if supply.product == product
        and (supply.site == site_name or supply.echelon == site.echelon)
    )


def expected_by_site(scenario: Scenario, network: Network, product: str, by_hours: float) -> Floats:
    """Return the same for every site of the network."""
    made = np.zeros(len(network.sites))
    for name, supply in scenario.supply.items():
        if supply.product == product:
            made[_sites(scenario, network, supply)] += _expected_of(scenario, name, by_hours)
    return made


def _expected_of(scenario: Scenario, name: str, by_hours: float) -> float:
    """Return the mean units of one supply at each of its sites."""
    supply = scenario.supply[name]
    shifts: Mapping[str | None, Shift] = compile_shifts(scenario)
    process = _process(scenario, name, supply, supply.lot.make(), 0, 0, shifts, "")
    lots = expected_lots(process, min(by_hours, scenario.horizon.value))
    return lots * max(1.0, process.size.mean)


def _sites(scenario: Scenario, network: Network, arrivals: Arrivals) -> list[int]:
    """Return the open sites at which lots or requests appear."""
    if arrivals.site is not None:
        rows = [network.row(arrivals.site)]
    else:
        rows = network.of_echelon(network.echelons.index(str(arrivals.echelon))).tolist()
    return [row for row in rows if row >= 0 and not network.sites.closed[row]]


def _process(
    scenario: Scenario,
    name: str,
    arrivals: Arrivals,
    size: Law,
    site: int,
    product: int,
    shifts: Mapping[str | None, Shift],
    path: str,
) -> SupplyProcess:
    def hours(moment: object) -> float:
        return (moment - scenario.start).total_seconds() / 3600  # type: ignore[operator, no-any-return]

    once = arrivals.gap is None and arrivals.first is not None
    first = arrivals.first.make() if arrivals.first is not None else None
    gap = arrivals.gap.make() if arrivals.gap is not None else None
    most = arrivals.most.value if arrivals.most is not None else inf
    return SupplyProcess(
        name=name,
        site=site,
        product=product,
        size=size,
        gap=Constant(1.0) if once else gap,
        times=tuple(sorted(hours(moment) for moment in arrivals.at or ())),
        first=first,
        begins=hours(arrivals.begins) if arrivals.begins is not None else 0.0,
        ends=hours(arrivals.ends) if arrivals.ends is not None else inf,
        most=1 if once else most,
        shift=shifts[arrivals.calendar],
        path=path,
    )


def expected_lots(process: SupplyProcess, by: float) -> float:
    """Return the mean number of lots of a process by so many hours, as told above."""
    by = min(by, process.ends)
    if process.gap is None:
        return min(float(sum(time <= by for time in process.times)), process.most)
    if by < process.begins:
        return 0.0
    calendar = process.shift.calendar
    worked = calendar.elapsed_at(by) - calendar.elapsed_at(process.begins) + SLACK
    if process.first is not None:
        worked -= process.first.mean
    if worked < 0.0:
        return 0.0
    more = 0.0 if process.first is None else 1.0
    if process.most <= more:
        return process.most
    lots = worked / process.gap.mean + more
    if isinstance(process.gap, Constant):
        lots = floor(lots)
    return min(lots, process.most)
