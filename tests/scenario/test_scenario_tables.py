"""Sites and links from CSV files: what becomes of them, and where their faults stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.scenario.load import LoadedScenario, load_scenario, parse_scenario
from sim.scenario.reading import MOST_TABLE
from sim.scenario.tables import read_table

BASE = """\
title = "Tables"
start = 2023-01-07T00:00:00+08:00
horizon = "9 d"
[geography]
nation = "none"
[products.mask]
[echelons.depot]
[echelons.shop]
[fleets.van]
home = "depot"
speed = "60 km/h"
vehicles = 2
[lanes.serve]
from = "depot"
to = "shop"
fleet = "van"
[files]
sites = "sites.csv"
links = "links.csv"
"""
SITES = """\
name,echelon,title,lat,lon,region,supplied-by,need.mask,stock.mask,attributes.people
d1,depot,"A depot, the first",31.25,-117,north,,,100,
s1,shop,,31.5,117.25,"no""rth",d1,5,,1200.5
s2,shop,,,,,,all,,
"""
LINKS = """\
lane,from,to,km,time,share
serve,d1,s1,12,,
serve,d1,s2,3.5 km,40 min,2
"""
#: The same without files.
WRITTEN = (
    BASE.partition("[files]")[0].replace(
        'fleet = "van"\n',
        """fleet = "van"
links = [
    { from = "d1", to = "s1", km = "12 km" },
    { from = "d1", to = "s2", km = "3.5 km", time = "40 min", share = 2 },
]
""",
    )
    + """
