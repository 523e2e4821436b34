"""Expected values of single stations whose lots come by chance."""

from __future__ import annotations

import math

from theory import breakdowns, gaps, priorities, queues
from theory.queues import mg1

MINUTE = 1.0 / 60.0


def _priorities() -> dict[str, float]:
    rates, means, cvs = (4.0, 4.0), (2.5 * MINUTE, 3.5 * MINUTE), (1.0, 0.5)
    one = priorities.waits(rates, means, cvs)
    two = priorities.waits_servers((4.0, 4.0, 4.0), 3 * MINUTE, 2)
    return {
        "urgent": one[0] + means[0],
        "normal": one[1] + means[1],
        "first": two[0] + 3 * MINUTE,
        "second": two[1] + 3 * MINUTE,
        "third": two[2] + 3 * MINUTE,
    }


def _preemption() -> dict[str, float]:
    one = priorities.resume_times((4.0, 4.0), (2.5 * MINUTE, 3.5 * MINUTE), (0.5, 0.5))
    two = priorities.resume_times_servers((5.0, 5.0), 4 * MINUTE, 2)
    return {"urgent": one[0], "normal": one[1], "fast": two[0], "slow": two[1]}


def _laws() -> dict[str, float]:
    """M/G/1 by law; the moments of the last two from their definitions."""
    low, mode, high = 1 * MINUTE, 3 * MINUTE, 11 * MINUTE
    triangle = (low + mode + high) / 3
    spread = (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18
    observed = ((3 * MINUTE, 2 / 6), (5 * MINUTE, 3 / 6), (9 * MINUTE, 1 / 6))
    mean = sum(value * weight for value, weight in observed)
    second = sum(value**2 * weight for value, weight in observed)
    return {
        "gamma": mg1(6.0, 3 * MINUTE, 0.7).time,
        "erlang": mg1(3.0, 5 * MINUTE, 0.5).time,
        "lognormal": mg1(6.0, 3 * MINUTE, 0.7).time,
        "hyperexponential": mg1(15.0, 1 * MINUTE, 1.2).time,
        "uniform": mg1(3.0, 5 * MINUTE, 0.5).time,
        "triangular": mg1(3.0, triangle, math.sqrt(spread) / triangle).time,
        "empirical": mg1(3.0, mean, math.sqrt(second - mean**2) / mean).time,
    }


def _bursts() -> queues.Queue:
    """Balanced means: each branch brings half of the mean (H. C. Tijms 2003, appendix B)."""
    gap, cv = 10 * MINUTE, 1.3
    often = (1 + math.sqrt((cv**2 - 1) / (cv**2 + 1))) / 2
    chances = (often, 1 - often)
    law = gaps.mixture(chances, (gap / (2 * chances[0]), gap / (2 * chances[1])))
    return queues.gim1(law, gap, 2.5 * MINUTE)


ONE = queues.mmc(6.0, 3 * MINUTE, 1)
TWO = queues.mmc(5.0, 9 * MINUTE, 2)
FIVE = queues.mmc(5.0, 30 * MINUTE, 5)
YARD_ONE = queues.mmck(7.5, 12 * MINUTE, 1, 3)
YARD_TWO = queues.mmck(7.5, 24 * MINUTE, 2, 3)
BURSTS = _bursts()
WEAR = (5.0, 3 * MINUTE, 0.5, 3.0, 4 * MINUTE, 0.5)

BY_CHANCE: dict[str, dict[str, float]] = {
    "queues-mmc": {
        "one-time": ONE.time,
        "one-waited": ONE.wait_share,
        "two-time": TWO.time,
        "two-use": 5.0 * 9 * MINUTE / 2,
        "five-time": FIVE.time,
        "five-number": FIVE.present,
    },
    "queues-mmck": {
        "one-turned-away": YARD_ONE.lost,
        "one-time": YARD_ONE.time,
        "one-throughput": YARD_ONE.throughput,
        "two-turned-away": YARD_TWO.lost,
        "two-time": YARD_TWO.time,
    },
    "queues-mdc": {
        "one-time": queues.mdc_wait(7.5, 4 * MINUTE, 1) + 4 * MINUTE,
        "one-waited": 1 - queues.mdc_wait_cdf(0.0, 7.5, 4 * MINUTE, 1),
        "three-time": queues.mdc_wait(15.0, 9 * MINUTE, 3) + 9 * MINUTE,
        "three-waited": 1 - queues.mdc_wait_cdf(0.0, 15.0, 9 * MINUTE, 3),
    },
    "queues-mg1": _laws(),
    "queues-gim1": {
        "even-time": queues.gim1(gaps.erlang(12 * MINUTE, 4), 12 * MINUTE, 5 * MINUTE).time,
        "bursts-time": BURSTS.time,
        "bursts-waited": BURSTS.wait_share,
    },
    "priorities": _priorities(),
    "preemption": _preemption(),
    "breakdowns": {
        "worn-time": breakdowns.while_working(*WEAR).time,
        "worn-use": breakdowns.while_working(*WEAR).working,
        "any-time": breakdowns.by_calendar(*WEAR).time,
    },
}
