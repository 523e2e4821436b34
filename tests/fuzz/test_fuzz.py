"""Whatever a scenario file holds, it is valid, or told with its place, and soon."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from fuzz.bases import folder_files, light_bases
from fuzz.campaign import case_of, put_through
from fuzz.oracle import misplaced, outcome_of

from sim.errors import Problem


@pytest.fixture(autouse=True)
def bounded_memory() -> Iterator[None]:
    """Let what asks for gigabytes fail, instead of the machine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (6 * 10**9, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def test_what_is_mutated_is_valid_before(tmp_path: Path) -> None:
    for base in light_bases():
        for name, text in {**folder_files(), **base.beside, "fuzzed.toml": base.text}.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
        outcome = outcome_of(tmp_path / "fuzzed.toml", carry_out=False)
        assert outcome.kind == "valid", (base.name, outcome.detail)


def test_a_file_of_a_seed_is_the_same_alone() -> None:
    assert [case_of(3, index) for index in range(40)][17] == case_of(3, 17)
    assert case_of(3, 17) != case_of(4, 17)


def test_the_oracle_sees_a_place_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("a = 1\n", "utf-8")
    assert not list(misplaced(Problem(str(file), 1, 1, "a", "b", "c")))
    for wrong in ((0, 0, "b"), (9, 1, "b"), (1, 99, "b"), (1, 1, "")):
        assert list(misplaced(Problem(str(file), *wrong[:2], "a", wrong[2], "c")))


def test_a_few_hundred_files(tmp_path: Path) -> None:
    tally = put_through(1, 0, 250, tmp_path)
    assert not tally.defects, tally
    assert tally.outcomes["ran"] > 20
    assert tally.outcomes["refused"] > 100


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(11, 31))
def test_a_hundred_thousand_files(seed: int, tmp_path: Path) -> None:
    tally = put_through(seed, 0, 5000, tmp_path)
    print(f"seed {seed}: {tally}")
    assert not tally.defects, f"{tally}\nkept in {tmp_path}"
