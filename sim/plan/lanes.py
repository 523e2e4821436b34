"""Lanes, compiled: how goods travel, when they leave and how scarce ones are shared."""

from __future__ import annotations

from math import inf

from sim.lawkinds import make_law
from sim.plan.sharing import sharing_spec
from sim.plan.specs import STAGES, LaneSpec, LossSpec, StationSpec, TravelSpec
from sim.plan.work import law_of
from sim.policies.allocation import ALLOCATION_RULES
from sim.policies.dispatch import (
    Departures,
    DispatchRule,
    FullOrAfter,
    OnArrival,
    Timetable,
    WhenFull,
)
from sim.scenario import leaving
from sim.scenario.flow import Lane, Loss
from sim.scenario.schema import Scenario
from sim.scenario.values import Stated


def lane_spec(
    name: str,
    lane: Lane,
    scenario: Scenario,
    echelons: tuple[str, ...],
    stations: tuple[StationSpec, ...],
) -> LaneSpec:
    """Return a lane of a scenario with its rules resolved; echelons, fleets, stations by index."""
    origin, destination = echelons.index(lane.from_), echelons.index(lane.to)
    circuity = lane.circuity or scenario.geography.circuity
    travel = lane.travel

    def at(stage: str) -> tuple[int, ...]:
        echelon = origin if stage in ("loading", "sorting") else destination
        return tuple(
            index
            for index, station in enumerate(stations)
            if station.stage == stage and station.echelon == echelon
        )

    kind = "constant" if travel.cv == 0 else travel.law
    fleets = [list(scenario.fleets).index(fleet) for fleet in lane.fleet]
    return LaneSpec(
        name=name,
        title=lane.title or name,
        origin=origin,
        destination=destination,
        fleet=fleets[0],
        circuity=circuity.value,
        travel=TravelSpec(
            own=make_law(kind, 1.0, travel.cv) if travel.cv else None,
            shared=make_law("lognormal", 1.0, travel.shared_cv) if travel.shared_cv else None,
            time=law_of(lane.time),
            back=law_of(lane.time_back),
        ),
        dispatch=_dispatch(lane, scenario),
        allocation=ALLOCATION_RULES[lane.allocation.rule],
        stations=tuple(at(stage) for stage in STAGES),
        is_last_mile=lane.tours is not None,
        other_fleets=tuple(fleets[1:]),
        loss=_loss(lane.loss),
        sharing=sharing_spec(scenario, lane),
    )


def _loss(loss: Loss) -> LossSpec | None:
    units = loss.units.value if loss.units is not None else 0.0
    shipments = loss.shipments.value if loss.shipments is not None else 0.0
    return LossSpec(units, shipments) if units or shipments else None


def _dispatch(lane: Lane, scenario: Scenario) -> DispatchRule:
    rule = lane.dispatch
    if isinstance(rule, leaving.OnArrival):
        return OnArrival()
    if isinstance(rule, leaving.WhenFull):
        return WhenFull(_number(rule.full))
    if isinstance(rule, leaving.FullOrAfter):
        return FullOrAfter(rule.after.value, _number(rule.full))
    offset = rule.offset.value if rule.offset is not None else 0.0
    loads, empty = _number(rule.loads), rule.empty == "run"
    cut_off = rule.cut_off.value if rule.cut_off is not None else 0.0
    if rule.every is not None:
        return Departures(rule.every.value, offset, loads=loads, runs_empty=empty, cut_off=cut_off)
    assert rule.at is not None
    midnight = scenario.start.hour + scenario.start.minute / 60 + scenario.start.second / 3600
    days = int(scenario.horizon.value / 24) + 2
    times = sorted({24.0 * day + hour - midnight for day in range(days) for hour in rule.at})
    return Timetable(
        tuple(time for time in times if time >= 0),
        loads=loads,
        runs_empty=empty,
        cut_off=cut_off,
    )


def _number(stated: Stated[int] | None) -> float:
    return float(stated.value) if stated is not None else inf
