"""When a run counts as over."""

from __future__ import annotations

import numpy as np

from sim.ledger import Ledger
from sim.plan.specs import OPEN, Plan


def ended_at(plan: Plan, ledger: Ledger) -> float:
    """Return the hour at which a run is over: the horizon, or, where the plan stops with it, the
    last receipt of what is due, once everybody has all of it."""
    if plan.stop != "delivered":
        return ledger.horizon
    links, trips, loads = plan.links, ledger.trips, ledger.loads
    due = links.units < OPEN
    planned = np.array([lane.sharing is None for lane in plan.lanes])[trips.lane]
    there = planned & ~np.isnan(trips.received)
    lost = int(ledger.losses.units[there[ledger.losses.trip]].sum())
    came = int(loads.units[there[loads.trip]].sum()) - lost
    delivered = [tours.delivered for tours in ledger.tours]
    missing = any(np.isnan(times).any() for times in delivered)
    if missing or came < int(links.units[due].sum()):
        return ledger.horizon
    last = [float(trips.received[there].max(initial=0.0))]
    last += [float(times.max(initial=0.0)) for times in delivered]
    return max(last)
