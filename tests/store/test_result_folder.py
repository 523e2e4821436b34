"""Result folders while they are written: nothing is lost, overwritten unasked or half-written."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sim.errors import UsageError
from sim.measures.run import Row, RunMeasures
from sim.store.folder import ResultFolder, check_usable
from sim.store.manifests import LAYOUT, read_manifest
from sim.store.parts import keep_part, read_part
from sim.store.result import Result, open_result
from sim.store.tables import BY_RUN, read_table, table_bytes, tables_of_run

DOCUMENT = {"title": "x", "lanes": {"a": {"from": "b"}}}


def manifest(replications: int = 3, **keys: Any) -> dict[str, Any]:
    plain = {"layout": LAYOUT, "digest": "abc", "seed": 0, "streams": "s", "status": "running"}
    return plain | {"replications": replications, "timings": {}, "scenario": "x"} | keys


def tables(number: int, value: float = 1.0) -> dict[str, bytes]:
    row = Row("trips", "", "county", "national", "van", value + number)
    made = tables_of_run(RunMeasures(number, (row,), (), ()), {"f": value}, None)  # type: ignore[arg-type]
    return {name: table_bytes(table) for name, table in made.items()}


def create(path: Path, replications: int = 3, **keys: Any) -> ResultFolder:
    return ResultFolder.create(path, DOCUMENT, manifest(replications), **keys)


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A finished folder of three replications."""
    folder = create(tmp_path / "r")
    for number in (2, 0, 1):
        folder.keep(number, tables(number))
    finish(folder)
    return folder.path


def finish(folder: ResultFolder, replications: int = 3) -> None:
    folder.join(replications)
    folder.write_verdicts([])
    folder.finish(manifest(replications, status="finished"))


def contents(path: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


def test_a_new_folder_can_be_read_while_it_runs(tmp_path: Path) -> None:
    folder = create(tmp_path / "deep" / "er" / "r")
    assert sorted(contents(folder.path)) == ["manifest.json", "scenario.toml"]
    assert (folder.path / "scenario.toml").read_text() == ('title = "x"\n\n[lanes.a]\nfrom = "b"\n')
    assert read_manifest(folder.path)["status"] == "running"
    with pytest.raises(UsageError, match=r"is not finished \(running\): run it again with"):
        open_result(folder.path)


def test_parts_are_joined_in_the_order_of_replications(finished: Path) -> None:
    assert sorted(contents(finished)) == [
        "arrivals.parquet",
        "curves.parquet",
        "evidence.parquet",
        "manifest.json",
        "measures.parquet",
        "runs.parquet",
        "scenario.toml",
        "verdicts.json",
    ]
    assert [path.name for path in finished.iterdir() if path.is_dir()] == []
    assert read_table(finished / "runs.parquet", "runs")["value"].to_pylist() == [1.0, 2.0, 3.0]
    (row,) = open_result(finished).measures.to_pylist()
    assert (row["mean"], row["runs"]) == (2.0, 3)


def test_a_part_is_there_with_all_its_tables_or_not_at_all(tmp_path: Path) -> None:
    folder = create(tmp_path / "r")
    (folder.parts / f".000001.{os.getpid()}.tmp").mkdir()  # left by a process that was killed
    (folder.parts / ".000002.1.tmp").mkdir()
    (folder.parts / ".000002.1.tmp" / "runs.part").write_bytes(b"half")
    assert folder.done() == set()
    folder.keep(1, tables(1))
    assert folder.done() == {1}
    assert sorted(path.name for path in (folder.parts / "000001").iterdir()) == sorted(
        f"{name}.part" for name in BY_RUN
    )
    folder.keep(0, tables(0))
    folder.keep(2, tables(2))
    finish(folder)
    assert not folder.parts.exists()


def test_a_part_that_is_there_stays(tmp_path: Path) -> None:
    keep_part(tmp_path, 3, tables(3))
    before = contents(tmp_path)
    keep_part(tmp_path, 3, tables(3, value=50.0))
    assert contents(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["000003"]


def test_a_folder_in_use_is_refused_and_left_alone(finished: Path) -> None:
    before = contents(finished)
    with pytest.raises(UsageError, match="is not empty: choose another --out, or --overwrite it"):
        create(finished)
    assert contents(finished) == before


def test_overwriting_removes_what_an_experiment_wrote_and_only_that(finished: Path) -> None:
    for name in ("figures", "ledger", ".parts.old", ".parts.tmp"):
        (finished / name).mkdir()
        (finished / name / "x").write_text("old")
    (finished / "notes.md").write_text("mine")
    folder = create(finished, overwrite=True)
    assert sorted(contents(finished)) == ["manifest.json", "notes.md", "scenario.toml"]
    assert folder.done() == set()


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_no_result_folder_is_never_overwritten(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(UsageError):
        create(tmp_path, overwrite=overwrite)
    assert contents(tmp_path) == {"thesis.txt": b"ten years of work"}
    with pytest.raises(UsageError, match="is a file: choose another --out"):
        create(tmp_path / "thesis.txt", overwrite=overwrite)


def test_an_empty_folder_and_none_are_usable(tmp_path: Path) -> None:
    check_usable(tmp_path)
    check_usable(tmp_path / "none", overwrite=True)
    create(tmp_path)
    with pytest.raises(UsageError):
        check_usable(tmp_path)
    check_usable(tmp_path, resume=True)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match=r"cannot write the result folder .*: Not a directory"):
        create(tmp_path / "file" / "r")


def test_resuming_keeps_the_parts(tmp_path: Path) -> None:
    create(tmp_path / "r").keep(1, tables(1))
    assert create(tmp_path / "r", resume=True).done() == {1}
    assert create(tmp_path / "r", replications=9, resume=True).done() == {1}


def test_a_finished_folder_is_taken_apart_to_the_same_parts(finished: Path) -> None:
    before = contents(finished)
    folder = create(finished, replications=3, resume=True)
    assert folder.done() == {0, 1, 2}
    for number in range(3):
        for name, content in tables(number).items():
            part = read_part(folder.parts, number, name)
            assert part == pq.read_table(io.BytesIO(content))
    finish(folder)
    assert contents(finished) == before


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("digest", "the digests of the scenarios differ (other, now abc)"),
        ("seed", "the seeds differ (other, now 0)"),
        ("streams", "the schemes of the random streams differ (other, now s)"),
    ],
)
def test_another_experiment_is_not_resumed(finished: Path, key: str, said: str) -> None:
    old = read_manifest(finished)
    ResultFolder(finished).write_manifest({**old, key: "other"})
    before = contents(finished)
    with pytest.raises(UsageError) as raised:
        create(finished, resume=True)
    assert str(raised.value).endswith(f"{said}; choose another --out")
    assert contents(finished) == before


