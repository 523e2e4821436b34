"""The exchange: queues of two sides in closed form, whose luck is whose, what the audit finds."""

from __future__ import annotations

from dataclasses import replace
from math import exp, nan, sqrt

import numpy as np
import pytest
from reference.people import AWAY, FAR, NEAR, PEOPLE, ask, offer, run
from reference.sharing import at, sharing_plan
from scipy import stats

from sim.audit import audit
from sim.engine.model import run_replication
from sim.errors import RunError
from sim.ledger import Ledger
from sim.plan.specs import Plan

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


@pytest.mark.parametrize("replications", [30, pytest.param(80, marks=pytest.mark.slow)])
def test_without_limits_as_many_are_answered_as_offers_or_requests_came(replications: int) -> None:
    """The double-ended queue (D. G. Kendall, J. R. Stat. Soc. B 13, 1951): what waits is the
    difference of two Poisson numbers, on one side or the other."""
    plan = sharing_plan(TWO_SIDES, 'supply.offers.gap={mean="1 h", law="exponential"}')
    answered = []
    for replication in range(replications):
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
