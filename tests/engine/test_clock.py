"""The order of simultaneous events, and the rest that drivers take, in themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.plans import CHINA
from reference.twin_parts import Driver

from sim.driving import rest_hours, rest_hours_at
from sim.engine.clock import Clock, Phase
from sim.plan.specs import Rest

events = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.3, 2.0, 9.0]), st.sampled_from(Phase), st.integers(0, 4)
    ),
    max_size=30,
)


@given(events)
def test_events_come_by_time_then_phase_then_entity(
    events: list[tuple[float, Phase, int]],
) -> None:
    clock = Clock(horizon=2.0)
    happened: list[tuple[float, Phase, int]] = []
    for time, phase, entity in events:
        clock.call_at(
            time, phase, entity, lambda _, p=phase, e=entity: happened.append((clock.now, p, e))
        )
    clock.run_out()
    assert happened == sorted(event for event in events if event[0] <= 2.0)


def test_what_an_event_sets_off_comes_before_the_next_one() -> None:
    clock, happened = Clock(horizon=9.0), list[str]()

    def waiter():  # type: ignore[no-untyped-def]
        yield clock.at(1.0, Phase.RECEIPT, 1)
        happened.append("first")
        yield clock.event().succeed()
        happened.append("set off by the first")

    clock.process(waiter())
    clock.call_at(1.0, Phase.RECEIPT, 2, lambda _: happened.append("second"))
    clock.run_out()
    assert happened == ["first", "set off by the first", "second"]


def test_times_are_kept_to_the_last_bit() -> None:
    """From 0.2, a delay of 0.9 - 0.2 would lead past 0.9, or not quite to it."""
    clock, seen = Clock(horizon=9.0), list[float]()
    clock.call_at(
        0.2,
        Phase.RECEIPT,
        0,
        lambda _: clock.call_at(0.9, Phase.RECEIPT, 0, lambda _: seen.append(clock.now)),
    )
    clock.run_out()
    assert 0.2 + (0.9 - 0.2) != 0.9
    assert seen == [0.9]


def test_an_error_in_a_process_is_not_swallowed() -> None:
    clock = Clock(horizon=9.0)

    def faulty():  # type: ignore[no-untyped-def]
        yield clock.at(1.0, Phase.RECEIPT, 0)
        raise RuntimeError("a fault")

    clock.process(faulty())
    with pytest.raises(RuntimeError, match="a fault"):
        clock.run_out()


@pytest.mark.parametrize(
    ("driven", "rest"),
    [(0.0, 0), (3.9, 0), (4.0, 0), (4.0 + 1e-12, 0), (4.001, 1), (8.0, 1), (9.0, 2), (12.1, 3)],
)
def test_rests_within_a_drive(driven: float, rest: int) -> None:
    assert rest_hours_at(driven, *CHINA) == pytest.approx(rest / 3)
    assert rest_hours_at(driven, float("inf"), 1 / 3) == 0.0


@given(
    legs=st.lists(st.floats(0, 9), min_size=1, max_size=6),
    after=st.sampled_from([1.0, 4.0, 4.5, float("inf")]),
)
def test_rests_by_formula_and_leg_by_leg(legs: list[float], after: float) -> None:
    driver = Driver(Rest(after, 0.25))
    taken = np.cumsum([driver.drive(leg) for leg in legs])
    driven = np.cumsum(legs)
    np.testing.assert_allclose(driven + rest_hours(driven, after, 0.25), taken, atol=1e-9)
    scalar = [rest_hours_at(hours, after, 0.25) for hours in driven.tolist()]
    assert rest_hours(driven, after, 0.25).tolist() == scalar
