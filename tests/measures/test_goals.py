"""Goals: their grammar, where they are wrong, and what they say of the tables of a run."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from math import nan

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import UsageError
from sim.measures.asked import text_of
from sim.measures.attained import find_key, value_of
from sim.measures.goals import CURVES, bind, parse_goals
from sim.measures.summary import Key
from sim.store.tables import SCHEMAS

START = datetime.fromisoformat("2023-01-07T00:00:00+08:00")
HORIZON = 35 * 24.0


def read(text: str) -> tuple[str, str, tuple[str, ...], str, float | None, float]:
    (goal,) = parse_goals([text])
    bound = bind(goal, START, HORIZON)
    return goal.measure, goal.unit, goal.names, goal.operator, bound.hour, bound.limit


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("coverage(14 d) >= 0.95", ("coverage", "share", (), ">=", 336.0, 0.95)),
        ("coverage( 14 d )≥95%", ("coverage", "share", (), ">=", 336.0, 0.95)),
        ("coverage(2023-01-22T00:00:00+08:00) > 95 %", ("coverage", "share", (), ">", 360.0, 0.95)),
        ("coverage(2023-01-21T16:00Z) > .5", ("coverage", "share", (), ">", 360.0, 0.5)),
        ("coverage >= 0.95", ("coverage", "share", (), ">=", None, 0.95)),
        ("T90 <= 10 d", ("T90", "h", (), "<=", None, 240.0)),
        ("T90@clinic <= 2023-01-20T18:00+08:00", ("T90", "h", ("clinic",), "<=", None, 330.0)),
        (
            "received(5 d) @clinic@oximeter >= 1_000_000",
            ("received", "units", ("clinic", "oximeter"), ">=", 120.0, 1e6),
        ),
        (
            'coverage@"Inner Mongolia" == 1',
            ("coverage", "share", ("Inner Mongolia",), "=", None, 1),
        ),
        ("complete = 1", ("complete", "probability", (), "=", None, 1.0)),
        ("turned-away@dock ≤ 0", ("turned-away", "shipments", ("dock",), "<=", None, 0.0)),
        ("trips <= 3 trips", ("trips", "trips", (), "<=", None, 3.0)),
        ("wait-p90 < 90 min", ("wait-p90", "h", (), "<", None, 1.5)),
        ("requests-served(2 d) >= 10", ("requests-served", "requests", (), ">=", 48.0, 10.0)),
    ],
)
def test_what_goals_mean(text: str, meaning: tuple[object, ...]) -> None:
    assert read(text) == meaning


def test_goals_are_joined_and_repeated() -> None:
    goals = parse_goals(["coverage(3 d) >= 0.5 and T100 <= 20 d", "complete = 1"])
    assert [goal.text for goal in goals] == [
        "coverage(3 d) >= 0.5",
        "T100 <= 20 d",
        "complete = 1",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "column 1: expected a measure such as coverage or T90, found the end"),
        (
            "coverag(14 d) >= 1",
            'such as coverage or T90, found "coverag" (did you mean "coverage"?)',
        ),
        ("coverage(14 d >= 1", 'column 19: expected ")" after the time, found the end'),
        (
            "coverage(14) >= 1",
            'or a time such as 2023-01-22T00:00:00+08:00, found "14" (it has no unit)',
        ),
        ("coverage(14) >= 1", "column 10: expected a duration such as"),
        ("coverage(2023-01-22) >= 1", "(it has no zone: +08:00)"),
        ("coverage() >= 1", "found nothing (it has no number)"),
        ("coverage(14 d) 1", 'column 16: expected one of >= <= > < =, found "1"'),
        ("coverage(14 d) >=", "column 18: expected a number such as 0.95 or 95 %, found the end"),
        ("coverage >= 95", 'expected a share between 0 and 1, such as 0.95 or 95 %, found "95"'),
        ("coverage >= 0,95", 'column 13: expected a share, such as 0.95 or 95 %, found "0,95"'),
        ("coverage@ >= 1", "column 11: expected an echelon, product, region or entity after @, "),
        ("T90(3 d) <= 3 d", "column 4: expected no time"),
        ("T90 <= 10", "(it has no unit)"),
        ("T90 <= 3 d or T50 <= 2 d", "column 8: expected a duration"),
        ("T90 <= 2023-01-20T18:00", "(it has no zone: +08:00)"),
        ("lead-time-mean <= 2023-01-20T18:00+08:00", "it is a moment, not a length of time"),
        ("waiting >= 3", "column 8: expected the time at which to read it, such as waiting(14 d)"),
        ("received >= 5 km", 'expected a number of units, such as 1_000 units, found "5 km"'),
        ("coverage >= 1 and", "column 18: expected a measure"),
        ("coverage >= 1 T90", 'found "1 T90"'),
        (
            80 * "complete = 1 and " + "complete =",
            "column 1371: expected a number such as 1, found",
        ),
        ("coverage) >= 1", 'column 9: expected a goal such as coverage(14 d) >= 0.95, found ")"'),
        ("(14 d) >= 1", 'column 1: expected a measure such as coverage or T90, found "(14 d)"'),
    ],
)
def test_what_is_wrong_with_a_goal_is_said_and_where(text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_goals([text])
    assert str(error.value).startswith(f'--until "{text}", column ')
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("coverage(50 d) >= 1", "50 d is after the horizon, 35 d, where runs stop: give them"),
        ("coverage(50 d) >= 1", 'such as --set "horizon=51 d"'),
        ("T90 <= 50 d", "50 d is after the horizon, 35 d"),
        ("coverage(2023-01-06T00:00+08:00) >= 1", "is before the start"),
        ("coverage(90 min) >= 1", "which is 1.500 h: say 1 h or 2 h"),
    ],
)  # fmt: skip
def test_times_that_no_run_can_tell(text: str, said: str) -> None:
    (goal,) = parse_goals([text])
    with pytest.raises(UsageError) as error:
        bind(goal, START, HORIZON)
    assert said in str(error.value)


@given(
    measure=st.sampled_from([name for name, unit in CURVES.items() if unit != "share"]),
    hours=st.integers(0, 840),
    names=st.lists(st.text("abyz09-", min_size=1, max_size=8), max_size=3),
    operator=st.sampled_from([">=", "<=", ">", "<", "="]),
    limit=st.integers(-1000, 10**9),
    space=st.sampled_from(["", " ", "  "]),
)
def test_whatever_is_written_by_the_grammar_is_read(
    measure: str, hours: int, names: list[str], operator: str, limit: int, space: str
) -> None:
    called = "".join(f"{space}@{name}" for name in names)
    text = f"{measure}{space}({hours} h){called}{space}{operator}{space}{limit}"
    unit = CURVES[measure]
    assert read(text) == (measure, unit, tuple(names), operator, float(hours), float(limit))


@given(text=st.text(alphabet='coverageT90 ()@<>=0.95%dh"and', max_size=30))
def test_other_texts_are_refused_in_words(text: str) -> None:
    with suppress(UsageError):  # and nothing but that
        assert parse_goals([text])


def holds(text: str, value: float) -> bool:
    (goal,) = parse_goals([text])
    return bind(goal, START, HORIZON).holds(value)


def test_when_a_goal_holds() -> None:
    assert holds("coverage >= 0.95", 19 / 20)
    assert holds("coverage >= 0.3", 0.1 + 0.2 - 1e-16)
    assert not holds("coverage > 0.95", 19 / 20)
    assert not holds("coverage >= 0.95", 0.9499)
    assert holds("T90 <= 10 d", 240.0)
    assert not holds("T90 < 10 d", 240.0)
    assert holds("trips = 3", 3.0)
    assert not holds("trips = 3", 4.0)


def test_a_time_that_did_not_come_is_late_and_what_is_not_there_reaches_nothing() -> None:
    assert not holds("T90 <= 10 d", nan)
    assert holds("T90 >= 10 d", nan)
    for operator in (">=", "<=", "="):
        assert not holds(f"wait-mean {operator} 1 h", nan)


def table(name: str, rows: list[dict[str, object]]) -> pa.Table:
    empty = {"replication": 0, "product": "", "echelon": "", "entity": "", "unit": ""}
    region = {"region": "national"} if name == "runs" else {}
    known = set(SCHEMAS[name].names)
    full = [{k: v for k, v in (empty | region | row).items() if k in known} for row in rows]
    return pa.Table.from_pylist(full, schema=SCHEMAS[name])


RUNS = table(
    "runs",
    [
        {"measure": "T90", "echelon": "county", "value": 100.0},
        {"measure": "T90", "echelon": "clinic", "value": None},
        {"measure": "T90", "echelon": "clinic", "region": "Hebei", "value": 120.0},
        {"measure": "trips", "echelon": "county", "entity": "van", "value": 7.0},
        {"measure": "trips", "echelon": "county", "entity": "truck", "value": 3.0},
    ],
)
AT_HOURS = table(
    "curves",
    [
        {"measure": "coverage", "echelon": echelon, "hour": float(hour), "value": hour * rate}
        for echelon, rate in (("county", 0.5), ("clinic", 0.25))
        for hour in range(3)
    ],
)


def find(text: str, ends: tuple[str, ...] = ("clinic",)) -> Key:
    (goal,) = parse_goals([text])
    return find_key(goal, RUNS, AT_HOURS, ends)


def value(text: str) -> float:
    (goal,) = parse_goals([text])
    bound = bind(goal, START, HORIZON)
    return value_of(bound, find(text), RUNS, AT_HOURS)


def test_what_goals_are_about() -> None:
    assert text_of(find("T90 <= 9 d")) == "T90@clinic"
    assert text_of(find("T90@county <= 9 d")) == "T90@county"
    assert text_of(find("T90@Hebei <= 9 d")) == "T90@clinic@Hebei"
    assert text_of(find("trips@van <= 9")) == "trips@county@van"
    assert text_of(find("coverage(2 h) >= 0.5")) == "coverage@clinic"


def test_values_of_a_run() -> None:
    assert value("T90@county <= 9 d") == 100.0
    assert value("T90@clinic@Hebei <= 9 d") == 120.0
    assert str(value("T90 <= 9 d")) == "nan"
    assert value("coverage(2 h) >= 0.5") == 0.5
    assert value("coverage(1 h)@county >= 0.5") == 0.5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("trips <= 9", "it may be any of several: say trips@county@truck, trips@county@van"),
        ("T90@clinc <= 9 d", 'found "clinc" (did you mean "clinic"?)'),
        ("T90@van <= 9 d", "(say T90@clinic, T90@clinic@Hebei, T90@county)"),
        ("T90@county@Hebei <= 9 d", "no row is of all of these: say T90@clinic, "),
        ("kilometres <= 9", "the runs of this scenario have no kilometres"),
        ("received(3 h) >= 9", "the runs of this scenario have no received"),
    ],
)
def test_what_is_not_in_the_runs(text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        find(text)
    assert said in str(error.value)


def test_several_ends_are_not_guessed_at() -> None:
    with pytest.raises(UsageError, match="it may be any of several: say T90@clinic, T90@county"):
        find("T90 <= 9 d", ("clinic", "county"))
