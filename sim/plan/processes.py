"""Lots that appear by a timetable, at an interval or by chance: from scenario files to specs."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, inf, isnan, nan

from sim.calendars import SLACK
from sim.laws import Constant
from sim.network import Network
from sim.plan.shifts import compile_shifts
from sim.plan.specs import Shift, SupplyProcess
from sim.scenario.schema import Scenario
from sim.scenario.supply import Supply


def compile_processes(
    scenario: Scenario, network: Network, shifts: Mapping[str | None, Shift]
) -> tuple[SupplyProcess, ...]:
    """Return the processes of all sites that are not closed, in the order of the file."""
    rows = {key: index for index, key in enumerate(network.sites.key)}
    return tuple(
        _process(
            scenario,
            name,
            supply,
            rows[f"site/{supply.site}"],
            network.products.index(supply.product),
            shifts,
        )
        for name, supply in scenario.supply.items()
        if not scenario.sites[supply.site].closed
    )


def expected_units(scenario: Scenario, site_name: str, product: str, by_hours: float) -> float:
    """Return the mean number of units that [supply] brings to a site by so many hours.

    An approximation for capacities: so many mean gaps fit into the working time (the elementary
    renewal theorem), which is exact for constant gaps only; sizes count with their means before
    rounding, at least 1. A closed site gets nothing.
    """
    mine = {
        name: supply
        for name, supply in scenario.supply.items()
        if supply.site == site_name and supply.product == product
    }
    if not mine or scenario.sites[site_name].closed:
        return 0.0
    shifts: Mapping[str | None, Shift] = compile_shifts(scenario)
    total = 0.0
    for name, supply in mine.items():
        process = _process(scenario, name, supply, 0, 0, shifts)
        total += _expected_lots(process, min(by_hours, scenario.horizon.value)) * max(
            1.0, process.size.mean
        )
    return total


def _process(
    scenario: Scenario,
    name: str,
    supply: Supply,
    site: int,
    product: int,
    shifts: Mapping[str | None, Shift],
) -> SupplyProcess:
    def hours(moment: object) -> float:
        return (moment - scenario.start).total_seconds() / 3600  # type: ignore[operator, no-any-return]

    return SupplyProcess(
        name=name,
        site=site,
        product=product,
        size=supply.lot.make(),
        gap=supply.gap.make() if supply.gap is not None else None,
        times=tuple(sorted(hours(moment) for moment in supply.at or ())),
        first=supply.first.value if supply.first is not None else nan,
        begins=hours(supply.begins) if supply.begins is not None else 0.0,
        ends=hours(supply.ends) if supply.ends is not None else inf,
        most=supply.most.value if supply.most is not None else inf,
        shift=shifts[supply.calendar],
    )


def _expected_lots(process: SupplyProcess, by: float) -> float:
    by = min(by, process.ends)
    if process.gap is None:
        return min(float(sum(time <= by for time in process.times)), process.most)
    if by < process.begins:
        return 0.0
    calendar = process.shift.calendar
    worked = calendar.elapsed_at(by) - calendar.elapsed_at(process.begins) + SLACK
    if not isnan(process.first):
        worked -= process.first
    if worked < 0.0:
        return 0.0
    lots = worked / process.gap.mean + (0.0 if isnan(process.first) else 1.0)
    if isinstance(process.gap, Constant):
        lots = floor(lots)
    return min(lots, process.most)
