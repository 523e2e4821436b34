"""Files of a folder that were cut short or changed: told, and never counted."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from reference.calling import Call
from robustness.commands import ROAD, tables_of

from sim.errors import UsageError
from sim.experiment.run import prepare, run_experiment
from sim.scenario.load import load_scenario
from sim.store.decisions import open_decision
from sim.store.sweeps import open_sweep

TABLES = tuple(f"{name}.parquet" for name in ("runs", "curves", "arrivals", "evidence"))
DERIVED = ("measures.parquet", "verdicts.json", "expected.json", "scenario.toml")
MANY = pytest.mark.parametrize("tries", [1, pytest.param(60, marks=pytest.mark.slow)])


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two finished results, ``one`` and ``two``; only for reading."""
    folder = tmp_path_factory.mktemp("stored")
    (folder / "road.toml").write_text(ROAD, encoding="utf-8")
    for name, settings in (("one", ()), ("two", ("fleets.van.vehicles=3",))):
        loaded = load_scenario(folder / "road.toml", settings)
        run_experiment(prepare(loaded), folder / name, ledger=True)
    return folder


def alter(file: Path, draw: random.Random) -> None:
    """Cut a file short, change a byte of it, or put zeros where a power cut left a hole."""
    data = bytearray(file.read_bytes())
    at = draw.randrange(len(data))
    match draw.randrange(3):
        case 0:
            del data[at:]
        case 1:
            data[at] ^= draw.randrange(1, 256)
        case 2:
            data[at:] = bytes(len(data) - at) if any(data[at:]) else b"\1"
    file.write_bytes(bytes(data))


@MANY
@pytest.mark.parametrize("name", [*TABLES, *DERIVED, "manifest.json"])
def test_check_and_compare_tell_which_file_of_a_result(
    name: str, tries: int, stored: Path, here: Path, call: Call
) -> None:
    draw = random.Random(f"{name} {tries}")
    shutil.copytree(stored / "two", here / "two")
    for _ in range(tries):
        shutil.copytree(stored / "one", here / "one")
        alter(here / "one" / name, draw)
        said = call("check", "one")
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1), said
        assert said.err.startswith(f"one/{name} ")
        assert "--resume" in said.err if name in DERIVED else "--overwrite" in said.err
        if name in (*TABLES[:3], "scenario.toml", "manifest.json"):  # those that compare reads
            said = call("compare", "two", "one", "--out", "c")
            assert (said.code, said.out, said.err.count("\n")) == (2, "", 1), said
            assert said.err.startswith(f"one/{name} ")
            shutil.rmtree(here / "c", ignore_errors=True)  # figures of what was read before
        shutil.rmtree(here / "one")


@MANY
@pytest.mark.parametrize("name", [*TABLES[:2], *DERIVED])
def test_a_finished_result_is_resumed_only_from_whole_tables(
    name: str, tries: int, stored: Path, here: Path, call: Call
) -> None:
    """What follows from them is made anew."""
    draw = random.Random(f"{name} {tries}")
    more = ("run", "road.toml", "--out", "one", "--resume", "--no-figures", "--jobs", "1")
    for _ in range(tries):
        shutil.copytree(stored / "one", here / "one")
        alter(here / "one" / name, draw)
        said = call(*more)
        if name in TABLES:
            assert said.code == 2
            assert said.err.startswith(f"one/{name} ")
            assert call(*more[:4], "--overwrite", *more[5:]).code == 0
        else:
            assert (said.code, said.err) == (0, "")
        assert tables_of(here / "one") == tables_of(stored / "one")
        shutil.rmtree(here / "one")


def test_a_ledger_that_was_altered_is_told_and_its_run_runs_again(
    stored: Path, here: Path, call: Call
) -> None:
    shutil.copytree(stored / "one", here / "one")
    files = sorted((here / "one" / "ledger").iterdir())
    alter(here / "one" / "ledger" / "000001.parquet", random.Random(4))
    said = call("check", "one")
    assert said.code == 2
    assert said.err.startswith("one/ledger/000001.parquet is not as it was written")
    again = ("--out", "one", "--resume", "--ledger", "--no-figures", "--jobs", "1")
    said = call("run", "road.toml", *again)
    assert (said.code, said.err) == (
        0,
        "note: the results of replication 1 were damaged (by a power cut, perhaps): it ran again\n",
    )
    for file in files:
        assert file.read_bytes() == (stored / "one" / "ledger" / file.name).read_bytes()


