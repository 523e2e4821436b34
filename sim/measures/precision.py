"""How many replications make an interval narrow enough: a sequential rule, one after the other.

The confidence-interval method with look-ahead of K. Hoad, S. Robinson and R. Davies (2010,
"Automated selection of the number of replications for a discrete-event simulation", Journal of the
Operational Research Society 61, 1632-1644): after every replication the half-width of the interval
is set against what was asked. A first count that is narrow enough may be luck, so the rule goes on
for some replications more, and all counts on the way must be narrow as well.

That the interval covers the true value in the end is an asymptotic truth, for an ever smaller
half-width (Y. S. Chow and H. Robbins 1965, Annals of Mathematical Statistics 36, 457-462). With few
replications it covers it slightly less often than its level says, for the rule stops more readily
where the spread happens to look small (A. M. Law, Simulation Modeling and Analysis, 5th ed. 2015,
section 9.4.1). docs/precision.md says by how much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sim.catalogue import Measure
from sim.errors import UsageError
from sim.measures.asked import Asked, parse_asked
from sim.statistics.intervals import Interval, Values, mean_interval, probability_interval
from sim.units import DURATION, QuantityError

LEVEL = 0.95
#: Replications for which an interval must stay narrow enough (kLimit of Hoad et al.); from 100
#: replications on, as many in a hundred.
LOOK_AHEAD = 5
#: The first count that is looked at (that of Hoad et al.): two say next to nothing of a spread.
FIRST = 3

Kind = Literal["mean", "probability"]


@dataclass(frozen=True, slots=True)
class Target:
    """How narrow an interval is to be: its half-width, in the measure's unit, or, if ``relative``,
    as a share of the estimate itself."""

    half_width: float
    relative: bool = False
    kind: Kind = "mean"

    def interval(self, values: Values) -> Interval:
        """Return the interval that a result reports for these values."""
        if self.kind == "probability":
            return probability_interval(sum(value == 1.0 for value in values), len(values), LEVEL)
        return mean_interval(values, LEVEL)

    def reached(self, interval: Interval) -> bool:
        """Return whether an interval is narrow enough; one without bounds never is."""
        allowed = self.half_width * (abs(interval.estimate) if self.relative else 1.0)
        return half_width(interval) <= allowed


@dataclass(frozen=True, slots=True)
class Wanted:
    """A measure with the half-width asked of it, and the text that asked it."""

    text: str
    asked: Asked
    target: Target


@dataclass(frozen=True, slots=True)
class Stop:
    """After how many replications to stop, and whether all intervals are narrow enough by then.

    If they are not, there may be no more, or ``without`` says which series have a value missing and
    thus no mean, however many replications follow.
    """

    runs: int
    reached: bool
    without: tuple[int, ...] = ()


@dataclass(slots=True)
class Rule:
    """The rule, fed with the values of replication after replication, in their order.

    It stops with ``least`` replications at the earliest and ``most`` at the latest. ``series``
    holds the values of each target so far.
    """

    targets: tuple[Target, ...]
    least: int
    most: int
    series: list[list[float]] = field(init=False)
    _since: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.series = [[] for _ in self.targets]

    @property
    def runs(self) -> int:
        """How many replications were fed."""
        return len(self.series[0])

    def add(self, values: Sequence[float]) -> Stop | None:
        """Take in the values of the next replication, one for each target, NaN where it has none.

        Return when to stop, if the values so far say so.
        """
        for series, value in zip(self.series, values, strict=True):
            series.append(value)
        n = self.runs
        without = tuple(
            index for index, series in enumerate(self.series) if not all(map(math.isfinite, series))
        )
        if without:  # no mean, whatever follows
            return Stop(n, reached=False, without=without) if n >= self.least else None
        if n < FIRST or not all(map(self._narrow, self.targets, self.series)):
            self._since = None
        elif self._since is None:
            self._since = n
        if self._since is not None and n >= self.least and n >= self._since + ahead(self._since):
            return Stop(n, reached=True)
        return Stop(n, reached=False) if n >= self.most else None

    def expected(self) -> int:
        """Guess when the rule will stop: half-widths shrink with the root of the runs."""
        n = max(self.runs, 1)
        ratios = [0.0]
        for target, series in zip(self.targets, self.series, strict=True):
            interval = target.interval(series)
            allowed = target.half_width * (abs(interval.estimate) if target.relative else 1.0)
            width = half_width(interval)
            ratios.append(width / allowed if allowed else math.inf)
        guess = n * max(ratios) ** 2 if all(map(math.isfinite, ratios)) else self.most
        guess = min(float(self.most), guess)
        return max(self.least, n, min(self.most, math.ceil(guess) + ahead(math.ceil(guess))))

    @staticmethod
    def _narrow(target: Target, series: Values) -> bool:
        return target.reached(target.interval(series))


def runs_needed(
    series: Sequence[Values], targets: Sequence[Target], *, least: int = FIRST, most: int = 1000
) -> Stop | None:
    """Return when the rule stops, given the values of each target by replication; None if they do
    not reach so far.

    It depends on the values of the replications up to there only, in their order.
    """
    rule = Rule(tuple(targets), least, most)
    for values in zip(*series, strict=True):
        stop = rule.add(values)
        if stop is not None:
            return stop
    return None


def ahead(count: int) -> int:
    """Return for how many replications more an interval must stay narrow that is so at ``count``.

    The function f(kLimit, n) of Hoad et al. (2010).
    """
    return LOOK_AHEAD if count <= 100 else LOOK_AHEAD * count // 100


def half_width(interval: Interval) -> float:
    """Return half the width of an interval; infinite where a bound is missing."""
    width = (interval.high - interval.low) / 2
    return math.inf if math.isnan(width) else width


def parse_precision(text: str) -> Wanted:
    """Read ``MEASURE[@NAME]=HALFWIDTH``: a quantity in the measure's unit, or a share of the
    estimate, as ``5%``.

    >>> parse_precision("T90@clinic=0.25 d").target.half_width
    6.0
    >>> parse_precision("trips=5%").target
    Target(half_width=0.05, relative=True, kind='mean')

    Raises:
        UsageError: there is no such measure, or the half-width is none of its unit.
    """
    name, equals, width = text.rpartition("=")
    if not equals or not width.strip():
        expected = "MEASURE=HALFWIDTH, such as T90@clinic=6h or coverage@clinic=1%"
        raise UsageError(f'--precision {text}: expected {expected}, found "{text}"')
    try:
        asked = parse_asked(name)
        size, relative = _width(width.strip(), asked.about)
    except UsageError as error:
        raise UsageError(f"--precision {error}") from None
    kind: Kind = "probability" if asked.about.kind == "probability" else "mean"
    return Wanted(text, asked, Target(size, relative, kind))


def _width(text: str, measure: Measure) -> tuple[float, bool]:
    """Return a half-width in the measure's unit, or as a share of the estimate."""
    relative = text.endswith("%")
    units = ("%",) if relative else (measure.unit, "")
    example = {"h": "6 h", "days": "2"}.get(measure.unit, "0.01" if _share(measure) else "10")
    expected = f"{measure.name}: expected a half-width above 0 such as {example}, or 5%"
    try:
        if measure.unit == "h" and not relative:
            size = DURATION.parse(text)
        else:
            unit = next((unit for unit in units if unit and text.endswith(unit)), "")
            size = float(text.removesuffix(unit).strip().replace("_", ""))
    except QuantityError as error:
        raise UsageError(f'{expected}, found "{text}" ({error.why})') from None
    except ValueError:
        raise UsageError(f'{expected}, found "{text}"') from None
    size = size / 100 if relative else size
    if not 0 < size < math.inf:
        raise UsageError(f'{expected}, found "{text}"')
    return size, relative


def _share(measure: Measure) -> bool:
    return measure.unit in ("share", "probability", "gini")
