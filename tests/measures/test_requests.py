"""Measures and curves of requests, worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest
from reference.sharing import at, sharing_plan

from sim.engine.model import run_replication
from sim.measures.run import RunMeasures, measure_run
from sim.measures.scope import Scope
from sim.plan.specs import Plan

#: One giver at 0 has 5 at hour 2 and 5 more at hour 20; three who ask are at 4, 8 and 2 km.
TEXT = f"""
[echelons.giver]
[echelons.asker]
[sites.g]
echelon = "giver"
at = {at(0)}
[sites.a]
echelon = "asker"
at = {at(4)}
[sites.b]
echelon = "asker"
at = {at(8)}
[sites.c]
echelon = "asker"
at = {at(2)}
[supply.offers]
site = "g"
product = "pill"
lot = 5
at = [2023-01-04T02:00:00+08:00, 2023-01-04T20:00:00+08:00]
[requests.first]
site = "a"
product = "pill"
units = 3
at = [2023-01-04T01:00:00+08:00, 2023-01-04T04:00:00+08:00]
[requests.other]
echelon = "asker"
product = "pill"
units = 4
at = [2023-01-04T06:00:00+08:00]
gives-up = "15 h"
[fleets.feet]
home = "giver"
vehicles = "unlimited"
speed = "4 km/h"
[lanes.help]
from = "giver"
to = "asker"
fleet = "feet"
sharing = {{}}
links = [
    {{ from = "g", to = "a", km = "4 km" }},
    {{ from = "g", to = "b", km = "8 km" }},
    {{ from = "g", to = "c", km = "2 km" }},
]
"""
# hour 1: a asks 3, waits.  2: 5 come, a gets 3 (there at 3), 2 are left.  4: a asks 3, gets 2
# (there at 5), lacks 1.  6: a, b and c ask 4 each, and nothing is left.  20: 5 come: c, 2 km away,
# gets 4 (there at 20.5), then a's older request gets 1 (there at 21).  21: a and b give up.


def measured(*overrides: str) -> tuple[Plan, RunMeasures]:
    plan = sharing_plan(TEXT, *overrides)
    sites = len(plan.site_keys)
    scope = Scope(("r",), np.zeros(sites, np.int64), {}, ())
    return plan, measure_run(run_replication(plan, 0), plan, scope)


def rows(run: RunMeasures, entity: str) -> dict[str, float]:
    return {row.measure: row.value for row in run.rows if row.entity == entity}


def test_requests_on_paper() -> None:
    _, run = measured()
    assert rows(run, "first") == pytest.approx(
        {
            "requests": 2, "requested-units": 6, "answered-share": 1, "served-share": 1,
            "withdrawn-share": 0, "requested-units-received-share": 1,
            "answer-time-mean": (1 + 16) / 2, "answer-time-p50": 1, "answer-time-p90": 16,
            "request-time-mean": (2 + 17) / 2, "request-time-p50": 2, "request-time-p90": 17,
            "givers-mean": 1, "answer-km-mean": 4,
        }
    )  # fmt: skip
    assert rows(run, "other") == pytest.approx(
        {
            "requests": 3, "requested-units": 12, "answered-share": 1 / 3, "served-share": 1 / 3,
            "withdrawn-share": 2 / 3, "requested-units-received-share": 1 / 3,
            "answer-time-mean": 14, "answer-time-p50": 14, "answer-time-p90": 14,
            "request-time-mean": 14.5, "request-time-p50": 14.5, "request-time-p90": 14.5,
            "givers-mean": 1, "answer-km-mean": 2,
        }
    )  # fmt: skip
    where = {(row.product, row.echelon, row.region) for row in run.rows if row.entity == "other"}
    assert where == {("pill", "asker", "national")}


def test_what_goods_do_that_nobody_is_owed() -> None:
    _, run = measured()
    whole = {row.measure: row.value for row in run.rows if not row.entity}
    assert whole["dispatched"] == whole["received"] == 10
    assert whole["on-hand"] == 0
    assert whole["in-transit"] == 0
    assert "backlog" not in whole  # nothing is due
    assert "makespan" not in whole
    # from 2 until 3 and 5, from 20 until 20.5 and 21: 3, 2, 4 and 1 units
    assert whole["time-in-system-mean"] == pytest.approx((3 * 1 + 2 * 3 + 4 * 0.5 + 1 * 1) / 10)
    assert whole["in-system-mean"] == pytest.approx((3 * 1 + 2 * 3 + 4 * 0.5 + 1 * 1) / 240)


def test_a_warm_up_leaves_earlier_requests_out() -> None:
    _, run = measured('warm-up="3 h"')
    first = rows(run, "first")
    assert (first["requests"], first["requested-units"]) == (1, 3)
    assert first["answer-time-mean"] == pytest.approx(16)  # the other was answered before
    assert first["request-time-mean"] == pytest.approx(17)
    assert first["answered-share"] == 1


def test_curves_of_requests() -> None:
    plan, run = measured()
    curves = {(curve.measure, curve.entity): curve for curve in run.curves}
    hours = [0, 1, 2, 3, 5, 6, 19, 20, 21, 240]

    def read(name: str, entity: str) -> list[float]:
        curve = curves[f"requests-{name}", entity]
        assert (curve.product, curve.echelon) == ("pill", "asker")
        return curve.values[hours].tolist()

    assert read("asked", "first") == [0, 1, 1, 1, 2, 2, 2, 2, 2, 2]
    assert read("answered", "first") == [0, 0, 1, 1, 1, 1, 1, 2, 2, 2]
    assert read("served", "first") == [0, 0, 0, 1, 1, 1, 1, 1, 2, 2]
    assert read("withdrawn", "first") == [0] * 10
    assert read("asked", "other") == [0, 0, 0, 0, 0, 3, 3, 3, 3, 3]
    assert read("served", "other") == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1]
    assert read("withdrawn", "other") == [0, 0, 0, 0, 0, 0, 0, 0, 2, 2]
    assert len(plan.requests) == 2


def test_own_goods_are_received_at_once() -> None:
    text = TEXT.replace('[requests.other]\nechelon = "asker"', '[requests.other]\nsite = "g"')
    text += '[lanes.swap]\nfrom = "giver"\nto = "giver"\nfleet = "feet"\nsharing = {}\n'
    plan = sharing_plan(text.replace("units = 4", "units = 2"))
    sites = len(plan.site_keys)
    scope = Scope(("r",), np.zeros(sites, np.int64), {}, ())
    run = measure_run(run_replication(plan, 0), plan, scope)
    found = rows(run, "other")
    assert (found["served-share"], found["request-time-mean"]) == (1, 14)
    assert found["answer-km-mean"] == 0
    # 3 units for an hour, 2 for three, then 5: 1 for an hour, 2 for none; 2 stay with the giver
    whole = {row.measure: row.value for row in run.rows if not row.entity and not row.echelon}
    assert whole["in-system-mean"] == pytest.approx((3 + 6 + 1 + 2 * 220) / 240)


def test_a_run_that_is_over_when_all_is_delivered_forgets_what_came_later() -> None:
    text = (
        TEXT
        + f"""