@MANY
@pytest.mark.parametrize("kind", ["run", "sweep", "plan"])
def test_a_damaged_part_runs_again(kind: str, tries: int, here: Path, call: Call) -> None:
    """As a power cut leaves it, when its name was on the disk before its content."""
    command = {
        "run": ("run", "road.toml", "--replications", "4"),
        "sweep": ("sweep", "road.toml", "--set", "fleets.van.vehicles=1:2"),
        "plan": (
            *("plan", "road.toml", "--choose", "fleets.van.vehicles=2:3"),
            *("--until", "T100 <= 50 h", "--probability", "0.6", "--confidence", "0.6"),
        ),
    }[kind]
    plain = (*command, "--jobs", "1", "--no-figures", "--out")
    assert call(*plain, "whole").code == 0
    stop_before_the_end(call, kind, *plain, "stopped")
    draw = random.Random(f"{kind} {tries}")
    for _ in range(tries):
        shutil.copytree(here / "stopped", here / "r")
        part = draw.choice(sorted((here / "r" / "parts").rglob("*.part")))
        alter(part, draw)
        said = call(*plain, "r", "--resume")
        assert said.code == 0, said.err
        assert said.err.count("were damaged (by a power cut, perhaps): it ran again") == 1
        assert tables_of(here / "r") == tables_of(here / "whole")
        shutil.rmtree(here / "r")


def stop_before_the_end(call: Call, kind: str, *command: str) -> None:
    """Press Ctrl-C when all parts are there."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    target = {
        "run": "sim.store.folder.ResultFolder.join",
        "sweep": "sim.sweeping.sweep.write_tables",
        "plan": "sim.store.points.PointFolder.write_table",
    }[kind]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, stop)
        assert call(*command).code == 130


def read_all(kind: str, folder: Path) -> None:
    """Read what a sweep's or a plan's figures and accounts read."""
    if kind == "plan":
        open_decision(folder)
    else:
        opened = open_sweep(folder)
        _ = opened.points, opened.loaded, opened.values(opened.keys[0][0])


@MANY
@pytest.mark.parametrize("kind", ["sweep", "plan"])
def test_finished_sweeps_and_plans_tell_which_file(
    kind: str, tries: int, here: Path, call: Call
) -> None:
    command = {
        "sweep": ("sweep", "road.toml", "--set", "fleets.van.vehicles=1:2"),
        "plan": (
            *("plan", "road.toml", "--choose", "fleets.van.vehicles=2:3"),
            *("--until", "T100 <= 50 h", "--probability", "0.6", "--confidence", "0.6"),
        ),
    }[kind]
    assert call(*command, "--jobs", "1", "--no-figures", "--out", "whole").code == 0
    said = call("check", "whole")
    assert (said.code, said.err) == (2, f"whole holds a {kind}, not the result of a run\n")
    names = {
        "sweep": ("runs.parquet", "summary.parquet", "points.parquet"),
        "plan": ("runs.parquet", "plan.json"),
    }[kind]
    draw = random.Random(f"{kind} {tries}")
    for name in (*names, "scenario.toml", "manifest.json"):
        for _ in range(tries):
            shutil.copytree(here / "whole", here / "r")
            alter(here / "r" / name, draw)
            with pytest.raises(UsageError) as told:
                read_all(kind, here / "r")
            assert str(told.value).startswith(f"{here}/r/{name} ")
            said = call(*command, "--jobs", "1", "--no-figures", "--out", "r", "--resume")
            if name == "manifest.json" or (kind, name) == ("plan", "runs.parquet"):
                assert said.code == 2
                assert said.err.splitlines()[-1].startswith(f"r/{name} ")
                over = (*command, "--jobs", "1", "--no-figures", "--out", "r", "--overwrite")
                assert call(*over).code == 0
            else:
                assert said.code == 0
            assert tables_of(here / "r") == tables_of(here / "whole")
            shutil.rmtree(here / "r")
