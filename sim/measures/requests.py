"""Requests: how many are answered and served, how soon, by how many, and from how far.

A request counts where it was asked for in the window; times count where they ended in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger, units_of_answers
from sim.measures.rows import Rows
from sim.measures.window import Window
from sim.plan.specs import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The requests of one table: units asked for and received, and hours (inf: never)."""

    spec: int
    units: Ints
    got: Ints
    asked: Floats
    answered: Floats
    received: Floats
    given_up: Floats
    givers: Ints
    km: Floats  # unit-kilometres given
    given: Ints


def asked_by_table(ledger: Ledger, plan: Plan) -> tuple[Asked, ...]:
    """Return what was asked for, table by table, in the order of the plan."""
    if not plan.requests:
        return ()
    requests, answers = ledger.requests, ledger.answers
    count = len(requests)
    units, _ = units_of_answers(answers, ledger.trips, ledger.losses)
    got = np.bincount(answers.request, units, minlength=count).astype(np.int64)
    given = np.bincount(answers.request, answers.units, minlength=count).astype(np.int64)
    pairs = np.unique(np.stack([answers.request, answers.giver], axis=1), axis=0)
    givers = np.bincount(pairs[:, 0], minlength=count)
    away = np.zeros(len(answers.trip))
    by_trip = answers.trip >= 0
    away[by_trip] = ledger.trips.km[answers.trip[by_trip]]
    km = np.bincount(answers.request, away * answers.units, minlength=count)
    found = []
    for index in range(len(plan.requests)):
        mine = requests.spec == index
        found.append(
            Asked(
                index,
                requests.units[mine],
                got[mine],
                requests.asked[mine],
                _late(requests.answered[mine]),
                _late(requests.received[mine]),
                _late(requests.given_up[mine]),
                givers[mine],
                km[mine],
                given[mine],
            )
        )
    return tuple(found)


def measure_requests(rows: Rows, asked: tuple[Asked, ...], plan: Plan, window: Window) -> None:
    """Add the measures of every table of requests."""
    for table in asked:
        spec = plan.requests[table.spec]
        where = {
            "product": plan.products[spec.product],
            "echelon": plan.echelons[spec.echelon],
            "entity": spec.name,
        }
        came = window.inside(table.asked)
        rows.add("requests", int(came.sum()), **where)
        rows.add("requested-units", int(table.units[came].sum()), **where)
        for name, times in (
            ("answered-share", table.answered),
            ("served-share", table.received),
            ("withdrawn-share", table.given_up),
        ):
            share = float(np.isfinite(times[came]).mean()) if came.any() else np.nan
            rows.add(name, share, **where)
        wanted = int(table.units[came].sum())
        share = int(table.got[came].sum()) / wanted if wanted else np.nan
        rows.add("requested-units-received-share", share, **where)
        for name, times in (("answer-time", table.answered), ("request-time", table.received)):
            _measure_times(rows, name, table.asked, times, plan, window, where)
        answered = window.inside(table.answered)
        if answered.any():
            rows.add("givers-mean", float(table.givers[answered].mean()), **where)
        given = int(table.given[came].sum())
        if given:
            rows.add("answer-km-mean", float(table.km[came].sum()) / given, **where)


def _measure_times(
    rows: Rows,
    name: str,
    since: Floats,
    until: Floats,
    plan: Plan,
    window: Window,
    where: dict[str, str],
) -> None:
    ended = window.inside(until)
    if not ended.any():
        return
    hours = np.sort((until - since)[ended])
    rows.add(f"{name}-mean", float(hours.mean()), **where)
    for percent in plan.percentiles:
        rank = max(int(np.ceil(percent / 100 * len(hours) - 1e-9)) - 1, 0)
        rows.add(f"{name}-p{percent}", float(hours[rank]), **where)


def _late(times: Floats) -> Floats:
    return np.where(np.isnan(times), np.inf, times)
