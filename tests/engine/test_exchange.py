"""The exchange by hand: who gives to whom, when, and how much."""

from __future__ import annotations

import numpy as np
import pytest
from reference.people import AWAY, FAR, FIRST, NEAR, SECOND, ask, clock, offer, run
from reference.sharing import at, sharing_plan

from sim.audit import audit
from sim.engine.model import run_replication
from sim.engine.neighbours import neighbourhood
from sim.ledger import Ledger


def gifts(ledger: Ledger) -> list[tuple[int, int, int, float]]:
    """Return who asked, who gave, units and when."""
    answers = ledger.answers
    return list(
        zip(
            ledger.requests.site[answers.request].tolist(), answers.giver.tolist(),
            answers.units.tolist(), answers.time.tolist(), strict=True,
        )
    )  # fmt: skip


def test_the_nearest_is_asked_first_then_the_next() -> None:
    _, ledger = run(
        offer("n", "near", (0, 4)) + offer("f", "far", (0, 3)) + offer("a", "away", (0, 9))
        + ask("one", "first", 5, 10)
    )  # fmt: skip
    assert gifts(ledger) == [(FIRST, NEAR, 4, 5.0), (FIRST, FAR, 3, 5.0), (FIRST, AWAY, 3, 5.0)]
    requests = ledger.requests
    assert requests.answered.tolist() == [5.0]
    assert requests.received == pytest.approx([5 + 6 / 4])  # the last comes 6 km at 4 km/h


def test_reach_counts_road_kilometres() -> None:
    text = offer("a", "away", (0, 9)) + ask("one", "first", 5, 2)
    assert len(gifts(run(text, 'lanes.help.sharing.reach="6.1 km"')[1])) == 1
    assert gifts(run(text, 'lanes.help.sharing.reach="5.9 km"')[1]) == []
    assert gifts(run(text, 'lanes.help.sharing.reach="6.1 km"', "lanes.help.circuity=1.1")[1]) == []


def test_what_waits_is_served_nearest_first_then_oldest() -> None:
    text = ask("two", "second", 1, 3) + ask("one", "first", 2, 3) + ask("more", "first", 3, 3)
    _, ledger = run(text + offer("n", "near", (4, 7)))  # 1 km from the first, 2 from the second
    assert gifts(ledger) == [(FIRST, NEAR, 3, 4.0), (FIRST, NEAR, 3, 4.0), (SECOND, NEAR, 1, 4.0)]
    assert ledger.answers.request.tolist() == [1, 2, 0]
    assert ledger.requests.answered.tolist()[1:] == [4.0, 4.0]
    assert np.isnan(ledger.requests.answered[0])


def test_at_one_moment_offers_serve_those_who_wait_before_new_requests() -> None:
    text = ask("two", "second", 1, 3) + ask("one", "first", 4, 3) + offer("n", "near", (4, 4))
    _, ledger = run(text)
    assert gifts(ledger) == [(SECOND, NEAR, 3, 4.0), (FIRST, NEAR, 1, 4.0)]


def test_all_offers_of_a_moment_are_there_before_anybody_asks() -> None:
    """The farther one comes first in the file's order of sites, and is not asked for that."""
    text = ask("one", "second", 0, 3) + offer("n", "near", (0, 3)) + offer("f", "far", (0, 3))
    _, ledger = run(text)
    assert gifts(ledger) == [(SECOND, FAR, 3, 0.0)]


def test_a_withdrawn_request_gets_nothing_more() -> None:
    text = ask("one", "first", 1, 5, 'gives-up = "3 h"') + offer("n", "near", (2, 2), (5, 9))
    _, ledger = run(text)
    assert gifts(ledger) == [(FIRST, NEAR, 2, 2.0)]  # the second offer is an hour late
    assert ledger.requests.given_up.tolist() == [4.0]
    assert np.isnan([ledger.requests.answered[0], ledger.requests.received[0]]).all()
    in_time = ask("one", "first", 1, 5, 'gives-up = "4 h"') + offer("n", "near", (2, 2), (5, 9))
    _, ledger = run(in_time)  # at the last moment counts
    assert gifts(ledger) == [(FIRST, NEAR, 2, 2.0), (FIRST, NEAR, 3, 5.0)]
    assert np.isnan(ledger.requests.given_up[0])


