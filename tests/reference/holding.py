"""Laws that hold for every scenario: tried on random ones, 200 or so by default and 10,000 in
``make verify``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from sim.audit import audit
from sim.engine.model import run_replication
from sim.errors import UsageError
from sim.experiment.run import Prepared, prepare
from sim.ledger import Ledger
from sim.memo import Memo
from sim.plan.specs import Plan
from sim.scenario.load import parse_scenario

MANY = 10_000


def on_random_scenarios(count: int = 200) -> pytest.MarkDecorator:
    """Give a test the number of scenarios to try as ``count``: so many, or in the slow suite in
    the proportion in which 10,000 are to 200."""
    slow = pytest.param(count * MANY // 200, marks=pytest.mark.slow, id="slow")
    return pytest.mark.parametrize("count", [pytest.param(count, id="quick"), slow])


def hold(law: Callable[..., None], count: int, *drawn: st.SearchStrategy[Any]) -> None:
    """Check a law on so many examples of what is drawn."""
    many = settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))
    many(given(*drawn)(law))()


def text_of(document: dict[str, Any]) -> str:
    """Return a document as the text of a scenario file."""
    return tomli_w.dumps(document)


def prepared(document: dict[str, Any], memo: Memo | None = None) -> Prepared:
    """Load a document from its text and prepare it; one that cannot be carried out is passed over.

    What a random scenario says is always valid. But one in a hundred has an order that takes all
    that there is of a product.
    """
    loaded = parse_scenario(text_of(document), name="random", place="random.toml")
    try:
        return prepare(loaded, memo)
    except UsageError:
        reject()


def run(document: dict[str, Any], replication: int = 0) -> tuple[Plan, Ledger]:
    """Return the plan of a document, and the audited ledger of a replication."""
    plan = prepared(document).plan
    ledger = run_replication(plan, replication)
    audit(ledger, plan)
    return plan, ledger
