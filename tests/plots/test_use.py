"""Use of vehicles and stations."""

from __future__ import annotations

import pytest

from sim.network import build_network
from sim.plots.use import plot_station, plot_vehicles, read_use, use_figure, use_rows
from sim.store.result import Result


def test_vehicles_are_a_share_of_those_at_all_sites(kits: Result) -> None:
    network = build_network(kits.scenario)
    vans = 3 * len(network.of_echelon(network.echelons.index("county")))
    truck, van = read_use(kits).fleets
    assert (van.name, van.unit, van.limit) == ("van", "share", vans)
    assert van.title == f"Vans out, share of {vans}"
    assert van.band.median.max() == pytest.approx(12 / vans)
    assert van.remark == "50 % in use, first call to last return"
    assert (truck.unit, truck.band.median.max()) == ("vehicles", 20.0)


def test_stations_show_what_waits_or_without_a_limit_what_is_served(kits: Result) -> None:
    desk, sorting = read_use(kits).stations
    assert desk.title == "Sign-off: waiting"
    assert desk.band.median.max() == 7.0
    assert desk.remark == "mean wait 2.5 h"
    assert sorting.title == "Sorting: being served"
    assert sorting.band.median.max() == 5.0


def test_each_panel_draws_its_rows(kits: Result) -> None:
    data = read_use(kits)
    figure = use_figure(kits, data)
    rows = [row for row in use_rows(kits, data) if row.kind == "band"]
    drawn = {str(line.get_label()): line for ax in figure.axes for line in ax.lines}
    assert len(drawn) == 4
    for name, line in drawn.items():
        mine = [row.value for row in rows if row.series == name]
        assert line.get_ydata().tolist() == pytest.approx(mine)  # type: ignore[union-attr]


def test_a_fleet_or_station_by_name(kits: Result) -> None:
    assert plot_vehicles(kits, "van").get_ylabel() == "share out"
    assert plot_station(kits, "desk").get_ylabel() == "shipments"
    with pytest.raises(KeyError):
        plot_vehicles(kits, "lorry")  # no curve of it was kept