def test_whole_asks_for_all_or_nothing() -> None:
    text = offer("n", "near", (0, 4)) + offer("f", "far", (0, 5)) + ask("one", "first", 1, 5)
    _, ledger = run(text, "lanes.help.sharing.whole=true")
    assert gifts(ledger) == [(FIRST, FAR, 5, 1.0)]


def test_what_is_kept_is_not_given() -> None:
    text = offer("n", "near", (0, 4)) + ask("one", "first", 1, 5)
    assert gifts(run(text, "lanes.help.sharing.keeps=3")[1]) == [(FIRST, NEAR, 1, 1.0)]
    assert gifts(run(text, "lanes.help.sharing.keeps=4")[1]) == []


def test_a_vehicle_takes_what_it_holds() -> None:
    text = offer("n", "near", (0, 8)) + ask("one", "first", 1, 8)
    _, ledger = run(text, "fleets.feet.capacity={units=3}", "fleets.feet.vehicles=1")
    assert ledger.answers.units.tolist() == [3, 3, 2]
    assert ledger.requests.answered.tolist() == [1.0]
    assert ledger.trips.received == pytest.approx([1.25, 1.75, 2.25])  # one goes back and forth
    assert ledger.requests.received == pytest.approx([2.25])


def test_what_is_lost_on_the_way_was_answered_and_is_not_received() -> None:
    text = offer("n", "near", (0, 8)) + ask("one", "first", 1, 8) + ask("again", "first", 2, 1)
    _, ledger = run(text, "lanes.help.loss={shipments=1}")
    assert ledger.requests.answered.tolist()[0] == 1.0
    assert np.isnan(ledger.requests.received).all()
    assert gifts(ledger) == [(FIRST, NEAR, 8, 1.0)]


def test_links_say_who_may_be_asked_and_how_far_it_is() -> None:
    links = [
        '{from="near", to="first", km="9 km"}', '{from="far", to="first", km="8 km", time="30 min"}'
    ]  # fmt: skip
    text = offer("n", "near", (0, 4)) + offer("f", "far", (0, 4)) + offer("a", "away", (0, 9))
    _, ledger = run(text + ask("one", "first", 1, 9), f"lanes.help.links=[{', '.join(links)}]")
    assert gifts(ledger) == [(FIRST, FAR, 4, 1.0), (FIRST, NEAR, 4, 1.0)]
    assert ledger.trips.km.tolist() == [8.0, 9.0]
    assert ledger.trips.received == pytest.approx([1.5, 1 + 9 / 4])


def test_a_closed_site_neither_gives_nor_asks() -> None:
    text = offer("n", "near", (0, 4)) + ask("one", "first", 1, 1) + ask("two", "second", 1, 1)
    text += offer("f", "far", (0, 3))
    plan, ledger = run(text, "sites.near.closed=true", "sites.second.closed=true")
    assert gifts(ledger) == [(FIRST, FAR, 1, 1.0)]
    assert sum(len(spec.processes) for spec in plan.requests) == 1


def test_a_closed_site_is_not_asked_though_the_lane_lists_it() -> None:
    links = [
        f'{{from="{name}", to="{to}"}}' for name in ("near", "far") for to in ("first", "second")
    ]
    text = offer("f", "far", (0, 3)) + ask("one", "first", 1, 1)
    listed = f"lanes.help.links=[{', '.join(links)}]"
    for closed, asked in (("false", [NEAR, FAR]), ("true", [FAR])):
        plan, _ = run(text, listed, f"sites.near.closed={closed}")
        assert [way.origin for way in neighbourhood(plan).of(FIRST, 0).ways] == asked


def test_a_vehicle_that_a_disruption_takes_away_keeps_the_gift_waiting() -> None:
    text = offer("n", "near", (0, 4)) + ask("one", "first", 5, 1)
    text += '[disruptions.ill]\nkind = "fewer-vehicles"\nfleet = "feet"\nvehicles = 1\n'
    text += f'lasts = "9 h"\nbegins = {clock(3)}\n'
    _, ledger = run(text, "fleets.feet.vehicles=1")
    assert ledger.requests.answered.tolist() == [5.0]
    assert ledger.trips.taken.tolist() == [12.0]


