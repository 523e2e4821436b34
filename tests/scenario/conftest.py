"""What the suites of scenario files share: three scenarios and a way to say where a text stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scenario.includes import Say, kits_of_the_docs, write

from sim.errors import Problem, ScenarioError
from sim.scenario.load import LoadedScenario, load_scenario, parse_scenario

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def small_toml() -> str:
    """A small, valid scenario."""
    return (DATA / "small.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def rich_toml() -> str:
    """A valid scenario that uses nearly every key of the schema and most of what TOML can write."""
    return (DATA / "rich.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def listed_toml() -> str:
    """A valid scenario of listed sites and chance, with the keys that the rich one leaves out."""
    return (DATA / "listed.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def parse() -> Callable[..., LoadedScenario]:
    """Validate a text, with overrides."""

    def run(text: str, *overrides: str) -> LoadedScenario:
        return parse_scenario(text, name="test", place="test.toml", overrides=overrides)

    return run


@pytest.fixture(scope="session")
def problems_of(parse: Callable[..., LoadedScenario]) -> Callable[..., tuple[Problem, ...]]:
    """Return the problems of a text, with overrides; it must have some."""

    def run(text: str, *overrides: str) -> tuple[Problem, ...]:
        with pytest.raises(ScenarioError) as raised:
            parse(text, *overrides)
        return raised.value.problems

    return run


@pytest.fixture(scope="session")
def at() -> Callable[..., tuple[int, int]]:
    """Return line and column (from 1, in characters) of the only place where a text stands."""

    def find(text: str, needle: str, *, skip: int = 0) -> tuple[int, int]:
        assert text.count(needle) == 1, f"{needle!r} stands {text.count(needle)} times"
        before = text[: text.index(needle) + skip]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

    return find


@pytest.fixture(scope="session")
def assert_fault(
    small_toml: str, problems_of: Callable[..., tuple[Problem, ...]]
) -> Callable[..., None]:
    """Assert that changes of the small scenario bring a fault at a path, told in these words."""

    def check(changes: tuple[tuple[str, str], ...], path: str, said: str) -> None:
        text = small_toml
        for before, after in changes:
            assert text.count(before) == 1, before
            text = text.replace(before, after)
        problems = problems_of(text)
        mine = [problem for problem in problems if problem.path == path]
        told = [str(problem).partition(f" {path}: ")[2] for problem in mine]
        assert told.count(said) == 1, [str(problem) for problem in problems]
        key, line = path.rpartition(".")[2], mine[0].line
        if not key.isdigit() and f"{key} =" in text:
            assert text.split("\n")[line - 1][mine[0].column - 1 :].startswith(key)
        assert line > 1

    return check


@pytest.fixture
def folder(tmp_path: Path, small_toml: str, rich_toml: str, listed_toml: str) -> Path:
    """A folder with four scenarios, to be included."""
    kits = kits_of_the_docs(still=True)
    texts = {"small": small_toml, "rich": rich_toml, "listed": listed_toml, "kits": kits}
    for name, text in texts.items():
        write(tmp_path, text, f"{name}.toml")
    return tmp_path


@pytest.fixture
def said(folder: Path) -> Say:
    """Return what is wrong with a file of this text, its folder left out."""

    def say(text: str, *overrides: str) -> list[str]:
        with pytest.raises(ScenarioError) as caught:
            load_scenario(write(folder, text), overrides)
        return str(caught.value).replace(f"{folder}/", "").split("\n")

    return say