def test_no_finished_replication_is_thrown_away_to_resume(finished: Path, tmp_path: Path) -> None:
    before = contents(finished)
    with pytest.raises(UsageError, match="ask for at least 3, or choose another --out"):
        create(finished, replications=2, resume=True)
    assert contents(finished) == before
    create(tmp_path / "r2", replications=9).keep(6, tables(6))
    with pytest.raises(UsageError, match="ask for at least 7, or choose another --out"):
        create(tmp_path / "r2", replications=6, resume=True)


def test_resuming_what_is_no_result_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(UsageError, match=r"is not a result folder: it has no manifest\.json"):
        create(tmp_path, resume=True)
    assert contents(tmp_path) == {"x": b"x"}


def test_interrupted_while_joining_nothing_is_lost(finished: Path) -> None:
    """The parts go away in one rename: a folder that is half deleted is not taken for parts."""
    folder = create(finished, resume=True)
    for name in BY_RUN:
        (finished / f"{name}.parquet").unlink()
    finish(folder)
    (finished / ".parts.old").mkdir()  # the process was killed while it deleted them
    (finished / ".parts.old" / "000000").mkdir()
    again = create(finished, resume=True)
    assert again.done() == {0, 1, 2}
    finish(again)
    assert not (finished / ".parts.old").exists()


def break_json(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.unlink(), "is not a result folder: it has no manifest.json"),
        (break_json, "manifest.json cannot be read: "),
        (lambda path: path.write_bytes(b"\xff\xfe"), "manifest.json cannot be read: "),
        (lambda path: path.write_text("[]"), "manifest.json is not the manifest of a result"),
        (lambda path: path.write_text("{}"), "manifest.json is not the manifest of a result"),
        (
            lambda path: path.write_text(json.dumps({"layout": LAYOUT + 1, "version": "9.9"})),
            "was written by a newer Postroad (9.9)",
        ),
        (
            lambda path: path.write_text(json.dumps({"layout": LAYOUT, "status": "finished"})),
            "manifest.json is damaged: it has no digest, replications, timings",
        ),
    ],
)
def test_a_damaged_manifest_is_told(
    damage: Callable[[Path], object], said: str, finished: Path
) -> None:
    damage(finished / "manifest.json")
    with pytest.raises(UsageError) as raised:
        open_result(finished)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "verdicts.json cannot be read: "),
        ("{}", "verdicts.json does not hold verdicts"),
        ('["agrees"]', "verdicts.json does not hold verdicts"),
        ('[{"id": "x"}]', "verdicts.json does not hold verdicts"),
    ],
)
def test_damaged_verdicts_are_told(text: str, said: str, finished: Path) -> None:
    """Of a folder, too, that was written before there were seals."""
    old = read_manifest(finished)
    plain = {key: value for key, value in old.items() if key not in ("files", "seal")}
    (finished / "manifest.json").write_text(json.dumps(plain))
    (finished / "verdicts.json").write_text(text)
    with pytest.raises(UsageError) as raised:
        _ = open_result(finished).verdicts
    assert said in str(raised.value)


def test_a_result_reads_itself(result: Result) -> None:
    opened = open_result(str(result.path))
    assert opened.name == "small"
    assert opened.replications == 3
    assert opened.time(1.5).isoformat() == "2023-01-07T01:30:00+08:00"
    assert opened.loaded.digest == opened.manifest["digest"] == result.manifest["digest"]
    assert [row["id"] for row in opened.verdicts] == list(opened.scenario.reported)


def test_a_result_can_be_moved(result: Result, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(result.path, moved)
    assert open_result(moved).verdicts == result.verdicts
    assert open_result(moved).runs == result.runs
