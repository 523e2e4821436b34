"""Every campaign has its page and its verdicts, and every reported figure its place."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from difflib import SequenceMatcher
from pathlib import Path
from types import ModuleType

import pytest
from reference.tools import load_tool

from sim.scenario.load import load_scenario
from sim.store.result import open_result

ROOT = Path(__file__).parents[2]
#: Those that run the whole nation clinic by clinic; the oximeters have golden figures of their own.
NATIONAL = ("oximeters-2023", "county-centres-2023", "county-centres-2024", "season-2023",
            "season-apart-2023")  # fmt: skip
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.toml"))


@pytest.fixture(scope="module")
def figure_rows() -> ModuleType:
    return load_tool("figure_rows")


def test_every_input_and_check_is_used_or_left_out_for_a_reason(figure_rows: ModuleType) -> None:
    used, reasons = figure_rows.uses(), figure_rows.left_out()
    lost = []
    for row in figure_rows.read_rows():
        use = used[row["id"]]
        taken = use.checks if row["role"] == "check" else [*use.checks, *use.inputs]
        if row["role"] in ("input", "check") and not taken and row["id"] not in reasons:
            lost.append(f"{row['id']} ({row['role']})")
    assert lost == []


def test_reasons_are_given_only_for_what_is_not_used(figure_rows: ModuleType) -> None:
    used, reasons = figure_rows.uses(), figure_rows.left_out()
    assert [row for row in reasons if used[row].checks] == []
    assert all(len(reason) > 20 for reason in reasons.values())


def test_the_page_of_figures_has_every_row(root: Path, figure_rows: ModuleType) -> None:
    page = (root / "docs" / "campaigns" / "figures.md").read_text("utf-8")
    assert page.partition("<!-- rows -->\n")[2].partition("<!-- /rows -->")[0] == tool_rows(root)
    assert len(re.findall(r"^\| [A-Z]\d\d \|", page, re.MULTILINE)) == 82


def tool_rows(root: Path) -> str:
    sys.path.insert(0, str(root / "tools"))
    try:
        return str(load_tool("build_campaigns").rows_block())
    finally:
        sys.path.remove(str(root / "tools"))


def test_checks_quote_their_row(root: Path) -> None:
    """The wording of a figure is that of its row, so that nobody has to trust a retelling."""
    with (root / "docs/campaigns/reported-figures.csv").open(encoding="utf-8") as source:
        quotes = {row["id"]: row["quote"] for row in csv.DictReader(source)}
    wrong = []
    for name in SCENARIOS:
        for key, figure in load_scenario(root / f"scenarios/{name}.toml").scenario.reported.items():
            if figure.row is None:
                wrong.append(f"{name}: {key} names no row")
            elif not _same(figure.wording, quotes[figure.row]):
                wrong.append(f"{name}: {key}: {figure.wording}")
    assert wrong == []


def _same(wording: str, quote: str) -> bool:
    """Return whether half of the shorter of two texts, or a clause, stands in the other."""
    mine, theirs = (re.sub(r"\W", "", text) for text in (wording, quote))
    match = SequenceMatcher(None, mine, theirs, autojunk=False).find_longest_match()
    return match.size >= min(12, len(mine) / 2, len(theirs) / 2)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_campaign_is_told(root: Path, name: str, pages: dict[str, str]) -> None:
    told = (root / "docs" / "campaigns.md").read_text("utf-8")
    assert f"scenarios/{name}.toml" in told
    scenario = load_scenario(root / f"scenarios/{name}.toml").scenario
    text = (root / f"scenarios/{name}.toml").read_text("utf-8")
    assert scenario.description
    assert text.startswith("# ")
    page = root / "docs" / "campaigns" / f"{name}.md"
    if name == "season-apart-2023":
        page = page.with_name("season-2023.md")
    story = page.read_text("utf-8")
    if name != "season-apart-2023":
        digest = load_scenario(root / f"scenarios/{name}.toml").digest
        assert f"results/{name}-{digest[:8]}:" in story, (
            "run make campaigns: the page is of another"
        )
    shown = re.findall(r"\(\.\./images/([\w-]+\.png)\)", story)
    assert shown, "a page shows a map or a curve"
    assert all((root / "docs" / "images" / image).exists() for image in shown)
    if scenario.reported and "season" not in name:
        rows = re.findall(rf"^\| {name} \| (\w*) \| ([\w-]+) \|", told, re.MULTILINE)
        assert {figure for _, figure in rows} == set(scenario.reported)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in NATIONAL])
def test_a_campaign_runs_to_the_verdicts_of_its_page(root: Path, name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sim", "run", f"scenarios/{name}.toml", "--no-figures"]
    subprocess.run([*command, "--out", str(tmp_path / "run")], cwd=root, check=True)
    told = (root / "docs" / "campaigns.md").read_text("utf-8")
    rows = re.findall(rf"^\| {name} \| \w* \| ([\w-]+) \|.* \*\*(.+)\*\* \|$", told, re.MULTILINE)
    result = open_result(tmp_path / "run")
    assert dict(rows) == {row["id"]: row["verdict"] for row in result.verdicts}
