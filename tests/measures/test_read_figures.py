"""What a run says to reported figures: against sums over the ledger's single events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from math import ceil, inf, isnan, nan
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from national.two_provinces import World, world
from numpy.typing import NDArray

from sim.evidence import read_figures
from sim.ledger import Ledger
from sim.measures.curves import Curve
from sim.measures.flow import Flow
from sim.measures.run import measure_run
from sim.measures.scope import Probe

#: The goods run out of time, so that much never arrives.
HURRIED = ("horizon=14 d", "fleets.county-van.vehicles=1")
FACTORY, PREFECTURE, COUNTY, CLINIC = range(4)


@cache
def hurried() -> tuple[World, Ledger, tuple[Flow, ...]]:
    here = world(*HURRIED)
    return here, *here.run(1)


class Move(NamedTuple):
    """Goods on their way: the first and last day are inf if they had not come by the horizon."""

    sender: int
    place: int
    facility: int
    sent: float
    got: float
    units: int


def moves(origin: int, product: int) -> Iterator[Move]:
    """What left an echelon for the next: trips with their loads, or the stops of tours."""
    here, ledger, _ = hurried()
    plan, trips, loads = here.plan, ledger.trips, ledger.loads

    def late(time: float) -> float:
        return inf if isnan(time) else float(time)

    for trip, what, units in zip(loads.trip, loads.product, loads.units, strict=True):
        if what == product and plan.site_echelon[trips.origin[trip]] == origin:
            yield Move(
                int(trips.origin[trip]), int(trips.destination[trip]), -1,
                late(trips.dispatched[trip]), late(trips.received[trip]), int(units),
            )  # fmt: skip
    if origin == COUNTY:
        planned, done = plan.tours[0], ledger.tours[0]
        for tour, site in enumerate(planned.site):
            for stop in range(planned.first[tour], planned.first[tour + 1]):
                yield Move(
                    int(site), int(site), int(planned.facility[stop]),
                    late(done.began[tour]), late(done.delivered[stop]),
                    int(planned.units[stop, product]),
                )  # fmt: skip


def probe(
    measure: str,
    echelon: int,
    *,
    product: int = 0,
    site: int = -1,
    inside: NDArray[np.bool_] | None = None,
    at: float = nan,
    since: float = nan,
    share: float = 1.0,
) -> Probe:
    everywhere = np.ones(len(hurried()[0].network.sites), bool)
    return Probe(
        "figure", measure, product, echelon, site, everywhere if inside is None else inside,
        at, since, share,
    )  # fmt: skip


def read(asked: Probe) -> float:
    here, ledger, flows = hurried()
    scope = replace(here.scope, probes=(asked,))
    return read_figures(ledger, flows, here.plan, scope)["figure"]


def by_hand(asked: Probe) -> float:
    """The same, one event at a time."""
    here, ledger, _ = hurried()
    sending = asked.measure in ("dispatched", "in-transit", "dispatch-time", "trips")
    origin = asked.echelon if sending else asked.echelon - 1
    begin = -inf if isnan(asked.since) else asked.since

    def counts(sender: int, place: int) -> bool:
        return bool(asked.inside[place]) and asked.site in (-1, sender)

    if asked.measure == "trips":
        trips, tours, planned = ledger.trips, ledger.tours[0], here.plan.tours[0]
        left = [
            when
            for sender, place, when in zip(
                trips.origin, trips.destination, trips.dispatched, strict=True
            )
            if here.plan.site_echelon[sender] == origin and counts(sender, place)
        ]
        if origin == COUNTY:
            left += [
                when
                for site, when in zip(planned.site, tours.began, strict=True)
                if counts(site, site)
            ]
        return sum(begin < when <= asked.at for when in left)

    mine = [m for m in moves(origin, asked.product) if counts(m.sender, m.place)]
    match asked.measure:
        case "dispatched":
            return sum(m.units for m in mine if begin < m.sent <= asked.at)
        case "received":
            return sum(m.units for m in mine if begin < m.got <= asked.at)
        case "in-transit":
            return sum(m.units for m in mine if m.sent <= asked.at < m.got)
        case "sites-reached":
            return len({(m.place, m.facility) for m in mine if begin < m.got <= asked.at})
        case "coverage":
            return sum(m.got <= asked.at for m in mine) / len(mine) if mine else 0.0
    links = here.plan.links
    whole = sum(m.units for m in mine)
    if origin != COUNTY:  # what is never put together counts too
        whole = sum(
            int(units)
            for lane, sender, place, product, units in zip(
                links.lane, links.origin, links.destination, links.product, links.units, strict=True
            )
            if lane == origin and product == asked.product and counts(sender, place)
        )
    came = 0
    sent_first = asked.measure == "dispatch-time"
    for when, units in sorted((m.sent if sent_first else m.got, m.units) for m in mine):
        came += units
        if came >= max(ceil(asked.share * whole - 1e-9), 1):
            return when
    return inf


def moments() -> list[float]:
    """Full hours, hours at which something happens, and hours just before and after these."""
    _, ledger, flows = hurried()
    some = np.concatenate([flow.got for flow in flows] + [flow.sent for flow in flows])
    some = np.unique(some[np.isfinite(some)])[:: max(len(some) // 60, 1)]
    exact = some.tolist()
    near = [x + dx for x in exact for dx in (-1e-6, 1e-6)]
    return sorted({0.0, *np.arange(0.0, ledger.horizon + 1, 24.0), *exact, *near})


@cache
def scopes() -> tuple[tuple[int, NDArray[np.bool_] | None], ...]:
    """A sender, and the sites that count: all, one province, two prefectures, none that is hit."""
    here = hurried()[0]
    factory = here.rows("site/guangzhou")[0]
    places = [
        None,
        here.network.in_regions(["Hainan"]),
        here.network.in_regions(["Guyuan, Ningxia", "Haikou"]),
        here.network.in_regions(["Beijing"]),
    ]
    return tuple((site, inside) for site in (-1, factory) for inside in places)


@pytest.mark.parametrize(
    ("measure", "echelons"),
    [
        ("dispatched", (FACTORY, PREFECTURE, COUNTY)),
        ("received", (PREFECTURE, COUNTY, CLINIC)),
        ("in-transit", (FACTORY, PREFECTURE, COUNTY)),
        ("sites-reached", (PREFECTURE, COUNTY, CLINIC)),
        ("coverage", (CLINIC,)),
        ("trips", (FACTORY, PREFECTURE, COUNTY)),
    ],
)
def test_figures_at_a_moment(measure: str, echelons: tuple[int, ...]) -> None:
    rng = np.random.default_rng(5)
    times = moments()
    seen = set()
    for echelon in echelons:
        for site, inside in scopes():
            if site >= 0 and (echelon != FACTORY or measure not in ("dispatched", "trips")):
                continue
            for product in (0, 1):
                for at in rng.choice(times, 4):
                    before = float(rng.choice(times))
                    windows = [nan]
                    if measure in ("dispatched", "received", "sites-reached", "trips"):
                        windows.append(min(before, at))
                    for since in windows:
                        asked = probe(
                            measure, echelon, product=product, site=site, inside=inside,
                            at=float(at), since=since,
                        )  # fmt: skip
                        found = read(asked)
                        assert found == pytest.approx(by_hand(asked), abs=1e-12), asked
                        seen.add(found)
    assert len(seen) > 5  # the moments tell cases apart


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.95, 1.0])
@pytest.mark.parametrize(
    ("measure", "echelons"),
    [
        ("dispatch-time", (FACTORY, PREFECTURE, COUNTY)),
        ("receipt-time", (PREFECTURE, COUNTY, CLINIC)),
    ],
)
def test_figures_that_are_times(measure: str, echelons: tuple[int, ...], share: float) -> None:
    for echelon in echelons:
        for site, inside in scopes():
            if site >= 0 and echelon != FACTORY:
                continue
            for product in (0, 1):
                asked = probe(
                    measure, echelon, product=product, site=site, inside=inside, share=share
                )
                assert read(asked) == by_hand(asked), asked


def test_shares_of_a_time_come_in_order() -> None:
    times = [
        read(probe("receipt-time", CLINIC, share=share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert times == sorted(times)
    assert times[0] < inf
    assert times[-1] == inf  # the horizon is too near for everybody


@given(st.data())
def test_dispatched_less_received_is_in_transit(data: st.DataObject) -> None:
    """The conservation identity at any moment, for any product, lane and region."""
    at = data.draw(st.one_of(st.floats(0, 336), st.sampled_from(moments())))
    product = data.draw(st.integers(0, 1))
    _, inside = data.draw(st.sampled_from(scopes()))
    for origin in (FACTORY, PREFECTURE, COUNTY):
        sent, moving = (
            read(probe(name, origin, product=product, inside=inside, at=at))
            for name in ("dispatched", "in-transit")
        )
        got = read(probe("received", origin + 1, product=product, inside=inside, at=at))
        assert sent - got == moving >= 0


@given(st.data())
def test_windows_add_up(data: st.DataObject) -> None:
    """What came since then and until now, and what came before, is what came until now."""
    since, at = sorted(data.draw(st.lists(st.sampled_from(moments()), min_size=2, max_size=2)))
    for measure, echelon in (("dispatched", FACTORY), ("received", CLINIC), ("trips", COUNTY)):
        whole, first, rest = (
            read(probe(measure, echelon, at=end, since=begin))
            for end, begin in ((at, nan), (since, nan), (at, since))
        )
        assert first + rest == whole


def test_figures_agree_with_curves_at_full_hours() -> None:
    here, ledger, flows = hurried()
    run = measure_run(ledger, here.plan, here.scope, flows)
    curves: dict[tuple[str, str, str], Curve] = {
        (curve.measure, curve.product, curve.echelon): curve for curve in run.curves
    }
    names, products = here.plan.echelons, here.plan.products
    for origin in (FACTORY, PREFECTURE, COUNTY):
        for product in (0, 1):
            for hour in (0, 1, 12, 30, 77, 150, 240, 336):
                for measure, echelon in (
                    ("dispatched", origin),
                    ("received", origin + 1),
                    ("in-transit", origin),
                ):
                    curve = curves[measure, products[product], names[echelon]]
                    asked = probe(measure, echelon, product=product, at=float(hour))
                    assert read(asked) == curve.values[hour]
    for hour in (0, 100, 200, 336):
        share = curves["coverage", "", "clinic"].values[hour]
        assert read(probe("coverage", CLINIC, at=float(hour))) == pytest.approx(share)


def test_figures_agree_with_the_measures_at_the_horizon() -> None:
    here, ledger, flows = hurried()
    run = measure_run(ledger, here.plan, here.scope, flows)
    rows = {
        (row.measure, row.product, row.echelon): row.value
        for row in run.rows
        if row.region == "national"
    }
    names = here.plan.echelons
    for measure, echelon in (
        ("dispatched", FACTORY),
        ("received", CLINIC),
        ("in-transit", PREFECTURE),
        ("sites-reached", COUNTY),
    ):
        asked = probe(measure, echelon, product=1, at=ledger.horizon)
        assert read(asked) == rows[measure, here.plan.products[1], names[echelon]]
    assert read(probe("trips", COUNTY, at=ledger.horizon)) == rows["trips", "", "county"]
    covered = read(probe("coverage", CLINIC, at=ledger.horizon))
    assert covered == pytest.approx(rows["coverage", "", "clinic"])
    assert read(probe("receipt-time", CLINIC, share=0.5)) == inf
    assert isnan(rows["T50", "", "clinic"])  # the same in a table, which holds no infinity


FIGURES = """
[reported.one]
measure = "dispatched"
product = "thermometer"
echelon = "factory"
site = "guangzhou"
regions = ["Haikou"]
since = 2023-01-12T18:00:00+08:00
at = 2023-01-12T23:30:00Z
value = 100
band = "10 %"
use = "fit"
source = "invented"
wording = "invented"

