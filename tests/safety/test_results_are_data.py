"""A result folder from somebody else is data: nothing in it runs, and what is damaged is told."""

from __future__ import annotations

import ast
import json
import os
import pickle
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim
from sim.errors import PostroadError, UsageError
from sim.experiment.run import prepare, run_experiment
from sim.scenario.load import load_scenario
from sim.store import reading
from sim.store.manifests import write_manifest
from sim.store.reading import read_parquet
from sim.store.result import Result, open_result

SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"
CODE = ("pickle", "marshal", "shelve", "dill", "cloudpickle", "yaml", "runpy")
FILES = ("manifest.json", "verdicts.json", "scenario.toml", "runs.parquet", "measures.parquet")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results") / "small"
    run_experiment(prepare(load_scenario(SMALL, ["replications=1"])), out)
    return out


@pytest.fixture
def copied(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "shared"))


def _read_all(folder: Path) -> Result:
    result = open_result(folder)
    _ = result.scenario, result.runs, result.curves, result.arrivals, result.evidence
    _ = result.measures, result.verdicts, result.expected
    return result


def test_only_executors_unpickle() -> None:
    """They read what they have written to a temporary folder of their own."""
    root, found = Path(sim.__file__).parent, set()
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                names = [node.func.id] if node.func.id in ("eval", "exec", "compile") else []
            elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                names = [node.arg]
            if any(name.partition(".")[0] in (*CODE, "eval", "exec", "compile", "allow_pickle")
                   for name in names):  # fmt: skip
                found.add(file.relative_to(root).as_posix())
    assert found == {"experiment/executors.py"}


class _Planted:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self.mark,)  # type: ignore[return-value]


def test_a_planted_pickle_is_not_loaded(copied: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    planted = pickle.dumps(_Planted(mark))
    for name in ("000000.pickle", "plan.pkl", "runs.npy"):
        (copied / name).write_bytes(planted)
    _read_all(copied)
    for name in FILES:
        kept = (copied / name).read_bytes()
        (copied / name).write_bytes(planted)
        with pytest.raises(PostroadError):
            _read_all(copied)
        (copied / name).write_bytes(kept)
    assert not mark.exists()
    pickle.loads(planted)
    assert mark.exists()  # it would have run


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["cut", "zeros", "gone", "pipe", "nested"])
def test_damage_is_told_with_the_name_of_the_file(name: str, damage: str, copied: Path) -> None:
    file = copied / name
    data = file.read_bytes()
    file.unlink()
    if damage == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "zeros":
        file.write_bytes(b"\0" * len(data))
    elif damage == "nested":
        file.write_bytes(b"[" * 100_000)
    elif damage == "pipe":
        os.mkfifo(file)
    with pytest.raises(PostroadError) as told:
        _read_all(copied)
    assert told.value.exit_code == 2
    assert name in str(told.value)


def test_a_manifest_of_other_kinds(copied: Path) -> None:
    file = copied / "manifest.json"
    manifest = {**json.loads(file.read_text("utf-8")), "replications": [1]}
    file.write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(UsageError, match=r"manifest\.json is not as it was written"):
        open_result(copied)
    write_manifest(copied, manifest)  # whoever means harm can seal it
    with pytest.raises(UsageError, match=r"manifest\.json is damaged: see replications"):
        open_result(copied)


def test_few_bytes_for_billions_of_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": pa.array([1] * 1_000_000)}), file)
    assert file.stat().st_size < 10_000
    assert read_parquet(file).num_rows == 1_000_000
    monkeypatch.setattr(reading, "MOST_VALUES", 999_999)
    with pytest.raises(ValueError, match="it says that it holds 1,000,000 values"):
        read_parquet(file)
