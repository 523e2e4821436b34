"""What the study takes for true, where it is known in another way."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy.integrate import quad
from statstudy import truths
from statstudy.judge import world
from statstudy.worlds import WORLDS

from sim.laws import Exponential, Gamma


def test_lots_that_come_all_at_once_wait_for_those_before() -> None:
    for phases in (1, 4):
        found = truths.appointments_mean(8, 0.0, 0.3, phases)
        assert found == pytest.approx(0.3 * 9 / 2)


def test_lots_that_come_rarely_do_not_wait() -> None:
    assert truths.appointments_mean(8, 50.0, 0.3, 4) == pytest.approx(0.3)
    assert truths.appointments_mean_clerks(8, 50.0, 0.3, 3) == pytest.approx(0.3)


def test_two_lots_by_hand() -> None:
    """The second waits what is left of an exponential service after the gap: its mean times
    exp(-gap / service)."""
    expected = 0.3 + 0.3 * np.exp(-0.2 / 0.3) / 2
    assert truths.appointments_mean(2, 0.2, 0.3) == pytest.approx(expected)
    assert truths.appointments_mean_clerks(2, 0.2, 0.3, 1) == pytest.approx(expected)
    assert truths.appointments_mean_clerks(2, 0.2, 0.3, 2) == pytest.approx(0.3)


def test_a_mean_time_by_appointment_against_lindleys_recursion() -> None:
    """D. V. Lindley 1952: wait of the next = max(0, wait + service - gap)."""
    rng = np.random.default_rng(1)
    wait, total = np.zeros(200_000), np.zeros(200_000)
    for _ in range(8):
        service = rng.gamma(4, 0.3 / 4, len(wait))
        total += wait + service
        wait = np.maximum(0.0, wait + service - 0.25)
    mean, error = total.mean() / 8, total.std() / 8 / sqrt(len(wait))
    assert abs(mean - truths.appointments_mean(8, 0.25, 0.3, 4)) < 4 * error


def test_the_distribution_of_a_sum() -> None:
    """Of one exponential time: 1 - exp(-x). Of 5 with 3 phases: mean and variance by integrals."""
    assert truths.erlang_cdf(1, 1.0, 1)(2.0) == pytest.approx(1 - np.exp(-2.0))
    cdf = truths.erlang_cdf(5, 0.2, 3)
    mean = quad(lambda x: 1 - cdf(x), 0, 6)[0]
    square = quad(lambda x: 2 * x * (1 - cdf(x)), 0, 6)[0]
    assert mean == pytest.approx(1.0, rel=1e-6)
    assert square - mean**2 == pytest.approx(5 * 0.2**2 / 3, rel=1e-6)
    assert truths.quantile(cdf, cdf(0.5), 6.0) == pytest.approx(0.5)


def test_the_deviation_of_a_law_less_itself_scaled() -> None:
    scaled = truths.deviation_of_difference(Gamma(1.0, 0.5), Gamma(0.9, 0.5), 4)
    assert scaled == pytest.approx(0.1 * 0.5 * 2, rel=1e-6)
    tail = truths.deviation_of_difference(Exponential(1.0), Exponential(2.0), 9)
    assert tail == pytest.approx(3.0, rel=1e-5)


def test_wilson_with_one_run_by_hand() -> None:
    """One run that happened gives [0.21, 1], one that did not [0, 0.79]: at 0.5 both cover, at 0.9
    only the first."""
    assert truths.wilson_coverage(1, [0.5]) == pytest.approx(1.0)
    assert truths.wilson_coverage(1, [0.9]) == pytest.approx(0.9)


@pytest.mark.parametrize("name", list(WORLDS))
def test_what_is_alike_has_the_same_truth_and_what_is_quicker_three_percent_less(name: str) -> None:
    variants = {variant.name: variant for variant in world(name).variants}
    base = variants["base"].truth
    for variant in variants.values():
        quicker = variant.name.endswith("quicker")
        assert variant.truth == pytest.approx(0.97 * base if quicker else base)
