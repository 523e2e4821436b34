"""The map of when each county was served."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.geography.nation import load_nation
from sim.geography.outline import albers_xy_km
from sim.plots.countymap import plot_map
from sim.plots.places import MapData, map_rows, read_maps, read_origins
from sim.store.result import Result

Build = Callable[..., Result]


def first_map(result: Result) -> MapData | None:
    return next(iter(read_maps(result)), None)


def test_places_are_found_by_their_codes(kits: Result) -> None:
    data = first_map(kits)
    assert data is not None
    counties = load_nation().counties
    for code, name, lat in zip(data.code, data.name, data.lat, strict=True):
        at = counties.code.tolist().index(code)
        assert (counties.name[at], counties.lat[at]) == (name, lat)
    assert data.facilities.tolist() == [1000] * 5


def test_the_middle_run_decides_the_day(kits: Result) -> None:
    data = first_map(kits)
    assert data is not None
    assert data.when.tolist() == [36.0, 56.0, 76.0, 96.0, np.inf]
    assert data.served.tolist() == [1, 1, 1, 1, 0]
    assert data.edges.tolist() == [24.0, 48.0, 72.0, 96.0, 120.0]
    assert data.colour_index.tolist() == [0, 1, 2, 3, -1]


def test_of_two_runs_the_later_one_counts(make: Build) -> None:
    """Between two runs may lie days on which nobody works: no mean of theirs is a date."""
    data = first_map(make(replications=2, reported=""))
    assert data is not None
    assert data.when[0] == 36.0


def test_days_are_local_whatever_the_hour_of_the_start(make: Build) -> None:
    data = first_map(make(start="2023-01-17T15:00:00+08:00", reported=""))
    assert data is not None
    assert (data.edges[0] + 15.0) % 24.0 == 0.0


def test_dots_stand_where_the_places_are_with_a_colour_for_each_day(kits: Result) -> None:
    ax = plot_map(kits)
    data = first_map(kits)
    assert data is not None
    dots = [c for c in ax.collections if c.get_gid() == "places"]
    drawn = {
        (round(x, 6), round(y, 6)): tuple(colour)
        for c in dots
        for (x, y), colour in zip(c.get_offsets(), c.get_facecolor().tolist(), strict=True)  # type: ignore[arg-type]
    }
    x, y = albers_xy_km(data.lat, data.lon)
    places = [(round(px, 6), round(py, 6)) for px, py in zip(x.tolist(), y.tolist(), strict=True)]
    assert set(drawn) == set(places)
    assert len({drawn[place] for place in places}) == 5
    assert [f"{c:.3f}" for c in drawn[places[-1]]] == ["0.835", "0.369", "0.000", "1.000"]


def test_the_key_counts_every_place_once(kits: Result) -> None:
    ax = plot_map(kits)
    (key,) = ax.child_axes
    heights = [bar.get_height() for bar in key.patches if bar.get_height() > 0]  # type: ignore[attr-defined]
    assert heights == [1, 1, 1, 1, 1]
    assert "1 not\nby 25 Jan" in [text.get_text() for text in key.texts]
    assert [text.get_text() for text in key.get_xticklabels()][:2] == ["18 Jan", "19 Jan"]


def test_areas_go_with_facilities(make: Build) -> None:
    ax = plot_map(make(codes=(460105, 460202), never=()))
    sizes = {float(size) for c in ax.collections if c.get_gid() for size in c.get_sizes()}  # type: ignore[attr-defined]
    assert len(sizes) == 1


def test_the_rows_hold_places_and_origins(kits: Result) -> None:
    data = first_map(kits)
    assert data is not None
    rows = map_rows(kits, data)
    assert [row["kind"] for row in rows] == ["place"] * 5 + ["origin"]
    assert rows[0]["nine_tenths_served"] == "2023-01-18T12:00:00+08:00"
    assert rows[0]["colour_from"] == "2023-01-18T00:00:00+08:00"
    assert rows[4]["nine_tenths_served"] == rows[4]["colour_from"] == ""
    (origin,) = read_origins(kits.scenario, "clinic")
    assert (origin.name, origin.status) == ("maker", "assumed")


def test_nothing_served_at_all(make: Build) -> None:
    result = make(never=(460105, 460106, 460107, 460108, 460202), reported="")
    data = first_map(result)
    assert data is not None
    assert set(data.colour_index.tolist()) == {-1}
    plot_map(result)


def test_one_place_alone(make: Build) -> None:
    ax = plot_map(make(codes=(460105,), never=()))
    assert np.isfinite([*ax.get_xlim(), *ax.get_ylim()]).all()


def test_without_codes_there_is_no_map(make: Build) -> None:
    result = make(codes=(0,), never=(), reported="")
    assert first_map(result) is None
    with pytest.raises(ValueError, match="no places"):
        plot_map(result)
