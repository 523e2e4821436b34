"""A finished result, read from its folder: what figures, reports and comparisons start from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from sim.errors import UsageError
from sim.evidence import Verdict
from sim.expectation import Agreement
from sim.scenario.load import LoadedScenario
from sim.scenario.schema import Scenario
from sim.store.manifests import FINISHED, check_file, read_manifest
from sim.store.reading import read_json
from sim.store.resolved import read_resolved
from sim.store.rowgroups import read_where, rows_where
from sim.store.tables import BY_RUN, read_table

#: The keys of a verdict.
_VERDICT = {field.name for field in fields(Verdict)}
#: The keys of a judged expected value.
_AGREEMENT = {field.name for field in fields(Agreement)}


@dataclass(frozen=True)
class Result:
    """One result folder. Tables are read when they are first asked for.

    ``name`` is the scenario's, or what the user calls the result in a comparison.
    """

    path: Path
    name: str
    manifest: dict[str, Any]

    @cached_property
    def loaded(self) -> LoadedScenario:
        """The scenario as it was run, resolved."""
        self._check("scenario.toml")
        return read_resolved(self.path)

    @property
    def scenario(self) -> Scenario:
        """The scenario as it was run."""
        return self.loaded.scenario

    @property
    def start(self) -> datetime:
        """Time zero, with its zone."""
        return self.scenario.start

    @property
    def replications(self) -> int:
        """How many runs the result holds."""
        return int(self.manifest["replications"])

    def time(self, hours: float) -> datetime:
        """Return the clock time of so many hours since the start."""
        return self.start + timedelta(hours=hours)

    @cached_property
    def runs(self) -> pa.Table:
        """Measures by replication; columns as in ``sim.store.tables.SCHEMAS["runs"]``."""
        return self._read("runs")

    @cached_property
    def curves(self) -> pa.Table:
        """Curves by replication, at full hours since the start."""
        return self._read("curves")

    @cached_property
    def arrivals(self) -> pa.Table:
        """When the facilities of each site were served, by replication."""
        return self._read("arrivals")

    @cached_property
    def evidence(self) -> pa.Table:
        """What each replication says to each reported figure."""
        return self._read("evidence")

    def runs_where(self, **wanted: str) -> pa.Table:
        """Return the rows of ``runs`` whose columns have these values, such as ``measure="T90"``;
        the others are not held in memory."""
        if "runs" in self.__dict__:  # read already
            return rows_where(self.runs, wanted)
        self._check("runs.parquet")
        return read_where(self.path / "runs.parquet", "runs", wanted)

    @cached_property
    def measures(self) -> pa.Table:
        """Measures over all replications with their intervals."""
        return self._read("measures")

    @cached_property
    def verdicts(self) -> list[dict[str, Any]]:
        """The verdicts as they were written; times are hours since the start, null is no bound."""
        return self._read_rows("verdicts", _VERDICT)

    @cached_property
    def expected(self) -> list[dict[str, Any]]:
        """What the runs say to expected values, as it was written; null is no value. Empty where
        the scenario expects none."""
        return self._read_rows("expected", _AGREEMENT) if self.scenario.expected else []

    def _read_rows(self, name: str, keys: set[str]) -> list[dict[str, Any]]:
        file = self.path / f"{name}.json"
        self._check(file.name)
        try:
            rows = read_json(file)
        except FileNotFoundError:
            raise UsageError(f"{file} is missing: {self._made_anew()}") from None
        except UsageError as error:
            raise UsageError(f"{error}; {self._made_anew()}") from None
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and row.keys() >= keys for row in rows
        ):
            what = "verdicts" if name == "verdicts" else "judged expected values"
            raise UsageError(f"{file} does not hold {what}: run postroad check {self.path}")
        return rows

    def _read(self, name: str) -> pa.Table:
        self._check(f"{name}.parquet")
        return read_table(self.path / f"{name}.parquet", name)

    def check(self) -> None:
        """Check that every file of the folder is as it was written, ledgers too; figures are not
        looked at.

        Raises:
            UsageError: with the first that is not, and what to do.
        """
        for name in self.manifest.get("files", {}):
            self._check(name)

    def _check(self, name: str) -> None:
        """Check one file: what can be worked out from the tables by replication is made anew."""
        primary = name in (f"{table}.parquet" for table in BY_RUN)
        if primary:
            check_file(self.path, self.manifest, name)
        else:
            check_file(self.path, self.manifest, name, self._made_anew())

    def _made_anew(self) -> str:
        return f"run the same again with --out {self.path} --resume"


def open_result(path: Path | str) -> Result:
    """Open a finished result folder.

    Raises:
        UsageError: it is not one, or its experiment is not finished.
    """
    path = Path(path)
    manifest = read_manifest(path)
    if "kind" in manifest:
        raise UsageError(f"{path} holds a {manifest['kind']}, not the result of a run")
    if manifest.get("status") != FINISHED:
        raise UsageError(
            f"{path} is not finished ({manifest.get('status')}): run it again with --resume"
        )
    missing = [key for key in ("digest", "replications", "timings") if key not in manifest]
    if missing:
        raise UsageError(f"{path / 'manifest.json'} is damaged: it has no {', '.join(missing)}")
    kinds = {"digest": str, "replications": int, "timings": dict}
    wrong = [key for key, kind in kinds.items() if not isinstance(manifest[key], kind)]
    if wrong:
        raise UsageError(f"{path / 'manifest.json'} is damaged: see {', '.join(wrong)}")
    return Result(path, str(manifest.get("scenario", path.name)), manifest)
