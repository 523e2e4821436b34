"""Who gives to whom, by hand; queues of two sides in closed form; and whose luck is whose."""

from __future__ import annotations

from dataclasses import replace
from math import exp, nan, sqrt

import numpy as np
import pytest
from reference.sharing import at, sharing_plan
from scipy import stats

from sim.audit import audit
from sim.engine.model import run_replication
from sim.errors import RunError
from sim.ledger import Ledger
from sim.plan.specs import Plan

#: Givers at 1, 2 and 6 km from the first who asks, who is at 0; the second asks from 3 km.
PEOPLE = f"""
[echelons.giver]
[echelons.asker]
[sites.near]
echelon = "giver"
at = {at(1)}
[sites.far]
echelon = "giver"
at = {at(2)}
[sites.away]
echelon = "giver"
at = {at(-6)}
[sites.first]
echelon = "asker"
at = {at(0)}
[sites.second]
echelon = "asker"
at = {at(3)}
[fleets.feet]
home = "giver"
vehicles = "unlimited"
speed = "4 km/h"
[lanes.help]
from = "giver"
to = "asker"
fleet = "feet"
[lanes.help.sharing]
"""
NEAR, FAR, AWAY, FIRST, SECOND = range(5)


def offer(name: str, site: str, *when: tuple[int, int]) -> str:
    """Return lots at a site: (hour, units), each a table."""
    return "".join(
        f'\n[supply.{name}-{i}]\nsite = "{site}"\nproduct = "pill"\nlot = {units}\n'
        f"at = [{clock(hour)}]\n"
        for i, (hour, units) in enumerate(when)
    )


def ask(name: str, site: str, hour: int, units: int, more: str = "") -> str:
    """Return one request."""
    return (
        f'\n[requests.{name}]\nsite = "{site}"\nproduct = "pill"\nunits = {units}\n'
        f"at = [{clock(hour)}]\n{more}\n"
    )


def clock(hour: int) -> str:
    return f"2023-01-{4 + hour // 24:02d}T{hour % 24:02d}:00:00+08:00"


def run(text: str, *overrides: str, replication: int = 0) -> tuple[Plan, Ledger]:
    plan = sharing_plan(PEOPLE + text, *overrides)
    ledger = run_replication(plan, replication)
    audit(ledger, plan)
    return plan, ledger


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


# --- closed forms

TWO_SIDES = f"""
[echelons.giver]
[echelons.asker]
[sites.g]
echelon = "giver"
at = {at(0)}
[sites.a]
echelon = "asker"
at = {at(1)}
[supply.offers]
site = "g"
product = "pill"
gap = {{ mean = "2 h", law = "exponential" }}
[requests.asking]
echelon = "asker"
product = "pill"
gap = {{ mean = "1 h", law = "exponential" }}
[fleets.feet]
home = "giver"
vehicles = "unlimited"
speed = "4 km/h"
[lanes.help]
from = "giver"
to = "asker"
fleet = "feet"
sharing = {{}}
"""


def test_without_limits_as_many_are_answered_as_offers_or_requests_came() -> None:
    """The double-ended queue (D. G. Kendall, J. R. Stat. Soc. B 13, 1951): what waits is the
    difference of two Poisson numbers, on one side or the other."""
    plan = sharing_plan(TWO_SIDES, 'supply.offers.gap={mean="1 h", law="exponential"}')
    answered = []
    for replication in range(80):
        ledger = run_replication(plan, replication)
        count = int((~np.isnan(ledger.requests.answered)).sum())
        assert count == min(len(ledger.requests), len(ledger.supplies.units))
        answered.append(count)
    mean = plan.horizon * 1.0
    k = np.arange(-400, 401)
    expected = mean - float((np.abs(k) * stats.skellam.pmf(k, mean, mean)).sum()) / 2
    error = np.std(answered, ddof=1) / sqrt(len(answered))
    assert np.mean(answered) == pytest.approx(expected, abs=4 * error)
    assert expected == pytest.approx(mean - sqrt(mean / np.pi), abs=0.1)  # what it means


def test_impatient_requests_and_patient_offers() -> None:
    """Requests at rate a give up at rate r each, offers at rate b < a wait for ever: a birth and
    death chain, up by a, down by b, and by r for each request that waits."""
    a, b, r = 1.0, 0.5, 0.25
    plan = sharing_plan(
        TWO_SIDES, 'requests.asking.gives-up={mean="4 h", law="exponential"}', 'horizon="200 d"'
    )
    down = b + r * np.arange(1, 200)
    waiting = np.concatenate([[1.0], np.cumprod(a / down)])
    stock = (b / a) ** np.arange(1, 200)  # in state -n
    total = waiting.sum() + stock.sum()
    at_once = stock.sum() / total  # requests see what they find on average over time
    number = float((waiting * np.arange(200)).sum() / total)
    found, waits, given_up = [], [], []
    for replication in range(12):
        requests = run_replication(plan, replication).requests
        late = requests.asked > 200.0
        found.append(float((requests.answered == requests.asked)[late].mean()))
        until = np.fmin(np.fmin(requests.answered, requests.given_up), plan.horizon)
        hours = plan.horizon - 200.0
        waits.append(
            float((until - np.maximum(requests.asked, 200.0))[until > 200.0].sum()) / hours
        )
        given_up.append(float((~np.isnan(requests.given_up))[late].mean()))
    for values, expected in ((found, at_once), (waits, number), (given_up, r * number / a)):
        error = np.std(values, ddof=1) / sqrt(len(values))
        assert np.mean(values) == pytest.approx(expected, abs=4 * error)
        assert error < 0.04 * expected
    assert at_once == pytest.approx(1 / total)  # b / (a - b) is 1 here


