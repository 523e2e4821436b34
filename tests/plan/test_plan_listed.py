"""Who supplies whom among listed sites: forks, joins, links, suppliers, and needs without end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network.listed import DEGREE, HEAD, LANES, TEXT, world

from sim.plan.specs import OPEN
from sim.policies.sourcing import least_cost, nearest

NEAREST = 'sourcing.rule="nearest"'


def test_everybody_is_supplied_by_the_nearest() -> None:
    """d1 stands at 1, d2 at 8: shops at 2, 5 and 7 are 1, 3 and 1 degrees from one of them."""
    for rule in ("nearest", "least-cost"):
        here = world(f'sourcing.rule="{rule}"')
        assert here.sent("serve") == {
            ("d1", "s1", "mask", 10), ("d2", "s2", "mask", 10), ("d2", "s2", "gown", 3),
            ("d2", "s3", "mask", 4),
        }  # fmt: skip
        assert here.sent("feed") == {
            ("east", "d1", "mask", 10), ("west", "d2", "mask", 14), ("west", "d2", "gown", 3),
        }  # fmt: skip
        assert here.notes == []
    km = here.column("serve", "km")
    assert km["d1", "s1"] == pytest.approx(DEGREE, rel=1e-12)
    assert km["d2", "s2"] == pytest.approx(3 * DEGREE, rel=1e-12)
    assert np.isnan(here.links.hours).all()
    assert (here.links.share == 1).all()


def test_a_supplier_that_the_file_names() -> None:
    here = world('sites.s1.supplied-by="d2"', 'sites.d2.supplied-by="east"')
    assert here.sent("serve") == {
        ("d2", "s1", "mask", 10), ("d2", "s2", "mask", 10), ("d2", "s2", "gown", 3),
        ("d2", "s3", "mask", 4),
    }  # fmt: skip
    assert here.sent("feed") == {("east", "d2", "mask", 24), ("east", "d2", "gown", 3)}


def test_a_supplier_gives_what_it_does_not_have() -> None:
    """The file says so: its goods come late or never, and the plan notes what is missing."""
    here = world('sites.d1.supplied-by="east"', "sites.east.stock={mask=1}")
    assert ("east", "d1", "mask", 10) in here.sent("feed")
    assert here.notes == ['mask: "east" has or makes 1 of the 10 units that it alone may supply']


def test_others_stand_in_for_a_closed_supplier() -> None:
    here = world('sites.s1.supplied-by="d2"', "sites.d2.closed=true")
    assert here.sent("serve") == {
        ("d1", "s1", "mask", 10), ("d1", "s2", "mask", 10), ("d1", "s2", "gown", 3),
        ("d1", "s3", "mask", 4),
    }  # fmt: skip
    assert here.notes == ['"d2" is closed; others supply "s1"']


def links(*rows: str) -> str:
    return "links = [" + ", ".join(f"{{ {row} }}" for row in rows) + "]\n"


def test_links_are_the_only_ways() -> None:
    """s2 has but one link, and that over 7 degrees; s3 may choose, by the km of the links."""
    more = links(
        'from = "d1", to = "s1", km = "500 km"',
        'from = "d1", to = "s2"',
        'from = "d1", to = "s3", km = "90 km", time = "4 h"',
        'from = "d2", to = "s3"',
    )
    here = world(more=more)
    assert here.sent("serve") == {
        ("d1", "s1", "mask", 10), ("d1", "s2", "mask", 10), ("d1", "s2", "gown", 3),
        ("d1", "s3", "mask", 4),
    }  # fmt: skip
    assert here.column("serve", "km") == {
        ("d1", "s1"): 500.0, ("d1", "s2"): pytest.approx(4 * DEGREE), ("d1", "s3"): 90.0,
    }  # fmt: skip
    hours = here.column("serve", "hours")
    assert hours.pop(("d1", "s3")) == 4.0
    assert np.isnan(list(hours.values())).all()
    longer = more.replace("90 km", "112 km")  # one degree is 111.2 km
    assert ("d2", "s3", "mask", 4) in world(more=longer).sent("serve")
    assert ("d1", "s3", "mask", 4) in world("lanes.serve.circuity=1.01", more=longer).sent("serve")


def test_hours_are_compared_where_not_all_km_are_known() -> None:
    text = TEXT.replace('echelon = "shop"\nat = [0, 7]', 'echelon = "shop"')
    more = links(
        'from = "d1", to = "s1"',
        'from = "d1", to = "s2"',
        'from = "d1", to = "s3", time = "50 min"',
        'from = "d2", to = "s3", time = "2 h"',
    )
    here = world(text=text, more=more)
    assert ("d1", "s3", "mask", 4) in here.sent("serve")
    assert np.isnan(here.column("serve", "km")["d1", "s3"])
    with pytest.raises(ValueError, match='neither the km nor the hours of all ways to "shop"'):
        world(text=text, more=more.replace('time = "2 h"', 'km = "3 km"'))
    told = world('sites.s3.supplied-by="d2"', text=text,
                 more=more.replace('time = "2 h"', 'km = "3 km"'))  # fmt: skip
    assert ("d2", "s3", "mask", 4) in told.sent("serve")


def test_a_lane_that_says_its_time_needs_no_places() -> None:
    text = TEXT.replace('echelon = "shop"\nat = [0, 7]', 'echelon = "shop"')
    here = world('lanes.serve.time="3 h"', text=text)
    assert ("d1", "s3", "mask", 4) in here.sent("serve")  # all are as far: the first of the file
    assert np.isnan(here.links.hours).all()  # the lane's own law says them


def test_orders_keep_to_links() -> None:
    order = """
