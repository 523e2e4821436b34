"""Expected values of fleets, networks, departures, batches, losses and stock, by chance."""

from __future__ import annotations

from theory import batches, inventory, networks, queues
from theory.networks import Stage
from theory.queues import mmc

MINUTE = 1.0 / 60.0

PIT = networks.closed_network(
    [
        Stage(10 * MINUTE),
        Stage(10 * MINUTE, None),
        Stage(8 * MINUTE),
        Stage(7 * MINUTE, None),
    ],
    4,
)
QUARRY = networks.closed_network(
    [
        Stage(20 * MINUTE, 2),
        Stage(12 * MINUTE, None),
        Stage(6 * MINUTE),
        Stage(10 * MINUTE, None),
    ],
    6,
)
HOURLY = batches.timetable_unlimited(2.0, 1.0)
FOUR = batches.timetable(2.5, 1.0, 4)
HURRIED = batches.full_or_after(3.0, 4, 1.0)
SPLIT = networks.jackson(
    [6.0, 4.0, 0.0],
    [[0, 0, 1], [0, 0, 1], [0, 0, 0]],
    [2.5 * MINUTE, 2.4 * MINUTE, 9 * MINUTE],
    [1, 1, 3],
)
TANDEM = networks.jackson(
    [6.0, 0.0, 0.0],
    [[0, 1, 0], [0, 0, 1], [0, 0, 0]],
    [3 * MINUTE, 7 * MINUTE, 3 * MINUTE],
    [1, 2, 1],
)
STOCK = inventory.poisson_use_steady(5, 10.0, 0.8)

NETWORKS: dict[str, dict[str, float]] = {
    "fleet-loss": {
        "constant": queues.erlang_b(3, 4.5),
        "exponential": queues.erlang_b(3, 4.5),
        "hyperexponential": queues.erlang_b(3, 4.5),
        "exponential-use": queues.erlang_b_carried(3, 4.5) / 3,
    },
    "transit": {
        "mean": queues.mg_infinity_mean(15.0, 14 * MINUTE),
        "ninth-decile": queues.mg_infinity_quantile(0.9, 15.0, 14 * MINUTE),
    },
    "tandem": {
        "weighing": TANDEM.queues[0].time,
        "loading": TANDEM.queues[1].time,
        "customs": TANDEM.queues[2].time,
        "time-in-system": TANDEM.time + 15 * MINUTE,
    },
    "split": {
        "north-time": SPLIT.queues[0].time,
        "south-time": SPLIT.queues[1].time,
        "south-throughput": SPLIT.arrivals[1],
        "last-time": mmc(10.0, 9 * MINUTE, 3).time,
        "time-in-system": SPLIT.time,
    },
    "closed-fleet": {
        "four-trips": PIT.throughput,
        "four-cycle": 4 / PIT.throughput,
        "four-dock": PIT.times[0],
        "six-trips": QUARRY.throughput,
        "six-dock": QUARRY.times[2],
    },
    "blocking": {
        "no-room": networks.blocking_tandem(6 * MINUTE, 5 * MINUTE, 0),
        "room-for-two": networks.blocking_tandem(6 * MINUTE, 5 * MINUTE, 2),
    },
    "departures": {
        "large-wait": HOURLY.wait,
        "large-units": HOURLY.load / (1 - HOURLY.empty),
        "large-trips": 1 - HOURLY.empty,
        "four-wait": FOUR.wait,
        "four-trips": 1 - FOUR.empty,
        "empty-trips": 1.0,
        "empty-units": HOURLY.load,
    },
    "dispatch-full": {
        "patient-wait": batches.when_full_wait(3.0, 4),
        "patient-units": 4.0,
        "hurried-wait": HURRIED.wait,
        "hurried-units": HURRIED.load,
        "hurried-trips": HURRIED.rate,
    },
    "batch-servers": {
        "makespan": batches.batch_makespan(2000, 6 * MINUTE, 3),
        "wait": batches.batch_wait(2000, 6 * MINUTE, 3),
    },
    "batch-trips": {
        "makespan": batches.longest(200, 1.0),
        "ninth-decile": batches.longest(200, 1.0) - batches.longest(20, 1.0),
    },
    "loss": {
        "units": 0.1,
        "shipments": 0.5,
        "both": 1 - (1 - 0.25) * (1 - 0.4),
    },
    "consumption-poisson": {
        "without": STOCK.without,
        "stock": STOCK.mean,
    },
}