def test_who_is_willing_is_drawn_for_each_request_and_site() -> None:
    """With m offers without end, 1 - (1 - w)^m of the requests are answered at once, the rest
    never, as nobody who has refused a request is asked again."""
    text = PEOPLE + "".join(offer(name, name, (0, 9999)) for name in ("near", "far", "away"))
    text += '[requests.r]\nsite = "first"\nproduct = "pill"\ngap = "20 min"\n'
    text += '[supply.again]\nechelon = "giver"\nproduct = "pill"\nlot = 1\ngap = "1 h"\n'
    plan = sharing_plan(text, "lanes.help.sharing.willing=0.4")
    answered, asked, by = 0, 0, np.zeros(3, np.int64)
    for replication in range(4):
        ledger = run_replication(plan, replication)
        answered += int((ledger.requests.answered == ledger.requests.asked).sum())
        asked += len(ledger.requests)
        assert np.isnan(ledger.requests.answered).sum() + answered >= 0
        assert (np.isnan(ledger.requests.answered) | (
            ledger.requests.answered == ledger.requests.asked)).all()  # fmt: skip
        by += np.bincount(ledger.answers.giver, minlength=3)[:3]
    assert stats.binomtest(answered, asked, 1 - 0.6**3).pvalue > 1e-4
    for giver, chance in ((NEAR, 0.4), (FAR, 0.6 * 0.4), (AWAY, 0.36 * 0.4)):
        assert stats.binomtest(int(by[giver]), asked, chance).pvalue > 1e-4


def test_patience_follows_its_law() -> None:
    text = '[requests.r]\nsite = "first"\nproduct = "pill"\ngap = "10 min"\n'
    text += 'gives-up = { mean = "5 h", law = "exponential" }\n' + offer("n", "near", (0, 1))
    ledger = run_replication(sharing_plan(PEOPLE + text, 'horizon="40 d"'), 0)
    waited = (ledger.requests.given_up - ledger.requests.asked)[1:5000]
    assert stats.kstest(waited, lambda x: 1 - np.exp(-x / 5)).pvalue > 1e-4
    assert exp(-1) == pytest.approx((waited > 5).mean(), abs=0.03)


# --- whose luck is whose

LUCK = """
[supply.offers]
echelon = "giver"
product = "pill"
lot = { mean = 4, law = "geometric" }
gap = { mean = "9 h", law = "exponential" }
first = { mean = "4 h", law = "exponential" }
[requests.asking]
echelon = "asker"
product = "pill"
units = { mean = 4, law = "geometric" }
gap = { mean = "9 h", law = "exponential" }
gives-up = { mean = "1 d", law = "exponential" }
"""


def drawn(ledger: Ledger, keys: tuple[str, ...]) -> dict[str, list[tuple[object, ...]]]:
    """Return by site what it asked for and when, and what appeared there."""
    found: dict[str, list[tuple[object, ...]]] = {}
    requests, supplies = ledger.requests, ledger.supplies
    for site, time, units in zip(
        np.concatenate([requests.site, supplies.site]).tolist(),
        np.concatenate([requests.asked, supplies.time]).tolist(),
        np.concatenate([requests.units, supplies.units]).tolist(), strict=True,
    ):  # fmt: skip
        found.setdefault(keys[site], []).append((time, units))
    return {key: sorted(rows) for key, rows in found.items()}


def test_another_site_changes_no_other_draw() -> None:
    far = f'\n[sites.more]\nechelon = "giver"\nat = {at(900)}\n'
    far += f'\n[sites.other]\nechelon = "asker"\nat = {at(901)}\n'
    settings = ("lanes.help.sharing.willing=0.5", 'lanes.help.sharing.reach="20 km"',
                'lanes.help.travel={cv=0.3}')  # fmt: skip
    before_plan = sharing_plan(PEOPLE + LUCK, *settings)
    after_plan = sharing_plan(
        PEOPLE.replace("[fleets.feet]", far + "[fleets.feet]") + LUCK, *settings
    )
    before, after = run_replication(before_plan, 3), run_replication(after_plan, 3)
    mine = drawn(before, before_plan.site_keys)
    theirs = drawn(after, after_plan.site_keys)
    assert {key: theirs[key] for key in mine} == mine
    assert len(theirs) == len(mine) + 2

    def told(plan: Plan, ledger: Ledger) -> list[tuple[object, ...]]:
        keys, rows = plan.site_keys, []
        for request, giver, units, trip in zip(
            *(getattr(ledger.answers, name).tolist() for name in
              ("request", "giver", "units", "trip")), strict=True,
        ):  # fmt: skip
            who = keys[ledger.requests.site[request]]
            if who != "site/other":
                rows.append((who, keys[giver], units, float(ledger.trips.received[trip])))
        return rows

    assert told(after_plan, after) == told(before_plan, before)
    assert len(told(before_plan, before)) > 10