[orders.all]
from = "d1"
product = "mask"
regions = ["south", "middle"]
"""
    assert {row[:2] for row in world(more=order).sent("serve") if row[2] == "mask"} == {
        ("d1", "s1"), ("d1", "s2"), ("d1", "s3"),
    }  # fmt: skip
    few = 'from = "{}", to = "{}"'
    pairs = [("d1", "s1"), ("d2", "s1"), ("d1", "s2"), ("d2", "s2"), ("d2", "s3")]
    here = world(more=links(*(few.format(*pair) for pair in pairs)) + order)
    assert {row[:2] for row in here.sent("serve") if row[2] == "mask"} == {
        ("d1", "s1"), ("d1", "s2"), ("d2", "s3"),
    }  # fmt: skip


def test_nobody_open_may_supply_a_site() -> None:
    pairs = ['from = "d1", to = "s1"', 'from = "d2", to = "s2"', 'from = "d2", to = "s3"']
    with pytest.raises(ValueError, match='no open site can give "s1" any "mask"'):
        world("sites.d1.closed=true", more=links(*pairs))


# Forks: the plants feed depots and one hospital directly.
FORK = """
[echelons.hospital]
[sites.h]
echelon = "hospital"
at = [0, 10]
need = { mask = 600 }
[lanes.direct]
from = "plant"
to = "hospital"
fleet = "truck"
"""


def test_a_fork_shares_what_the_origin_has() -> None:
    """West, with 500, is nearest to the hospital; what the fork takes is not there for the depots.

    The hospital's echelon is the last, and is served first: 500 from west and 100 from east. Then
    west has nothing left for d2, though it is the nearer one.
    """
    here = world("sites.west.stock={mask=500, gown=9}", more=FORK)
    assert here.sent("direct") == {("west", "h", "mask", 500), ("east", "h", "mask", 100)}
    assert here.sent("feed") == {
        ("east", "d1", "mask", 10), ("east", "d2", "mask", 14), ("west", "d2", "gown", 3),
    }  # fmt: skip


def test_nearest_counts_on_goods_to_come_at_a_fork() -> None:
    here = world(NEAREST, "sites.west.stock={mask=500, gown=9}", more=FORK)
    assert here.sent("direct") == {("west", "h", "mask", 600)}
    assert any("do not cover the need" in note for note in here.notes) is False


# Joins: shops get goods from depots, or from the plants themselves.
JOIN = """
[fleets.parcel]
home = "plant"
vehicles = 3
speed = "60 km/h"
[lanes.direct]
from = "plant"
to = "shop"
fleet = "parcel"
"""


def test_a_join_is_one_problem_over_all_lanes() -> None:
    """Each shop is supplied once, from the nearest of plants (0, 9) and depots (1, 8)."""
    for rule in ("nearest", "least-cost"):
        here = world(f'sourcing.rule="{rule}"', "sites.s3.at=[0, 10]", more=JOIN)
        assert here.sent("serve") == {
            ("d1", "s1", "mask", 10), ("d2", "s2", "mask", 10), ("d2", "s2", "gown", 3),
        }  # fmt: skip
        assert here.sent("direct") == {("west", "s3", "mask", 4)}
        assert here.sent("feed") == {
            ("east", "d1", "mask", 10), ("west", "d2", "mask", 10), ("west", "d2", "gown", 3),
        }  # fmt: skip


def test_the_circuity_of_each_lane_counts_at_a_join() -> None:
    """From west at 9 to s3 at 7 are 2 degrees, from d2 one: but by twice as long a road."""
    assert world(more=JOIN).sent("direct") == set()
    here = world("lanes.serve.circuity=2.01", more=JOIN)
    assert ("west", "s3", "mask", 4) in here.sent("direct")
    assert here.column("direct", "km")["west", "s3"] == pytest.approx(2 * DEGREE)


def test_at_a_join_the_lane_with_a_link_goes_first() -> None:
    here = world(more=JOIN + links('from = "east", to = "s3"'))
    assert here.sent("direct") == {("east", "s3", "mask", 4)}
    assert "s3" not in {row[1] for row in here.sent("serve")}
    assert {row[1] for row in here.sent("serve")} == {"s1", "s2"}


def test_a_supplier_decides_the_lane_at_a_join() -> None:
    here = world('sites.s1.supplied-by="west"', more=JOIN)
    assert here.sent("direct") == {("west", "s1", "mask", 10)}
    assert {row[1] for row in here.sent("serve")} == {"s2", "s3"}


def test_lanes_side_by_side_with_links_of_their_own() -> None:
    more = (
        links('from = "d1", to = "s1"', 'from = "d1", to = "s2"')
        + '[lanes.other]\nfrom = "depot"\nto = "shop"\nfleet = "van"\n'
        + links('from = "d2", to = "s2"', 'from = "d2", to = "s3"')
    )
    here = world(more=more)
    assert here.sent("serve") == {("d1", "s1", "mask", 10)}
    assert here.sent("other") == {
        ("d2", "s2", "mask", 10), ("d2", "s2", "gown", 3), ("d2", "s3", "mask", 4),
    }  # fmt: skip


def test_a_depot_asks_for_what_it_does_not_have() -> None:
    here = world("sites.d1.stock={mask=4}", "sites.d2.stock={mask=99}")
    assert here.sent("feed") == {("east", "d1", "mask", 6), ("west", "d2", "gown", 3)}


def test_a_depot_that_no_link_reaches_has_only_its_stock() -> None:
    """d1 has 6 masks and no supplier: least-cost asks it for no more, although it is nearer."""
    more = '[lanes.feed]\nfrom = "plant"\nto = "depot"\nfleet = "truck"\n'
    text = TEXT.replace(more, more + links('from = "west", to = "d2"', 'from = "east", to = "d2"'))
    here = world("sites.d1.stock={mask=6}", text=text)
    assert here.sent("serve") == {
        ("d1", "s1", "mask", 6), ("d2", "s1", "mask", 4), ("d2", "s2", "mask", 10),
        ("d2", "s2", "gown", 3), ("d2", "s3", "mask", 4),
    }  # fmt: skip
    assert here.sent("feed") == {("west", "d2", "mask", 18), ("west", "d2", "gown", 3)}


def test_who_takes_whatever_comes_is_linked_with_all() -> None:
    """And makes its depots take whatever comes; other products and shops stay finite."""
    here = world('sites.s2.need={mask="all", gown=3}')
    assert here.sent("serve") == {
        ("d1", "s1", "mask", 10), ("d1", "s2", "mask", OPEN), ("d2", "s2", "mask", OPEN),
        ("d2", "s2", "gown", 3), ("d2", "s3", "mask", 4),
    }  # fmt: skip
    assert here.sent("feed") == {
        *((plant, depot, "mask", OPEN) for plant in ("east", "west") for depot in ("d1", "d2")),
        ("west", "d2", "gown", 3),
    }  # fmt: skip


def test_shares_of_lanes_and_links_multiply() -> None:
    more = links('from = "d1", to = "s1"', 'from = "d1", to = "s2", share = 3',
                 'from = "d2", to = "s3"')  # fmt: skip
    here = world(
        'sites.s2.need={mask="all", gown=0}',
        "sites.s1.need={gown=1}",
        "lanes.serve.share=2",
        more=more + JOIN,
    )
    assert here.column("serve", "share")["d1", "s2"] == 6
    assert here.column("serve", "share")["d1", "s1"] == 2
    assert here.column("direct", "share") == {("east", "s2"): 1, ("west", "s2"): 1}


def test_closed_sites_take_no_part_in_a_draw() -> None:
    here = world('sites.s2.need={mask="all", gown=3}', "sites.d1.closed=true")
    assert {row[0] for row in here.sent("serve")} == {"d2"}
    assert {row[1] for row in here.sent("feed")} == {"d2"}


ORDER = {
    "nearest-first": ["s3", "s2", "s1"],
    "farthest-first": ["s1", "s2", "s3"],
    "largest-first": ["s1", "s2", "s3"],
    "smallest-first": ["s3", "s1", "s2"],
    "highest-first": ["s2", "s1", "s3"],
    "lowest-first": ["s3", "s1", "s2"],
}


@pytest.mark.parametrize("order", ORDER)
def test_the_order_of_links(order: str) -> None:
    by = ', attribute="people"' if order in ("highest-first", "lowest-first") else ""
    here = world(
        "sites.d1.closed=true",
        f'lanes.serve.allocation={{rule="in-turn", order="{order}"{by}}}',
    )
    assert [row[1] for row in here.rows("serve") if row[2] == "mask"] == ORDER[order]


def test_nearest_first_goes_by_hours_where_no_km_are_known() -> None:
    text = (
        TEXT.replace("at = [0, 2]\n", "").replace("at = [0, 5]\n", "").replace("at = [0, 7]\n", "")
    )
    more = links(
        'from = "d1", to = "s1", time = "3 h"', 'from = "d1", to = "s2", time = "1 h"',
        'from = "d1", to = "s3", time = "2 h"',
    )  # fmt: skip
    here = world(text=text, more=more)
    assert [row[1] for row in here.rows("serve") if row[2] == "mask"] == ["s2", "s3", "s1"]


def test_tours_alone_leave_no_links_but_ask_their_origins() -> None:
    text = (HEAD.replace("[products.gown]\n", "") + """
