"""Cross-field checks: what each table may say given the others. Returns faults, raises nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.check_areas import area_faults
from sim.scenario.check_chance import chance_faults
from sim.scenario.check_expected import expected_faults
from sim.scenario.check_figures import figure_faults
from sim.scenario.check_flow import lane_faults
from sim.scenario.check_goods import supply_faults, wave_faults
from sim.scenario.check_places import echelon_faults, site_faults
from sim.scenario.check_sharing import sharing_faults
from sim.scenario.check_size import size_faults
from sim.scenario.check_work import calendar_faults, station_faults
from sim.scenario.faults import Fault
from sim.scenario.schema import Scenario
from sim.units import show_hours

LONGEST = 10 * 365.25 * 24.0  # hours; curves are kept at every full hour

_CHECKS = (
    area_faults,
    calendar_faults,
    site_faults,
    echelon_faults,
    lane_faults,
    station_faults,
    supply_faults,
    chance_faults,
    sharing_faults,
    wave_faults,
    figure_faults,
    expected_faults,
    size_faults,
)


def check_scenario(scenario: Scenario) -> list[Fault]:
    """Return every fault that shows only when tables are read together."""
    faults = list(_horizon(scenario))
    if faults:  # no other time can be judged
        return faults
    for check in _CHECKS:
        faults.extend(check(scenario))
    return faults


def _horizon(scenario: Scenario) -> Iterator[Fault]:
    if scenario.horizon.value > LONGEST:
        yield Fault(("horizon",), "at most 10 years", show_hours(scenario.horizon.value))
    if not 1900 <= scenario.start.year <= 2200:
        yield Fault(("start",), "a year from 1900 to 2200", str(scenario.start.year))
