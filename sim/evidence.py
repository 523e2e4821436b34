"""Evidence: reported figures against what the model did, and the verdicts.

For each reported figure the model's values over replications are set against the figure's
tolerance: *agrees* when their median lies in it, *within spread* when the central 95 % of runs
overlaps it, *contradicted* otherwise. A verdict says nothing about why; that is for the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf, isnan, nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.measures.coverage import completion_times
from sim.measures.flow import Flow, Number, last_mile_to, time_of_share, units_by
from sim.measures.scope import Probe, Scope
from sim.plan.specs import Plan
from sim.statistics.intervals import spread

if TYPE_CHECKING:  # a worker that only reads figures off its runs is spared the schema
    from sim.scenario.counties import CountySet
    from sim.scenario.figures import Reported

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

AGREES, WITHIN_SPREAD, CONTRADICTED = "agrees", "within spread", "contradicted"
NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the model says to one reported figure.

    ``unit`` is units, sites, trips, share or time; times are hours since the start, inf later than
    the horizon. ``low`` and ``high`` of the figure may be -inf and inf; ``reported`` is NaN where
    only bounds were.
    """

    id: str
    use: str
    verdict: str
    measure: str
    unit: str
    reported: float
    low: float
    high: float
    model_median: float
    model_low: float
    model_high: float
    runs: int
    source: str
    wording: str
    row: str
    note: str


def read_figures(
    ledger: Ledger, flows: tuple[Flow, ...], plan: Plan, scope: Scope
) -> dict[str, float]:
    """Return what one run says to each reported figure; times in hours, inf if later."""
    return {probe.figure: _read(probe, ledger, flows, plan) for probe in scope.probes}


