"""Titles as people count."""

from __future__ import annotations

import pytest

from sim.counted import counted, singular


@pytest.mark.parametrize(
    ("title", "one"),
    [
        ("counties", "county"),
        ("packing places", "packing place"),
        ("homes of the first batch", "home of the first batch"),
        ("counties without a centre", "county without a centre"),
        ("people who offer", "people who offer"),
        ("cities (oximeters)", "city (oximeters)"),
    ],
)
def test_of_one_thing_the_singular(title: str, one: str) -> None:
    assert singular(title) == one
    assert counted(1, title) == f"1 {one}"
    assert counted(2_832, title) == f"2,832 {title}"
    assert counted(0, title) == f"0 {title}"