[echelons.depot]
[echelons.shop]
entitlement = { mask = 10 }
[sites.d]
echelon = "depot"
at = [0, 0]
stock = { mask = 50 }
[sites.s]
echelon = "shop"
at = [0, 1]
[fleets.van]
home = "depot"
vehicles = 1
speed = "60 km/h"
[lanes.visit]
from = "depot"
to = "shop"
fleet = "van"
tours = { stops = 5, stop-time = "5 min" }
""")  # fmt: skip
    here = world(text=text)
    assert len(here.links) == 0
    assert here.links.km.dtype == here.links.share.dtype == np.float64
    assert here.links.units.dtype == np.int64
    assert here.network.sites.need.tolist() == [[10]]


def test_the_expected_lots_count_for_sourcing() -> None:
    """East has 100 masks a day in the mean, from the second day on; in 1 d window it can give 0."""
    more = '[supply.lots]\nsite = "east"\nproduct = "mask"\nlot = 10\ngap = "1 d"\n'
    here = world(
        "sites.east.stock={gown=9}", "sites.west.stock={mask=14, gown=9}", 'sourcing.window="1 d"',
        "sites.s1.need={mask=10}", more=more,
    )  # fmt: skip
    assert here.sent("feed") >= {("east", "d1", "mask", 10), ("west", "d2", "mask", 14)}
    assert here.notes == []


costs = st.one_of(st.integers(0, 50).map(float), st.just(np.inf))


@given(st.data(), st.integers(1, 4), st.integers(1, 5))
def test_rules_keep_to_the_ways_there_are(data: st.DataObject, origins: int, ends: int) -> None:
    """Everybody gets what they need, over open ways alone, and nearest costs no more a unit."""
    cost = np.array([[data.draw(costs) for _ in range(ends)] for _ in range(origins)], np.float64)
    cost[data.draw(st.integers(0, origins - 1))] = 7.0  # everybody has some way
    need = np.array([data.draw(st.integers(0, 20)) for _ in range(ends)], np.int64)
    capacity = np.array([float(data.draw(st.integers(1, 30))) for _ in range(origins)])
    for rule in (nearest, least_cost):
        units = rule(cost, need, capacity)
        assert (units.sum(axis=0) == need).all()
        assert (units >= 0).all()
        assert (units[np.isinf(cost)] == 0).all()
    near = nearest(cost, need, capacity)
    bill = np.where(units > 0, np.nan_to_num(cost, posinf=0) * units, 0).sum()
    assert np.where(near > 0, np.nan_to_num(cost, posinf=0) * near, 0).sum() <= bill + 1e-9


def test_capacities_stretch_by_one_factor_where_ways_are_few() -> None:
    """The two capacities add up to 20, but the first destination has only one origin: 12 of 10."""
    inf = np.inf
    cost = np.array([[1.0, 1.0], [inf, 1.0]])
    units = least_cost(cost, np.array([12, 6]), np.array([10.0, 10.0]))
    assert units.tolist() == [[12, 0], [0, 6]]
    with pytest.raises(ValueError, match="no origin can give anything"):
        least_cost(np.array([[inf, 1.0]]), np.array([1, 1]), np.array([5.0]))
    with pytest.raises(ValueError, match="no origin can give anything"):
        nearest(np.array([[inf, 1.0]]), np.array([1, 1]), np.array([5.0]))


def test_lanes_come_one_after_the_other_in_the_order_of_the_file() -> None:
    here = world(more=JOIN, text=HEAD + TEXT.removeprefix(HEAD).removesuffix(LANES) + LANES)
    assert (np.diff(here.links.lane) >= 0).all()
    for lane in np.unique(here.links.lane):
        assert (np.diff(here.links.origin[here.links.lane == lane]) >= 0).all()
