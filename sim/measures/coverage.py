"""Coverage: the share of sites or facilities that hold their whole entitlement, over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.measures.flow import Flow
from sim.plan.specs import OPEN, Plan
from sim.sorting import put_ranks_in_place

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: The shares whose times are measured, by name.
SHARES = {"T50": 0.5, "T90": 0.9, "T100": 1.0}


@dataclass(frozen=True, slots=True, eq=False)
class Completed:
    """When each site or facility of an echelon held its whole due: ``times`` in hours, inf for
    never, in runs at one site: those at ``sites[i]`` are ``first[i]`` to ``first[i + 1] - 1``."""

    times: Floats
    sites: Ints
    first: Ints

    def __len__(self) -> int:
        return len(self.times)

    @property
    def site(self) -> Ints:
        """The site of each: itself, or for a facility on a tour the one that serves it."""
        return np.repeat(self.sites, np.diff(self.first))

    def in_groups(self, group: Ints, groups: int) -> tuple[Floats, Ints]:
        """Return the times group by group, else in their order, and the offsets (groups + 1).

        ``group`` is that of each run.
        """
        size = np.diff(self.first)
        count = np.bincount(group, size, minlength=groups).astype(np.int64)
        times = self.times
        if (group[1:] < group[:-1]).any():
            times = times[np.argsort(np.repeat(group, size), kind="stable")]
        return times, _offsets(count)

    def at(self, runs: NDArray[np.bool_]) -> Completed:
        """Return some of the runs."""
        size = np.diff(self.first)
        return Completed(self.times[np.repeat(runs, size)], self.sites[runs], _offsets(size[runs]))


def completion_times(echelon: int, flows: Sequence[Flow], plan: Plan) -> Completed:
    """Return when each site or facility of an echelon held its whole due.

    A facility is complete with its last product; a site when it has received all that the plan
    assigns to it, by all lanes. Those to which nothing of the flows is due are left out, and so are
    sites that take all that comes: they are never complete.
    """
    arriving = [flow for flow in flows if flow.destination == echelon]
    tours = {flow.lane for flow in arriving if plan.lanes[flow.lane].is_last_mile}
    if tours:  # a stop brings all products at once
        lanes = [_stops([flow for flow in arriving if flow.lane == lane]) for lane in sorted(tours)]
        if len(lanes) == 1:
            return lanes[0]
        return Completed(
            np.concatenate([lane.times for lane in lanes]),
            np.concatenate([lane.sites for lane in lanes]),
            _offsets(np.concatenate([np.diff(lane.first) for lane in lanes])),
        )
    complete = np.zeros(len(plan.site_echelon))
    assigned, takes_all = np.zeros((2, len(plan.site_echelon)), bool)
    for flow in arriving:
        due = assigned_units(flow, plan)
        complete = np.maximum(complete, _complete_at(flow, due))
        assigned |= due > 0
        takes_all |= due >= OPEN
    sites = np.flatnonzero(assigned & ~takes_all)
    return Completed(complete[sites], sites, np.arange(len(sites) + 1))


def _stops(flows: Sequence[Flow]) -> Completed:
    """Return when the stops of one lane were served: those that are in any of its flows."""
    for flow in flows:
        if flow.stop is None and flow.together is not None:
            return _in_runs(flow.got, flow.place, flow.together)
    rows = np.concatenate([flow.stop for flow in flows if flow.stop is not None])
    _, first = np.unique(rows, return_index=True)
    got = np.concatenate([flow.got for flow in flows])[first]
    place = np.concatenate([flow.of_rows(flow.place) for flow in flows])[first]
    return _in_runs(got, place, np.arange(len(got) + 1))


def _in_runs(times: Floats, site: Ints, first: Ints) -> Completed:
    """Return the times with neighbours at one site as a run: ``site`` is that of each of some
    parts, which begin at ``first`` (parts + 1)."""
    begins = np.flatnonzero(np.diff(site, prepend=-1))
    return Completed(times, site[begins], np.append(first[begins], len(times)))


def _offsets(count: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(count)])


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
    ordered = times.copy()
    put_ranks_in_place(ordered, ranks.values())
    return {name: float(ordered[rank]) for name, rank in ranks.items()}


def grouped_share_times(
    times: Floats, first: Ints, shares: dict[str, float] = SHARES
) -> dict[str, Floats]:
    """Return the same by group: for each name an array (groups,), NaN where a group is empty.

    The times of a group stand together; ``first`` (groups + 1) are the offsets. They are rearranged
    within their group. Values have the digits that a sum of group × (span of all times) and time
    leaves them; the results that people have kept do.
    """
    span = float(np.where(np.isfinite(times), times, 0.0).max(initial=0.0)) + 1.0 + 1.0
    count = np.diff(first)
    ranks = {
        name: np.maximum(np.ceil(share * count - 1e-9).astype(np.int64) - 1, 0)
        for name, share in shares.items()
    }
    some = np.flatnonzero(count)
    asked = np.stack([rank[some] for rank in ranks.values()], axis=1).tolist()
    begins, ends = first[some].tolist(), first[some + 1].tolist()
    for begin, end, mine in zip(begins, ends, asked, strict=True):
        put_ranks_in_place(times[begin:end], mine)
    base = some * span
    result = {}
    for name, rank in ranks.items():
        value = np.full(len(count), np.nan)
        value[some] = (base + times[first[some] + rank[some]]) - base
        result[name] = value
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
        times = np.where(np.isnan(done.delivered), np.inf, done.delivered)
        stops = _in_runs(times, planned.site, planned.first)
        sites, group = np.unique(stops.sites, return_inverse=True)
        by_share = grouped_share_times(*stops.in_groups(group, len(sites)), SHARES | {"first": 0.0})
        result.append((planned.echelon, sites, by_share, by_share.pop("first")))
    return result