[sites.d1]
echelon = "depot"
title = "A depot, the first"
at = [31.25, -117]
region = "north"
stock = { mask = 100 }
[sites.s1]
echelon = "shop"
at = [31.5, 117.25]
region = 'no"rth'
supplied-by = "d1"
need = { mask = 5 }
attributes = { people = 1200.5 }
[sites.s2]
echelon = "shop"
need = { mask = "all" }
"""
)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., LoadedScenario]:
    """Load the scenario with its two tables, of which some may be others."""

    def run(*overrides: str, text: str = BASE, **files: str | bytes | None) -> LoadedScenario:
        (tmp_path / "test.toml").write_text(text, encoding="utf-8")
        for name, content in {"sites": SITES, "links": LINKS, **files}.items():
            path = tmp_path / f"{name}.csv"
            if content is not None:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_scenario(tmp_path / "test.toml", overrides)

    return run


@pytest.fixture
def told(load: Callable[..., LoadedScenario], tmp_path: Path) -> Callable[..., list[str]]:
    """Return the problems of tables, without the folder that they stand in."""

    def run(*overrides: str, text: str = BASE, **files: str | bytes | None) -> list[str]:
        with pytest.raises(ScenarioError) as raised:
            load(*overrides, text=text, **files)
        return str(raised.value).replace(f"{tmp_path}/", "").split("\n")

    return run


def test_tables_are_part_of_the_scenario(load: Callable[..., LoadedScenario]) -> None:
    """The resolved document is complete: it loads by itself to the same, with one digest."""
    import tomli_w

    loaded = load()
    written = parse_scenario(WRITTEN, name="test", place="written.toml")
    assert loaded.scenario == written.scenario
    assert loaded.document == written.document
    assert loaded.digest == written.digest
    assert "files" not in loaded.document
    again = parse_scenario(tomli_w.dumps(loaded.document), name="test", place="resolved.toml")
    assert again.digest == loaded.digest


def test_the_digest_covers_what_the_files_hold(load: Callable[..., LoadedScenario]) -> None:
    before = load().digest
    assert load(links=LINKS.replace("12", "13")).digest != before
    assert load(links=LINKS.replace("12", "12 km")).digest == before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.removesuffix("\n"),
        lambda text: text.replace("s1,shop", '"s1" , shop '),
        lambda text: text.replace(",5,", ",5.0,"),
    ],
)  # fmt: skip
def test_other_ways_to_write_the_same(
    change: Callable[[str], str], load: Callable[..., LoadedScenario]
) -> None:
    assert load(sites=change(SITES)).digest == load().digest


def test_values_of_tables_can_be_set(load: Callable[..., LoadedScenario]) -> None:
    loaded = load(
        "sites.s1.need.mask=3", "sites.s2.need={mask=4}", links=LINKS.replace("min,2", "min,")
    )
    needs = [loaded.scenario.sites[name].need["mask"].value for name in ("s1", "s2")]
    assert needs == [3, 4]


def test_another_table_can_be_set(load: Callable[..., LoadedScenario], tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text(LINKS.replace("12", "99"), encoding="utf-8")
    loaded = load("files.links=other.csv")
    assert loaded.scenario.lanes["serve"].links[0].km.value == 99


def test_what_is_set_is_told_where_it_is_set(told: Callable[..., list[str]]) -> None:
    assert told("sites.s1.need.mask=-3") == [
        (
            "--set sites.s1.need.mask=-3: sites.s1.need.mask: expected a whole number of at least "
            '0, or "all", found -3'
        )
    ]


def test_links_are_added_to_those_of_the_file(load: Callable[..., LoadedScenario]) -> None:
    text = BASE.replace(
        'fleet = "van"\n', 'fleet = "van"\nlinks = [{ from = "d1", to = "s2", km = "1 km" }]\n'
    )
    loaded = load(text=text, links=LINKS.partition("serve,d1,s2")[0])
    assert [(link.to, link.km.value) for link in loaded.scenario.lanes["serve"].links] == [
        ("s2", 1), ("s1", 12),
    ]  # fmt: skip


#: A change of one table, and the problems that it brings.
FAULTS = {
    "an unknown column": (
        "sites", "title,lat", "titel,lat",
        [('sites.csv:1:14: expected a column of this table, found the unknown column "titel" '
         '(did you mean "title"?)')],
    ),
    "an unknown column of links": (
        "links", "share\n", "weight\n",
        [('links.csv:1:22: expected a column of this table, found the unknown column "weight" '
         "(it may have lane, from, to, km, time, share)")],
    ),
    "an unknown product": (
        "sites", "need.mask", "need.msak",
        [('sites.csv:1:47: expected the name of a product (mask), found "msak" '
         '(did you mean "mask"?)')],
    ),
    "no column of echelons": (
        "sites", "echelon", "echlon",
        [('sites.csv:1:1: expected the column "echelon", found none '
          '(did you mean "echlon" or "lon"?)')],
    ),
    "a column twice": (
        "links", "km,time", "km,km",
        ['links.csv:1:17: expected each column once, found "km" again'],
    ),
    "an unknown echelon": (
        "sites", "s1,shop", "s1,shup",
        [("sites.csv:3:4: sites.s1.echelon: expected the name of an echelon (depot, shop), "
         'found "shup" (did you mean "shop"?)')],
    ),
    "no echelon": (
        "sites", "s1,shop", "s1,",
        ['sites.csv:3:1: sites.s1.echelon: expected the key "echelon", found nothing'],
    ),
    "no name": (
        "sites", "s2,shop", ",shop",
        ["sites.csv:4:1: expected the name of a site, found nothing",
         ('links.csv:3:10: lanes.serve.links.1.to: expected the name of a site (d1, s1), '
         'found "s2"')],
    ),
    "a name that is none": (
        "sites", "s2,shop,,,,,,all,,", "s2,shop,,,,,,all,,\nS 3,shop,,1,2,,,1,,",
        [("sites.csv:5:1: sites.S 3: expected a name of small letters, digits and hyphens, "
         'found "S 3"')],
    ),
    "a name twice": (
        "sites", "s2,shop,,,,,,all,,", "s2,shop,,,,,,all,,\ns2,shop,,1,2,,,1,,",
        [('sites.csv:5:1: sites.s2: expected a site that is listed once, found "s2" again '
         "(it stands at sites.csv:4 too)")],
    ),
    "a latitude that is none": (
        "sites", "31.5,117.25", "31°,117.25",
        ['sites.csv:3:10: sites.s1.at.0: expected a number of degrees, found "31°"'],
    ),
    "a latitude beyond the pole": (
        "sites", "31.5,117.25", "95,117.25",
        [("sites.csv:3:10: sites.s1.at: expected [latitude, longitude] in degrees, "
         "found [95.0, 117.25]")],
    ),
    "a latitude alone": (
        "sites", "31.5,117.25", "31.5,",
        ["sites.csv:3:10: sites.s1.at: expected at least 2 entries, found 1"],
    ),
    "half a need": (
        "sites", "d1,5,", "d1,5.5,",
        [('sites.csv:3:35: sites.s1.need.mask: expected a whole number of at least 0, or "all", '
         "found 5.5")],
    ),
    "a need in words": (
        "sites", ",all,", ",some,",
        [('sites.csv:4:14: sites.s2.need.mask: expected a whole number of at least 0, or "all", '
         'found "some"')],
    ),
    "all of a stock": (
        "sites", ",100,", ",all,",
        [('sites.csv:2:50: sites.d1.stock.mask: expected a whole number of at least 0, '
         'found "all"')],
    ),
    "an attribute in words": (
        "sites", "1200.5", "many",
        ['sites.csv:3:38: sites.s1.attributes.people: expected a number, found "many"'],
    ),
    "an unknown supplier": (
        "sites", '",d1,5', '",d7,5',
        [("sites.csv:3:32: sites.s1.supplied-by: expected the name of a site (d1, s1, s2), "
         'found "d7"')],
    ),
    "too few cells": (
        "sites", "s2,shop,,,,,,all,,", "s2,shop,,,,,,all",
        ["sites.csv:4:1: expected 10 cells, as in the first row, found 8",
         ('links.csv:3:10: lanes.serve.links.1.to: expected the name of a site (d1, s1), '
         'found "s2"')],
    ),
    "a quote that does not end": (
        "sites", 'first",', "first,",
        ['sites.csv:3:23: expected a comma after the quote, found "n"'],
    ),
    "a quote without an end": (
        "links", "40 min", '"40 min',
        ["links.csv:3:20: expected the quote that ends this cell, found none"],
    ),
    "an unknown lane": (
        "links", "serve,d1,s1", "sreve,d1,s1",
        [('links.csv:2:1: expected the name of a lane (serve), found "sreve" '
         '(did you mean "serve"?)')],
    ),
    "no lane": (
        "links", "serve,d1,s1", ",d1,s1",
        ["links.csv:2:1: expected the name of a lane (serve), found nothing"],
    ),
    "a link without an end": (
        "links", "serve,d1,s1", "serve,d1,",
        ['links.csv:2:1: lanes.serve.links.0.to: expected the key "to", found nothing'],
    ),
    "a time without its unit": (
        "links", "40 min", "40",
        [("links.csv:3:20: lanes.serve.links.1.time: expected a duration of at least 0 with its "
         'unit, such as "4 h", found "40" (it has no unit)')],
    ),
    "a distance in hours": (
        "links", ",12,", ",12 h,",
        [('links.csv:2:13: lanes.serve.links.0.km: expected a distance above 0 with its unit, '
         'such as "12 km", found "12 h" ("h" is not a unit of a distance)')],
    ),
    "a distance below zero": (
        "links", ",12,", ",-12,",
        [('links.csv:2:13: lanes.serve.links.0.km: expected a distance above 0 with its unit, '
         'such as "12 km", found "-12 km"')],
    ),
    "a share in words": (
        "links", "40 min,2", "40 min,half",
        [("links.csv:3:27: lanes.serve.links.1.share: expected a weight of at least 0, "
         'found "half"')],
    ),
    "nothing": ("sites", SITES, "", [("sites.csv:1:1: expected a row with the names of the "
                                     "columns, found nothing")]),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_where_it_stands(name: str, told: Callable[..., list[str]]) -> None:
    table, before, after, expected = FAULTS[name]
    text = {"sites": SITES, "links": LINKS}[table]
    assert text.count(before) == 1
    assert sorted(told(**{table: text.replace(before, after)})) == sorted(expected)


def test_a_site_of_both_the_file_and_a_table(told: Callable[..., list[str]]) -> None:
    text = BASE + '[sites.s1]\nechelon = "shop"\nat = [1, 2]\n'
    assert told(text=text) == [
        (
            'sites.csv:3:1: sites.s1: expected a site that is listed once, found "s1" again '
            "(it is in [sites] too)"
        )
    ]


def test_bytes_that_are_no_text(told: Callable[..., list[str]]) -> None:
    assert told(links=LINKS.encode() + b"serve,d1,\xff") == [
        "links.csv:4:10: expected a text in UTF-8, found the byte 0xff"
    ]


@pytest.mark.parametrize(
    "path", ["/etc/hosts", "../sites.csv", "a/../../sites.csv", "..", "C:\\x.csv", "a\\..\\b", ""]
)
def test_files_outside_the_folder(path: str, told: Callable[..., list[str]]) -> None:
    text = BASE.replace('"sites.csv"', f"'{path}'")
    assert told(text=text) == [
        (
            "test.toml:18:1: files.sites: expected a relative path inside the scenario's folder, "
            f'found "{path}"'
        )
    ]


def test_a_link_that_leads_out_of_the_folder(
    told: Callable[..., list[str]], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "sites.csv"
    elsewhere.write_text(SITES, encoding="utf-8")
    (tmp_path / "sites.csv").symlink_to(elsewhere)
    assert told(sites=None) == [
        (
            "test.toml:18:1: files.sites: expected a relative path inside the scenario's folder, "
            'found "sites.csv", which leads out of it'
        )
    ]


def test_files_that_cannot_be_read(told: Callable[..., list[str]], tmp_path: Path) -> None:
    assert told(text=BASE.replace('"links.csv"', '"lniks.csv"')) == [
        (
            "test.toml:19:1: files.links: expected a file in the scenario's folder, "
            'found no file "lniks.csv" (did you mean "links.csv" or "sites.csv"?)'
        )
    ]
    (tmp_path / "folder.csv").mkdir()
    assert told(text=BASE.replace("links.csv", "folder.csv")) == [
        "test.toml:19:1: files.links: expected a file that can be read, found a folder"
    ]
    with (tmp_path / "large.csv").open("wb") as large:
        large.truncate(MOST_TABLE + 10**6)
    assert told(text=BASE.replace("links.csv", "large.csv")) == [
        "test.toml:19:1: files.links: expected a file of at most 50 MB, found 51 MB"
    ]


def test_a_table_of_files_that_is_none(told: Callable[..., list[str]]) -> None:
    assert told(text=BASE.replace("links =", "likns =")) == [
        (
            "test.toml:19:1: files.likns: expected a key of this table, "
            'found the unknown key "likns" (did you mean "links"?)'
        )
    ]
    assert told(text=BASE.replace('"links.csv"', "5")) == [
        "test.toml:19:1: files.links: expected a text, found 5"
    ]


def test_a_text_without_a_folder() -> None:
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(BASE, name="test", place="test.toml")
    assert str(raised.value).split("\n") == [
        (
            "test.toml:18:1: files.sites: expected no files: this text stands in no folder, "
            'found "sites.csv"'
        ),
        (
            "test.toml:19:1: files.links: expected no files: this text stands in no folder, "
            'found "links.csv"'
        ),
    ]


cells = st.text(st.sampled_from('ab ,"\n\r;7é'), max_size=5).map(str.strip)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=5), st.booleans())
def test_the_reader_reads_what_a_writer_wrote(rows: list[list[str]], few: bool) -> None:
    """And every cell stands where it says it does."""
    rows = [["x", "y"], *rows]
    file = io.StringIO()
    how = csv.QUOTE_MINIMAL if few else csv.QUOTE_ALL
    csv.writer(file, lineterminator="\r\n" if few else "\n", quoting=how).writerows(rows)
    text = file.getvalue()
    table = read_table("x.csv", text)
    assert table.complete
    assert not table.problems
    expected = [{k: v for k, v in zip("xy", row, strict=True) if v} for row in rows[1:]]
    found = [{k: c.value for k, c in record.cells.items()} for record in table.records]
    assert found == expected
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for record in table.records:
        for cell in record.cells.values():
            rest = lines[cell.line - 1][cell.column - 1 :]
            start = str(cell.value).replace("\r\n", "\n").replace("\r", "\n").partition("\n")[0]
            assert rest.startswith((start, '"' + start.replace('"', '""')))
