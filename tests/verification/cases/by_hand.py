"""Expected values of what chance has no part in: schedules, calendars, shares of scarce goods."""

from __future__ import annotations

from theory import flowshops, networks
from theory.networks import Stage

MINUTE = 1.0 / 60.0
REST, LONG_REST = 20 * MINUTE, 45 * MINUTE

JOHNSON = [[4, 5], [4, 1], [30, 4], [6, 30], [2, 3]]
JOHNSON_ENDS = flowshops.ends(JOHNSON, flowshops.johnson_order(JOHNSON))[:, -1]
TAILLARD = flowshops.ends(flowshops.taillard_times(20, 5, 873654221), range(20))[:, -1]
SEVEN = flowshops.best_order(flowshops.taillard_times(7, 4, 873654221))[1]

TRUCKS = [Stage(0.5), Stage(1.0, None), Stage(0.25), Stage(0.75, None)]
DOCKS = [Stage(1.0, 2), Stage(1.0, None), Stage(0.25), Stage(0.5, None)]
ROUNDS = networks.constant_fleet_ends(
    [Stage(1.0), Stage(0.75, None), Stage(1.5), Stage(0.5, None)], 3, 4
)[:, 2]


def _masks() -> tuple[float, float]:
    """Six masks at 0.5, 10.5, ..., 90.5 h; asks at 1, 2, ..., 99 h: share met, share of time
    without, followed step by step."""
    stock, met, without, last = 0, 0, 0.0, 0.0
    comes = [(10.0 * k + 0.5, 6) for k in range(10)]
    moments = sorted([*comes, *((float(k), -1) for k in range(1, 100))])
    for time, change in [*moments, (100.0, 0)]:
        without += time - last if stock == 0 else 0.0
        met += change == -1 and stock > 0
        stock, last = max(stock + change, 0), time
    return met / 99, without / 100


MET, WITHOUT = _masks()

BY_HAND: dict[str, dict[str, float]] = {
    "closed-fleet-constant": {
        "four-trips": networks.constant_fleet_throughput(TRUCKS, 4),
        "four-cycle": 0.5 + 1.0 + 0.25 + 0.75,
        "seven-trips": networks.constant_fleet_throughput(DOCKS, 7),
    },
    "closed-fleet-rounds": {
        "makespan": float(ROUNDS[-1]),
        "mean-end": float(ROUNDS.mean()),
    },
    "flow-shop-johnson": {
        "makespan": flowshops.makespan(JOHNSON, flowshops.johnson_order(JOHNSON)),
        "job-2": float(JOHNSON_ENDS[4]),
        "job-3": float(JOHNSON_ENDS[3]),
    },
    "flow-shop-taillard": {
        "makespan": float(TAILLARD[-1]) * MINUTE,
        "job-10": float(TAILLARD[9]) * MINUTE,
    },
    "flow-shop-best": {"makespan": SEVEN * MINUTE},
    "calendars": {
        "finish-time": (3 + (24 - 17 + 11) + 3) / 3,
        "finish-wait": (0 + (24 - 17 + 8) + 0) / 3,
        "pause-time": ((24 - 16 + 9) + (24 - 17 + 12) + (24 - 17 + 48 + 10)) / 3,
        "pause-wait": (0 + (24 - 17 + 9) + 0) / 3,
        "fits-time": ((24 - 16 + 11) + (24 - 17 + 14) + (24 - 17 + 48 + 11)) / 3,
        "fits-wait": ((24 - 16 + 8) + (24 - 17 + 11) + (24 - 17 + 48 + 8)) / 3,
    },
    "calendars-crews": {
        "finish": 20 - 17,
        "finish-round": 24 - 17 + 11,
        "pause": 24 - 17 + 10,
        "fits": 11 - 8,
        "fits-stay": 24 - 17 + 8,
        "holidays": (2 + (24 * (18 - 9) - 17 + 9)) / 2,
    },
    "timetable": {
        "skip-wait": (0.5 + 11 + 0 + 1) / 4,
        "skip-trips": 3,
        "run-trips": 2 * 3,
        "run-units": 4 / 6,
        "cut-wait": (12.5 + 11 + 12 + 1) / 4,
        "cut-trips": 3,
        "small-wait": (1 + 13 + 25) / 3,
    },
    "driving-rest": {
        "four-hours": 240 / 60,
        "ten-hours": 600 / 60 + 2 * REST,
        "other-rule": 600 / 60 + 2 * LONG_REST,
        "two-drivers": 600 / 60,
        "short-stop": 2 * 240 / 60 + 15 * MINUTE + REST,
        "long-stop": 2 * 240 / 60 + 40 * MINUTE,
    },
    "allocation": {
        **{f"proportional-{town}": units for town, units in zip("abc", (6, 3, 1), strict=True)},
        **{f"rounds-{town}": units for town, units in zip("bca", (4, 3, 3), strict=True)},
        **{f"nearest-{town}": units for town, units in zip("bca", (6, 3, 1), strict=True)},
        **{f"farthest-{town}": units for town, units in zip("ac", (12, 2), strict=True)},
        **{f"largest-{town}": units for town, units in zip("ab", (12, 2), strict=True)},
        **{f"smallest-{town}": units for town, units in zip("cba", (3, 6, 1), strict=True)},
        **{f"attribute-{town}": units for town, units in zip("ba", (6, 1), strict=True)},
        **{f"neediest-{town}": units for town, units in zip("abc", (10, 6, 1), strict=True)},
        "wave-wait": (3 * 0 + 7 * 50) / 10,
        "wave-b": 6,
    },
    "consumption-constant": {
        "masks-met": MET,
        "masks-without": WITHOUT,
        "kits-met": (2 + 3 + 1) / (3 * 3),
        "kits-stock": (2 * 12 + 4 * (36 - 24.5) + 1 * (60 - 36)) / 100,
    },
    "disruptions": {
        "closed-road": ((4.5 - 3) + (4.5 - 4)) / 6,
        "slow-road": (4 * 1 + 2 * 2) / 6,
        "closed-site": (6 * 1 + (4.5 - 3) + (4.5 - 4)) / 6,
        "output-cut": (10 + 10 + 5 + 5 + 10 + 10) / 40,
        "fewer-vehicles": (20 * MINUTE + 30 * MINUTE) / 6,
        "sudden-need": 30 / 49,
        "sudden-need-without": (40 - 20) / 40,
    },
}
