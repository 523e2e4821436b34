"""Every measure of a campaign that was worked out on paper, and of its variants."""

from __future__ import annotations

import re
from dataclasses import replace
from math import inf, isnan, nan

import pytest
from measures.handmade import (
    CITY,
    COUNTY,
    FACTORY,
    Case,
    Tour,
    Trip,
    daily,
    paper_campaign,
    station,
)

from sim.catalogue import CATALOGUE
from sim.measures.rows import Rows
from sim.measures.run import RunMeasures, measure_run


def measured(case: Case) -> RunMeasures:
    return measure_run(case.ledger, case.plan, case.scope)


def value(
    run: RunMeasures, measure: str, echelon: str, region: str = "national", product: str = ""
) -> float:
    found = [
        row.value
        for row in run.rows
        if (row.measure, row.echelon, row.region) == (measure, echelon, region)
        and product in ("", row.product)
    ]
    assert len(found) == 1, f"{len(found)} rows of {measure} at {echelon} in {region}"
    return found[0]


#: Worked out on paper. The factory has 15 units: it sends 5 and 3 to the first city, both received,
#: and 2 to the second, not received; 2 more wait for a vehicle. The first city passes all 8 on; its
#: county has one tour of 3 clinics, back home, and one of 1 clinic, on the road at hour 20.
ON_PAPER = {
    "factory": {
        "dispatched": 10,
        "in-transit": 2,
        "on-hand": 5,
        "trips": 3,
        "kilometres": 2 * (90 + 90 + 60),
        "vehicle-hours": 8 + 17 + 13.5,  # two are still out at the horizon
        "vehicles-at-once": 3,
        "units-per-trip": 10 / 3,
        "vehicle-wait-mean": (0 + 1 + 0.5) / 3,
        "vehicle-use": 38.5 / (4 * 20),  # from the first call at 0 to the horizon
        # Put together at 0, 2, 6 and 9; the last 2 units are of the lot of hour 6.
        "dispatch-wait-mean": (3 * 2 + 2 * 6 + 2 * 3) / 12,
        "stay-mean": (5 * 1 + 3 * 4 + 2 * 7) / 10,
        "in-transit-mean": (4 + 7 + 13) / 20,
        "in-transit-p50": 1,
        "in-transit-p90": 2,  # for 5 of 20 hours, and 1 for 14
        "in-transit-units-mean": (5 * 4 + 3 * 7 + 2 * 13) / 20,
        "vehicles-out": 38.5 / 20,
        "trips-per-hour": 3 / 20,
        "cycle-time-mean": 8,
    },
    "city": {
        "dispatched": 8,
        "received": 8,
        "in-transit": 0,
        "on-hand": 0,
        "sites-reached": 1,
        "coverage": 1 / 2,
        "complete": 0,
        "T50": 11,  # the first of two cities, with its second lot
        "T90": nan,
        "T100": nan,
        "transit-time-mean": (5 * 4 + 3 * 7) / 8,
        "lead-time-mean": (5 * 4 + 3 * 7) / 8,
        "lead-time-median": 4,
        "lead-time-p90": 7,
        "trips": 2,
        "kilometres": 80,
        "vehicle-hours": 3 + 3,
        "vehicles-at-once": 1,
        "units-per-trip": 4,
        "vehicle-wait-mean": 0.25,
        "vehicle-use": 6 / (14 - 5),
        "wait-mean": 0.5,
        "wait-p90": 1,
        "station-time-mean": 1.5,
        "station-use": 2 / (11 - 4),
        "transit-time-p50": 4,
        "transit-time-p90": 7,
        "dispatch-wait-mean": 0,
        "stay-mean": 1,
        "in-transit-mean": 3.5 / 20,
        "in-transit-p50": 0,
        "in-transit-p90": 1,  # for 3.5 of 20 hours
        "in-transit-units-mean": (5 * 2 + 3 * 1.5) / 20,
        "vehicles-out": 6 / 20,
        "trips-per-hour": 2 / 20,
        "cycle-time-mean": 3,
        "wait-p50": 0,
        "waited-share": 1 / 2,
        "station-time-p50": 1,
        "station-time-p90": 2,
        "number-waiting": 1 / 20,
        "number-waiting-p50": 0,
        "number-waiting-p90": 0,
        "number-at-station": 3 / 20,
        "throughput": 2 / 20,
    },
    "county": {
        "dispatched": 8,
        "received": 8,
        "in-transit": 2,
        "on-hand": 0,
        "sites-reached": 1,
        "coverage": 1 / 2,
        "complete": 0,
        "T50": 13.5,
        "T90": nan,
        "T100": nan,
        "transit-time-mean": (5 * 2 + 3 * 1.5) / 8,
        "lead-time-mean": (5 * 7 + 3 * 9.5) / 8,
        "lead-time-median": 7,
        "lead-time-p90": 9.5,
        "trips": 2,
        "kilometres": (5 + 2 + 2 + 6) + (30 + 30),
        "vehicle-hours": 4 + 5,
        "vehicles-at-once": 2,
        "units-per-trip": 4,
        "vehicle-wait-mean": (0.5 + 1.5) / 2,
        "vehicle-use": 9 / (2 * 6.5),
        "transit-time-p50": 2,
        "transit-time-p90": 2,
        # Tours are ready at 13.5 with 5 units that came at 8, and 1 and 2 that came just then.
        "dispatch-wait-mean": 5 * 5.5 / 8,
        "stay-mean": (5 * 6 + 1 * 0.5 + 2 * 1.5) / 8,
        "vehicles-out": 9 / 20,
        "trips-per-hour": 2 / 20,
        "cycle-time-mean": 4,
    },
    "clinic": {
        "received": 6,
        "coverage": 3 / 6,
        "complete": 0,
        "T50": 17,  # the ceil(0.5 * 6) = 3rd of 6
        "T90": nan,
        "T100": nan,
        "transit-time-mean": 2,
        # Its tour carries 5 units that left at hour 1 and 1 that left at 4: on average at 1.5.
        "lead-time-mean": 14.5,
        "lead-time-median": 14.5,
        "lead-time-p90": 15.5,
        # Means with 20 for those not served: 17 for four in Aland, 20 for two in Bland; 18 in all.
        "gini-arrival": 2 * (4 * 2 * 3) / (2 * 36 * 18),
        "worst-decile": 20,
    },
    "": {
        "throughput-units": 6 / 20,
        "time-in-system-mean": 16,  # all that came to a clinic is of the lot of hour 0
        "time-in-system-p50": 16,
        "time-in-system-p90": 17,
        "backlog": 6,
        "in-system-mean": (10 * 20 + 5 * 14 - 2 * (5 + 4 + 3)) / 20,
        "makespan": nan,
    },
}


