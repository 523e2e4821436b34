"""Two networks in one file are what they are in two: neither changes a row of the other."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st
from reference.holding import hold, on_random_scenarios, run, text_of
from reference.ledger_rows import Rows, difference, rows_of
from reference.random_choices import Choices, Wants
from reference.random_scenarios import random_scenario
from reference.scenario_changes import WITH_LUCK, WITHOUT_LUCK, names_in, renamed

from sim.audit import audit
from sim.engine.model import run_replication
from sim.errors import UsageError
from sim.experiment.run import prepare
from sim.scenario.load import load_scenario

Table = dict[str, Any]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Table, Table]:
    """Return two scenarios with one head."""
    wants = Wants(luck=draw(st.booleans()))
    first = Choices(draw, wants)
    second = Choices(draw, wants)
    second.horizon = first.horizon
    one, two = random_scenario(first), random_scenario(second)
    for document in (one, two):  # one end for both
        document.pop("stop", None)
        document.pop("warm-up", None)
    return one, {**two, "seed": one["seed"]}


@on_random_scenarios(100)  # pairs
def test_two_networks_in_one_file_are_what_they_are_in_two(count: int) -> None:
    hold(_alone_as_together, count, pairs())


def _alone_as_together(pair: tuple[Table, Table]) -> None:
    parts = dict(zip(("one", "two"), pair, strict=True))
    head = {key: pair[0][key] for key in ("title", "start", "horizon", "seed")}
    both = {
        **head,
        "geography": {"nation": "none"},
        "include": {name: {"scenario": f"{name}.toml"} for name in parts},
    }
    with TemporaryDirectory() as folder:
        for name, document in {**parts, "both": both}.items():
            Path(folder, f"{name}.toml").write_text(text_of(document), encoding="utf-8")
        loaded = load_scenario(Path(folder, "both.toml"))
    try:
        plan = prepare(loaded).plan
    except UsageError:
        reject()
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    for prefix, document in parts.items():
        names = names_in(document, (*WITH_LUCK, *WITHOUT_LUCK))
        own = renamed(document, {name: f"{prefix}-{name}" for name in names})
        alone_plan, alone = run(own)
        sites = frozenset(own["sites"])
        together = _in_order(rows_of(ledger, plan, only=sites))
        found = difference(_in_order(rows_of(alone, alone_plan, only=sites)), together)
        assert not found, f"{prefix}: {found}"


def _in_order(tables: dict[str, Rows]) -> dict[str, Rows]:
    """Sort rows: what two sites do at the same moment is written down in an order that depends on
    what else there is, and means nothing."""
    return {table: sorted(rows, key=str) for table, rows in tables.items()}
