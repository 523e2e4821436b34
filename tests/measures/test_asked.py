"""Asked measures: one row of the measures by the names that tell it from others."""

from __future__ import annotations

import pytest

from sim.errors import UsageError
from sim.measures.asked import find_asked, parse_asked, text_of
from sim.measures.summary import Key

KEYS: list[Key] = [
    ("T90", "", "county", "national", ""),
    ("T90", "", "clinic", "national", ""),
    ("T90", "", "clinic", "Hainan", ""),
    ("T90", "", "clinic", "Hunan", ""),
    ("dispatched", "mask", "factory", "national", ""),
    ("dispatched", "gown", "factory", "national", ""),
    ("trips", "", "county", "national", "county-van"),
    ("trips", "", "factory", "national", "carrier"),
    ("wait-p90", "", "county", "national", "desk"),
    ("makespan", "", "", "national", ""),
]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("makespan", KEYS[9]),
        ("T90", KEYS[1]),  # where goods end, in the whole nation
        (" T90 @ clinic ", KEYS[1]),
        ("T90@county", KEYS[0]),
        ("T90@Hunan", KEYS[3]),
        ("T90@Hainan@clinic", KEYS[2]),
        ("T90@national@county", KEYS[0]),
        ("dispatched@gown", KEYS[5]),
        ("trips@carrier", KEYS[7]),
        ("wait-p90", KEYS[8]),
    ],
)
def test_a_row_is_found(text: str, key: Key) -> None:
    assert find_asked(parse_asked(text), KEYS, ["clinic"]) == key


def test_every_row_is_found_by_its_own_name() -> None:
    for key in KEYS:
        assert find_asked(parse_asked(text_of(key)), [*KEYS, *KEYS], ["clinic"]) == key
    assert text_of(KEYS[2]) == "T90@clinic@Hainan"
    assert text_of(KEYS[4]) == "dispatched@factory@mask"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("T9", 'T9: expected a measure such as T90 or wait-mean, found "T9" (did you mean "T90"?)'),
        ("", 'expected a measure such as T90 or wait-mean, found "" (docs/measures.md lists them)'),
        ("T90@", "T90@: expected an echelon, product, region or entity after each @, found"),
        (
            "T90@clinc",
            (
                "T90@clinc: expected an echelon, product, region or entity that T90 is kept of, "
                'found "clinc" (did you mean "clinic"?)'
            ),
        ),
        ("T90@xyz", 'found "xyz" (say T90@clinic, T90@clinic@Hainan, T90@clinic@Hunan, T90@county'),
        ("T50", "T50: the runs of this scenario have no T50"),
        (
            "trips",
            "trips: it may be any of several: say trips@county@county-van, trips@factory@carrier",
        ),
        ("trips@county@carrier", "trips@county@carrier: no row is of all of these: say"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_asked(parse_asked(text), KEYS, ["clinic"])
    assert said in str(caught.value)


def test_a_long_list_of_choices_is_cut() -> None:
    many: list[Key] = [("T90", "", f"tier-{n}", "national", "") for n in range(12)]
    with pytest.raises(UsageError, match=r"T90@tier-5 or one of 4 more$"):
        find_asked(parse_asked("T90"), many)


def test_with_several_ends_one_must_be_named() -> None:
    with pytest.raises(UsageError, match="it may be any of several: say T90@clinic, T90@county"):
        find_asked(parse_asked("T90"), KEYS, ["clinic", "county"])
