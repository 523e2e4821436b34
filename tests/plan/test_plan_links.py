"""Who sends how much to whom: sourcing, orders, the window, waves and priority."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from national.two_provinces import TEXT, World, world

from sim.audit import audit
from sim.geography.distance import great_circle_km

OXIMETER, THERMOMETER = range(2)
TO_CITY, TO_COUNTY = range(2)
NEED = {OXIMETER: 2 * 4496, THERMOMETER: 5 * 4496}
#: One maker has all the goods at once, so that nothing but the rule decides.
PLENTY = (
    "sites.yinchuan.stock={oximeter=90000, thermometer=90000}",
    "sites.guangzhou.stock={oximeter=90000, thermometer=90000}",
    "orders={}",
)


def sent(here: World, product: int, lane: int = TO_CITY) -> dict[str, dict[str, int]]:
    """Return the units from each site to each other, by name."""
    links, sites = here.plan.links, here.network.sites
    result: dict[str, dict[str, int]] = defaultdict(dict)
    for row in np.flatnonzero((links.lane == lane) & (links.product == product)):
        origin, destination = sites.name[links.origin[row]], sites.name[links.destination[row]]
        assert destination not in result[origin]
        result[origin][destination] = int(links.units[row])
    return result


def totals(here: World, product: int) -> dict[str, int]:
    return {maker: sum(units.values()) for maker, units in sent(here, product).items()}


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        PLENTY,
        ("sourcing.rule=nearest",),
        ("sites.guangzhou.closed=true",),
        ("orders={}", 'sourcing.window="1 d"'),
        ("sites.yinchuan.only-orders=true", "sites.guangzhou.output.thermometer=300/h"),
    ],
)
def test_everybody_is_assigned_all_that_they_need(overrides: tuple[str, ...]) -> None:
    here = world(*overrides)
    links, sites = here.plan.links, here.network.sites
    got = np.zeros((2, *sites.need.shape), np.int64)
    np.add.at(got, (links.lane, links.destination, links.product), links.units)
    for lane, echelon in ((TO_CITY, 1), (TO_COUNTY, 2)):
        drawn = sites.echelon == echelon
        assert (got[lane][drawn] == sites.need[drawn]).all()
        assert (got[lane][~drawn] == 0).all()
    assert (links.units > 0).all()
    assert (sites.echelon[links.origin] == links.lane).all()
    below = links.lane == TO_COUNTY
    assert (links.origin[below] == sites.above[links.destination[below]]).all()


def test_distances_are_great_circles_with_the_detour() -> None:
    here = world("geography.circuity=1.5", "lanes.to-county.circuity=2.0")
    links, sites = here.plan.links, here.network.sites
    straight = great_circle_km(
        sites.lat[links.origin],
        sites.lon[links.origin],
        sites.lat[links.destination],
        sites.lon[links.destination],
    )
    factor = np.where(links.lane == TO_CITY, 1.5, 2.0)
    assert links.km == pytest.approx(factor * straight)


def test_with_plenty_the_nearest_maker_supplies() -> None:
    for rule in ("least-cost", "nearest"):
        here = world(*PLENTY, f"sourcing.rule={rule}")
        assert here.plan.notes == ()
        for product in (OXIMETER, THERMOMETER):
            north = sent(here, product)["yinchuan"]
            assert set(north) == {"Yinchuan", "Shizuishan", "Wuzhong", "Guyuan", "Zhongwei"}
            assert set(sent(here, product)["guangzhou"]).isdisjoint(north)


def test_nearest_does_not_ask_what_a_maker_can_make() -> None:
    """The maker in Guangzhou is given all of Hainan, whatever it has, and nobody helps."""
    here = world("sourcing.rule=nearest", "orders={}", "sites.guangzhou.stock={oximeter=1}")
    assert sent(here, OXIMETER)["guangzhou"].keys() == {
        "Haikou", "Sanya", "Danzhou", "Hainan (directly administered)",
    }  # fmt: skip
    assert here.plan.notes == ()  # nothing is rationed, so there is nothing to say


def test_least_cost_keeps_to_the_window() -> None:
    """In three days Yinchuan has 500 + 3,600 oximeters; what it lacks comes from afar."""
    here = world("orders={}")
    assert NEED[OXIMETER] == 8992
    north = 500 + 3 * 1200
    assert totals(here, OXIMETER) == {"yinchuan": north, "guangzhou": NEED[OXIMETER] - north}
    assert not any("oximeter" in note for note in here.plan.notes if "thermometer" not in note)
    wider = world("orders={}", 'sourcing.window="4 d"')
    assert totals(wider, OXIMETER)["yinchuan"] == 2 * 2278  # all that Ningxia needs, and no more


def test_a_window_that_does_not_cover_the_need() -> None:
    """The shortest time that does counts instead; who has only a stock gives no more than that."""
    here = world()
    assert totals(here, THERMOMETER) == {
        "guangzhou": 3000, "yinchuan": NEED[THERMOMETER] - 3000,
    }  # fmt: skip
    # 180 an hour, 16 hours a day: 19,480 are made on the 7th day, in its 13th working hour.
    hours = 6 * 24 + 6 + int(np.ceil((NEED[THERMOMETER] - 3000) / 180 - 6 * 16))
    (note,) = (note for note in here.plan.notes if note.startswith("thermometer"))
    assert note == (
        "thermometer: the sourcing window covers 52% of what orders leave; "
        f"what is made in {hours / 24:.3g} d counts instead"
    )
    ledger, _ = here.run()
    audit(ledger, here.plan)
    sent_in_all = ledger.loads.units[ledger.loads.product == THERMOMETER].sum()
    assert sent_in_all == 2 * NEED[THERMOMETER]  # over two lanes: everything moved in the end


def test_goods_that_do_not_last_until_the_horizon() -> None:
    """Then all shares grow by one factor, and the plan says that it cannot be done."""
    here = world(
        'sites.yinchuan.output={oximeter="1_200/day"}', "sites.yinchuan.stock={thermometer=1_000}"
    )
    first, second = (note for note in here.plan.notes if note.startswith("thermometer"))
    assert first == (
        "thermometer: stock and output until the horizon, 4,000 units, do not cover the need of "
        "22,480"
    )
    assert "covers 18% of what orders leave" in second
    given = totals(here, THERMOMETER)
    assert sum(given.values()) == NEED[THERMOMETER]
    assert given["guangzhou"] / given["yinchuan"] == pytest.approx(3, rel=1e-3)


def test_an_order_comes_before_the_rule() -> None:
    here = world()
    assert sent(here, OXIMETER)["guangzhou"]["Guyuan"] == 600
    assert sent(here, OXIMETER)["yinchuan"]["Guyuan"] == 2 * 814 - 600
    assert (
        'order "guyuan" covers 600 of the 1,628 units that its regions need; '
        "the sourcing rule finds the rest"
    ) in here.plan.notes
    everything = world(
        'orders.guyuan={from="guangzhou", product="oximeter", regions=["Guyuan, Ningxia"]}'
    )
    assert sent(everything, OXIMETER)["guangzhou"]["Guyuan"] == 1628
    assert "Guyuan" not in sent(everything, OXIMETER)["yinchuan"]
    assert not any("guyuan" in note for note in everything.plan.notes)


def test_an_order_goes_down_the_list_of_places() -> None:
    """Its units fill one place after the other, in the order of codes."""
    here = world(
        'orders.guyuan={from="guangzhou", product="oximeter", regions=["Ningxia"], units=800}'
    )
    given = sent(here, OXIMETER)["guangzhou"]
    assert given["Yinchuan"] == 592  # the first of Ningxia, whole
    assert given["Shizuishan"] == 800 - 592
    assert not {"Wuzhong", "Guyuan", "Zhongwei"} & given.keys()


def test_an_order_takes_from_what_its_maker_can_give() -> None:
    """A maker that works for its order has less for others in the window."""
    free = totals(world("orders={}"), OXIMETER)
    bound = world(
        'orders.guyuan={from="yinchuan", product="oximeter", regions=["Hainan"], units=3_000}'
    )
    assert (
        sum(sent(bound, OXIMETER)["yinchuan"][city] for city in ("Haikou", "Sanya", "Danzhou")) > 0
    )
    assert totals(bound, OXIMETER)["yinchuan"] == free["yinchuan"]  # the window binds both times


TWO_ORDERS = """
[orders.again]
from = "guangzhou"
product = "oximeter"
regions = ["Wuzhong"]
"""


def test_a_second_order_holds_even_if_the_first_takes_the_window() -> None:
    """Contracts bind a maker, not its window: 200 in stock and no more within the first hours."""
    here = world('sourcing.window="1 h"', "sites.guangzhou.output.oximeter=10/h", more=TWO_ORDERS)
    given = sent(here, OXIMETER)["guangzhou"]
    assert given["Guyuan"] == 600
    assert given["Wuzhong"] == 2 * 514
    assert not any("others supply it" in note for note in here.plan.notes)


def test_an_order_from_a_maker_that_begins_after_the_window() -> None:
    later = ("sites.guangzhou.begins=2023-01-20T00:00:00+08:00", "sites.guangzhou.stock={}")
    here = world(*later, 'sites.yinchuan.output={oximeter="9_000/day", thermometer="900/h"}')
    assert sent(here, OXIMETER)["guangzhou"]["Guyuan"] == 600


def test_a_closed_maker_loses_its_order() -> None:
    here = world("sites.guangzhou.closed=true")
    assert totals(here, OXIMETER) == {"yinchuan": NEED[OXIMETER]}
    assert totals(here, THERMOMETER) == {"yinchuan": NEED[THERMOMETER]}
    assert 'order "guyuan": "guangzhou" has no oximeter; others supply it' in here.plan.notes


def test_a_maker_that_only_works_for_its_orders() -> None:
    here = world("sites.guangzhou.only-orders=true")
    assert totals(here, OXIMETER) == {"guangzhou": 600, "yinchuan": NEED[OXIMETER] - 600}
    assert totals(here, THERMOMETER) == {"yinchuan": NEED[THERMOMETER]}


def test_nobody_is_left_to_supply() -> None:
    with pytest.raises(ValueError, match='no open site can give any "oximeter"'):
        world("sites.guangzhou.only-orders=true", "sites.yinchuan.closed=true", *(
            "sites.guangzhou.output={oximeter=\"100/h\", thermometer=\"100/h\"}",
        ))  # fmt: skip


def rows(here: World, lane: int) -> list[tuple[int, int, int, float, int, int]]:
    """Origin, wave, product, km, units and destination of a lane's links, in their order."""
    links = here.plan.links
    return [
        (int(o), int(w), int(p), float(k), int(u), int(d))
        for li, o, w, p, k, u, d in zip(
            links.lane, links.origin, links.wave, links.product, links.km, links.units,
            links.destination, strict=True,
        )
        if li == lane
    ]  # fmt: skip


