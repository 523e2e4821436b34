"""A finished sweep, read from its folder: what its figures, effects and reports start from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key
from sim.scenario.load import LoadedScenario
from sim.store.manifests import FINISHED, check_file, read_manifest
from sim.store.reading import read_parquet
from sim.store.resolved import read_resolved
from sim.store.tables import READ_ERRORS

#: What a reported figure is called among the measures; its name stands as the entity.
REPORTED = "reported"
#: Columns that say which measure a row is of.
KEY = ("measure", "product", "echelon", "region", "entity")
Number = float | str | None


@dataclass(frozen=True, slots=True)
class Varied:
    """One axis of a sweep as its folder has it. ``base`` is where the scenario stands, None if that
    is no number; ``low`` and ``high`` are None for levels that are no numbers."""

    name: str
    unit: str
    whole: bool
    log: bool
    low: float | None
    high: float | None
    base: float | None
    base_text: str
    paths: tuple[str, ...]

    @property
    def numeric(self) -> bool:
        """Whether its settings are numbers."""
        return self.low is not None

    @property
    def column(self) -> pa.Field:
        """Its column in the tables."""
        kind = pa.string() if not self.numeric else pa.int64() if self.whole else pa.float64()
        return pa.field(self.name, kind)


@dataclass(frozen=True)
class Sweep:
    """A sweep's folder. Point 0 is the scenario as it is; ``rows`` are the rows of the design as
    numbers of points."""

    path: Path
    manifest: dict[str, Any]
    _checked: set[str] = field(default_factory=set, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The name of the scenario that is varied."""
        return str(self.manifest["scenario"])

    @property
    def kind(self) -> str:
        """The kind of design."""
        return str(self.manifest["experiment"]["design"])

    @property
    def replications(self) -> int:
        """How many runs each point has."""
        return int(self.manifest["replications"])

    @property
    def rows(self) -> list[int]:
        """The rows of the design, as numbers of points."""
        return list(self.manifest["experiment"]["rows"])

    @cached_property
    def axes(self) -> tuple[Varied, ...]:
        """What is varied."""
        return tuple(
            Varied(**{**axis, "paths": tuple(axis["paths"])})
            for axis in self.manifest["experiment"]["axes"]
        )

    @cached_property
    def loaded(self) -> LoadedScenario:
        """The scenario that is varied, resolved."""
        self._check("scenario.toml")
        return read_resolved(self.path)

    @cached_property
    def points(self) -> pa.Table:
        """The points: their numbers and settings."""
        return self._read("points")

    @cached_property
    def summary(self) -> pa.Table:
        """Measures of each point over its replications, with differences to point 0."""
        return self._read("summary")

    @property
    def keys(self) -> list[tuple[Key, str]]:
        """The measures that point 0 has, with their units."""
        table = self.summary.filter(pc.equal(self.summary["point"], 0))
        names = [table[name].to_pylist() for name in KEY]
        return list(zip(zip(*names, strict=True), table["unit"].to_pylist(), strict=True))

    def subject(self, key: Key) -> str:
        """Say what a measure is of: ``T90 of the village clinics``, ``wait-mean of sign-off``."""
        measure, product, echelon, region, entity = key
        if measure == REPORTED:
            return f"reported figure {entity}"
        scenario = self.loaded.scenario
        goods = product if product and len(scenario.products) > 1 else ""
        place = scenario.echelons[echelon].title or echelon if echelon else ""
        of = entity or (f"the {place}" if place else goods)
        text = f"{measure} of {of}" if of else measure
        text += f" for {goods}" if goods and of != goods else ""
        return text if region == NATIONAL else f"{text} in {region}"

    def settings(self, axis: Varied) -> list[Number]:
        """Return where each point stands on an axis."""
        return list(self.points[axis.name].to_pylist())

    def values(self, key: Key) -> NDArray[np.float64]:
        """Return a measure by replication and point, NaN where it has no value."""
        wanted = [(name, "=", word) for name, word in zip(KEY, key, strict=True)]
        columns = ["point", "replication", "value"]
        table = self._read("runs", columns=columns, filters=wanted)
        found = np.full((self.replications, self.points.num_rows), np.nan)
        try:
            rows, points = (table[name].to_numpy() for name in ("replication", "point"))
            found[rows, points] = table["value"].to_numpy()
        except (ValueError, KeyError, IndexError) as error:
            file = self.path / "runs.parquet"
            raise UsageError(f"{file} cannot be read as the runs of a sweep: {error}") from None
        return found

    def _check(self, name: str) -> None:
        """Check once that a file is as it was written."""
        if name not in self._checked:
            cure = f"run the same again with --out {self.path} --resume"
            check_file(self.path, self.manifest, name, cure)
            self._checked.add(name)

    def _read(self, name: str, **how: Any) -> pa.Table:
        self._check(f"{name}.parquet")
        try:
            file = self.path / f"{name}.parquet"
            return pq.read_table(file, **how) if how else read_parquet(file)
        except FileNotFoundError:
            raise UsageError(
                f"{self.path} has no {name}.parquet: run it again with --resume"
            ) from None
        except READ_ERRORS as error:
            said = next(iter(str(error).splitlines()), type(error).__name__)
            raise UsageError(f"{self.path / name}.parquet cannot be read: {said}") from None


def open_sweep(path: Path | str) -> Sweep:
    """Open the folder of a finished sweep.

    Raises:
        UsageError: it is none, or not finished.
    """
    path = Path(path)
    manifest = read_manifest(path)
    if manifest.get("kind") != "sweep":
        raise UsageError(f"{path} holds no sweep")
    if manifest.get("status") != FINISHED:
        raise UsageError(f"{path} is not finished: run it again with --resume")
    sweep = Sweep(path, manifest)
    try:
        _ = sweep.name, sweep.kind, sweep.replications, sweep.rows, sweep.axes
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"{path / 'manifest.json'} is damaged: it does not describe a sweep ({error})"
        ) from None
    return sweep
