"""One replication from plan to measured result: run, audit, measure, read the figures."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sim.audit import audit
from sim.engine.model import run_replication
from sim.evidence import read_figures
from sim.ledger import Ledger
from sim.measures.flow import flows_of
from sim.measures.run import RunMeasures, measure_run
from sim.measures.scope import Scope
from sim.plan.specs import Plan


@dataclass(frozen=True, slots=True, eq=False)
class Replication:
    """What is kept of one replication; ``cpu_s`` is the CPU time that it took, for the manifest."""

    measures: RunMeasures
    figures: dict[str, float]
    ledger: Ledger
    cpu_s: float


def replicate(plan: Plan, scope: Scope, replication: int) -> Replication:
    """Run one replication of a plan, audit it and measure it.

    Raises:
        RunError: the audit found a breach of conservation.
    """
    begun = time.process_time()
    with _without_garbage_collection():
        ledger = run_replication(plan, replication)
        audit(ledger, plan)
        flows = flows_of(ledger, plan)
        measures = measure_run(ledger, plan, scope, flows)
        figures = read_figures(ledger, flows, plan, scope)
    return Replication(measures, figures, ledger, time.process_time() - begun)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """A run makes hundreds of thousands of objects that live until its end; looking for garbage
    among them again and again costs a third of its time. What is left is collected afterwards,
    among the run's own objects only: all that is new is in the youngest generation."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect(0)
        if enabled:
            gc.enable()
