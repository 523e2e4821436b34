"""Workers begin in a fraction of a second and stay small: they import no more than runs take."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from robustness.commands import ROAD

from sim.experiment.jobs import Job
from sim.experiment.run import Prepared
from sim.store.tables import site_codes

REPOSITORY = Path(__file__).parents[2]
RUN = """
import pickle, sys
from sim.experiment.executors import _run_in_worker
from pathlib import Path
(done,) = _run_in_worker(Path(sys.argv[1]), [0])
assert done.tables["runs"]
print(*sorted(sys.modules))
"""
PLAN = """
import sys
from sim.experiment.run import prepare
from sim.scenario.load import load_scenario
prepare(load_scenario(sys.argv[1]))
print(*sorted(sys.modules))
"""
COMMAND = """
import sys
from sim.cli.main import postroad
words = ["run", sys.argv[1], "--jobs", "1", "--no-figures", "--out", sys.argv[2]]
postroad(words, standalone_mode=False)
print(*sorted(sys.modules))
"""
#: Installed beside pyarrow, pandas is imported by most of its functions, with 50 MB of memory.
OF_TABLES = {"pandas", "pyarrow.compute", "pyarrow.dataset", "networkx", "matplotlib"}


def modules_of(script: str, *arguments: str) -> set[str]:
    path = os.pathsep.join([str(REPOSITORY), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_a_worker_has_no_schema_and_reads_no_files(prepared: Prepared, tmp_path: Path) -> None:
    file = tmp_path / "job.pickle"
    job = Job(prepared.plan, prepared.scope, site_codes(prepared.network))
    file.write_bytes(pickle.dumps(job))
    found = modules_of(RUN, str(file))
    assert "sim.engine.model" in found
    planning = {"pydantic", "holidays", "scipy.spatial", "sim.scenario.schema", "sim.network"}
    assert sorted(found & (planning | OF_TABLES)) == []


def test_a_command_writes_its_tables_without_pandas(tmp_path: Path) -> None:
    (tmp_path / "road.toml").write_text(ROAD, encoding="utf-8")
    found = modules_of(COMMAND, str(tmp_path / "road.toml"), str(tmp_path / "out"))
    assert (tmp_path / "out" / "measures.parquet").exists()
    assert sorted(found & {"pandas", "matplotlib"}) == []


def test_planning_reads_the_nation_without_pandas() -> None:
    small = REPOSITORY / "tests" / "scenario" / "data" / "small.toml"
    found = modules_of(PLAN, str(small))
    assert "sim.policies.tour_savings" in found
    assert sorted(found & OF_TABLES) == []


def test_pandas_is_there_to_be_imported() -> None:
    """Else the tests above could not fail."""
    pytest.importorskip("pandas")
