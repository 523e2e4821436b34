"""Files that include others: what is wrong with them, and where it is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scenario.includes import DOCS, HEAD, KITS_HEAD, NOWHERE, Say, including, write

from sim.scenario.load import load_scenario


def test_problems_of_included_files_are_theirs_and_all_are_told(folder: Path, said: Say) -> None:
    kits = (folder / "kits.toml").read_text("utf-8")
    write(folder, kits.replace("vehicles = 5", "vehicles = -5"), "wrong.toml")
    line = kits.split("\n").index("vehicles = 5") + 1
    text = KITS_HEAD + including(one="wrong.toml", two="nothing.toml", three="kits.toml")
    text += 'fleets = { vn = "lorry", van = "lory" }\nname = 3\n'.replace("name = 3\n", "")
    text += '[fleets.lorry]\nhome = "three-store"\nvehicles = 2\nspeed = "30 km/h"\n'
    assert said(text) == [
        (
            "all.toml:9:1: include.two.scenario: expected a file in the scenario's "
            "folder, found no "
            'file "nothing.toml" (did you mean "wrong.toml"?)'
        ),
        (
            "all.toml:12:12: include.three.fleets.vn: expected the name of a fleet of kits.toml "
            '(truck, van), found "vn" (did you mean "van"?)'
        ),
        (
            "all.toml:12:26: include.three.fleets.van: expected the name of a fleet (three-truck, "
            'lorry), found "lory" (did you mean "lorry"?)'
        ),
        (
            f"wrong.toml:{line}:1: fleets.truck.vehicles: expected a whole number of at "
            f"least 1, or "
            '"unlimited", found -5'
        ),
    ]


def test_problems_that_show_only_together_are_told_where_they_stand(
    folder: Path, said: Say
) -> None:
    kits = (folder / "kits.toml").read_text("utf-8")
    text = KITS_HEAD + including(one="kits.toml") + '[fleets.one-truck]\nvehicles = 2\nhom = "x"\n'
    told = said(text, "lanes.one-to-clinic.fleet=one-truck")
    spot = kits.split("\n").index('home = "depot"') + 1
    assert told == [
        (
            "all.toml:10:1: fleets.one-truck.hom: expected a key of this table, found "
            "the unknown key "
            '"hom" (did you mean "home"?)'
        ),
    ]
    told = said(text.replace('hom = "x"\n', 'home = "one-clinic"\n'))
    line = kits.split("\n").index('fleet = "truck"') + 1
    assert told == [
        (
            f"kits.toml:{line}:1: lanes.one-to-store.fleet: expected a fleet whose home is "
            '"one-depot", found "one-truck", whose home is "one-clinic"'
        )
    ]
    assert spot > 1


def test_a_table_beside_an_included_file_keeps_its_places(folder: Path, said: Say) -> None:
    kits = (folder / "kits.toml").read_text("utf-8")
    start, end = kits.index("[sites]"), kits.index("[supply.port]")
    text = 'files.sites = "sites.csv"\n' + kits[:start] + kits[end:]
    write(folder, text, "parts/kits.toml")
    sites = (DOCS.parent / "vocabulary" / "sites.csv").read_text("utf-8")
    write(folder, sites, "parts/sites.csv")
    whole = KITS_HEAD + including(one="parts/kits.toml")
    loaded = load_scenario(write(folder, whole))
    assert "one-harbour" in loaded.scenario.sites
    rule = '{ order = "highest-first", attribute = "people" }'
    told, rows = said(whole, f"lanes.one-to-store.allocation={rule}"), sites.split("\n")
    assert [problem.partition(": expected ")[0] for problem in told] == [
        f"parts/sites.csv:{line}:{rows[line - 1].rindex(people) + 1}: sites.one-{name}.attributes"
        for line, name, people in (
            (3, "northfield", "900"),
            (4, "ridge", "4000"),
            (5, "lowmarsh", "2500"),
        )
    ]


@pytest.mark.parametrize(
    ("head", "file", "told"),
    [
        (
            "",
            "all.toml",
            (
                "a file that does not lead back to itself, found "
                '"all.toml" (all.toml includes all.toml)'
            ),
        ),
        (
            "",
            "../kits.toml",
            'a relative path inside the scenario\'s folder, found "../kits.toml"',
        ),
        (
            "nation",
            "kits.toml",
            'a scenario of the nation "china", found one of "none" in kits.toml',
        ),
        (
            "horizon",
            "kits.toml",
            (
                "a scenario that ends by this file's horizon, 2030-04-24T06:00:00+00:00, found "
                "2030-04-29T06:00:00+00:00 in kits.toml"
            ),
        ),
        (
            "start",
            "kits.toml",
            (
                "a scenario that starts on 2030-04-19T07:00:00+00:00 or later, found "
                "2030-04-19T06:00:00+00:00 in kits.toml"
            ),
        ),
        (
            "zone",
            "kits.toml",
            (
                "a start in the zone of this file's, 2030-04-18T06:00:00+02:00, found "
                "2030-04-19T06:00:00+00:00 in kits.toml (times of day are in the zone of the start)"
            ),
        ),
        (
            "estimate",
            "small.toml",
            'a scenario with the clinic-estimate "B", found "A" in small.toml',
        ),
    ],
)
def test_what_cannot_take_part(said: Say, head: str, file: str, told: str) -> None:
    changes = {
        "": KITS_HEAD,
        "nation": KITS_HEAD.replace(NOWHERE, ""),
        "horizon": KITS_HEAD.replace("10 d", "5 d"),
        "start": KITS_HEAD.replace("T06", "T07"),
        "zone": KITS_HEAD.replace("19T06:00:00+00", "18T06:00:00+02").replace("10 d", "20 d"),
        "estimate": HEAD + '[geography]\nclinic-estimate = "B"\n',
    }
    problems = said(changes[head] + including(one=file))
    mine = [problem for problem in problems if "include.one.scenario: expected " in problem]
    assert [problem.partition(": expected ")[2] for problem in mine] == [told]
    assert re.match(r"all\.toml:\d+:1: include\.one\.scenario: ", mine[0])


def test_overrides_of_the_head_count(said: Say, folder: Path) -> None:
    text = KITS_HEAD + including(one="kits.toml")
    (problem,) = said(text, "horizon=5 d")
    assert "a scenario that ends by this file's horizon" in problem
    short = KITS_HEAD.replace("10 d", "5 d") + including(one="kits.toml")
    assert load_scenario(write(folder, short), ["horizon=12 d"]).scenario.horizon.value == 288


def test_names_that_do_not_set_entries_apart(folder: Path, said: Say) -> None:
    kits = (folder / "kits.toml").read_text("utf-8").replace("[fleets.van]", "[fleets.b-van]")
    write(folder, kits.replace('fleet = "van"', 'fleet = "b-van"'), "other.toml")
    told = said(KITS_HEAD + including(a="other.toml", **{"a-b": "kits.toml"}))
    assert told == [
        (
            "all.toml:8:10: include.a-b: expected a name that sets its entries apart, found "
            '"a-b-van" in [fleets] from [include.a] too'
        )
    ]


def test_includes_that_lead_back_are_refused(folder: Path, said: Say) -> None:
    write(folder, KITS_HEAD + including(back="all.toml"), "between.toml")
    (problem,) = said(KITS_HEAD + including(one="between.toml"))
    assert problem.startswith("between.toml:7:1: include.back.scenario: expected a file that does")
    assert problem.endswith("(all.toml includes between.toml includes all.toml)")
    write(folder, 'extends = "all.toml"\ntitle = "x"\n', "between.toml")
    told = said(KITS_HEAD + including(one="between.toml"))
    assert "all.toml includes between.toml includes between.toml" in "".join(told)


def test_what_include_may_say(said: Say) -> None:
    told = said(KITS_HEAD + '[include.One]\nscenario = 3\nfleet = "x"\n[include.two]\n')
    assert [problem.partition(": expected ")[0] for problem in told] == [
        "all.toml:6:10: include.One",
        "all.toml:7:1: include.One.scenario",
        "all.toml:8:1: include.One.fleet",
        "all.toml:9:10: include.two.scenario",
    ]
    assert "a name of small letters, digits and hyphens" in told[0]
    (problem,) = said("include = 3\n" + KITS_HEAD)
    assert problem == "all.toml:1:1: include: expected a table, found 3"
