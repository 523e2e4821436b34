"""Consumption: stock-outs, need met and days of stock, over all facilities that use goods up."""

from __future__ import annotations

import numpy as np

from sim.ledger import Ledger
from sim.measures.rows import Rows
from sim.measures.window import Window
from sim.plan.specs import Plan


def measure_consumption(rows: Rows, ledger: Ledger, plan: Plan, window: Window) -> None:
    """Add the measures of every consumption of the plan; all count after the warm-up."""
    uses = ledger.uses
    for index, spec in enumerate(plan.consumption):
        mine = uses.spec == index
        facilities = int(mine.sum())
        if not facilities:
            continue
        where = {
            "product": plan.products[spec.product],
            "echelon": plan.echelons[spec.echelon],
            "entity": spec.name,
        }
        wanted, met = uses.wanted[mine], uses.met[mine]
        asked, time = int(wanted.sum()), facilities * window.hours
        rows.add("need-met-share", int(met.sum()) / asked if asked else np.nan, **where)
        rows.add("stock-out-share", float(uses.empty[mine].sum()) / time, **where)
        rows.add("facilities-stocked-out", float((met < wanted).mean()), **where)
        rows.add("stock-mean", float(uses.stock[mine].sum()) / time, **where)
        days = window.hours / 24
        left = int(uses.left[mine].sum())
        rows.add("days-of-stock", left * days / asked if asked else np.nan, **where)
