"""The exchange does what its slow twin does, and its audit passes, whatever the scenario."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference.sharing import meet, sharing_plan

from sim.audit import audit
from sim.engine.model import run_replication
from sim.ledger import Ledger
from sim.plan.specs import Plan


@st.composite
def scenarios(draw: st.DrawFn) -> str:
    """Depots that owe goods to shops, givers, people who ask, and givers who ask each other."""
    rng = draw(st.integers(0, 10**6))
    place = np.random.default_rng(rng)

    def sites(kind: str, count: int, more: str = "") -> str:
        rows = [f'[sites.{kind}-{i}]\nechelon = "{kind}"' for i in range(count)]
        points = place.uniform(0.0, 0.2, (count, 2)).round(4).tolist()
        return "\n".join(f"{row}\nat = {at}\n{more}" for row, at in zip(rows, points, strict=True))

    def sharing() -> str:
        reach = draw(st.sampled_from(["", 'reach = "8 km", ', 'reach = "15 km", ']))
        willing = draw(st.sampled_from([0.0, 0.3, 0.7, 1]))
        keeps, whole = draw(st.integers(0, 3)), draw(st.sampled_from(["true", "false"]))
        return f"sharing = {{ {reach}willing = {willing}, keeps = {keeps}, whole = {whole} }}"

    givers, askers = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    grid = draw(st.booleans())  # times that coincide
    lots = 'gap = "6 h"' if grid else 'gap = { mean = "9 h", law = "exponential" }'
    asks = 'gap = "3 h"' if grid else 'gap = { mean = "7 h", law = "exponential" }'
    gives_up = draw(
        st.sampled_from(
            ["", 'gives-up = "6 h"', 'gives-up = { mean = "1 d", law = "exponential" }']
        )
    )
    size = draw(st.sampled_from(["3", '{ mean = 4, law = "geometric" }']))
    stock = draw(st.integers(0, 30))
    same = draw(st.booleans())
    text = f"""
[echelons.depot]
[echelons.giver]
[echelons.asker]
[echelons.shop]
{sites("depot", 2, f"stock = {{ pill = {20 + stock} }}")}
{sites("giver", givers)}
{sites("asker", askers)}
{sites("shop", 2, f"need = {{ pill = {draw(st.integers(1, 20))} }}")}
[supply.offers]
echelon = "giver"
product = "pill"
lot = {size}
{lots}
[supply.arrivals]
site = "depot-0"
product = "pill"
lot = 5
gap = "12 h"
[requests.asking]
echelon = "asker"
product = "pill"
units = {size}
{asks}
{gives_up}
[fleets.depot]
home = "depot"
vehicles = 1
speed = "20 km/h"
[fleets.giver]
home = "giver"
vehicles = "unlimited"
capacity = {{ units = {draw(st.integers(1, 9))} }}
speed = "20 km/h"
[lanes.planned]
from = "depot"
to = "shop"
fleet = "depot"
[lanes.spared]
from = "depot"
to = "asker"
fleet = "depot"
{sharing()}
[lanes.given]
from = "giver"
to = "asker"
fleet = "giver"
{sharing()}
"""
    if draw(st.booleans()):
        text += """
[waves.all]
lane = "planned"
regions = "rest"
release = 2023-01-06T00:00:00+08:00
"""
    if same:
        text += f"""
[requests.swapping]
echelon = "giver"
product = "pill"
units = {size}
{asks}
most = 6
[lanes.swapped]
from = "giver"
to = "giver"
fleet = "giver"
{sharing()}
"""
    return text


def gifts_of(ledger: Ledger) -> list[tuple[int, int, int, float]]:
    """Return what was given: the loads of one gift together."""
    answers, found = ledger.answers, dict[tuple[int, int, float], int]()
    for request, giver, units, time in zip(
        answers.request.tolist(), answers.giver.tolist(), answers.units.tolist(),
        answers.time.tolist(), strict=True,
    ):  # fmt: skip
        key = (request, giver, time)
        found[key] = found.get(key, 0) + units
    return [(request, giver, units, time) for (request, giver, time), units in found.items()]


def compare(plan: Plan, replication: int) -> None:
    ledger = run_replication(plan, replication)
    audit(ledger, plan)
    twin, requests = meet(plan, replication), ledger.requests
    order = np.lexsort((requests.number, requests.spec, requests.site, requests.asked))
    row = np.empty(len(order), np.int64)
    row[order] = np.arange(len(order))
    assert [
        (w.site, w.number, w.spec, w.units, w.asked, w.answered, w.withdrawn) for w in twin.wishes
    ] == list(
        zip(
            *(getattr(requests, name)[order].tolist() for name in
              ("site", "number", "spec", "units", "asked")),
            *(np.where(np.isnan(times), inf, times)[order].tolist()
              for times in (requests.answered, requests.given_up)),
            strict=True,
        )
    )  # fmt: skip
    given = [(int(row[request]), *rest) for request, *rest in gifts_of(ledger)]
    assert sorted(given) == sorted(twin.gifts)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(), st.integers(0, 99))
def test_the_exchange_is_its_twin(text: str, replication: int) -> None:
    compare(sharing_plan(text), replication)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(), st.integers(0, 99))
def test_the_exchange_is_its_twin_in_many_scenarios(text: str, replication: int) -> None:
    compare(sharing_plan(text), replication)


def test_the_twin_sees_much() -> None:
    """What the twin is compared on is not empty: parts, own stock, withdrawals and waiting."""
    text = """
[echelons.house]
[sites.a]
echelon = "house"
at = [0.0, 0.0]
[sites.b]
echelon = "house"
at = [0.0, 0.05]
[sites.c]
echelon = "house"
at = [0.0, 0.11]
[supply.found]
echelon = "house"
product = "pill"
lot = { mean = 4, law = "geometric" }
gap = { mean = "9 h", law = "exponential" }
[requests.wanted]
echelon = "house"
product = "pill"
units = { mean = 5, law = "geometric" }
gap = { mean = "8 h", law = "exponential" }
gives-up = { mean = "1 d", law = "exponential" }
[fleets.feet]
home = "house"
vehicles = "unlimited"
speed = "5 km/h"
[lanes.swap]
from = "house"
to = "house"
fleet = "feet"
sharing = { willing = 0.7 }
"""
    plan = sharing_plan(text)
    compare(plan, 0)
    ledger = run_replication(plan, 0)
    answers, requests = ledger.answers, ledger.requests
    assert (answers.trip < 0).sum() > 5
    assert (answers.trip >= 0).sum() > 5
    assert (~np.isnan(requests.given_up)).sum() > 5
    assert (requests.answered > requests.asked).sum() > 5
    assert np.bincount(answers.request).max() >= 2
