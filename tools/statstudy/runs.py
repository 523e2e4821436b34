"""Run the experiments of the study through Postroad's own engine and measures."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.experiment.replicate import replicate
from sim.experiment.run import prepare
from sim.scenario.load import load_scenario
from statstudy.worlds import FILES, WORLDS, Variant, World

Floats = NDArray[np.float64]
Values = dict[tuple[str, str], Floats]  # by world and variant; shape (experiments, runs)

_APART = 1_000_000  # seeds of variants with luck of their own lie so far from the base's


def values_of(world: World, variant: Variant, seed: int, runs: int | None = None) -> Floats:
    """Return the measure of one variant under one seed, in hours; shape (entities, runs).

    Raises:
        ValueError: a run has no value.
    """
    overrides = (*variant.overrides, f"seed={seed + _APART * variant.luck}")
    prepared = prepare(load_scenario(FILES / world.file, overrides))
    count = variant.runs if runs is None else min(runs, variant.runs)
    found = np.full((len(world.entities), count), np.nan)
    place = {entity: row for row, entity in enumerate(world.entities)}
    for number in range(count):
        for row in replicate(prepared.plan, prepared.scope, number).measures.rows:
            if row.measure == world.measure and row.entity in place:
                found[place[row.entity], number] = row.value
    if not np.isfinite(found).all():
        raise ValueError(f"{world.name}, {variant.name}, seed {seed}: a run has no value")
    return found


def run_worlds(
    experiments: int,
    jobs: int,
    names: Sequence[str] = tuple(WORLDS),
    variants: Sequence[str] | None = None,
    runs: int | None = None,
    keep: Path | None = None,
) -> Values:
    """Return all values: ``experiments`` of each variant, under the seeds 0, 1, 2 and so on.

    ``variants`` are all unless some are named; ``runs`` cuts the replications. Values are read from
    the folder ``keep`` if they are there, and kept in it if not: whoever changes the engine empties
    it.
    """
    found: Values = {}
    wanted = []
    for name in names:
        world = _world(name)
        wished = -(-experiments // world.every)
        seeds = -(-wished // len(world.entities))
        for variant in world.variants:
            if variants is not None and variant.name not in variants:
                continue
            file = keep / f"{name}-{variant.name}-{wished}.npy" if keep else None
            if file is not None and file.exists():
                found[name, variant.name] = np.load(file)
            else:
                wanted.append((name, variant.name, seeds, wished, file))
    with ProcessPoolExecutor(jobs) as pool:
        for name, variant_name, seeds, wished, file in wanted:
            tasks = [(name, variant_name, seed, runs) for seed in range(seeds)]
            parts = list(pool.map(_one, tasks, chunksize=4)) if jobs > 1 else list(map(_one, tasks))
            found[name, variant_name] = np.concatenate(parts)[:wished]
            if file is not None:
                file.parent.mkdir(parents=True, exist_ok=True)
                np.save(file, found[name, variant_name])
    return found


@lru_cache(maxsize=8)
def _world(name: str) -> World:
    return WORLDS[name]()


def _one(task: tuple[str, str, int, int | None]) -> Floats:
    name, variant, seed, runs = task
    world = _world(name)
    return values_of(world, world.variant(variant), seed, runs)
