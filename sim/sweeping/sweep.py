"""Run a sweep: every replication of every point into one folder, then its tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.errors import Interrupted, Problem, RunError, ScenarioError, UsageError
from sim.experiment.executors import Workers
from sim.experiment.points import Asked, Point, load_points, run_points
from sim.experiment.run import manifest_of, now, ran_again
from sim.scenario.figures import FIGURE_MEASURES
from sim.scenario.load import LoadedScenario
from sim.store.manifests import FINISHED
from sim.store.points import PointFolder
from sim.store.sweeps import Sweep, Varied, open_sweep
from sim.store.sweeptables import part_of, write_tables
from sim.sweeping.axes import Axis
from sim.sweeping.layout import Layout

#: Paths that a sweep does not vary: its points share their luck, and how often they meet it.
_FIXED = ("seed", "replications")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """A layout whose points are all valid: what to load each from, the scenario as it is, and the
    digests of all. National scenarios are too large to be held by the thousand."""

    layout: Layout
    address: Path | str
    overrides: tuple[str, ...]
    base: LoadedScenario
    digests: tuple[str, ...]

    def load(self, point: Point) -> LoadedScenario:
        """Load the scenario of a point.

        Raises:
            RunError: its files have changed since it was checked.
        """
        loaded = load_points(self.address, self.overrides, [point])[0]
        if loaded.digest != self.digests[point.number]:
            raise RunError(
                f"{self.address} was changed while the sweep was under way: run it again"
            )
        return loaded


def check_points(address: Path | str, overrides: Sequence[str], layout: Layout) -> Checked:
    """Load and check the scenario of every point.

    Raises:
        ScenarioError: with the problems of all points at once; one that many values of a factor
            share is said once.
        UsageError: the seed or the number of replications is varied.
    """
    for axis in layout.axes:
        if not set(axis.paths).isdisjoint(_FIXED):
            raise UsageError(
                f"{axis.name} is not varied: the points of a sweep share their luck, and how often "
                "they meet it; give one value"
            )
    base: LoadedScenario | None = None
    digests: list[str] = []
    problems: dict[tuple[str, ...], list[Problem]] = {}
    for point in layout.points:
        try:
            loaded = load_points(address, overrides, [point])[0]
        except ScenarioError as error:
            for each in error.problems:
                alike = (str(each.line), each.path, each.expected, each.found, each.hint)
                same = problems.setdefault(alike, [])
                if each not in same:
                    same.append(each)
            continue
        base = base or loaded
        digests.append(loaded.digest)
    if problems or base is None:
        raise ScenarioError(_as_one(same) for same in problems.values())
    return Checked(layout, address, tuple(overrides), base, tuple(digests))


def _as_one(same: Sequence[Problem]) -> Problem:
    if len(same) == 1:
        return same[0]
    return replace(same[0], place=f"{same[0].place} (and {len(same) - 1} other values)")


def sweep_folder(checked: Checked, *, regions: bool = False) -> Path:
    """Return where the results of a sweep go unless told otherwise."""
    text = json.dumps(_experiment(checked.layout, regions=regions), sort_keys=True)
    digest = hashlib.sha256(f"{checked.base.digest} {text}".encode()).hexdigest()
    return Path("results") / f"sweep-{checked.base.name}-{digest[:8]}"


def run_sweep(
    checked: Checked,
    out: Path,
    *,
    workers: Workers,
    overwrite: bool = False,
    resume: bool = False,
    regions: bool = False,
    command: Sequence[str] = (),
    progress: Progress = lambda done, total: None,
) -> Sweep:
    """Run all replications of all points and return the sweep.

    ``regions`` keeps the rows of regions beside the national ones. ``progress`` is called with the
    replications done and their number.

    Raises:
        UsageError: the folder cannot be used, or a point cannot be carried out.
        RunError: a replication failed, or its results cannot be written; finished ones are kept.
        Interrupted: the user pressed Ctrl-C; finished ones are kept.
    """
    layout, base = checked.layout, checked.base
    runs = base.scenario.replications
    manifest = manifest_of(base, command) | {
        "kind": "sweep",
        "experiment": _experiment(layout, regions=regions),
    }
    folder = PointFolder.create(out, base.document, manifest, overwrite=overwrite, resume=resume)
    done, total = 0, runs * len(layout.points)
    held: list[set[int]] = []
    units = {
        name: "h" if FIGURE_MEASURES[figure.measure] == "time" else FIGURE_MEASURES[figure.measure]
        for name, figure in base.scenario.reported.items()
    }

    def asked() -> Iterator[Asked]:
        for point, there in zip(layout.points, held, strict=True):
            todo = [number for number in range(runs) if number not in there]
            if todo:
                yield point, checked.load(point), todo

    status = "failed"
    try:
        folder.write_points([point.settings for point in layout.points])
        held += [folder.held(point.number) & set(range(runs)) for point in layout.points]
        manifest["notes"] += [
            ran_again(replication, f" of point {point}") for point, replication in folder.dropped
        ]
        done = sum(map(len, held))
        progress(done, total)
        with closing(run_points(asked(), workers, ("runs", "evidence"))) as finished:
            for point, replication, tables in finished:
                part = part_of(tables, units, regions=regions)
                folder.keep(point.number, replication, part)
                done += 1
                progress(done, total)
        write_tables(
            folder,
            [_varied(axis) for axis in layout.axes],
            [
                [setting.number if _numeric(axis) else setting.text for axis, setting in row]
                for row in (zip(layout.axes, settings, strict=True) for settings in layout.settings)
            ],
            runs,
        )
        manifest |= {"status": FINISHED, "ended": now()}
        folder.finish(manifest)
        status = FINISHED
    except UsageError as error:
        raise UsageError(
            f"{error}\nthis point is valid, but cannot be carried out: narrow a range with "
            "--vary PATH=LOW..HIGH, or fix a value with --set"
        ) from None
    except KeyboardInterrupt:
        status = status if status == FINISHED else "interrupted"
        raise Interrupted(
            f"stopped with {done:,} of {total:,} replications finished; they are kept in {out}: "
            f"run again with --out {out} --resume"
        ) from None
    except OSError as error:
        raise RunError(
            f"cannot write the results ({error}); replications that were finished are kept in "
            f"{out}: run again with --out {out} --resume"
        ) from None
    finally:
        if status != FINISHED:
            manifest |= {"status": status, "ended": now()}
            with suppress(OSError):  # the disk may be full; "running" can be resumed as well
                folder.write_manifest(manifest)
    return open_sweep(out)


def _experiment(layout: Layout, *, regions: bool) -> dict[str, Any]:
    """Return all that decides what is run, as the manifest has it."""
    settings = json.dumps([point.settings for point in layout.points])
    axes = [_varied(axis) for axis in layout.axes]
    return {
        "design": layout.kind,
        "axes": [
            {
                "name": axis.name,
                "unit": axis.unit,
                "whole": axis.whole,
                "log": axis.log,
                "low": axis.low,
                "high": axis.high,
                "base": axis.base,
                "base_text": axis.base_text,
                "paths": list(axis.paths),
            }
            for axis in axes
        ],
        "points": len(layout.points),
        "settings": hashlib.sha256(settings.encode()).hexdigest(),
        "rows": list(layout.rows),
        "regions": regions,
    }


def _varied(axis: Axis) -> Varied:
    numbers = [level.number for level in axis.levels if level.number is not None]
    low, high = (axis.low, axis.high) if axis.ranges else (None, None)
    if _numeric(axis) and not axis.ranges:
        low, high = min(numbers), max(numbers)
    return Varied(
        axis.name,
        axis.unit,
        axis.whole,
        axis.log,
        low,
        high,
        axis.base.number,
        axis.base.text,
        axis.paths,
    )


def _numeric(axis: Axis) -> bool:
    return bool(axis.ranges) or all(level.number is not None for level in axis.levels)
