"""The schema of a scenario file: one complete configuration.

``sim.scenario.load.load_scenario`` makes a :class:`Scenario`; nothing else should. Its docstrings
are the reference that ``postroad schema`` exports and the docs print.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sim.scenario.areas import Area
from sim.scenario.consumption import Consumption
from sim.scenario.disruption import Disruption
from sim.scenario.expected import Expected
from sim.scenario.figures import Reported
from sim.scenario.files import Files
from sim.scenario.flow import Lane, Order, Product, Sourcing, Wave
from sim.scenario.places import Echelon, Geography, Site
from sim.scenario.supply import Request, Supply
from sim.scenario.values import (
    Base,
    Count,
    Duration,
    DurationOrZero,
    Instant,
    Percent,
    Runs,
    Stated,
)
from sim.scenario.work import Calendar, Fleet, Station

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]

#: Tables whose entries other tables name.
NAMED_TABLES = (
    "areas",
    "calendars",
    "products",
    "echelons",
    "sites",
    "stations",
    "fleets",
    "lanes",
    "waves",
)


class Scenario(Base):
    """One complete configuration: who supplies whom with what, by which rules, and what was
    reported of it."""

    title: str
    """One line that says what is simulated."""
    description: str = ""
    """The story behind it."""
    start: Instant
    """Time zero, with its zone; all other times are shown in this zone."""
    horizon: Stated[Duration]
    """Where a run stops, counted from the start."""
    stop: Literal["horizon", "delivered"] = "horizon"
    """When a run counts as over: at the horizon, or as soon as everybody has all that is due to
    them, but at the horizon at the latest. Means over time are taken until then."""
    warm_up: Stated[DurationOrZero] = Field(default="0 h", validate_default=True)
    """Time from the start that steady-state measures leave out."""
    percentiles: list[Percent] = [50, 90]
    """Percentiles of waiting times and times in system to report."""
    replications: Runs = 20
    """How many runs, each with its own luck."""
    seed: Count = 0
    """The seed of all random streams."""
    files: Files = Files()
    """Tables of sites and links beside the scenario file."""
    geography: Geography = Geography()
    """The nation and its roads."""
    areas: dict[Name, Area] = {}
    """Sets of counties, by name, which may stand wherever a region may."""
    calendars: dict[Name, Calendar] = {}
    """Working time, by name."""
    products: dict[Name, Product] = Field(min_length=1)
    """What is shipped, by name."""
    echelons: dict[Name, Echelon] = Field(min_length=1)
    """The tiers, in the order in which goods pass through them."""
    sites: dict[Name, Site] = {}
    """Explicit sites, by name."""
    stations: dict[Name, Station] = {}
    """Docks, sorting lines and desks, by name."""
    fleets: dict[Name, Fleet] = Field(min_length=1)
    """Vehicles, by name."""
    lanes: dict[Name, Lane] = Field(min_length=1)
    """Connections between echelons, by name."""
    supply: dict[Name, Supply] = {}
    """Lots that appear at sites, by name."""
    requests: dict[Name, Request] = {}
    """What sites ask others for, by name; answered along lanes with sharing."""
    consumption: dict[Name, Consumption] = {}
    """How facilities use up what they get, by name."""
    disruptions: dict[Name, Disruption] = {}
    """What goes wrong, by name."""
    sourcing: Sourcing = Sourcing()
    """Which factory supplies whom."""
    orders: dict[Name, Order] = {}
    """Contracts that come before the sourcing rule."""
    waves: dict[Name, Wave] = {}
    """Regions released together, in order of priority."""
    reported: dict[Name, Reported] = {}
    """Reported figures to check the outcome against."""
    expected: dict[Name, Expected] = {}
    """What theory says of measures, to verify the engine."""


def last_echelons(scenario: Scenario) -> list[str]:
    """Return the echelons at which goods end: lanes lead to them, and none to another one."""
    lanes = scenario.lanes.values()
    onward = {lane.from_ for lane in lanes if lane.to != lane.from_}
    reached = {lane.to for lane in lanes}
    return [name for name in scenario.echelons if name in reached and name not in onward]
