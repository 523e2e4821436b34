"""Python's collector of cycles, kept at rest while a model is built and runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep Python's collector of cycles from walking the model again and again while it is built
    and runs: of a nation that takes as long as building it. What a run is done with goes without
    the collector, for an event that has happened lets go of who waited for it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