KEYS = {
    "nearest-first": lambda km, units: km,
    "farthest-first": lambda km, units: -km,
    "largest-first": lambda km, units: -units,
    "smallest-first": lambda km, units: units,
}


@pytest.mark.parametrize("order", KEYS)
def test_links_come_by_wave_and_then_by_priority(order: str) -> None:
    allocation = f'{{rule="in-turn", order="{order}"}}'
    here = world(
        f"lanes.to-city.allocation={allocation}", f"lanes.to-county.allocation={allocation}"
    )
    assert (np.diff(here.plan.links.lane) >= 0).all()
    for lane in (TO_CITY, TO_COUNTY):
        found = rows(here, lane)
        assert found == sorted(
            found, key=lambda row: (row[0], row[1], KEYS[order](row[3], row[4]), row[5], row[2])
        )


def test_which_wave_a_place_belongs_to() -> None:
    here = world()
    links, sites = here.plan.links, here.network.sites
    hainan = here.network.in_regions(["Hainan"])[links.destination]
    to_city = links.lane == TO_CITY
    assert set(links.wave[to_city & hainan]) == {0}
    assert set(links.wave[to_city & ~hainan]) == {1}
    assert set(links.wave[~to_city]) == {-1}  # no wave holds back the lane to the counties
    assert [(wave.name, wave.lane) for wave in here.plan.waves] == [("islands", 0), ("rest", 0)]
    assert [(wave.earliest, wave.latest) for wave in here.plan.waves] == [(6, 18), (30, 30)]
    assert sites.echelon[links.destination[to_city]].max() == 1