def test_replications_differ_and_repeat() -> None:
    plan = sharing_plan(PEOPLE + LUCK)
    one, same, other = (run_replication(plan, number) for number in (0, 0, 1))
    assert one.requests.asked.tolist() == same.requests.asked.tolist()
    assert one.answers.time.tolist() == same.answers.time.tolist()
    assert one.requests.asked.tolist() != other.requests.asked.tolist()


def test_the_first_of_each_is_drawn_by_itself() -> None:
    """``first`` has a stream of its own: gaps stay, and all come earlier or later by it."""
    law = '{ mean = "4 h", law = "exponential" }'
    slow = sharing_plan(PEOPLE + LUCK.replace(law, '"30 h"'))
    fast = sharing_plan(PEOPLE + LUCK.replace(law, '"10 h"'))
    here = [np.sort(p.supplies.time[p.supplies.site == NEAR]) for p in
            (run_replication(fast, 0), run_replication(slow, 0))]  # fmt: skip
    assert len(here[1]) > 3
    assert here[0][: len(here[1])] + 20 == pytest.approx(here[1])
    once = sharing_plan(
        PEOPLE + LUCK.replace('gap = { mean = "9 h", law = "exponential" }\nfirst', "first")
    )
    firsts = run_replication(once, 0).supplies
    assert sorted(firsts.site.tolist()) == [NEAR, FAR, AWAY]
    assert len(set(firsts.time.tolist())) == 3


# --- the audit notices


def spoilt(ledger: Ledger, **columns: object) -> Ledger:
    return replace(ledger, requests=replace(ledger.requests, **columns))  # type: ignore[arg-type]


def test_the_audit_finds_what_is_wrong_with_requests() -> None:
    plan, ledger = run(
        offer("n", "near", (0, 4)) + offer("f", "far", (0, 9)) + ask("one", "first", 1, 6)
        + ask("two", "second", 2, 1, 'gives-up = "3 h"'),
        'lanes.help.sharing.reach="9 km"',
    )  # fmt: skip
    requests, answers, trips = ledger.requests, ledger.answers, ledger.trips
    small = {"lanes.help.sharing.reach": '"1.5 km"', "lanes.help.sharing.keeps": "1",
             "lanes.help.sharing.whole": "true", "lanes.help.sharing.willing": "0"}  # fmt: skip
    text = PEOPLE + offer("n", "near", (0, 4)) + offer("f", "far", (0, 9))
    text += ask("one", "first", 1, 6) + ask("two", "second", 2, 1, 'gives-up = "3 h"')
    for key, value in small.items():
        with pytest.raises(RunError, match=r"not what its|spare|in part"):
            audit(ledger, sharing_plan(text, f"{key}={value}"))
    bad = [
        (spoilt(ledger, units=requests.units + 1), "does not"),
        (spoilt(ledger, asked=requests.asked + 0.5), "does not"),
        (spoilt(ledger, number=requests.number + 1), "does not"),
        (spoilt(ledger, site=requests.site[::-1].copy()), "does not"),
        (spoilt(ledger, answered=requests.answered * nan), "was not answered"),
        (spoilt(ledger, given_up=np.array([3.0, nan])), "was not answered"),
        (spoilt(ledger, given_up=np.array([0.5, nan])), "after it was withdrawn"),
        (replace(ledger, answers=replace(answers, units=answers.units + 1)), "is not what"),
        (replace(ledger, answers=replace(answers, giver=answers.giver * 0 + FAR)), "is not what"),
        (replace(ledger, answers=replace(answers, time=answers.time - 9)), "before it came"),
        (replace(ledger, answers=replace(answers, trip=answers.trip * 0)), "no request, or more"),
        (replace(ledger, trips=replace(trips, km=trips.km * 99)), "is not what"),
        (replace(ledger, trips=replace(trips, destination=trips.destination[::-1])), "is not what"),
    ]  # fmt: skip
    for wrong, complaint in bad:
        with pytest.raises(RunError, match=complaint):
            audit(wrong, plan)
    more = replace(ledger, supplies=replace(ledger.supplies, units=ledger.supplies.units - 3))
    with pytest.raises(RunError):
        audit(more, plan)
