"""What several suites share: the packages ``reference`` and ``theory``, and a small scenario."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.plan.specs import Plan

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "verification")]  # for ``reference`` and ``theory``

settings.register_profile("postroad", deadline=None)  # the machine may be busy with other things
settings.load_profile("postroad")

#: What takes long comes first: one worker that begins it last would keep the other waiting.
LONGEST = [
    *("test_changes.py", "test_cli_processes.py", "test_every_run.py", "test_side_by_side.py"),
    *("test_docs_vocabulary.py", "test_docs_tutorial.py", "test_cli_run.py", "test_altered.py"),
    *("test_verification_quick.py", "test_cluster.py", "test_decide.py", "test_full_disk.py"),
]


def pytest_collection_finish() -> None:
    """Let Python's collector pass over modules and tests, of which there are a million objects."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; the order of all else is kept."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture
def few_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are drawn with few pixels: for tests of which there are, not of how they look."""
    monkeypatch.setattr("sim.plots.style._DPI", 20)


@pytest.fixture
def no_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are made but not drawn, and their files are empty: for tests of long commands."""

    def touch(figure: Figure, path: Path, **options: object) -> None:
        path.touch()

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", touch)


@pytest.fixture(scope="session")
def small_text() -> str:
    """The text of a small scenario: two makers, three cities, twelve counties, 503 clinics."""
    from reference.small import SMALL

    return SMALL


@pytest.fixture(scope="session")
def small_plan() -> Callable[..., Plan]:
    """Return the plan of the small scenario with overrides, e.g. ``fleets.car.vehicles=4``."""
    from reference.small import small_plan

    return small_plan
