"""The pages hold together: links, lengths, commands, and the words that they promise."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from sim.calendars import CLOSING_RULES
from sim.cli.main import COMMANDS, postroad
from sim.engine.clock import Phase
from sim.geography.nation import load_nation
from sim.plan.specs import STAGES

#: Words of the schema, the code and the plots that the glossary has to explain.
WORDS = """
site, facility, echelon, lane, product, entitlement, shipment, trip, tour, fleet, dispatch, receipt,
in transit, wave, coverage, T50, T90, T100, lead time, transit time, station, stage, calendar,
closing rule, scenario, replication, run, experiment, horizon, reported figure, verdict, assumption,
origin
"""


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", outside, re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def links(text: str) -> list[str]:
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [link for link in re.findall(r"\]\(([^)]+)\)", outside) if "://" not in link]


def test_every_link_leads_somewhere(root: Path, pages: dict[str, str]) -> None:
    broken = []
    for name, text in pages.items():
        for link in links(text):
            path, _, anchor = link.partition("#")
            target = (root / "docs" / path).resolve() if path else root / "docs" / name
            if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
                broken.append(f"{name}: {link}")
    assert not broken


def test_the_index_names_every_page(root: Path, pages: dict[str, str]) -> None:
    linked = set(links(pages["index.md"]))
    assert linked >= set(pages) - {"index.md"}
    campaigns = {f"campaigns/{path.name}" for path in (root / "docs" / "campaigns").glob("*.md")}
    assert linked >= campaigns


def test_no_page_is_too_long(pages: dict[str, str]) -> None:
    assert {name: text.count("\n") for name, text in pages.items() if text.count("\n") > 400} == {}


def test_every_command_shown_exists(pages: dict[str, str]) -> None:
    shown = 0
    for name, text in pages.items():
        text = text.replace("\\\n", " ")
        for line in re.findall(r"^(?:\$ |\.venv/bin/)?postroad (.*)$", text, re.MULTILINE):
            command, *words = shlex.split(line, comments=True)
            assert command in COMMANDS, f"{name}: {line}"
            made = postroad.get_command(click.Context(postroad), command)
            assert made is not None
            try:
                made.make_context(command, list(words))
            except click.UsageError as error:
                pytest.fail(f"{name}: {line}: {error.message}")
            shown += 1
    assert shown >= 10


def test_every_command_is_shown(pages: dict[str, str], root: Path) -> None:
    text = "\n".join([*pages.values(), (root / "README.md").read_text("utf-8")])
    for command in COMMANDS:
        assert f"`{command}`" in text or f"postroad {command}" in text


def test_the_glossary_has_every_word(pages: dict[str, str]) -> None:
    explained = set(re.findall(r"\*\*([^*]+)\*\*", pages["glossary.md"]))
    explained |= {word for words in explained for word in words.split(", ")}
    assert {word.strip() for word in WORDS.replace("\n", " ").split(",")} <= explained


def test_the_exit_codes_are_those_of_the_errors(pages: dict[str, str]) -> None:
    from sim import errors

    known = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.PostroadError)
    }
    shown = {int(code) for code in re.findall(r"^\| (\d+) \|", pages["reading-results.md"], re.M)}
    assert shown == known | {0, 3}


def test_phases_stages_and_closing_rules_stand_in_their_order(pages: dict[str, str]) -> None:
    page = pages["semantics.md"]
    phases = re.findall(r"^\d\. \*\*(\w+)\*\*", page, re.MULTILINE)
    assert phases == [phase.name.lower() for phase in Phase]
    assert tuple(re.findall(r'^\| stations "([\w-]+)"', page, re.MULTILINE)) == STAGES
    assert re.findall(r"^\| `(finish|pause|fits|\w+)` \| (?:begins)", page, re.M) == list(
        CLOSING_RULES
    )


def test_the_counts_of_the_geography_are_right(pages: dict[str, str]) -> None:
    nation, page = load_nation(), pages["geography.md"]
    towns, counties = nation.towns, nation.counties
    zones, pseudo = int(counties.functional_zone.sum()), int(nation.prefectures.pseudo.sum())
    kinds = [int((towns.kind == kind).sum()) for kind in ("zhen", "xiang", "street", "other")]
    whole = len(nation.prefectures) - pseudo
    derived, drawn = (
        int((towns.coord_source == source).sum()) for source in ("geonames", "synthetic")
    )
    sourced = int(nation.key_counties.sourced.sum())
    rows = (
        f"| {len(nation.provinces)} | mainland provinces",
        f"| {len(nation.prefectures)} | {whole} prefectures and {pseudo} pseudo-prefectures |",
        f"| {len(counties):,} | {len(counties) - zones:,} counties and districts, {zones} funct",
        f"| {len(towns):,} | {kinds[0]:,} towns (镇), {kinds[1]:,} townships (乡), ",
        f", {kinds[2]:,} subdistricts, {kinds[3]:,} others |",
        f"| village committees (村委会) | {towns.village_committees.sum():,} |",
        f"| communities (社区) | {towns.communities.sum():,} |",
        f"| village clinics (村卫生室) | {nation.clinics.a.sum():,} |",
        f"| township health centres (乡镇卫生院) | {nation.clinics.health_centres.sum():,} |",
        f"{(counties.area_source == 'derived').sum()} have none",
        f"{derived:,} derived, {drawn:,} **synthetic**",
        f"{sourced} sourced, {len(nation.key_counties.sourced) - sourced} **unverified**",
    )
    for row in rows:
        assert row in page