def test_every_measure_on_paper() -> None:
    run = measured(paper_campaign())
    found: dict[str, dict[str, float]] = {}
    for row in run.rows:
        if row.region == "national":
            assert row.measure not in found.setdefault(row.echelon, {}), row
            found[row.echelon][row.measure] = row.value
    assert found.keys() == ON_PAPER.keys()
    for echelon, expected in ON_PAPER.items():
        assert found[echelon] == pytest.approx(expected, rel=1e-12, nan_ok=True), echelon


#: Measures of what this campaign does not have; ``test_more_measures`` has them.
ELSEWHERE = {
    "lost-units", "lost-share", "turned-away", "turned-away-share", "fill-share", "no-vehicle",
    "no-vehicle-share", "need-met-share", "stock-out-share", "facilities-stocked-out",
    "stock-mean", "days-of-stock", "requests", "requested-units", "answered-share", "served-share",
    "withdrawn-share", "requested-units-received-share", "answer-time-mean", "answer-time-pNN",
    "request-time-mean", "request-time-pNN", "givers-mean", "answer-km-mean",
}  # fmt: skip


def test_the_paper_covers_the_catalogue() -> None:
    names = {name for rows in ON_PAPER.values() for name in rows}
    on_paper = {name if name in CATALOGUE else re.sub("[0-9]+$", "NN", name) for name in names}
    assert on_paper | ELSEWHERE == CATALOGUE.keys()
    assert not on_paper & ELSEWHERE


def test_what_a_row_is_about() -> None:
    run = measured(paper_campaign())
    by_name = {(row.measure, row.echelon): row for row in run.rows}
    assert by_name["dispatched", "factory"].product == "product-0"
    assert by_name["trips", "county"].entity == "county-van"
    assert by_name["wait-mean", "city"].entity == "city-sign-off"
    assert by_name["transit-time-mean", "clinic"].entity == "to-clinic"
    assert by_name["T50", "clinic"].product == ""