[reported.two]
measure = "receipt-time"
product = "oximeter"
echelon = "clinic"
share = 0.5
value = 2023-01-20T00:00:00+08:00
at-most = 2023-01-20T00:00:00+08:00
use = "predict"
source = "invented"
wording = "invented"

[reported.three]
measure = "trips"
echelon = "prefecture"
at = 2023-01-16T00:00:00+08:00
value = 9
band = [0, 20]
use = "predict"
source = "invented"
wording = "invented"
"""


def test_how_a_figure_is_compiled() -> None:
    here = world(more=FIGURES)
    one, two, three = here.scope.probes
    assert (one.figure, one.measure, one.product, one.echelon) == ("one", "dispatched", 1, FACTORY)
    assert here.network.sites.key[one.site] == "site/guangzhou"
    assert (one.since, one.at) == (18.0, 31.5)  # the second time was given in UTC
    inside = np.flatnonzero(one.inside)
    assert {here.network.sites.prefecture[i] for i in inside} == {
        here.network.nation.prefectures.name.index("Haikou")
    }
    assert (two.product, two.share, two.site) == (0, 0.5, -1)
    assert isnan(two.at)
    assert two.inside.all()
    assert (three.product, three.at) == (-1, 96.0)
    assert isnan(three.since)
    assert here.scenario.start + timedelta(hours=one.at) == here.scenario.reported["one"].at


def test_all_figures_of_a_scenario_are_read() -> None:
    here = world(more=FIGURES)
    ledger, flows = here.run()
    found = read_figures(ledger, flows, here.plan, here.scope)
    assert list(found) == ["one", "two", "three"]
    assert found["two"] == next(
        row.value
        for row in measure_run(ledger, here.plan, here.scope, flows).rows
        if (row.measure, row.echelon, row.region) == ("T50", "clinic", "national")
    )
