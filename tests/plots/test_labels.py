"""Labels and keys that cover nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.plots.labels import LineLabel, Placer
from sim.plots.style import axes_or_new, styled


def _axes() -> Axes:
    with styled():
        ax = axes_or_new(None)
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
    return ax


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9)), min_size=1, max_size=5))
def test_labels_cover_neither_each_other_nor_the_line(spots: list[tuple[float, float]]) -> None:
    ax = _axes()
    placer = Placer(ax)
    line = np.linspace(0, 1, 200)
    placer.avoid_line(line, line)
    for x, y in spots:
        placer.avoid_point(x, y)
    notes = [placer.label("C01", [spot]) for spot in spots]
    boxes = [note.get_window_extent() for note in notes]
    points = ax.transData.transform(np.column_stack([line, line]))
    inside = ax.get_window_extent()
    for number, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:number])
        assert not any(box.contains(x, y) for x, y in points)
        assert inside.x0 <= box.x0
        assert box.x1 <= inside.x1


def test_a_far_label_has_a_leader() -> None:
    ax = _axes()
    placer = Placer(ax)
    for shift in np.linspace(-0.08, 0.08, 17):
        placer.avoid_line([0.3, 0.7], [0.5 + shift] * 2)
    placer.label("C01", [(0.5, 0.5)])
    assert len(ax.texts) == 2  # the label and its leader


def test_line_labels_are_written_all_or_none() -> None:
    ax = _axes()
    placer = Placer(ax)
    free = LineLabel("free", "black", "-", ((0.5, 0.5),))
    assert placer.line_labels([free]) == []
    assert [text.get_text() for text in ax.texts] == ["free"]

    ax = _axes()
    placer = Placer(ax)
    for y in np.linspace(0, 1, 120):
        placer.avoid_line([0.0, 0.45], [y, y])
    crowded = LineLabel("crowded", "red", ":", ((0.2, 0.5),))
    handles = placer.line_labels([free, crowded])
    assert [handle.get_label() for handle in handles] == ["free", "crowded"]
    assert not ax.texts


def test_a_line_label_never_has_another_line_between() -> None:
    """Right of its line stands another one, left of it there is room."""
    ax = _axes()
    placer = Placer(ax)
    placer.avoid_line([0.5, 0.5], [0.0, 1.0], "mine")
    placer.avoid_line([0.506, 0.506], [0.0, 1.0], "other")
    placer.line_labels([LineLabel("mine", "black", "-", ((0.5, 0.5),))])
    (text,) = ax.texts
    assert text.get_ha() == "right"


def _key_box(ax: Axes) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of the key in shares of the axes."""
    legend = ax.get_legend()
    assert legend is not None
    box = legend.get_window_extent().transformed(ax.transAxes.inverted())
    return float(box.x0), float(box.y0), float(box.x1), float(box.y1)


def test_a_key_stands_lower_right_or_where_it_is_free() -> None:
    handle = Line2D([], [], label="something")
    ax = _axes()
    Placer(ax).key([handle])
    left, bottom, right, _ = _key_box(ax)
    assert (bottom, right) == (pytest.approx(0.0, abs=1e-6), pytest.approx(1.0))
    assert left > 0.7

    ax = _axes()
    placer = Placer(ax)
    placer.avoid_line([0.5, 1.0], [0.02, 0.12])
    placer.key([handle])
    assert _key_box(ax)[1] > 0.12
    assert not ax.get_legend().get_frame_on()  # type: ignore[union-attr]


def test_a_flat_place_takes_a_key_in_columns() -> None:
    handles = [Line2D([], [], label=f"something {i}") for i in range(6)]
    ax = _axes()
    placer = Placer(ax)
    for y in np.linspace(0.2, 1.0, 100):
        placer.avoid_line([0.0, 1.0], [y, y])
    placer.key(handles)
    assert _key_box(ax)[3] <= 0.2


def test_a_key_without_room_stays_inside_on_white() -> None:
    ax = _axes()
    placer = Placer(ax)
    for y in np.linspace(0, 1, 120):
        placer.avoid_line([0.0, 1.0], [y, y])
    placer.key([Line2D([], [], label="something")])
    left, bottom, right, top = _key_box(ax)
    assert 0 <= round(left, 6) < right <= 1.000001
    assert 0 <= round(bottom, 6) < top <= 1.000001
    assert ax.get_legend().get_frame_on()  # type: ignore[union-attr]


def test_a_text_without_room_is_hidden() -> None:
    ax = _axes()
    placer = Placer(ax)
    placer.avoid_line([0.0, 1.0], [0.5, 0.5])
    text = ax.text(0.5, 0.5, "closed", ha="center", va="center")
    placer.settle(text, [(0.5, 0.5), (0.5, 0.8)])
    assert text.get_position() == (0.5, 0.8)
    placer.settle(text, [(0.5, 0.5)])
    assert not text.get_visible()
