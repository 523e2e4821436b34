"""The tutorial: its commands run, and the page is what they print and draw."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from reference.tools import load_tool

from sim.cli.main import postroad

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial.md"
#: One province, two runs: what the commands print is other, that they run is the same.
SMALL = """extends = "nation.toml"
remove = ["orders"]
replications = 2

[geography]
regions = ["Hainan"]
"""
#: Claims that few runs can support, and fewer assumptions: what is left out is tried elsewhere.
QUICK = {
    "plan": ["--probability", "0.6", "--confidence", "0.6"],
    "sweep": ["--replications", "1", "--vary", "fleets.county-van.vehicles"],
}

TOOL = load_tool("build_tutorial")


def test_the_page_has_a_step_for_each_verb() -> None:
    page = PAGE.read_text(encoding="utf-8")
    verbs = [command.words[1] for command in TOOL.commands_of(page)]
    assert verbs[:4] == ["run", "compare", "sweep", "plan"]
    assert all(command.printed for command in TOOL.commands_of(page))
    assert len(TOOL.figures_of(page)) >= 4


@pytest.mark.usefixtures("no_pixels")
def test_a_command_of_each_step_runs_on_one_province(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    shutil.copyfile(ROOT / "scenarios" / "oximeters-2023.toml", scenarios / "nation.toml")
    (scenarios / "oximeters-2023.toml").write_text(SMALL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    first_of = {command.words[1]: command for command in reversed(TOOL.commands_of(page))}
    for verb, command in reversed(first_of.items()):
        words = [word for word in command.words[2:] if word != "--assumptions"]
        done = CliRunner().invoke(postroad, [verb, *words, "--jobs", "1", *QUICK.get(verb, [])])
        assert done.exit_code == 0, (command.text, done.output)
    for source, _ in TOOL.figures_of(page):
        anywhere = re.sub(r"-[0-9a-f]{8}(?=[-/])", "-*", source)
        assert list(tmp_path.glob(anywhere)), source


@pytest.mark.slow
def test_the_page_is_what_its_commands_print_and_draw(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert TOOL.fill(page, tmp_path) == page
    for source, image in TOOL.figures_of(page):
        (drawn,) = tmp_path.glob(source)
        assert drawn.read_bytes() == (PAGE.parent / image).read_bytes(), image