OWING = f"""
[echelons.depot]
[echelons.shop]
[sites.depot]
echelon = "depot"
at = {at(0)}
stock = {{ pill = 30 }}
[sites.shop]
echelon = "shop"
at = {at(5)}
need = {{ pill = 20 }}
[fleets.van]
home = "depot"
vehicles = "unlimited"
speed = "50 km/h"
[lanes.supply]
from = "depot"
to = "shop"
fleet = "van"
[waves.late]
lane = "supply"
regions = "rest"
release = {clock(48)}
[lanes.spare]
from = "depot"
to = "shop"
fleet = "van"
sharing = {{}}
"""


def test_what_is_owed_is_not_spare_though_it_lies_there() -> None:
    """30 on hand, 20 of them for a wave that is not released: 10 may go."""
    plan = sharing_plan(OWING + ask("one", "shop", 5, 25))
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    assert ledger.answers.units.tolist() == [10]
    trips, loads = ledger.trips, ledger.loads
    assert loads.units.tolist() == [10, 20]
    assert trips.ready.tolist() == [5.0, 48.0]


def test_what_leaves_by_plan_takes_the_vehicle_before_what_is_asked_for() -> None:
    """Both are ready at hour 48, and there is one van: 5 km at 50 km/h, and back."""
    plan = sharing_plan(OWING + ask("one", "shop", 48, 25), "fleets.van.vehicles=1")
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    assert ledger.loads.units.tolist() == [20, 10]
    assert ledger.trips.ready.tolist() == [48.0, 48.0]
    assert ledger.trips.taken == pytest.approx([48.0, 48.2])


def test_goods_that_come_by_plan_for_a_site_itself_are_not_its_to_share() -> None:
    text = OWING.replace(
        'to = "shop"\nfleet = "van"\nsharing', 'to = "depot"\nfleet = "van"\nsharing'
    )
    text = text.replace('[lanes.spare]\nfrom = "depot"', '[lanes.spare]\nfrom = "shop"')
    text = text.replace('to = "depot"\nfleet = "van"', 'to = "depot"\nfleet = "bike"')
    text += '[fleets.bike]\nhome = "shop"\nvehicles = 1\nspeed = "9 km/h"\n'
    asked = ask("back", "depot", 60, 5)
    plan = sharing_plan(text + asked)
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    assert ledger.answers.units.tolist() == []
    plan = sharing_plan(text + asked + offer("own", "shop", (24, 3), (48, 3)))
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    assert ledger.answers.units.tolist() == [5]


HOUSES = f"""
[echelons.house]
[sites.a]
echelon = "house"
at = {at(0)}
[sites.b]
echelon = "house"
at = {at(4)}
[fleets.feet]
home = "house"
vehicles = "unlimited"
speed = "4 km/h"
[lanes.swap]
from = "house"
to = "house"
fleet = "feet"
[lanes.swap.sharing]
keeps = 2
"""


def test_neighbours_use_their_own_first_and_keep_nothing_from_themselves() -> None:
    text = HOUSES + offer("own", "a", (0, 3)) + offer("other", "b", (0, 9)) + ask("one", "a", 1, 5)
    plan = sharing_plan(text)
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    assert gifts(ledger) == [(0, 0, 3, 1.0), (0, 1, 2, 1.0)]
    assert ledger.answers.trip.tolist() == [-1, 0]
    assert ledger.requests.received == pytest.approx([2.0])
    alone = sharing_plan(HOUSES + offer("own", "a", (4, 5)) + ask("one", "a", 1, 5))
    ledger = run_replication(alone, 0)
    audit(ledger, alone)
    assert len(ledger.trips) == 0
    assert ledger.requests.received.tolist() == ledger.requests.answered.tolist() == [4.0]


def test_what_came_for_a_request_is_not_passed_on() -> None:
    """B got 4 for its own request; A, which asks then, gets none of them."""
    text = HOUSES.replace("keeps = 2", "keeps = 0")
    text += offer("own", "a", (0, 4)) + ask("one", "b", 1, 4) + ask("two", "a", 30, 4)
    plan = sharing_plan(text)
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    assert gifts(ledger) == [(1, 0, 4, 1.0)]