def _read(probe: Probe, ledger: Ledger, flows: tuple[Flow, ...], plan: Plan) -> float:
    if probe.measure == "trips":
        return float(_trips(probe, ledger, plan))
    sending = probe.measure in ("dispatched", "in-transit", "dispatch-time")
    mine = [
        flow
        for flow in flows
        if flow.product == probe.product
        and (flow.origin if sending else flow.destination) == probe.echelon
    ]
    if not mine:  # nothing of the product goes there
        return inf if probe.measure.endswith("-time") else 0.0
    which = [_inside(probe, flow) for flow in mine]

    def column(of: Callable[[Flow], NDArray[Number]]) -> NDArray[Number]:
        """Return what the rows that count have, of all flows."""
        parts = [
            of(flow) if rows is None else of(flow)[rows]
            for flow, rows in zip(mine, which, strict=True)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def sent() -> tuple[Floats, Ints]:
        return column(lambda flow: flow.of_rows(flow.sent)), column(lambda flow: flow.units)

    def got() -> tuple[Floats, Ints]:
        return column(lambda flow: flow.got), column(lambda flow: flow.came)

    before = -inf if isnan(probe.since) else probe.since

    def between(times: Floats, units: Ints) -> int:
        return units_by(times, units, probe.at) - units_by(times, units, before)

    match probe.measure:
        case "dispatched":
            return float(between(*sent()))
        case "received":
            return float(between(*got()))
        case "in-transit":
            lost = sum(_lost_by(flow, probe) for flow in mine)
            return float(units_by(*sent(), probe.at) - units_by(*got(), probe.at) - lost)
        case "sites-reached":
            times, _ = got()
            reached = (times > before) & (times <= probe.at)
            place = column(lambda flow: flow.of_rows(flow.place))
            on_tours = last_mile_to(probe.echelon, mine, plan)
            return float(reached.sum() if on_tours else len(np.unique(place[reached])))
        case "coverage":
            completed = completion_times(probe.echelon, mine, plan)
            times = completed.times
            if not probe.inside.all():
                times = completed.at(probe.inside[completed.sites]).times
            return float((times <= probe.at).mean()) if len(times) else 0.0
        case "dispatch-time" | "receipt-time":
            whole = float(sum(_whole(probe, flow, plan) for flow in mine))
            if probe.measure == "dispatch-time":
                return time_of_share(*sent(), probe.share, whole)
            return time_of_share(*got(), probe.share, whole)
    raise AssertionError(probe.measure)


def _inside(probe: Probe, flow: Flow) -> Flags | None:
    """Return which rows of a flow count, None for all of them."""
    if probe.site < 0 and probe.inside.all():
        return None
    shipments = probe.inside[flow.place]
    if probe.site >= 0:
        shipments &= flow.sender == probe.site
    return flow.of_rows(shipments)


def _lost_by(flow: Flow, probe: Probe) -> int:
    """Return the units of a flow that count and were lost on the way by then."""
    lost = flow.units - flow.came
    if not lost.any():
        return 0
    shipments = probe.inside[flow.place] & np.isfinite(flow.sent) & (flow.lost_at <= probe.at)
    if probe.site >= 0:
        shipments &= flow.sender == probe.site
    return int(lost[flow.of_rows(shipments)].sum())


def _whole(probe: Probe, flow: Flow, plan: Plan) -> int:
    """Return the units that a time's share is counted of: all that is to move in its scope."""
    lane = plan.lanes[flow.lane]
    if lane.is_last_mile:
        tours = next(tours for tours in plan.tours if tours.lane == flow.lane)
        taken = tours.units_of_tours()[probe.inside[tours.site], probe.product]
        return int(taken.sum())
    links = plan.links
    rows = (
        (links.lane == flow.lane)
        & (links.product == probe.product)
        & probe.inside[links.destination]
    )
    if probe.site >= 0:
        rows &= links.origin == probe.site
    return int(links.units[rows].sum())


def _trips(probe: Probe, ledger: Ledger, plan: Plan) -> int:
    """Return the trips and tours that left the echelon (or the site) by then."""
    before = -inf if isnan(probe.since) else probe.since
    trips = ledger.trips
    lanes = [i for i, lane in enumerate(plan.lanes) if lane.origin == probe.echelon]
    rows = np.isin(trips.lane, lanes) & probe.inside[trips.destination]
    if probe.site >= 0:
        rows &= trips.origin == probe.site
    left = trips.dispatched[rows]
    count = int(((left > before) & (left <= probe.at)).sum())
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        if planned.lane in lanes:
            began = done.began[probe.inside[planned.site]]
            count += int(((began > before) & (began <= probe.at)).sum())
    return count


def judge(name: str, figure: Reported, values: Sequence[float], start: datetime) -> Verdict:
    """Return the verdict on a figure, given the model's value in each replication."""
    from sim.scenario.figures import FIGURE_MEASURES

    low, high = (_number(limit, start) for limit in figure.limits())
    low = -inf if low is None else low
    high = inf if high is None else high
    runs = spread(list(values), missing="late")
    if low <= runs.estimate <= high:
        verdict = AGREES
    elif runs.low <= high and runs.high >= low:
        verdict = WITHIN_SPREAD
    else:
        verdict = CONTRADICTED
    reported = _number(figure.value, start)
    return Verdict(
        id=name,
        use=figure.use,
        verdict=verdict if values else NOT_RECORDED,
        measure=figure.measure,
        unit=FIGURE_MEASURES[figure.measure],
        reported=nan if reported is None else reported,
        low=low,
        high=high,
        model_median=runs.estimate,
        model_low=runs.low,
        model_high=runs.high,
        runs=len(values),
        source=figure.source,
        wording=figure.wording,
        row=figure.row or "",
        note=figure.note or "",
    )


def _number(value: float | datetime | None, start: datetime) -> float | None:
    if isinstance(value, datetime):
        return (value - start).total_seconds() / 3600
    return value


def probe_key(figure: Reported, areas: Mapping[str, CountySet] | None = None) -> str:
    """Return a text that two figures share exactly if the same value is read off a run for them.

    ``areas`` are those of the figure's scenario: what counts is their counties, not their names.
    """
    from sim.scenario.figures import FIGURE_MEASURES

    named = areas or {}
    parts = (
        figure.measure,
        figure.product,
        figure.echelon,
        figure.site,
        sorted(
            str(np.flatnonzero(named[region].counties).tolist()) if region in named else region
            for region in figure.regions
        ),
        figure.at.timestamp() if figure.at else None,
        figure.since.timestamp() if figure.since else None,
        figure.share if FIGURE_MEASURES[figure.measure] == "time" else None,
    )
    return repr(parts)
