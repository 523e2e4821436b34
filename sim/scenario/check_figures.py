"""Checks of reported figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sim.errors import did_you_mean
from sim.scenario.faults import Fault, ends_at
from sim.scenario.figures import FIGURE_MEASURES, Reported
from sim.scenario.schema import Scenario
from sim.scenario.values import show


def figure_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of this kind."""
    end = scenario.start + timedelta(hours=scenario.horizon.value)
    for name, figure in scenario.reported.items():
        path = ("reported", name)
        kind = FIGURE_MEASURES[figure.measure]
        is_time = kind == "time"
        if figure.product is None and figure.measure != "trips":
            yield Fault(path, 'the key "product"', "nothing")
        if is_time == (figure.at is not None):
            expected = "no such key: the measure is a time" if is_time else 'the key "at"'
            yield Fault(
                (*path, "at") if is_time else path, expected, "one" if is_time else "nothing"
            )
        counts = figure.measure in ("dispatched", "received", "sites-reached", "trips")
        if figure.since is not None and not counts:
            yield Fault(
                (*path, "since"), "no such key: the measure is not counted over a time", "one"
            )
        if figure.product is not None and figure.measure == "trips":
            yield Fault((*path, "product"), "no such key: trips carry all products", "one")
        for key in ("at", "since"):
            when = getattr(figure, key)
            if when is not None and not scenario.start <= when <= end:
                yield Fault(
                    (*path, key),
                    f"a time between the start and the horizon, {end.isoformat()}",
                    when.isoformat(),
                )
        yield from _limits(path, figure, is_time=is_time)
        yield from _figure_scope(scenario, path, figure)


def _limits(path: tuple[str | int, ...], figure: Reported, *, is_time: bool) -> Iterator[Fault]:
    what = "a time with its zone" if is_time else "a number"
    if figure.value is None and isinstance(figure.band, float):
        yield Fault((*path, "band"), 'a "value" that it is a share of', "none")
        return
    if figure.value is not None and isinstance(figure.value, datetime) != is_time:
        yield Fault((*path, "value"), f'{what} for "{figure.measure}"', show(figure.value))
        return
    if figure.band is not None and (figure.at_least is not None or figure.at_most is not None):
        yield Fault((*path, "band"), 'either "band" or "at-least" and "at-most"', "both")
        return
    low, high = figure.limits()
    if is_time and isinstance(figure.band, float):
        yield Fault((*path, "band"), "[earliest, latest] for a time", f"{figure.band:.0%}")
        return
    if low is None and high is None:
        yield Fault(path, 'a "band", "at-least" or "at-most"', "no tolerance")
        return
    for key, limit in (("at-least", low), ("at-most", high)):
        if limit is not None and isinstance(limit, datetime) != is_time:
            key = key if figure.band is None else "band"
            yield Fault((*path, key), f"{what}, as the measure is", show(limit))
            return
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        if figure.band is not None:
            yield Fault((*path, "band"), "the lowest value first", "the highest first")
        else:
            yield Fault((*path, "at-least"), 'at most what "at-most" says', show(low))


def _figure_scope(
    scenario: Scenario, path: tuple[str | int, ...], figure: Reported
) -> Iterator[Fault]:
    leaves = {lane.from_ for lane in scenario.lanes.values()}
    reached = {lane.to for lane in scenario.lanes.values()}
    sending = figure.measure in ("dispatched", "in-transit", "trips", "dispatch-time")
    if figure.echelon not in (leaves if sending else reached):
        choices = [name for name in scenario.echelons if name in (leaves if sending else reached)]
        yield Fault(
            (*path, "echelon"),
            f"an echelon that {'sends' if sending else 'receives'} goods ({', '.join(choices)})",
            f'"{figure.echelon}"',
            did_you_mean(figure.echelon, choices),
        )
    if figure.measure == "coverage" and not ends_at(scenario, figure.echelon):
        yield Fault((*path, "echelon"), "an echelon of facilities", f'"{figure.echelon}"')
    if figure.site is not None:
        if not sending:
            yield Fault((*path, "site"), "a site only for what is dispatched", f'"{figure.site}"')
        elif scenario.sites[figure.site].echelon != figure.echelon:
            yield Fault(
                (*path, "site"), f'a site of the echelon "{figure.echelon}"', f'"{figure.site}"'
            )
