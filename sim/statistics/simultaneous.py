"""Several variants against one base: intervals that hold together, p-values for any false alarm.

Differences from one base are alike in part: a base that was lucky makes all variants look bad.
Bonferroni's inequality, and Holm's method with it, take no notice of that and ask for too much.
Here the joint law of the differences is learnt from the runs themselves: each run's differences,
less their means, keep or change their sign all at once, and the largest |t| over the variants is
noted (P. H. Westfall & S. S. Young, Resampling-Based Multiple Testing, 1993, chapter 2, steps down
by the largest statistic; J. P. Romano & M. Wolf 2005, JASA 100, 94-108, give intervals and steps
from such draws; R. Davidson & E. Flachaire 2008, Journal of Econometrics 146, 162-169, the signs).

Signs are drawn once for all from named streams, so the same runs always give the same answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from sim.statistics.intervals import Values
from sim.statistics.paired import holm, simultaneous_level
from sim.streams import Streams, entity_ids

Floats = NDArray[np.float64]

FEWEST = 10  # runs: fewer have too few patterns of signs to tell how they vary
_ALL = 13  # runs up to which all patterns are taken, not a sample of them
_PATTERNS = 4_999
_ALIKE = 1e-9  # statistics closer than this (relative) are tied, whatever the rounding


@dataclass(frozen=True, slots=True)
class Together:
    """What makes a family of comparisons hold together.

    ``each`` is, by variant, the level of its own interval such that all hold together with
    ``level``; ``p`` are adjusted p-values, NaN where there is none to adjust. ``method`` says how
    they were found.
    """

    level: float
    each: tuple[float, ...]
    p: tuple[float, ...]
    method: str


def hold_together(
    differences: Sequence[Values], p_values: Sequence[float], level: float = 0.95
) -> Together:
    """Return levels and p-values for the differences of several variants from one base.

    ``differences`` are, by variant, its paired differences, run by run; ``p_values`` are those of
    each by itself, NaN where nothing can be said, which is then no comparison. Differences that are
    all finite are taken by Student's t, alone and together. One that is not takes its share by
    Bonferroni's inequality, as do all where there are fewer than ``FEWEST`` runs.

    A variant by itself is left as it is. No p-value gets smaller, no level lower.

    Raises ValueError for a level outside (0, 1), or columns of different lengths.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"a level must lie between 0 and 1, found {level:g}")
    columns = [np.asarray(column, dtype=np.float64) for column in differences]
    sizes = {len(column) for column in columns}
    if len(columns) != len(p_values) or len(sizes) > 1:
        found = ", ".join(map(str, sorted(sizes)))
        raise ValueError(
            f"one p-value for each variant, and one difference a run: found {len(p_values)} "
            f"p-values for {len(columns)} variants of {found} runs"
        )
    asked = [index for index, p in enumerate(p_values) if not math.isnan(p)]
    usual = [index for index in asked if bool(np.isfinite(columns[index]).all())]
    runs = sizes.pop() if sizes else 0
    share = len(usual) / max(len(asked), 1)
    joint_level = 1.0 - (1.0 - level) * share
    if len(usual) > 1 and runs >= FEWEST:
        drawn = _largest(np.column_stack([columns[index] for index in usual]))
        rank = math.ceil(joint_level * (len(drawn.largest) + 1) - _ALIKE)
        if rank <= len(drawn.largest):
            return _jointly(p_values, asked, usual, level, rank, drawn, runs)
    each = simultaneous_level(level, len(asked))
    levels = tuple(level if math.isnan(p) else each for p in p_values)
    method = "Dunn, Holm" if len(asked) > 1 else "by itself"
    return Together(level, levels, tuple(holm(p_values)), method)


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """The largest |t| of each pattern, ascending, and p-values stepping down from the largest."""

    largest: Floats
    p: Floats


def _jointly(
    p_values: Sequence[float],
    asked: Sequence[int],
    usual: Sequence[int],
    level: float,
    rank: int,
    drawn: _Drawn,
    runs: int,
) -> Together:
    share = len(usual) / len(asked)
    reached = 2.0 * float(stdtr(runs - 1, drawn.largest[rank - 1])) - 1.0
    joint = max(round(reached, 9), 1.0 - (1.0 - level) * share)
    alone = simultaneous_level(level, len(asked))
    levels = [level if math.isnan(p) else alone for p in p_values]
    adjusted = [p if math.isnan(p) else min(1.0, p * len(asked)) for p in p_values]
    for index, p in zip(usual, drawn.p.tolist(), strict=True):
        levels[index] = joint
        adjusted[index] = max(min(1.0, p / share), p_values[index])
    method = f"largest t of {len(usual)}, {len(drawn.largest):,} patterns of signs"
    return Together(level, tuple(levels), tuple(adjusted), method)


def _largest(differences: Floats) -> _Drawn:
    """Draw the largest |t| under no difference; shape (runs, variants) in.

    All is counted in v = t^2 / (t^2 + runs - 1), the share of a column's squares that is due to its
    mean: it grows with |t|, and signs leave the sum of squares as it is.
    """
    runs = len(differences)
    mean = differences.mean(axis=0)
    rest = differences - mean
    squares = (rest**2).sum(axis=0)
    flat = squares <= runs * (_ALIKE * np.abs(differences).max(axis=0)) ** 2
    found = np.where(
        flat, mean != 0, runs * mean**2 / np.where(flat, 1.0, squares + runs * mean**2)
    )
    scaled = np.where(flat, 0.0, rest / np.sqrt(runs * np.where(flat, 1.0, squares)))
    order = np.argsort(-found, kind="stable")
    drawn = np.square(scaled.T[order[::-1]] @ _signs(runs))
    following = np.maximum.accumulate(drawn, axis=0)[::-1]  # each variant, or one after it
    above = (following >= found[order, None] * (1.0 - _ALIKE)).sum(axis=1)
    p = np.empty(len(found))
    p[order] = np.maximum.accumulate((above + 1.0) / (drawn.shape[1] + 1.0))
    largest = np.minimum(np.sort(following[0]), 1.0 - _ALIKE)
    return _Drawn(np.sqrt(largest / (1.0 - largest) * (runs - 1)), p)


@lru_cache(maxsize=8)
def _signs(runs: int) -> Floats:
    """Patterns of signs, shape (runs, patterns): all of them for few runs, else a fixed sample.

    A pattern and its opposite give the same |t|, so the first run's sign need not change.
    """
    if runs <= _ALL:
        return np.array(list(product([1.0], *[(1.0, -1.0)] * (runs - 1)))).T.copy()
    luck = Streams(0, 0).table(entity_ids(f"signs/{run}" for run in range(runs)), _PATTERNS)
    return np.asarray(np.where(luck < 0.5, -1.0, 1.0))
