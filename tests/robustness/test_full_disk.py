"""A full disk, at every stage: what is said, and what is kept."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from reference.calling import Call
from robustness.commands import PLAN, RUN, SWEEP, tables_of
from robustness.crashpoints import full_disk

SLOW = pytest.mark.slow
FULL = "No space left on device"


@pytest.mark.parametrize(
    ("command", "stage", "code", "said"),
    [
        (RUN, "r", 2, "cannot write the result folder r: "),
        (RUN, ".manifest.json", 2, "cannot write the result folder r: "),
        (RUN, "parts/.000001", 1, "cannot write the results ("),
        (RUN, ".curves.parquet", 1, "cannot write the results ("),
        (RUN, ".measures.parquet", 1, "cannot write the results ("),
        (RUN, ".verdicts.json", 1, "cannot write the results ("),
        pytest.param(RUN, "figures", 1, "cannot write the figures (", marks=SLOW),
        pytest.param(RUN, ".coverage.svg", 1, "cannot write the figures (", marks=SLOW),
        (SWEEP, ".points.json", 1, "cannot write the results ("),
        (SWEEP, "000001/.000002", 1, "cannot write the results ("),
        (SWEEP, ".summary.parquet", 1, "cannot write the results ("),
        pytest.param(SWEEP, ".effects.parquet", 1, "cannot write the figures (", marks=SLOW),
        (PLAN, "000001/.000002", 1, "cannot write the results ("),
        (PLAN, ".plan.json", 1, "cannot write the results ("),
        pytest.param(PLAN, "figures", 1, "cannot write the figures (", marks=SLOW),
    ],
)
def test_a_full_disk_is_told_and_what_was_finished_is_kept(
    command: tuple[str, ...], stage: str, code: int, said: str, here: Path, call: Call
) -> None:
    figures = () if "figure" in said else ("--no-figures",)
    with full_disk(stage) as refused:
        ran = call(*command, *figures)
    assert refused
    assert (ran.code, ran.err.count("\n")) == (code, 1), ran.err
    assert ran.err.startswith(said)
    assert FULL in ran.err
    if code == 1:
        assert "--out r --resume" in ran.err
        assert not list((here / "r").glob(".*"))
    again = ("--resume",) if (here / "r" / "manifest.json").exists() else ()
    assert call(*command, *figures, *again).code == 0
    kept = tables_of(here / "r")
    assert call(*command, *figures, "--overwrite").code == 0
    assert tables_of(here / "r") == kept


def test_the_last_manifest_meets_a_full_disk(
    here: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parts stay until it is written."""
    from sim.store.folder import ResultFolder

    def fail(self: ResultFolder, manifest: object) -> None:
        raise OSError(28, FULL)

    with monkeypatch.context() as patch:
        patch.setattr(ResultFolder, "finish", fail)
        ran = call(*RUN, "--no-figures")
    assert ran.code == 1
    assert FULL in ran.err
    assert len(list((here / "r" / "parts").iterdir())) == 3
    assert call("check", "r").err == "r is not finished (failed): run it again with --resume\n"
    assert call(*RUN, "--no-figures", "--resume").code == 0
    assert call("check", "r").code == 0


@pytest.mark.parametrize(
    ("limit", "jobs", "runs"), [(4_000, 1, 60), pytest.param(20_000, 2, 200, marks=SLOW)]
)
def test_files_that_may_not_grow_are_told_by_whatever_writes_them(
    limit: int, jobs: int, runs: int, here: Path
) -> None:
    """Arrow's writer too, which Python does not see; without privileges this comes nearest to a
    disk that is full."""

    def command(*more: str, limited: bool) -> subprocess.CompletedProcess[str]:
        def limit_files() -> None:
            if limited:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.run(
            [
                *(sys.executable, "-m", "sim", *RUN[:2], "--jobs", str(jobs), "--out", "r"),
                *("--replications", str(runs), "--no-figures", *more),
            ],
            cwd=here,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=limit_files,
        )

    ran = command(limited=True)
    assert ran.returncode == 1, ran.stderr
    assert "Traceback" not in ran.stderr
    assert "File too large" in ran.stderr or "errno 27" in ran.stderr
    assert "kept" in ran.stderr
    if jobs > 1:
        assert command("--resume", limited=False).returncode == 0


def test_standard_output_that_cannot_be_written_is_told(here: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "sim", "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (1, f"cannot go on: {FULL}\n")


def test_a_folder_that_cannot_be_made_is_told(here: Path, call: Call) -> None:
    """Below a file; a folder without permission would not stop root."""
    (here / "file").write_text("x", encoding="utf-8")
    for command in (RUN, SWEEP, PLAN):
        ran = call(*command[:-1], "file/r", "--no-figures")
        assert ran.code == 2
        assert ran.err.startswith("cannot write the ")
        assert ran.err.endswith("folder file/r: Not a directory\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not stop root")
def test_a_folder_that_may_not_be_written_is_told(here: Path, call: Call) -> None:
    (here / "locked").mkdir(mode=0o500)
    ran = call(*RUN[:-1], "locked/r", "--no-figures")
    assert (ran.code, ran.err) == (
        2,
        "cannot write the result folder locked/r: Permission denied\n",
    )
