"""Coverage: the share of sites or facilities that hold their whole entitlement, over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.measures.flow import Flow
from sim.plan.specs import OPEN, Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: The shares whose times are measured, by name.
SHARES = {"T50": 0.5, "T90": 0.9, "T100": 1.0}


def completion_times(echelon: int, flows: Sequence[Flow], plan: Plan) -> tuple[Floats, Ints]:
    """Return when each site or facility of an echelon held its whole due, and where it lies.

    Hours, inf for never; the second array is the site (for a facility on a tour, the one that
    serves it). A facility is complete with its last product; a site when it has received all that
    the plan assigns to it, by all lanes. Those to which nothing of the flows is due are left out,
    and so are sites that take all that comes: they are never complete.
    """
    arriving = [flow for flow in flows if flow.destination == echelon]
    tours = {flow.lane for flow in arriving if plan.lanes[flow.lane].is_last_mile}
    if tours:  # a stop brings all products at once
        got, place = zip(
            *(_stops([flow for flow in arriving if flow.lane == lane]) for lane in sorted(tours)),
            strict=True,
        )
        return (got[0], place[0]) if len(got) == 1 else (np.concatenate(got), np.concatenate(place))
    complete = np.zeros(len(plan.site_echelon))
    assigned, takes_all = np.zeros((2, len(plan.site_echelon)), bool)
    for flow in arriving:
        due = assigned_units(flow, plan)
        complete = np.maximum(complete, _complete_at(flow, due))
        assigned |= due > 0
        takes_all |= due >= OPEN
    sites = np.flatnonzero(assigned & ~takes_all)
    return complete[sites], sites


def _stops(flows: Sequence[Flow]) -> tuple[Floats, Ints]:
    """Return when the stops of one lane were served, and the site that serves each: those stops
    that are in any of its flows."""
    for flow in flows:
        if flow.stop is None:
            return flow.got, flow.place
    rows = np.concatenate([flow.stop for flow in flows if flow.stop is not None])
    _, first = np.unique(rows, return_index=True)
    return (
        np.concatenate([flow.got for flow in flows])[first],
        np.concatenate([flow.place for flow in flows])[first],
    )


def assigned_units(flow: Flow, plan: Plan) -> Ints:
    """Return the units that each site is to receive by a flow in all, by the plan's links.

    At least ``OPEN`` is a site that takes all that comes.
    """
    links = plan.links
    rows = (links.lane == flow.lane) & (links.product == flow.product)
    units = np.bincount(
        links.destination[rows], links.units[rows], minlength=len(plan.site_echelon)
    )
    return units.astype(np.int64)


def _complete_at(flow: Flow, need: Ints) -> Floats:
    """Return when each site's receipts of one product reached its need; 0 where it needs none."""
    order = np.lexsort((flow.got, flow.place))
    place, got, units = flow.place[order], flow.got[order], flow.came[order]
    total = np.cumsum(np.where(np.isfinite(got), units, 0))
    first = np.searchsorted(place, np.arange(len(need)))
    before = np.where(first > 0, total[np.maximum(first - 1, 0)], 0) if len(total) else first
    hit = np.searchsorted(total, before + need)
    last = np.searchsorted(place, np.arange(len(need)), side="right")
    reached = np.where(
        hit < last, got[np.minimum(hit, len(got) - 1)] if len(got) else np.inf, np.inf
    )
    return np.where(need > 0, reached, 0.0)


def share_times(times: Floats, shares: dict[str, float] = SHARES) -> dict[str, float]:
    """Return when each share of the sites or facilities was complete; inf if it never was.

    The share q is reached with the ceil(q × n)-th of n.
    """
    if not len(times):
        return dict.fromkeys(shares, np.inf)
    ranks = {
        name: max(int(np.ceil(share * len(times) - 1e-9)) - 1, 0) for name, share in shares.items()
    }
    parted = np.partition(times, sorted(set(ranks.values())))
    return {name: float(parted[rank]) for name, rank in ranks.items()}


def grouped_share_times(
    times: Floats, group: Ints, groups: int, shares: dict[str, float] = SHARES
) -> dict[str, Floats]:
    """Return the same by group: for each name an array (groups,), NaN where a group is empty."""
    late = np.nanmax(times[np.isfinite(times)], initial=0.0) + 1.0
    span = late + 1.0
    ordered = np.sort(group * span + np.where(np.isfinite(times), times, late))
    count = np.bincount(group, minlength=groups)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    result = {}
    for name, share in shares.items():
        rank = np.maximum(np.ceil(share * count - 1e-9).astype(np.int64) - 1, 0)
        index = np.minimum(first + rank, len(ordered) - 1)
        value = ordered[index] - np.arange(groups) * span
        value = np.where(value > late - 0.5, np.inf, value)
        result[name] = np.where(count > 0, value, np.nan)
    return result


def arrivals_by_site(
    ledger: Ledger, plan: Plan
) -> list[tuple[int, Ints, dict[str, Floats], Floats]]:
    """Return, for each last-mile lane, when the facilities of each of its sites were served.

    A tuple for each lane: its echelon of facilities, the sites, the times by share (T50, T90, T100;
    hours, inf for never) and when the first facility was served.
    """
    result = []
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        sites, group = np.unique(
            np.repeat(planned.site, np.diff(planned.first)), return_inverse=True
        )
        times = np.where(np.isnan(done.delivered), np.inf, done.delivered)
        by_share = grouped_share_times(times, group, len(sites), SHARES | {"first": 0.0})
        result.append((planned.echelon, sites, by_share, by_share.pop("first")))
    return result
