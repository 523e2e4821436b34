"""One experiment in this process: kept as it goes, resumed to the same bytes, scored again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.errors import Interrupted, RunError, UsageError
from sim.experiment import jobs
from sim.experiment.run import (
    Prepared,
    default_folder,
    prepare,
    run_experiment,
    score,
    verdict_row,
)
from sim.scenario.load import LoadedScenario, load_scenario, parse_scenario
from sim.store import folder
from sim.store.folder import read_manifest
from sim.store.result import Result

SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"


def tables_of(folder: Path) -> dict[str, bytes]:
    """What must be equal to the last byte: the tables, the verdicts and the resolved scenario."""
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != "manifest.json"
    }


def with_(prepared: Prepared, *overrides: str) -> Prepared:
    return prepare(load_scenario(SMALL, overrides))


def stop_after(count: int, error: BaseException | None = None) -> Callable[[int, int], None]:
    """Progress that stops the experiment once so many replications are done."""

    def progress(done: int, total: int) -> None:
        if done >= count:
            raise error or KeyboardInterrupt

    return progress


def test_a_finished_result(result: Result) -> None:
    assert sorted(tables_of(result.path)) == [
        "arrivals.parquet",
        "curves.parquet",
        "evidence.parquet",
        "expected.json",
        "measures.parquet",
        "runs.parquet",
        "scenario.toml",
        "verdicts.json",
    ]
    manifest = read_manifest(result.path)
    assert manifest["status"] == "finished"
    assert manifest["replications"] == 3
    assert manifest["seed"] == 0
    assert manifest["started"] <= manifest["ended"]
    assert set(manifest["timings"]) == {"plan_cpu_s", "run_cpu_s", "peak_rss_mb"}
    assert len(manifest["timings"]["run_cpu_s"]) == 3
    assert 20 < manifest["timings"]["peak_rss_mb"] < 2000
    assert manifest["packages"]["numpy"]
    assert list(result.path.glob(".*")) == []


def test_equal_runs_give_equal_bytes(prepared: Prepared, result: Result, tmp_path: Path) -> None:
    again = run_experiment(prepared, tmp_path / "again")
    assert tables_of(again.path) == tables_of(result.path)


def test_progress_counts_what_is_done(prepared: Prepared, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    run_experiment(prepared, tmp_path / "r", progress=lambda *now: seen.append(now))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("finished", [0, 1, 2, 3])
def test_interrupted_and_resumed_to_the_same_bytes(
    finished: int, prepared: Prepared, result: Result, tmp_path: Path
) -> None:
    out = tmp_path / "r"
    with pytest.raises(Interrupted) as raised:
        run_experiment(prepared, out, progress=stop_after(finished))
    assert str(raised.value) == (
        f"stopped with {finished} of 3 replications finished; they are kept in {out}: "
        f"run again with --out {out} --resume"
    )
    assert raised.value.exit_code == 130
    assert read_manifest(out)["status"] == "interrupted"
    assert sorted(path.name for path in (out / "parts").iterdir()) == [
        f"{number:06d}" for number in range(finished)
    ]
    seen: list[int] = []
    again = run_experiment(prepared, out, resume=True, progress=lambda done, _: seen.append(done))
    assert seen == list(range(finished, 4))
    assert tables_of(out) == tables_of(result.path)
    assert len(again.manifest["timings"]["run_cpu_s"]) == 3 - finished
    assert not (out / "parts").exists()


def test_resuming_a_finished_result_changes_nothing_but_the_manifest(
    prepared: Prepared, result: Result, tmp_path: Path
) -> None:
    run_experiment(prepared, tmp_path / "r")
    run_experiment(prepared, tmp_path / "r", resume=True)
    assert tables_of(tmp_path / "r") == tables_of(result.path)


def test_more_replications_are_added_to_the_same_bytes(prepared: Prepared, tmp_path: Path) -> None:
    five = with_(prepared, "replications=5")
    whole = run_experiment(five, tmp_path / "whole")
    run_experiment(prepared, tmp_path / "r")
    added = run_experiment(five, tmp_path / "r", resume=True)
    assert added.replications == 5
    assert tables_of(added.path) == tables_of(whole.path)


def test_without_figures_there_is_nothing_to_score_and_it_resumes_too(tmp_path: Path) -> None:
    text = SMALL.read_text("utf-8").partition("[reported.dispatched]")[0]
    loaded = parse_scenario(text, name="bare", place="bare.toml", overrides=["replications=1"])
    result = run_experiment(prepare(loaded), tmp_path / "r")
    assert result.verdicts == []
    assert result.evidence.num_rows == 0
    more = parse_scenario(text, name="bare", place="bare.toml", overrides=["replications=2"])
    assert run_experiment(prepare(more), tmp_path / "r", resume=True).replications == 2


def test_fewer_replications_and_other_scenarios_are_not_resumed(
    prepared: Prepared, tmp_path: Path
) -> None:
    out = run_experiment(prepared, tmp_path / "r").path
    before = tables_of(out)
    with pytest.raises(UsageError, match="none is thrown away to resume"):
        run_experiment(with_(prepared, "replications=2"), out, resume=True)
    for other in ("seed=1", "fleets.county-van.vehicles=2"):
        with pytest.raises(UsageError, match="holds another experiment"):
            run_experiment(with_(prepared, other), out, resume=True)
    with pytest.raises(UsageError, match="is not empty"):
        run_experiment(prepared, out)
    assert tables_of(out) == before
    assert read_manifest(out)["status"] == "finished"


def test_overwriting_leaves_nothing_of_the_old_result(prepared: Prepared, tmp_path: Path) -> None:
    out = tmp_path / "r"
    run_experiment(
        with_(prepared, "replications=1", "sites.maker.stock.oximeter=9"), out, ledger=True
    )
    assert (out / "ledger").is_dir()
    run_experiment(prepared, out, overwrite=True)
    assert not (out / "ledger").exists()
    assert read_manifest(out)["replications"] == 3


def test_a_failed_replication_keeps_the_finished_ones(
    prepared: Prepared, result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = jobs.replicate

    def breaks(plan: Any, scope: Any, replication: int) -> Any:
        if replication == 2:
            raise RunError("conservation is broken")
        return real(plan, scope, replication)

    monkeypatch.setattr(jobs, "replicate", breaks)
    with pytest.raises(RunError, match="conservation is broken"):
        run_experiment(prepared, tmp_path / "r")
    assert read_manifest(tmp_path / "r")["status"] == "failed"
    monkeypatch.undo()
    run_experiment(prepared, tmp_path / "r", resume=True)
    assert tables_of(tmp_path / "r") == tables_of(result.path)


def test_a_full_disk_is_a_failed_run_not_a_crash(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "keep_part", full)
    with pytest.raises(RunError) as raised:
        run_experiment(prepared, tmp_path / "r")
    assert "cannot write the results ([Errno 28] No space left on device)" in str(raised.value)
    assert raised.value.exit_code == 1


def test_a_scenario_that_cannot_be_carried_out_is_refused() -> None:
    with pytest.raises(UsageError, match="small: one unit of"):
        prepare(load_scenario(SMALL, ["fleets.carrier.capacity.weight=1 g"]))
    with pytest.raises(UsageError, match="small: no facility of these regions is entitled"):
        prepare(load_scenario(SMALL, ['geography.regions=["Shenzhen"]']))


def test_the_default_folder_names_scenario_and_digest(prepared: Prepared) -> None:
    folder = default_folder(prepared.loaded)
    assert folder == Path("results") / f"small-{prepared.loaded.digest[:8]}"


def asked(*changes: tuple[str, str]) -> LoadedScenario:
    text = SMALL.read_text("utf-8")
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return parse_scenario(text, name="asked", place="asked.toml")


def test_scoring_again_runs_nothing(result: Result) -> None:
    own = {verdict.id: verdict.verdict for verdict in score(result)}
    assert own == {"dispatched": "agrees", "trips": "contradicted", "half-served": "agrees"}
    assert [verdict_row(verdict) for verdict in score(result)] == result.verdicts


def test_bands_names_and_sources_may_change_but_not_what_is_read(result: Result) -> None:
    verdicts = score(
        result,
        asked(
            ('band = "20 %"', "band = [0, 1]"),
            ("[reported.trips]", "[reported.vehicles]"),
            ("at-most = 1\n", "at-most = 100\n"),
            ("at = 2023-01-11T00:00:00+08:00", "at = 2023-01-11T00:00:00.000+08:00"),
            ("share = 0.5", "share = 0.6"),
        ),
    )
    assert {verdict.id: verdict.verdict for verdict in verdicts} == {
        "dispatched": "contradicted",
        "vehicles": "agrees",
        "half-served": "not recorded",
    }
    row = verdict_row(verdicts[2])
    assert row["runs"] == 0
    assert row["model_median"] is row["model_low"] is row["model_high"] is None


def test_figures_of_a_scenario_with_another_start_are_not_recorded(result: Result) -> None:
    other = asked(
        ("start = 2023-01-07T00:00:00+08:00", "start = 2023-01-06T00:00:00+08:00"),
    )
    assert {verdict.verdict for verdict in score(result, other)} == {"not recorded"}


def test_no_bound_is_null_in_json(result: Result) -> None:
    rows = {row["id"]: row for row in result.verdicts}
    assert rows["trips"]["low"] is None
    assert rows["trips"]["high"] == 1
    assert rows["dispatched"]["low"] == pytest.approx(360)