def test_measures_by_region() -> None:
    run = measured(paper_campaign())
    regional = {
        (row.region, row.measure): row.value for row in run.rows if row.region != "national"
    }
    assert regional == pytest.approx(
        {
            ("Aland", "coverage"): 3 / 4,
            ("Aland", "T50"): 16,  # the 2nd of 4
            ("Aland", "T90"): nan,
            ("Aland", "T100"): nan,
            ("Bland", "coverage"): 0,
            ("Bland", "T50"): nan,
            ("Bland", "T90"): nan,
            ("Bland", "T100"): nan,
        },
        nan_ok=True,
    )  # Cland has no facilities, and no row


def test_arrivals_by_site() -> None:
    (arrivals,) = measured(paper_campaign()).arrivals
    assert arrivals.echelon == "clinic"
    assert arrivals.site.tolist() == [3, 4]
    assert arrivals.facilities.tolist() == [4, 2]
    assert arrivals.received.tolist() == [8, inf]
    assert arrivals.first == pytest.approx([15, inf])
    assert arrivals.half == pytest.approx([16, inf])
    assert arrivals.ninety.tolist() == [inf, inf]
    assert arrivals.last.tolist() == [inf, inf]


def all_delivered() -> Case:
    """The same campaign, had everything come by hour 20."""
    case = paper_campaign()
    trips, tours = list(case.trips), list(case.tours)
    trips[2] = replace(trips[2], arrived=9.0, received=9.0, returned=11.0)
    trips[3] = replace(trips[3], taken=9.0, dispatched=9.0, arrived=10.0, received=10.0)
    trips.append(Trip(2, 4, {0: 4}, 10.0, 10.0, 10.0, 11.0, 12.0, 13.0, km=20.0))
    tours[1] = replace(tours[1], delivered=(17.5,), ended=19.0)
    tours[2] = replace(tours[2], delivered=(13.0, 19.5), ready=12.0, began=12.0, ended=20.0)
    return replace(case, trips=tuple(trips), tours=tuple(tours))


def test_a_finished_campaign() -> None:
    run = measured(all_delivered())
    assert value(run, "coverage", "clinic") == 1
    assert value(run, "complete", "clinic") == 1
    # Served at 13, 15, 16, 17, 17.5 and 19.5; the ranks are 3, ceil(5.4) and 6.
    times = [value(run, name, "clinic") for name in ("T50", "T90", "T100")]
    assert times == [16, 19.5, 19.5]
    assert value(run, "T100", "clinic", "Aland") == pytest.approx(17.5)
    assert value(run, "T100", "clinic", "Bland") == pytest.approx(19.5)
    assert value(run, "T100", "city") == 11
    assert value(run, "T100", "county") == 13.5
    assert value(run, "worst-decile", "clinic") == 19.5
    assert value(run, "on-hand", "factory") == 15 - 12
    for echelon in ("factory", "city", "county"):
        assert value(run, "in-transit", echelon) == 0
    # Every unit's lead time is receipt less dispatch, so the mean does not depend on the mixing.
    received = 2 * (13 + 15 + 16 + 17 + 17.5 + 19.5)
    left = 5 * 1 + 3 * 4 + 2 * 7 + 2 * 9
    assert value(run, "lead-time-mean", "clinic") == pytest.approx((received - left) / 12)


def test_a_facility_is_complete_with_its_last_product() -> None:
    """Both products come with the same stop; a city is complete with the later of its lots."""
    case = Case(
        echelon=(FACTORY, CITY, COUNTY),
        units=(2, 1),
        supplies=((0.0, 0, 0, 2), (0.0, 0, 1, 1)),
        links=((0, 1, 0, 2), (0, 1, 1, 1), (1, 2, 0, 2), (1, 2, 1, 1)),
        trips=(
            Trip(0, 1, {0: 2}, 0, 0, 0, 3, 3, 6),
            Trip(0, 1, {1: 1}, 0, 0, 1, 7, 7, 9),
            Trip(1, 2, {0: 2, 1: 1}, 7, 7, 7, 8, 8, 9),
        ),
        tours=(Tour(2, (10.0,), 8.0, 9.0, 11.0),),
    )
    run = measured(case)
    assert value(run, "T100", "city") == 7
    assert value(run, "T100", "county") == 8
    assert value(run, "T100", "clinic") == 10
    assert value(run, "units-per-trip", "county") == 3
    assert value(run, "units-per-trip", "city") == 3
    assert value(run, "lead-time-mean", "clinic", product="product-0") == 10
    assert value(run, "lead-time-mean", "clinic", product="product-1") == 9
    assert value(run, "received", "clinic", product="product-1") == 1


