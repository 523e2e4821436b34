"""Which assumptions move a scenario's reported figures most: each one to the ends of its range.

Every assumed or derived value with a range is set to its lowest and its highest value, one at a
time, under the same random numbers; makers that share an assumption ("as Qinhuangdao") move
together. The medians over replications of all reported figures are written as CSV. This is a first
look for the documentation of a campaign: it says nothing about assumptions that act together.

    python tools/one_at_a_time.py scenarios/NAME.toml docs/campaigns/NAME-moves.csv
"""

from __future__ import annotations

import argparse
import csv
import tomllib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sim.experiment.replicate import replicate
from sim.experiment.run import prepare
from sim.scenario.load import load_scenario


@dataclass(frozen=True, slots=True)
class Move:
    """One assumption set to one end of its range."""

    assumption: str
    end: str
    overrides: tuple[str, ...]


def moves_of(document: dict[str, Any]) -> Iterator[Move]:
    """Yield both ends of every range in the document; likeness of makers is kept."""
    yield Move("", "as assumed", ())
    shared: dict[str, list[str]] = {}
    ranges: dict[str, list[Any]] = {}
    for path, table in _stated(document):
        name = path
        if path.startswith("sites.") and (
            "as Qinhuangdao" in table.get("source", "") or path.startswith("sites.qinhuangdao.")
        ):
            name = "sites.(ten assumed makers)." + path.split(".", 2)[2]
        shared.setdefault(name, []).append(path + (".mean" if "mean" in table else ""))
        ranges[name] = table["range"]
    for name, paths in shared.items():
        for end, value in zip(("lowest", "highest"), ranges[name], strict=True):
            text = f'"{value}"' if isinstance(value, str) else str(value)
            yield Move(name, f"{end}: {value}", tuple(f"{path}={text}" for path in paths))


def _stated(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if "range" in table and ("value" in table or "mean" in table):
        yield path, table
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _stated(value, f"{path}.{key}" if path else key)


def figures_under(job: tuple[Path, Move, int]) -> dict[str, float]:
    """Return the median of every reported figure under one move; times in hours, inf for never."""
    path, move, replications = job
    prepared = prepare(load_scenario(path, move.overrides))
    values: dict[str, list[float]] = {}
    for replication in range(replications):
        run = replicate(prepared.plan, prepared.scope, replication)
        for figure, value in run.figures.items():
            values.setdefault(figure, []).append(value)
    return {figure: median(runs) for figure, runs in values.items()}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenario", type=Path)
    parser.add_argument("csv", type=Path)
    parser.add_argument("--replications", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    moves = list(moves_of(tomllib.loads(args.scenario.read_text(encoding="utf-8"))))
    with ProcessPoolExecutor(args.jobs) as executor:
        jobs = [(args.scenario, move, args.replications) for move in moves]
        results = list(executor.map(figures_under, jobs))
    figures = list(results[0])
    with args.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["assumption", "set to", *figures])
        for move, result in zip(moves, results, strict=True):
            writer.writerow(
                [move.assumption, move.end, *(f"{result[figure]:.6g}" for figure in figures)]
            )


if __name__ == "__main__":
    main()
