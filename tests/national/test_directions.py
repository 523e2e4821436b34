"""What a planner expects when one number of the national campaign is changed.

Every change is run with the same luck as the campaign itself, so each replication is compared with
its own twin. In the default suite the campaign is cut to parts of three provinces, and to three
makers that have no more to do with it than all makers with the nation; the slow suite runs the same
tests on the whole nation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.experiment.replicate import replicate
from sim.ledger import Trips
from sim.measures.scope import build_scope
from sim.network import build_network
from sim.plan.build import build_plan
from sim.scenario.load import load_scenario

FILE = Path(__file__).parents[2] / "scenarios" / "oximeters-2023.toml"
#: Parameters of the file are still being fitted; what is changed here starts from these.
USUAL = (
    "horizon=80 d",
    "orders={}",
    "sourcing.window=1 d",  # so that every maker works until all is made
    "sites.youbeikang.only-orders=false",
    "fleets.carrier.speed=65 km/h",
    "fleets.city-van.speed=50 km/h",
    "fleets.county-van.speed=30 km/h",
    "fleets.county-van.vehicles=4",
    "lanes.to-clinic.tours.stops=15",
    'lanes.to-clinic.tours.stop-time={mean="12 min", cv=0.5}',
)
#: Units a day of the makers that the cut is left with; they have no stock.
MAKERS = {"youbeikang": 12_000, "hubei": 6_000, "zhejiang": 6_000}
PLACES = '["Zhengzhou", "Kaifeng", "Zhoukou", "Hainan", "Zhejiang"]'


@dataclass(frozen=True, eq=False)
class Outcome:
    """One replication: when each facility was served (hours, inf for never), and half of Henan's,
    the trips, the tours planned, the units made, and the measures."""

    served: NDArray[np.float64]
    trips: Trips
    tours: int
    units: int
    henan: float
    rows: dict[tuple[str, str], float]

    def time(self, share: float) -> float:
        """Return when so large a share of the facilities was served."""
        rank = int(np.ceil(share * len(self.served) - 1e-9)) - 1
        return float(np.partition(self.served, rank)[rank])

    @property
    def last_dispatch(self) -> float:
        """When the last goods left a factory."""
        return float(np.nanmax(self.trips.dispatched[self.trips.lane == 0]))


class Campaign:
    """The campaign with changes: a cut of it, or the whole nation."""

    def __init__(self, name: str, overrides: tuple[str, ...], replications: int) -> None:
        self.name = name
        self.overrides = overrides
        self.replications = replications

    @cache  # noqa: B019  one campaign lives as long as this module
    def run(self, *changes: str) -> tuple[Outcome, ...]:
        loaded = load_scenario(FILE, (*self.overrides, *changes))
        network = build_network(loaded.scenario)
        plan = build_plan(loaded.scenario, network)
        scope = build_scope(loaded.scenario, network)
        (tours,) = plan.tours
        outcomes = []
        for number in range(self.replications):
            done = replicate(plan, scope, number)
            delivered = done.ledger.tours[0].delivered
            served = np.empty(len(delivered))
            served[tours.facility] = np.where(np.isnan(delivered), np.inf, delivered)
            rows = {
                (row.measure, row.echelon): row.value
                for row in done.measures.rows
                if row.region == "national"
            }
            (henan,) = (
                row.value
                for row in done.measures.rows
                if (row.measure, row.echelon, row.region) == ("T50", "clinic", "Henan")
            )
            units = int(sum(supply.units.sum() for supply in plan.supplies))
            outcomes.append(Outcome(served, done.ledger.trips, len(tours), units, henan, rows))
        return tuple(outcomes)

    def pairs(self, *changes: str) -> list[tuple[Outcome, Outcome]]:
        """Return each replication of the campaign with its twin after the change."""
        return list(zip(self.run(), self.run(*changes), strict=True))


@cache
def campaign(name: str) -> Campaign:
    if name == "file":
        return Campaign(name, ("horizon=80 d",), 2)
    if name == "nation":
        return Campaign(name, USUAL, 2)
    scenario = load_scenario(FILE).scenario
    shut = [f"sites.{site}.closed=true" for site in scenario.sites if site not in MAKERS]
    make = [f"sites.{site}.output.oximeter={much}/day" for site, much in MAKERS.items()]
    empty = [f"sites.{site}.stock.oximeter=0" for site in MAKERS]
    return Campaign(name, (*USUAL, f"geography.regions={PLACES}", *shut, *make, *empty), 2)


@pytest.fixture(params=["cut", pytest.param("nation", marks=pytest.mark.slow)])
def here(request: pytest.FixtureRequest) -> Campaign:
    return campaign(request.param)


def test_the_campaign_itself_comes_to_an_end(here: Campaign) -> None:
    for outcome in here.run():
        assert outcome.time(1.0) < 80 * 24
        assert outcome.units == 2 * len(outcome.served)


def test_twice_the_county_vans(here: Campaign) -> None:
    """No clinic is served later, whatever its tour, and most are served much earlier."""
    for usual, doubled in here.pairs("fleets.county-van.vehicles=8"):
        assert (doubled.served <= usual.served + 1e-9).all()
        for share in (0.5, 0.9, 1.0):
            assert doubled.time(share) < usual.time(share)
        # Nothing above the counties changes by it, to the last bit.
        assert np.array_equal(doubled.trips.received, usual.trips.received)


def test_no_holiday_for_the_county_crews(here: Campaign) -> None:
    for usual, working in here.pairs("calendars.county-crews.holidays=false"):
        assert (working.served <= usual.served + 1e-9).all()
        assert working.time(1.0) <= usual.time(1.0)


def test_no_holiday_for_anybody(here: Campaign) -> None:
    changes = ("calendars.county-crews.holidays=false", "calendars.duty.holidays=false")
    for usual, working in here.pairs(*changes):
        assert working.time(1.0) <= usual.time(1.0)


def test_one_factory_closed(here: Campaign) -> None:
    """It all takes longer, and what it would have made is made elsewhere: nothing is lost."""
    for usual, fewer in here.pairs("sites.youbeikang.closed=true"):
        assert fewer.last_dispatch > usual.last_dispatch
        assert fewer.time(0.9) > usual.time(0.9)
        assert fewer.units == usual.units
        assert np.isfinite(fewer.served).all()
        for measure in ("dispatched", "received"):
            assert fewer.rows[measure, "prefecture"] == usual.rows[measure, "prefecture"]
        assert fewer.rows["on-hand", "factory"] == 0


def test_slower_roads(here: Campaign) -> None:
    changes = (
        "fleets.carrier.speed=40 km/h",
        "fleets.city-van.speed=30 km/h",
        "fleets.county-van.speed=20 km/h",
    )
    for usual, slower in here.pairs(*changes):
        for share in (0.1, 0.5, 0.9):
            assert slower.time(share) > usual.time(share)
        assert (
            slower.rows["transit-time-mean", "prefecture"]
            > usual.rows["transit-time-mean", "prefecture"]
        )


def test_longer_stops(here: Campaign) -> None:
    for usual, longer in here.pairs('lanes.to-clinic.tours.stop-time={mean="24 min", cv=0.5}'):
        for share in (0.1, 0.5, 0.9):
            assert longer.time(share) > usual.time(share)
        assert np.array_equal(longer.trips.received, usual.trips.received)


def test_more_stops_on_a_tour(here: Campaign) -> None:
    for usual, fuller in here.pairs("lanes.to-clinic.tours.stops=25"):
        assert fuller.tours < usual.tours
        assert fuller.rows["kilometres", "county"] < usual.rows["kilometres", "county"]
        assert fuller.rows["units-per-trip", "county"] > usual.rows["units-per-trip", "county"]


def test_twice_the_output(here: Campaign) -> None:
    scenario = load_scenario(FILE, here.overrides).scenario
    changes = []
    for name, site in scenario.sites.items():
        rate = site.output["oximeter"].value
        assert rate.hours == 24
        changes.append(f"sites.{name}.output.oximeter={2 * rate.units:.0f}/day")
    for usual, faster in here.pairs(*changes):
        assert faster.last_dispatch < usual.last_dispatch
        assert faster.time(0.9) < usual.time(0.9)


def test_a_wave_that_is_released_later(here: Campaign) -> None:
    """Henan waits three days longer than it did, and so do its clinics, or nearly."""
    for usual, later in here.pairs("waves.henan.release=2023-01-14T00:00:00+08:00"):
        assert later.henan > usual.henan + 24
        assert later.units == usual.units


def test_a_copy_of_the_campaign_is_the_campaign(here: Campaign) -> None:
    """Setting a value to what it is changes nothing, to the last bit."""
    for usual, copy in here.pairs("fleets.county-van.vehicles=4"):
        assert np.array_equal(copy.served, usual.served)
        assert copy.rows == pytest.approx(usual.rows, rel=0, abs=0, nan_ok=True)


@pytest.mark.slow
def test_the_scenario_file_as_it_is() -> None:
    """The three changes that anybody would try first, on the file's own parameters."""
    here = campaign("file")
    vans = load_scenario(FILE).scenario.fleets["county-van"].vehicles.value
    for usual, doubled in here.pairs(f"fleets.county-van.vehicles={2 * vans:.0f}"):
        assert (doubled.served <= usual.served + 1e-9).all()
        assert doubled.time(0.9) < usual.time(0.9)
    for usual, working in here.pairs("calendars.county-crews.holidays=false"):
        assert (working.served <= usual.served + 1e-9).all()
    for usual, fewer in here.pairs("sites.youbeikang.closed=true"):
        assert fewer.time(0.9) > usual.time(0.9)
        assert fewer.henan > usual.henan
        assert fewer.units == usual.units
        assert np.isfinite(fewer.served).all()
