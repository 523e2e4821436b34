"""The points of a sweep: a design laid over its axes, each setting once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sim.errors import UsageError
from sim.experiment.points import Point
from sim.sweeping.axes import Axis, Setting
from sim.sweeping.designs import BASE, grid, latin_hypercube, one_at_a_time, saltelli

Kind = Literal["grid", "one-at-a-time", "latin", "sobol"]
KINDS: tuple[Kind, ...] = get_args(Kind)

#: Unless --points says otherwise: steps of a range in a grid, points of a Latin hypercube for each
#: axis (J. L. Loeppky, J. Sacks & W. J. Welch 2009, Technometrics 51, 366-376), and rows of each
#: block of a Sobol design.
STEPS, LATIN_POINTS, SOBOL_ROWS = 5, 10, 64
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Layout:
    """A design over axes. Point 0 is the scenario as it is; ``settings`` has a row for each point,
    a column for each axis. ``rows`` are the design's own rows, as numbers of points: a point may
    stand for several of them, and the scenario itself need not be one of them."""

    kind: Kind
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    settings: tuple[tuple[Setting, ...], ...]
    rows: tuple[int, ...]


def lay_out(kind: Kind, axes: Sequence[Axis], points: int | None, seed: int) -> Layout:
    """Return the points of a design, and which of them its rows are.

    ``points`` is the number of steps of a range in a grid, of points of a Latin hypercube, or of
    rows of each block of a Sobol design; one at a time has as many as there are ends.

    Raises:
        UsageError: there are no axes, ``points`` does not suit, or there would be too many.
    """
    if not axes:
        raise UsageError("there is nothing to vary")
    rows = list(_rows(kind, axes, points, seed))
    base = tuple(axis.base for axis in axes)
    numbers: dict[tuple[Setting, ...], int] = {base: 0}
    placed = tuple(numbers.setdefault(row, len(numbers)) for row in rows)
    return Layout(
        kind,
        tuple(axes),
        tuple(
            Point(number, tuple(pair for setting in row for pair in setting.values))
            for row, number in numbers.items()
        ),
        tuple(numbers),
        placed,
    )


def _rows(
    kind: Kind, axes: Sequence[Axis], points: int | None, seed: int
) -> Iterable[tuple[Setting, ...]]:
    if points is not None and kind == "one-at-a-time":
        raise UsageError("--points says nothing of a design one at a time: it visits all ends")
    if kind == "one-at-a-time":
        ends = [axis.ends() for axis in axes]
        for row in one_at_a_time([len(each) for each in ends]):
            yield tuple(
                axis.base if level == BASE else each[level]
                for axis, each, level in zip(axes, ends, row, strict=True)
            )
        return
    if kind == "grid":
        steps = [axis.steps(points or STEPS) for axis in axes]
        count = 1
        for each in steps:
            count *= len(each)
        _check(count)
        for row in grid([len(each) for each in steps]):
            yield tuple(each[level] for each, level in zip(steps, row, strict=True))
        return
    if kind == "latin":
        count = points or LATIN_POINTS * len(axes)
        _check(count)
        shares = latin_hypercube(len(axes), count, seed)
    else:
        count = points or SOBOL_ROWS
        if count & (count - 1):
            near = 1 << (count.bit_length() - 1)
            raise UsageError(
                f"--points of a Sobol design must be a power of two, such as {near} or {2 * near}; "
                f"found {count}"
            )
        _check(count * (len(axes) + 2))
        shares = saltelli(len(axes), count, seed)
    for shared in shares.tolist():
        yield tuple(axis.at(share) for axis, share in zip(axes, shared, strict=True))


def _check(count: int) -> None:
    if count > _MOST:
        raise UsageError(f"this design has {count:,} points: the most is {_MOST:,}")
