"""What came of a network that no campaign ends: queues, use, throughput, stock-outs, losses."""

from __future__ import annotations

from sim.experiment.run import Prepared
from sim.plan.specs import OPEN
from sim.report.rows import Row, find
from sim.report.words import number
from sim.units import show_hours


def steady_lines(rows: list[Row], prepared: Prepared) -> list[str]:
    """Return a line for each station, fleet, product and consumption of a scenario; none for a
    campaign, whose coverage tells more. A scenario is one where some goods end at sites that take
    all that comes, that leaves out a warm-up, or that uses goods up."""
    plan = prepared.plan
    takes_all = bool((plan.links.units >= OPEN).any())
    if not (takes_all or plan.warm_up or plan.consumption):
        return []
    lines = [_station(rows, spec.name, spec.title) for spec in plan.stations]
    lines += [_fleet(rows, spec.name, spec.title) for spec in plan.fleets]
    lines += [_product(rows, name) for name in plan.products]
    lines += [_consumption(rows, spec.name) for spec in plan.consumption]
    return [line for line in lines if line]


def _mean(rows: list[Row], measure: str, entity: str = "", product: str = "") -> float | None:
    row = find(rows, measure, entity=entity, product=product)
    value = None if row is None else row["mean"]
    return None if value is None else float(value)


def _told(head: str, parts: list[tuple[str, str | None]]) -> str:
    said = ", ".join(text.format(value) for text, value in parts if value is not None)
    return f"{head}: {said}" if said else ""


def _hours(value: float | None) -> str | None:
    return None if value is None else show_hours(value)


def _as(value: float | None, unit: str) -> str | None:
    return None if value is None else number(value, unit)


def _station(rows: list[Row], name: str, title: str) -> str:
    def mean(measure: str) -> float | None:
        return _mean(rows, measure, name)

    return _told(
        title,
        [
            ("wait {}", _hours(mean("wait-mean"))),
            ("{} waiting", _as(mean("number-waiting"), "")),
            ("{} busy", _as(mean("station-use"), "share")),
            ("{} turned away", _as(mean("turned-away-share"), "share")),
        ],
    )


def _fleet(rows: list[Row], name: str, title: str) -> str:
    def mean(measure: str) -> float | None:
        return _mean(rows, measure, name)

    return _told(
        title,
        [
            ("{} trips an hour", _as(mean("trips-per-hour"), "")),
            ("round {}", _hours(mean("cycle-time-mean"))),
            ("{} in use", _as(mean("vehicle-use"), "share")),
            ("{} full", _as(mean("fill-share"), "share")),
            ("no vehicle for {}", _as(mean("no-vehicle-share"), "share")),
        ],
    )


def _product(rows: list[Row], name: str) -> str:
    def mean(measure: str) -> float | None:
        return _mean(rows, measure, product=name)

    return _told(
        name,
        [
            ("{} in the network", _hours(mean("time-in-system-mean"))),
            ("{} units an hour", _as(mean("throughput-units"), "")),
            ("{} units left behind", _as(mean("backlog"), "units")),
        ],
    )


def _consumption(rows: list[Row], name: str) -> str:
    row = find(rows, "need-met-share", entity=name)
    product = row["product"] if row else ""

    def mean(measure: str) -> float | None:
        return _mean(rows, measure, name, product)

    days = mean("days-of-stock")
    return _told(
        name,
        [
            ("{} of need met", _as(mean("need-met-share"), "share")),
            ("without stock {} of the time", _as(mean("stock-out-share"), "share")),
            ("{} of facilities ever", _as(mean("facilities-stocked-out"), "share")),
            ("{} of stock at the end", None if days is None else show_hours(24 * days)),
        ],
    )
