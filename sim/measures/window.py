"""The time that is measured: from the end of the warm-up until the run counts as over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger, Supplies
from sim.plan.specs import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """From ``begin`` to ``end`` (hours since the start)."""

    begin: float
    end: float

    @property
    def hours(self) -> float:
        """How long it is; NaN where the run was over before it began."""
        return self.end - self.begin if self.end > self.begin else np.nan

    def inside(self, times: Floats) -> NDArray[np.bool_]:
        """Return which of the times are in it: after its beginning (at 0, from it on), until its
        end. So what happens at equal intervals is counted exactly once an interval."""
        after = times > self.begin if self.begin > 0 else times >= 0
        return after & (times <= self.end)

    def overlap(self, begin: Floats, end: Floats) -> Floats:
        """Return the hours of each span that lie in it; a span without a beginning has none."""
        last = np.minimum(np.where(np.isnan(end), np.inf, end), self.end)
        first = np.maximum(np.where(np.isnan(begin), np.inf, begin), self.begin)
        held: Floats = np.maximum(last - first, 0.0)
        return held

    def mean_number(self, begin: Floats, end: Floats) -> float:
        """Return how many of the spans [begin, end) hold at a time, mean over time."""
        return float(self.overlap(begin, end).sum()) / self.hours


def window_of(ledger: Ledger, plan: Plan) -> Window:
    """Return the window of a run."""
    return Window(plan.warm_up, ledger.ended)


def number_quantiles(
    times: Floats, changes: Ints | Floats, window: Window, shares: Sequence[float]
) -> list[float]:
    """Return quantiles over time of a number that changes by ``changes`` at ``times``.

    The quantile is the smallest number that is not exceeded for at least ``share`` of the window.
    The number is 0 at first; changes that never come (NaN, inf) do not count.
    """
    if np.isnan(window.hours):
        return [np.nan] * len(shares)
    came = times < window.end
    order = np.argsort(times[came], kind="stable")
    moments = np.concatenate(
        [[window.begin], np.maximum(times[came][order], window.begin), [window.end]]
    )
    level = np.concatenate([[0], np.cumsum(changes[came][order])]).astype(np.int64)
    level = np.maximum(level, 0)  # changes at one moment may come in any order
    lasting = np.bincount(level, np.diff(moments))
    reached = np.cumsum(lasting) / window.hours
    return [float(np.searchsorted(reached, share - 1e-12)) for share in shares]


def until_over(ledger: Ledger) -> Ledger:
    """Return the ledger without what happened after the run counts as over."""
    if ledger.ended >= ledger.horizon:
        return ledger
    over = ledger.ended
    lost = ledger.losses.time <= over
    joined = ledger.services.joined <= over
    supplies, losses, services = ledger.supplies, ledger.losses, ledger.services
    came = supplies.time <= over
    services = type(services)(
        *(getattr(services, field.name)[joined] for field in fields(services))
    )
    return replace(
        _without_later(ledger, over),
        supplies=Supplies(*(getattr(supplies, field.name)[came] for field in fields(supplies))),
        trips=_forget(ledger.trips, over, _TRIP_TIMES),
        services=replace(
            _forget(services, over, ("began", "ended")),
            done=services.done & (services.ended <= over),
        ),
        tours=tuple(_forget(tours, over, _TOUR_TIMES) for tours in ledger.tours),
        losses=type(losses)(*(getattr(losses, field.name)[lost] for field in fields(losses))),
    )


_TRIP_TIMES = ("ready", "taken", "dispatched", "arrived", "received", "returned")
_TOUR_TIMES = ("ready", "began", "ended", "arrived", "delivered")
T = TypeVar("T")


def _forget(table: T, over: float, times: Sequence[str]) -> T:
    """Return a table in which times after ``over`` are NaN."""
    columns = {name: getattr(table, name) for name in times}
    return replace(  # type: ignore[type-var]
        table,
        **{name: np.where(column <= over, column, np.nan) for name, column in columns.items()},
    )


def _without_later(ledger: Ledger, over: float) -> Ledger:
    """Return the ledger without requests and answers after the run counts as over."""
    requests, answers = ledger.requests, ledger.answers
    asked, told = requests.asked <= over, answers.time <= over
    rows = np.cumsum(asked) - 1

    def until(times: Floats) -> Floats:
        return np.where(times <= over, times, np.nan)[asked]

    kept = {field.name: getattr(requests, field.name)[asked] for field in fields(requests)}
    kept |= {name: until(getattr(requests, name)) for name in ("answered", "received", "given_up")}
    columns = {field.name: getattr(answers, field.name)[told] for field in fields(answers)}
    columns["request"] = rows[columns["request"]]
    return replace(ledger, requests=type(requests)(**kept), answers=type(answers)(**columns))