SPLIT = """
[waves.capital]
lane = "to-city"
regions = ["Haikou"]
release = 2023-01-15T00:00:00+08:00
"""


def test_the_first_wave_that_names_a_place_counts() -> None:
    """A city of a province in an earlier wave stays there; "rest" is last wherever it stands."""
    here = world(more=SPLIT)
    haikou = here.network.sites.name.index("Haikou")
    assert set(here.plan.links.wave[here.plan.links.destination == haikou]) == {0}
    moved = TEXT.replace("[waves.islands]", SPLIT.strip() + "\n\n[waves.islands]")
    here = world(text=moved)
    assert [wave.name for wave in here.plan.waves] == ["capital", "islands", "rest"]
    waves = {
        here.network.sites.name[d]: int(w)
        for d, w, lane in zip(
            here.plan.links.destination, here.plan.links.wave, here.plan.links.lane, strict=True
        )
        if lane == TO_CITY
    }
    assert (waves["Haikou"], waves["Sanya"], waves["Guyuan"]) == (0, 1, 2)
    assert waves.keys() >= {"Danzhou", "Zhongwei"}


def test_without_waves_nothing_is_held_back() -> None:
    here = world("waves={}")
    assert set(here.plan.links.wave) == {-1}
    assert here.plan.waves == ()