[echelons.shop]
[sites.s]
echelon = "shop"
at = {at(20)}
need = {{ pill = 4 }}
[sites.depot]
echelon = "depot"
at = {at(20)}
stock = {{ pill = 4 }}
[echelons.depot]
[fleets.van]
home = "depot"
vehicles = 1
speed = "40 km/h"
[lanes.planned]
from = "depot"
to = "shop"
fleet = "van"
dispatch = {{ rule = "departures", every = "1 d", offset = "10 h" }}
"""
    )
    text = text.replace("[echelons.shop]\n", "").replace(
        "[echelons.depot]\n", "[echelons.depot]\n[echelons.shop]\n"
    )
    plan = sharing_plan(text, 'stop="delivered"')
    ledger = run_replication(plan, 0)
    assert ledger.ended == pytest.approx(10.0)
    scope = Scope(("r",), np.zeros(len(plan.site_keys), np.int64), {}, ())
    run = measure_run(ledger, plan, scope)
    first, other = rows(run, "first"), rows(run, "other")
    assert (first["requests"], first["answered-share"]) == (2, 0.5)
    assert (other["requests"], other["withdrawn-share"]) == (3, 0)
    assert first["requested-units-received-share"] == pytest.approx(5 / 6)
    whole = {row.measure: row.value for row in run.rows if not row.entity and not row.echelon}
    assert whole["backlog"] == 0
    assert whole["makespan"] == pytest.approx(10.0)