def test_nothing_has_happened() -> None:
    """Before the first dispatch: counts are 0, shares 0, and times and means are not there."""
    case = paper_campaign(trips=(), services=())
    tours = tuple(Tour(tour.site, (nan,) * len(tour.delivered)) for tour in case.tours)
    run = measured(replace(case, tours=tours))
    for echelon in ("factory", "city", "county"):
        assert value(run, "dispatched", echelon) == 0
        assert value(run, "trips", echelon) == 0
        assert value(run, "kilometres", echelon) == 0
        assert value(run, "vehicle-hours", echelon) == 0
        assert value(run, "vehicles-at-once", echelon) == 0
        assert isnan(value(run, "vehicle-use", echelon))
    assert value(run, "on-hand", "factory") == 15
    for echelon in ("city", "county", "clinic"):
        assert value(run, "coverage", echelon) == 0
        assert value(run, "complete", echelon) == 0
        assert isnan(value(run, "T50", echelon))
    assert value(run, "gini-arrival", "clinic") == 0  # all alike: not served by hour 20
    assert value(run, "worst-decile", "clinic") == 20
    absent = {"lead-time-mean", "transit-time-mean", "wait-mean", "units-per-trip"}
    assert not absent & {row.measure for row in run.rows}


def test_a_site_to_which_nothing_is_assigned_does_not_count() -> None:
    case = paper_campaign(links=((0, 1, 0, 8), (1, 3, 0, 8)))
    run = measured(case)
    assert value(run, "coverage", "city") == 1
    assert value(run, "T100", "city") == 11
    assert value(run, "coverage", "county") == 1


def test_a_site_is_complete_only_with_all_that_is_assigned_to_it() -> None:
    case = paper_campaign(links=((0, 1, 0, 9), (0, 2, 0, 4), (1, 3, 0, 8), (2, 4, 0, 4)))
    run = measured(case)
    assert value(run, "coverage", "city") == 0
    assert value(run, "sites-reached", "city") == 1


def test_hours_and_use_in_working_time() -> None:
    """Crews from 8 to 18 o'clock who pause at closing: only working hours count, on both sides."""
    pausing = daily(8, 18, "pause")
    case = paper_campaign(shifts=(pausing, pausing, pausing), horizon=40.0)
    trips, tours = list(case.trips), list(case.tours)
    tours[1] = replace(tours[1], ended=34.0)
    trips[5] = replace(trips[5], returned=33.0)
    run = measured(replace(case, trips=tuple(trips), tours=tuple(tours)))
    # The county's vans are out from 14 to 18 and from 15 to 34 o'clock: 4 and 3 + 2 hours of work.
    assert value(run, "vehicle-hours", "county") == 4 + 5
    # Wanted from 13:30 to 34:00, which is 4.5 + 2 hours of work for each of two vans.
    assert value(run, "vehicle-use", "county") == pytest.approx(9 / (2 * 6.5))
    # The city's one van: 5:30 to 8:30 is half an hour of work, 11 to 33 o'clock is 7 + 1.
    assert value(run, "vehicle-hours", "city") == 8.5
    assert value(run, "vehicle-use", "city") == pytest.approx(8.5 / (10 + 1))
    # Carriers: 0 to 8, then 3 and 6:30 to the horizon at 40, with 10 + 8 hours of work each.
    assert value(run, "vehicle-hours", "factory") == pytest.approx(0 + 18 + 18)


def test_work_that_does_not_pause_counts_in_full() -> None:
    """Work that is finished past closing time counts in full, but use is never above 1."""
    overtime = daily(8, 9, "finish")
    run = measured(paper_campaign(shifts=(overtime, overtime, overtime)))
    assert value(run, "vehicle-hours", "city") == 6
    assert value(run, "vehicle-use", "city") == 1  # 6 hours out in 1 hour of working time


def test_unlimited_vehicles_have_no_use() -> None:
    run = measured(paper_campaign(vehicles=(inf, 1, 2)))
    assert ("vehicle-use", "factory") not in {(row.measure, row.echelon) for row in run.rows}
    assert value(run, "vehicle-use", "city") == pytest.approx(6 / 9)


def test_use_counts_each_site_from_its_own_first_call() -> None:
    """Two counties, wanted at different times: idle time before goods come is nobody's."""
    case = paper_campaign()
    tours = list(case.tours)
    tours[2] = replace(tours[2], delivered=(18.0, 19.0), ready=17.0, began=17.0, ended=20.0)
    run = measured(replace(case, tours=tuple(tours)))
    assert value(run, "vehicle-use", "county") == pytest.approx((9 + 3) / (2 * 6.5 + 2 * 3))
    assert value(run, "vehicles-at-once", "county") == 3


def test_use_of_stations_is_of_one_span() -> None:
    """Servers count from the first shipment anywhere to the last, where any came at all."""
    case = paper_campaign(
        services=(
            (0, 1, 0, 4.0, 4.0, 5.0),
            (0, 2, 1, 9.0, 10.0, 12.0),
            (0, 1, 2, 9.0, 9.0, 10.0),
        )
    )
    run = measured(case)
    assert value(run, "station-use", "city") == pytest.approx(4 / (2 * (12 - 4)))
    assert value(run, "wait-p90", "city") == 1  # the ceil(0.9 * 3) = 3rd of 0, 0 and 1
    assert value(run, "station-time-mean", "city") == pytest.approx((1 + 3 + 1) / 3)


@pytest.mark.parametrize(("servers", "use"), [(2, 3 / (2 * 3)), (inf, None)])
def test_use_of_a_desk_with_opening_hours(servers: float, use: float | None) -> None:
    """From hour 16 to hour 33 a desk that opens from 8 to 18 o'clock works 2 + 1 hours."""
    case = paper_campaign(
        horizon=48.0,
        stations=(station(CITY, servers=servers, shift=daily(8, 18, "pause")),),
        services=((0, 1, 0, 16.0, 16.0, 18.0), (0, 1, 1, 20.0, 32.0, 33.0)),
    )
    run = measured(case)
    assert value(run, "wait-mean", "city") == 6  # closing times are part of a wait
    found = [row.value for row in run.rows if row.measure == "station-use"]
    assert found == ([] if use is None else [pytest.approx(use)])


def test_vehicles_at_once_over_all_sites() -> None:
    trips = tuple(
        Trip(origin, destination, {0: 1}, begin, begin, begin, begin, begin, end)
        for origin, destination, begin, end in [
            (1, 3, 0.0, 5.0),
            (1, 3, 5.0, 9.0),  # a vehicle that is back at 5 is not out at 5
            (2, 4, 4.0, 6.0),
            (2, 4, 8.0, 9.0),
        ]
    )
    run = measured(paper_campaign(trips=trips))
    assert value(run, "vehicles-at-once", "city") == 2


def test_only_measures_of_the_catalogue() -> None:
    rows = Rows()
    rows.add("T50", inf)
    assert isnan(rows.rows[0].value)
    with pytest.raises(KeyError):
        rows.add("T42", 1.0)


def test_every_value_has_one_row() -> None:
    for case in (paper_campaign(), all_delivered()):
        keys = [
            (row.measure, row.product, row.echelon, row.region, row.entity)
            for row in measured(case).rows
        ]
        assert len(keys) == len(set(keys))


def test_flows_by_product_do_not_mix() -> None:
    """A second product of which nobody gets anything leaves the first one's rows alone."""
    alone = measured(paper_campaign())
    both = measured(paper_campaign(units=(2, 0), supplies=((0, 0, 0, 10), (6, 0, 0, 5))))
    mine = [row for row in both.rows if row.product in ("", "product-0")]
    by_product = [row for row in mine if row.product and row.entity == "city-sign-off"]
    assert [row for row in mine if not isnan(row.value) and row not in by_product] == [
        row for row in alone.rows if not isnan(row.value)
    ]
    assert {row.measure for row in by_product} == {"wait-mean", "station-time-mean"}
    others = {row.value for row in both.rows if row.product == "product-1"}
    assert others == {0.0}
